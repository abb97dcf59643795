use instant_admin::Where;
use instant_tests::blog::{Tag, query};

fn main() {
    let filter = Where::<Tag>::new();
    let _ = query! { posts: { $: { where: #filter } } };
}
