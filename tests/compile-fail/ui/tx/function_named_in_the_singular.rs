use instant_admin::Id;
use instant_compile_fail::blog::tx;

fn main() {
    let _ = tx::post(Id::new()).delete();
}
