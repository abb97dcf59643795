use instant_admin::Id;
use instant_admin::tx::Steps;
use instant_compile_fail::blog::tx;

fn main() {
    let _ = Steps::collect((tx::posts(Id::new()).delete(), tx::tags));
}
