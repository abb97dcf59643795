use instant_compile_fail::blog::fragment;

fragment! { pub Card { } }

fn main() {}
