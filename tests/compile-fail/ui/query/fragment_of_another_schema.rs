use instant_compile_fail::{blog, cursed};

cursed::fragment! { Other on users { } }

fn main() {
    let _ = blog::query! { posts: { author: Other } };
}
