mod schema {
    instant_admin::include_schema!("../../../../tests/schema/broken.schema.json");
}

fn main() {}
