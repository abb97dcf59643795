use instant_admin::Db;
use serde_json::json;

async fn first(db: &Db) -> String {
    db.query_json(json!({ "posts": {} }))["posts"][0].to_string()
}

fn main() {}
