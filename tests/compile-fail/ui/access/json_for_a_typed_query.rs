use instant_admin::Db;
use serde_json::json;

async fn run(db: Db) {
    let _ = db.query(json!({ "posts": {} })).await;
}

fn main() {}
