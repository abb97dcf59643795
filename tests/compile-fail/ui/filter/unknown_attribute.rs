use instant_compile_fail::blog::posts;

fn main() {
    let _ = posts::titel().eq("Hi");
}
