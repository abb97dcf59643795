use instant_admin::{Db, access::Public};

fn run(db: Db<Public>) {
    let _ = db.query_json(serde_json::json!({ "posts": {} }));
}

fn main() {}
