use instant_tests::blog::{posts, users};

fn main() {
    let _ = posts::author().dot(users::handle()).desc();
}
