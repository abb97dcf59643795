use instant_compile_fail::blog::posts;

fn main() {
    let _ = posts::score().gt(5);
}
