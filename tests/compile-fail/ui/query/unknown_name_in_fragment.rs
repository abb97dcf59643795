use instant_compile_fail::blog::fragment;

fragment! { pub Card on $users { $: { fields: [handel] } } }

fn main() {}
