use instant_tests::{blog, cursed};

cursed::fragment! { Other on users { } }

fn main() {
    let _ = blog::query! { posts: { author: Other } };
}
