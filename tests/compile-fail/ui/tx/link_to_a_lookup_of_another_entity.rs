use instant_admin::Id;
use instant_compile_fail::blog::{tags, tx};

fn main() {
    let _ = tx::posts(Id::new()).link_author(tags::by_label("rust"));
}
