mod schema {
    instant_admin::schema! { entities: {} }
}

fn main() {}
