use instant_admin::Id;
use instant_compile_fail::blog::{User, tx};

fn main() {
    let users = [Id::<User>::new(), Id::<User>::new()];
    let _ = tx::posts(Id::new()).link_author(users);
}
