mod schema {
    instant_admin::schema!(
        in = crate::schema, in = crate::schema,
        { "entities": { "posts": { "attrs": {
            "title": { "valueType": "string", "required": true },
            "meta": { "valueType": "json", "required": false }
        } }, "tags": { "attrs": {} } }, "rooms": { "chat": { "presence": { "attrs": {
            "name": { "valueType": "string", "required": true }
        } }, "topics": { "emoji": { "attrs": {} } } } } }
    );
}

fn main() {}
