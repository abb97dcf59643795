//! The schema of the conformance table of queries.

use instant_schema::Schema;
use serde_json::json;

/// Users with posts, comments and tags.
pub fn schema() -> Schema {
    let attr = |kind: &str, indexed: bool, unique: bool| json!({ "valueType": kind, "config": { "indexed": indexed, "unique": unique } });
    let link = |on: &str, has: &str, label: &str, far: &str, far_has: &str, far_label: &str| {
        json!({ "forward": { "on": on, "has": has, "label": label },
                "reverse": { "on": far, "has": far_has, "label": far_label } })
    };
    let schema = json!({
        "entities": {
            "users": { "attrs": {
                "handle": attr("string", true, true), "name": attr("string", false, false),
                "age": attr("number", true, false), "city": attr("string", true, false),
                "active": attr("boolean", true, false), "joined": attr("date", true, false),
                "bio": attr("string", false, false), "email": attr("string", false, true),
                "meta": attr("json", false, false), "tag": attr("json", true, false),
                "a.b": attr("string", true, false),
                "seen": attr("date", false, true) } },
            "posts": { "attrs": { "title": attr("string", true, false), "likes": attr("number", true, false),
                "body": attr("string", false, false) } },
            "comments": { "attrs": { "text": attr("string", false, false) } },
            "tags": { "attrs": { "label": attr("string", true, true) } },
            "profiles": { "attrs": { "avatar": attr("string", false, false) } },
        },
        "links": {
            "a": link("posts", "one", "author", "users", "many", "posts"),
            "b": link("posts", "one", "editor", "users", "many", "edited"),
            "c": link("posts", "many", "tags", "tags", "many", "posts"),
            "d": link("comments", "one", "post", "posts", "many", "comments"),
            "e": link("comments", "one", "author", "users", "many", "comments"),
            "f": link("users", "one", "profile", "profiles", "one", "user"),
            "g": link("users", "many", "friends", "users", "many", "friendOf"),
        },
    });
    Schema::from_json(&schema.to_string()).unwrap()
}
