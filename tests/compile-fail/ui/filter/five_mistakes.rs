use instant_admin::{Id, Null, Where};
use instant_compile_fail::blog::{Post, Tag, posts, users};

fn main() {
    let _ = (
        posts::views().gt("5"),
        posts::score().gt(5),
        posts::author().eq(Id::<Tag>::new()),
        posts::title().eq(Null),
        Where::<Post>::new().and(users::handle().eq("ada")),
    );
}
