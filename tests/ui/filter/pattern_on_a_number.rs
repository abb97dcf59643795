use instant_tests::blog::posts;

fn main() {
    let _ = posts::views().like("5%");
}
