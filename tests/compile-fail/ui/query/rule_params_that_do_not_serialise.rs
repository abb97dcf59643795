use instant_compile_fail::blog::query;

struct Params;

fn main() {
    let params = Params;
    let _ = query! { $$ruleParams: params, posts: {} };
}
