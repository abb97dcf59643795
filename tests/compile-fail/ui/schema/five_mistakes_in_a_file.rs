mod schema {
    instant_admin::include_schema!("../../../../tests/compile-fail/schema/broken.schema.json");
}

fn main() {}
