use instant_admin::Id;
use instant_compile_fail::blog::tx;

struct Meta;

fn main() {
    let _ = tx::posts(Id::new()).update().meta(Meta).merge_meta(Meta);
}
