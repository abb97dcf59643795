use instant_admin::Id;
use instant_compile_fail::blog::{Comment, tx};

fn main() {
    let comment = Id::<Comment>::new();
    let _ = tx::posts(Id::new()).link_author(comment);
}
