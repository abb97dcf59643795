use instant_admin::Id;
use instant_compile_fail::blog::{Post, tx};

fn main() {
    let _ = tx::comments(Id::new()).unlink_post(Id::<Post>::new());
}
