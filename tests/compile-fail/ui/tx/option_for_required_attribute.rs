use instant_admin::Id;
use instant_compile_fail::blog::tx;

fn main() {
    let _ = tx::posts(Id::new()).update().title(Some("Hi"));
}
