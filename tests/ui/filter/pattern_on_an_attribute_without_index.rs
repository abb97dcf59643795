use instant_tests::blog::posts;

fn main() {
    let _ = posts::body().ilike("%a%");
}
