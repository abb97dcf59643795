use instant_admin::Id;
use instant_compile_fail::blog::{NewPost, tx};

fn main() {
    let _ = tx::posts(Id::new()).create(NewPost { title: "Hi".into(), published: true });
}
