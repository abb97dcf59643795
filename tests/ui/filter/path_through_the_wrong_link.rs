use instant_tests::blog::{posts, tags};

fn main() {
    let _ = posts::author().dot(tags::label()).eq("rust");
}
