use instant_admin::Null;
use instant_tests::blog::posts;

fn main() {
    let _ = posts::body().eq(Null);
}
