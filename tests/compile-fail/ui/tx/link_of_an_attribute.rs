use instant_admin::Id;
use instant_compile_fail::blog::{User, tx};

fn main() {
    let _ = tx::posts(Id::new()).link_title(Id::<User>::new());
}
