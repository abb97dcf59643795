use instant_tests::blog::fragment;

fragment! { pub Card on user { } }

fn main() {}
