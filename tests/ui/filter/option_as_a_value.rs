use instant_tests::blog::posts;

fn main() {
    let _ = posts::title().eq(Some("Hi"));
}
