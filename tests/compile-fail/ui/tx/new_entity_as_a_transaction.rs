use instant_admin::tx::Steps;
use instant_compile_fail::blog::NewTag;

fn main() {
    let _ = Steps::collect(NewTag { label: "rust".into() });
}
