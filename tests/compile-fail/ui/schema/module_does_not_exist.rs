mod schema {
    instant_admin::schema!(in = crate::db::schema, { "entities": {} });
}

fn main() {}
