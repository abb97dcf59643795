mod schema {
    instant_admin::include_schema!("schema/not_json.schema.json");
}

fn main() {}
