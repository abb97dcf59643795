mod schema {
    instant_admin::schema! {
        "entities": {"posts": {"attrs": {}}},
        "links": {"author": {
            "forward": {"on": "posts", "has": "one", "label": "author"},
            "reverse": {"on": "users", "has": "many", "label": "posts"}
        }}
    }
}

fn main() {}
