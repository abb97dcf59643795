use instant_tests::blog::fragment;

fragment! { pub Card on $users { $: { fields: [handel] } } }

fn main() {}
