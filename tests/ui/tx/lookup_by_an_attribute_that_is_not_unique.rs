use instant_tests::blog::{posts, tx};

fn main() {
    let _ = tx::posts(posts::by_title("Hi")).delete();
}
