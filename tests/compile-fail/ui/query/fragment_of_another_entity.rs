use instant_compile_fail::blog::{fragment, query};

fragment! { Label on tags { $: { fields: [label] } } }

fn main() {
    let _ = query! { posts: { author: Label } };
}
