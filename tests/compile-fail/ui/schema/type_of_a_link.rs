mod schema {
    instant_admin::schema!(types = { posts.parent: u64 }, {
        "entities": {"posts": {"attrs": {}}},
        "links": {"tree": {
            "forward": {"on": "posts", "has": "one", "label": "parent"},
            "reverse": {"on": "posts", "has": "many", "label": "children"}
        }}
    });
}

fn main() {}
