mod schema {
    instant_admin::schema!(types = { posts.status: crate::Status }, {
        "entities": {"posts": {"attrs": {"status": {"valueType": "string", "required": false}}}}
    });
}

#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub enum Status {
    Draft,
}

fn main() {
    let _ = schema::tx::posts(instant_admin::Id::new()).update().status("Draft");
}
