use instant_admin::{Id, Null};
use instant_compile_fail::blog::{Comment, NewTag, tx};

fn main() {
    let id = Id::new();
    let _ = (
        tx::posts(id).update().title(5),
        tx::posts(id).update().title(Null),
        tx::posts(id).link_author(Id::<Comment>::new()),
        tx::posts(id).title("Hi"),
        tx::tags(Id::new()).create(NewTag { name: "rust".into() }),
    );
}
