use instant_admin::Id;
use instant_tests::blog::tx;

fn main() {
    let _ = tx::files(Id::new()).update().url("https://example.org");
}
