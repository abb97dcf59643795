mod schema {
    instant_admin::schema! {
        "entities": {"posts": {"attrs": {"title": {"valueType": "strin", "required": true}}}}
    }
}

fn main() {}
