mod schema {
    instant_admin::schema!(types = { posts.status: crate::Status }, {
        "entities": {"posts": {"attrs": {"status": {"valueType": "string", "required": true}}}}
    });
}

#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub enum Status {
    Draft,
}

fn main() {
    let status = "Draft";
    let _ = schema::query! { posts: { $: { where: { status: status } } } };
}
