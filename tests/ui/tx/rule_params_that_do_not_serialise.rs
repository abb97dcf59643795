use instant_admin::Id;
use instant_tests::blog::tx;

struct Params;

fn main() {
    let _ = tx::posts(Id::new()).rule_params(Params);
}
