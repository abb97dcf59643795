use instant_admin::Where;
use instant_compile_fail::blog::{Post, users};

fn main() {
    let mut filter = Where::<Post>::new();
    filter.and(users::handle().eq("ada"));
}
