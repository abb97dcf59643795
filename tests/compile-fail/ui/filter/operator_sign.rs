use instant_compile_fail::blog::posts;

fn main() {
    let _ = posts::views() > 5;
}
