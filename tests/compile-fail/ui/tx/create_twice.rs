use instant_admin::Id;
use instant_compile_fail::blog::{NewTag, tx};

fn main() {
    let new = NewTag { label: "rust".into() };
    let _ = tx::tags(Id::new()).create(new.clone()).create(new);
}
