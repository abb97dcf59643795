mod schema {
    instant_admin::schema!(derive, { "entities": {} });
}

fn main() {}
