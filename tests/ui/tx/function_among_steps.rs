use instant_admin::Id;
use instant_admin::tx::Steps;
use instant_tests::blog::tx;

fn main() {
    let _ = Steps::collect((tx::posts(Id::new()).delete(), tx::tags));
}
