use instant_admin::Where;
use instant_compile_fail::blog::{Tag, query};

fn main() {
    let filter = Where::<Tag>::new();
    let _ = query! { posts: { $: { where: #filter } } };
}
