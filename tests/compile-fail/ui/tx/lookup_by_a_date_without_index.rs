mod schema {
    instant_admin::schema! { "entities": { "events": { "attrs": {
        "at": { "valueType": "date", "required": false, "config": { "unique": true } }
    } } } }
}
use schema::{events, tx};

fn main() {
    let _ = tx::events(events::by_at("2025-01-01")).delete();
}
