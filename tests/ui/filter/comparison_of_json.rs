use instant_tests::blog::posts;

fn main() {
    let _ = posts::meta().lt(5);
}
