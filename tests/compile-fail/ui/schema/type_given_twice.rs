mod schema {
    instant_admin::schema!(
        types = { posts.meta: u8, posts.meta: u16 },
        { "entities": { "posts": { "attrs": {
            "title": { "valueType": "string", "required": true },
            "meta": { "valueType": "json", "required": false }
        } }, "tags": { "attrs": {} } }, "rooms": { "chat": { "presence": { "attrs": {
            "name": { "valueType": "string", "required": true }
        } }, "topics": { "emoji": { "attrs": {} } } } } }
    );
}

fn main() {}
