use instant_tests::blog::posts;

fn main() {
    let _ = posts::views() > 5;
}
