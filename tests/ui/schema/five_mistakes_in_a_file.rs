mod schema {
    instant_admin::include_schema!("schema/broken.schema.json");
}

fn main() {}
