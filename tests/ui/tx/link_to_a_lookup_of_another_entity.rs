use instant_admin::Id;
use instant_tests::blog::{tags, tx};

fn main() {
    let _ = tx::posts(Id::new()).link_author(tags::by_label("rust"));
}
