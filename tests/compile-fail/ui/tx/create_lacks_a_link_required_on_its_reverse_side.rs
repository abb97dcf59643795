mod schema {
    instant_admin::schema! {
        "entities": { "halls": { "attrs": {} }, "notes": { "attrs": {} } },
        "links": { "hallNotes": {
            "forward": { "on": "halls", "has": "many", "label": "notes" },
            "reverse": { "on": "notes", "has": "one", "label": "hall", "required": true }
        } }
    }
}
use schema::{NewNote, NewHall, tx};

fn main() {
    let hall = instant_admin::Id::new();
    let _ = tx::halls(hall).create(NewHall {});
    let _ = tx::notes(instant_admin::Id::new()).create(NewNote {});
}
