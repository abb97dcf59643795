use instant_compile_fail::blog::fragment;

fragment! { pub Handle on $users { $: { fields: [handle] } } }
fragment! { pub Same on $users { ..Handle } }

fn main() {}
