mod schema {
    instant_admin::include_schema!("$NO_SUCH_VARIABLE/file.json");
}

fn main() {}
