mod schema {
    instant_admin::schema!(rename = { $user: accounts }, { "entities": {"$users": {"attrs": {}}} });
}

fn main() {}
