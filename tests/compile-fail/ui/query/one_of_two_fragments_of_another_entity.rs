use instant_compile_fail::blog::{fragment, query};

fragment! { Card on $users { $: { fields: [handle] } } }

fn main() {
    let _ = query! { posts: { author: Card, comments: Card } };
}
