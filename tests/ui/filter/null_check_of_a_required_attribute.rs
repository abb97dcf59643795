use instant_tests::blog::posts;

fn main() {
    let _ = posts::title().is_null(true);
}
