use instant_tests::blog::query;

struct Params;

fn main() {
    let params = Params;
    let _ = query! { $$ruleParams: params, posts: {} };
}
