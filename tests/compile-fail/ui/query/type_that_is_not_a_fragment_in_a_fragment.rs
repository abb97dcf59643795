use instant_compile_fail::blog::fragment;

#[derive(Debug, Clone, PartialEq)]
struct Mine;

fragment! { pub Card on posts { $: { fields: [title] }, author: Mine } }

fn main() {}
