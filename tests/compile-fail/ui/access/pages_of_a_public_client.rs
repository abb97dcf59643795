use instant_admin::{access::Public, Db};
use instant_compile_fail::blog::query;

fn run(db: Db<Public>) {
    let _ = db.pages(query! { posts: { $: { limit: 10 } } });
}

fn main() {}
