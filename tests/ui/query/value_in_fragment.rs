use instant_tests::blog::fragment;

const VIEWS: f64 = 5.0;

fragment! { pub Card on tags { posts: { $: { where: { views: VIEWS } } } } }

fn main() {}
