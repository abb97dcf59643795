mod schema {
    instant_admin::include_schema!("../../../../tests/schema/not_json.schema.json");
}

fn main() {}
