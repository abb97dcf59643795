use instant_admin::Query;
use instant_compile_fail::blog::query;

fn show<Q: Query, T>(_: &Q, _: impl Fn(Q::Response) -> T) {}

fn main() {
    let query = query! { posts: { comments: {} } };
    show(&query, |answer| answer.posts[0].author);
}
