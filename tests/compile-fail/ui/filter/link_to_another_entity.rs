use instant_admin::Id;
use instant_compile_fail::blog::{Comment, posts};

fn main() {
    let _ = posts::author().eq(Id::<Comment>::new());
}
