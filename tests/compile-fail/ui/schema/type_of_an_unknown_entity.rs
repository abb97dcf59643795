mod schema {
    instant_admin::schema!(types = { pots.views: u64 }, {
        "entities": {"posts": {"attrs": {"views": {"valueType": "number", "required": true}}}}
    });
}

fn main() {}
