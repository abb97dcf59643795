use instant_admin::Id;
use instant_tests::blog::{Tag, query};

fn main() {
    let tags = [Id::<Tag>::new()];
    let _ = query! { posts: { $: { where: { author: { $in: tags } } } } };
}
