use instant_compile_fail::blog::{fragment, query};

fragment! { pub Writer on $users { $: { fields: [handle] }, posts: Written } }
fragment! { pub Written on posts { $: { fields: [title] }, author: Writer } }
fragment! { pub Holder on comments { post: Written } }

fn main() {
    let _ = query! { comments: Holder };
}
