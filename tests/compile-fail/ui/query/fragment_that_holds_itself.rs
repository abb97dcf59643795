use instant_compile_fail::blog::fragment;

fragment! { pub Card on posts { $: { fields: [title] }, author: { posts: Card } } }

fn main() {}
