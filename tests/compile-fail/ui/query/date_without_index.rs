mod schema {
    instant_admin::schema! { "entities": { "events": { "attrs": {
        "at": { "valueType": "date", "required": false, "config": { "unique": true } }
    } } } }
}
use schema::query;

fn main() {
    let moment = instant_admin::Date::from_millis(1_735_689_600_000);
    let _ = query! { events: { $: { where: { at: moment } } } };
    let _ = query! { events: { $: { where: { at: { $ne: "2025-01-01" } } } } };
    let _ = query! { events: { $: { where: { or: [{ at: { $in: [moment] } }, { at: { $isNull: true } }] } } } };
}
