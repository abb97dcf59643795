mod schema {
    instant_admin::schema!(types = [posts.meta], { "entities": {} });
}

fn main() {}
