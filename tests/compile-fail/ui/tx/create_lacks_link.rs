use instant_admin::Id;
use instant_compile_fail::blog::{NewComment, tx};

fn main() {
    let _ = tx::comments(Id::new()).create(NewComment {});
}
