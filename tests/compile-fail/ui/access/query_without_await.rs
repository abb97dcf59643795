use instant_admin::Db;
use instant_compile_fail::blog::query;

async fn titles(db: &Db) -> Vec<String> {
    let answer = db.query(query! { posts: { $: { fields: [title] } } });
    answer.posts.iter().map(|post| post.title.clone()).collect()
}

fn main() {}
