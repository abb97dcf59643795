use instant_admin::Where;
use instant_tests::blog::{Post, users};

fn main() {
    let mut filter = Where::<Post>::new();
    filter.and(users::handle().eq("ada"));
}
