use instant_compile_fail::blog::{posts, tags};

fn main() {
    let _ = posts::author().dot(tags::label()).eq("rust");
}
