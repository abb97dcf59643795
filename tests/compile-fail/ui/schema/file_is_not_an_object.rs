mod schema {
    instant_admin::include_schema!("../../../../tests/compile-fail/schema/list.schema.json");
}

fn main() {}
