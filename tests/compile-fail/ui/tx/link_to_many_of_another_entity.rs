use instant_admin::Id;
use instant_compile_fail::blog::{User, tx};

fn main() {
    let users = vec![Id::<User>::new()];
    let _ = tx::posts(Id::new()).link_tags(users);
}
