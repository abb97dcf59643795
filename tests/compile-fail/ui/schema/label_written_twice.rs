pub mod schema {
    instant_admin::schema! {
        "entities": { "users": { "attrs": {} }, "posts": { "attrs": { "title": { "valueType": "string" } } } },
        "links": {
            "friends": {
                "forward": { "on": "users", "has": "many", "label": "friends" },
                "reverse": { "on": "users", "has": "many", "label": "friends" }
            },
            "titles": {
                "forward": { "on": "posts", "has": "one", "label": "title" },
                "reverse": { "on": "users", "has": "many", "label": "id" }
            }
        }
    }
}

fn main() {}
