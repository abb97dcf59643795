mod schema {
    instant_admin::schema!(types = { posts.view: u64 }, {
        "entities": {"posts": {"attrs": {"views": {"valueType": "number", "required": true}}}}
    });
}

fn main() {}
