mod db {
    pub mod schema {
        instant_admin::schema!({ "entities": { "tags": { "attrs": {} } } });
    }
}

fn main() {
    let _ = db::schema::query! { tags: {} };
}
