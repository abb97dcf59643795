mod schema {
    instant_admin::schema! { "entities": { "events": { "attrs": {
        "at": { "valueType": "date", "required": false, "config": { "unique": true } }
    } } } }
}
use schema::events;

fn main() {
    let moment = instant_admin::Date::from_millis(1_735_689_600_000);
    let _ = events::at().is_null(true);
    let _ = events::at().eq(moment);
    let _ = events::at().ne(moment);
    let _ = events::at().is_in([moment]);
}
