use instant_admin::Null;
use instant_compile_fail::blog::posts;

fn main() {
    let _ = posts::body().eq(Null);
}
