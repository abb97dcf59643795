use instant_compile_fail::blog::posts;

fn main() {
    let _ = posts::views().is_in(["1", "2"]);
}
