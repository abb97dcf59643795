use instant_compile_fail::blog::fragment;

const VIEWS: f64 = 5.0;

fragment! { pub Card on tags { posts: { $: { where: { views: VIEWS } } } } }

fn main() {}
