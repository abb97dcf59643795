mod schema {
    instant_admin::include_schema!("schema/list.schema.json");
}

fn main() {}
