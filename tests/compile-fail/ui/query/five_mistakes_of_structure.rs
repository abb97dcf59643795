use instant_compile_fail::blog::query;

fn main() {
    let _ = query! { posts: { $: { limit: 5, first: 5, lmit: 5 }, comments: { $: { limit: 5 } }, author!: {} }, pots: {} };
}
