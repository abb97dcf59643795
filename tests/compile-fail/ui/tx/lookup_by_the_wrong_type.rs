use instant_compile_fail::blog::{posts, tx};

fn main() {
    let _ = tx::posts(posts::by_slug(5)).delete();
}
