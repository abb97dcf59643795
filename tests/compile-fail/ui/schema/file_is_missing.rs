mod schema {
    instant_admin::include_schema!("no/such/file.json");
}

fn main() {}
