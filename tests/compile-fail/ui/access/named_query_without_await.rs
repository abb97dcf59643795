use instant_admin::Db;
use instant_compile_fail::blog::query;

query! { pub Titles() = { posts: { $: { fields: [title] } } } }

async fn titles(db: &Db) -> usize {
    db.query(Titles::new()).posts.len()
}

fn main() {}
