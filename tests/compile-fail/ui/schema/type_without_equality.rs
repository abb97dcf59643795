mod schema {
    instant_admin::schema!(
        types = { posts.meta: crate::Meta },
        { "entities": { "posts": { "attrs": {
            "title": { "valueType": "string", "required": true },
            "meta": { "valueType": "json", "required": false }
        } }, "tags": { "attrs": {} } }, "rooms": { "chat": { "presence": { "attrs": {
            "name": { "valueType": "string", "required": true }
        } }, "topics": { "emoji": { "attrs": {} } } } } }
    );
}

#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Meta;

fn main() {}
