mod schema {
    instant_admin::schema!(type = { posts.meta: u64 }, { "entities": {} });
}

fn main() {}
