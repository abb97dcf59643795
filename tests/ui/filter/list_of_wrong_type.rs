use instant_tests::blog::posts;

fn main() {
    let _ = posts::views().is_in(["1", "2"]);
}
