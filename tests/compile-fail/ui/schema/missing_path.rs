instant_admin::include_schema!();

fn main() {}
