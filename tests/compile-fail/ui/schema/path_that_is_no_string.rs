instant_admin::include_schema!(concat!(env!("CARGO_MANIFEST_DIR"), "/instant.schema.json"));

fn main() {}
