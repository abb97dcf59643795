use instant_tests::blog::posts;

fn main() {
    let _ = posts::titel().eq("Hi");
}
