use instant_admin::Id;
use instant_tests::blog::tx;

fn main() {
    let _ = tx::posts(Id::new()).update().views(Some("many"));
}
