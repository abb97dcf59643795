mod schema {
    instant_admin::schema!(
        types = { rooms.chat.presence.nam: u8, rooms.chat.topics.emojis.a: u8, rooms.chatt.presence.name: u8, rooms.chat: u8 },
        { "entities": { "posts": { "attrs": {
            "title": { "valueType": "string", "required": true },
            "meta": { "valueType": "json", "required": false }
        } }, "tags": { "attrs": {} } }, "rooms": { "chat": { "presence": { "attrs": {
            "name": { "valueType": "string", "required": true }
        } }, "topics": { "emoji": { "attrs": {} } } } } }
    );
}

fn main() {}
