use instant_tests::blog::query;

fn main() {
    let _ = query! { posts: { author: AuthorCard } };
}
