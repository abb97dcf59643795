use instant_admin::Id;
use instant_tests::blog::{NewTag, tx};

fn main() {
    let new = NewTag { label: "rust".into() };
    let _ = tx::tags(Id::new()).create(new.clone()).create(new);
}
