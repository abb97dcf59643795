use instant_compile_fail::blog::{posts, users};

fn main() {
    let _ = posts::author().dot(users::handle()).desc();
}
