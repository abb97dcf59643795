use instant_tests::blog::fragment;

fragment! { pub Card { } }

fn main() {}
