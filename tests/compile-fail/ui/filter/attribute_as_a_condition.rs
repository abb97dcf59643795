use instant_admin::Where;
use instant_compile_fail::blog::{Post, posts};

fn main() {
    let _ = Where::<Post>::new().and(posts::published());
}
