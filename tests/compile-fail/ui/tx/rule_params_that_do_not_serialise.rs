use instant_admin::Id;
use instant_compile_fail::blog::tx;

struct Params;

fn main() {
    let _ = tx::posts(Id::new()).rule_params(Params);
}
