mod schema {
    instant_admin::include_schema!("../../../../tests/compile-fail/schema/not_json.schema.json");
}

fn main() {}
