mod one {
    instant_admin::schema!(in = crate::one, { "entities": {} });
}

mod two {
    instant_admin::schema!(in = crate::one, { "entities": {"tags": {"attrs": {}}} });
}

fn main() {}
