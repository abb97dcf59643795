use instant_admin::Id;
use instant_compile_fail::blog::{NewTag, tx};

fn main() {
    let _ = tx::posts(Id::new()).create(NewTag { label: "a".into() });
}
