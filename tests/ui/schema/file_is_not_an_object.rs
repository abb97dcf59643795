mod schema {
    instant_admin::include_schema!("../../../../tests/schema/list.schema.json");
}

fn main() {}
