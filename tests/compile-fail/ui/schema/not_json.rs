mod schema {
    instant_admin::schema! { "entities": {"posts" {"attrs": {}}} }
}

fn main() {}
