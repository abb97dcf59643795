use instant_admin::Id;
use instant_admin::tx::Steps;
use instant_compile_fail::blog::tx;

fn main() {
    let deletions = vec![tx::posts(Id::new()).delete()];
    let _ = Steps::collect(deletions.into_iter());
}
