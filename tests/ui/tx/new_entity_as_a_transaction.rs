use instant_admin::tx::Steps;
use instant_tests::blog::NewTag;

fn main() {
    let _ = Steps::collect(NewTag { label: "rust".into() });
}
