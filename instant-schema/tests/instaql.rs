//! Every rule about queries: a query that breaks it, the place, and the message.
// Helpers of tests are tests, and take what `json!` makes.
#![allow(clippy::unwrap_used, clippy::needless_pass_by_value)]

mod conformance;

use conformance::schema;
use instant_schema::Rule;
use instant_schema::instaql::check;
use serde_json::{Value, json};

const U1: &str = "00000000-0000-4000-8000-000000000001";
const ID: &str = "not a uuid";

fn problems(query: &Value) -> Vec<(String, Rule, String)> {
    check(&schema(), query)
        .into_iter()
        .map(|p| (p.place.path().unwrap().to_string(), p.rule, p.message))
        .collect()
}

/// Path and rule of the only problem of a query.
fn only(query: &Value) -> (String, Rule, String) {
    let mut problems = problems(query);
    assert_eq!(problems.len(), 1, "{query}: {problems:?}");
    problems.remove(0)
}

fn filter(entity: &str, conditions: Value) -> Value {
    json!({ entity: { "$": { "where": conditions } } })
}

/// The rule that the only problem of a `where` on users breaks, and where below `where` it stands.
fn broken(conditions: Value) -> (String, Rule) {
    let (path, rule, _) = only(&filter("users", conditions));
    let path = path.strip_prefix("users.$.where").unwrap().trim_start_matches('.').to_owned();
    (path, rule)
}

fn said(query: &Value) -> String {
    only(query).2
}

#[test]
fn what_the_server_answers_is_accepted() {
    for conditions in [
        json!({}),
        json!({ "handle": "bob", "active": true }),
        json!({ "id": U1 }),
        json!({ "handle": { "$in": ["bob", "dan"] } }),
        json!({ "handle": { "in": [] } }),
        json!({ "age": { "$in": [25, null] } }),
        json!({ "bio": { "$not": "hi" } }),
        json!({ "age": { "$ne": 30 } }),
        json!({ "bio": { "$isNull": true } }),
        json!({ "age": { "$gt": 25 } }),
        json!({ "and": [{ "age": { "$gt": 25 } }, { "age": { "$lt": 40 } }] }),
        json!({ "city": { "$lt": "Z" } }),
        json!({ "joined": { "$gt": "2023-12-31" } }),
        json!({ "joined": { "$lte": 1_706_745_600_000_i64 } }),
        json!({ "joined": "8/4/2025, 11:02:31 PM" }),
        json!({ "handle": { "$ilike": "%a_" } }),
        json!({ "posts.title": "World", "posts.likes": 0 }),
        json!({ "posts.tags.label": "b" }),
        json!({ "posts": U1 }),
        json!({ "posts": { "$in": [U1] } }),
        json!({ "posts": { "$isNull": true } }),
        json!({ "posts": { "$not": U1 } }),
        json!({ "posts.id": U1 }),
        json!({ "meta": "x", "tag": true }),
        json!({ "or": [{ "handle": "a", "and": [{ "age": 1 }] }, { "bio": { "$isNull": false } }] }),
    ] {
        assert_eq!(problems(&filter("users", conditions.clone())), [], "{conditions}");
    }
    for query in [
        json!({}),
        json!({ "users": {}, "posts": {}, "$$ruleParams": { "secret": 1 } }),
        json!({ "users": { "$": {}, "posts": { "$": { "order": { "body": "asc" } }, "comments": {} } } }),
        json!({ "users": { "$": { "order": { "age": "desc" }, "limit": 2, "offset": 0, "after": [U1, U1, null, 5],
            "afterInclusive": true, "before": null, "fields": ["handle", "id"] } } }),
        json!({ "users": { "$": { "order": { "serverCreatedAt": "asc" }, "last": 2 } } }),
        json!({ "users": { "$": { "aggregate": "count", "where": { "age": 1 } } } }),
    ] {
        assert_eq!(problems(&query), [], "{query}");
    }
}

#[test]
fn unknown_names_are_told_with_what_was_meant() {
    assert_eq!(
        only(&json!({ "user": {} })),
        (
            "user".into(),
            Rule::UnknownEntity,
            "the schema has no entity `user`; did you mean `users`?\n\
             entities: `users`, `posts`, `comments`, `tags`, `profiles`"
                .into()
        )
    );
    assert_eq!(
        only(&json!({ "posts": { "autor": { "x": 1 } } })),
        (
            "posts.autor".into(),
            Rule::UnknownLink,
            "`posts` has no link `autor`; did you mean `author`?\nlinks: `author`, `editor`, `tags`, `comments`".into()
        )
    );
    assert_eq!(
        said(&filter("posts", json!({ "titel": 1 }))),
        "`posts` has no attribute or link `titel`; did you mean `title`?\n\
         attributes: `id`, `title`, `likes`, `body`\nlinks: `author`, `editor`, `tags`, `comments`"
    );
    let (path, rule, message) = only(&filter("posts", json!({ "comments.autor.handle": 1 })));
    assert_eq!((path.as_str(), rule), (r#"posts.$.where["comments.autor.handle"]"#, Rule::UnknownLink));
    assert!(message.starts_with("`comments` has no link `autor`; did you mean `author`?"));
    assert_eq!(broken(json!({ "posts.titel": 1 })), (r#"["posts.titel"]"#.into(), Rule::UnknownName));
    assert_eq!(broken(json!({ "handle.x": 1 })), (r#"["handle.x"]"#.into(), Rule::NotALink));
    assert_eq!(broken(json!({ "id.x": 1 })), (r#"["id.x"]"#.into(), Rule::NotALink));
    assert_eq!(broken(json!({ "": 1 })), (r#"[""]"#.into(), Rule::UnknownName));
    assert_eq!(broken(json!({ "posts..x": 1 })).1, Rule::UnknownLink);
    assert_eq!(broken(json!({ "a.b": "x" })).1, Rule::Unaddressable);
    assert_eq!(only(&json!({ "users": { "handle": {} } })).1, Rule::NotALink);
    assert_eq!(only(&json!({ "users": { "id": {} } })).1, Rule::NotALink);
    let nested = only(&json!({ "users": { "posts": { "$$ruleParams": {} } } }));
    assert_eq!(nested.2, "`$$ruleParams` is for the whole query: write it beside the root entities");
}

#[test]
fn values_have_the_type_of_the_attribute() {
    assert_eq!(broken(json!({ "age": "30" })), ("age".into(), Rule::WrongValue));
    assert_eq!(said(&filter("users", json!({ "age": "30" }))), "`users.age` holds numbers, not a string");
    assert_eq!(broken(json!({ "handle": 1 })).1, Rule::WrongValue);
    assert_eq!(broken(json!({ "active": 1 })).1, Rule::WrongValue);
    assert_eq!(broken(json!({ "joined": true })).1, Rule::WrongValue);
    assert_eq!(broken(json!({ "joined": "tomorrow" })).1, Rule::WrongValue);
    assert!(
        said(&filter("users", json!({ "joined": "2025-13-01" })))
            .contains("is a date, and \"2025-13-01\" is not")
    );
    assert_eq!(broken(json!({ "handle": null })).1, Rule::NullValue);
    assert_eq!(broken(json!({ "handle": { "$not": null } })).1, Rule::NullValue);
    assert_eq!(broken(json!({ "handle": ["a"] })).1, Rule::WrongValue);
    assert_eq!(broken(json!({ "meta": { "k": 1 } })), ("meta.k".into(), Rule::UnknownOperator));
    assert_eq!(broken(json!({ "meta": { "$not": { "k": 1 } } })).1, Rule::WrongValue);
    assert_eq!(broken(json!({ "posts.title": 5 })).1, Rule::WrongValue);
    assert_eq!(broken(json!({ "age": { "$gt": "x" } })), ("age.$gt".into(), Rule::WrongValue));
}

#[test]
fn links_and_ids_are_compared_with_uuids() {
    assert_eq!(broken(json!({ "posts": ID })).1, Rule::WrongValue);
    assert_eq!(broken(json!({ "id": 5 })).1, Rule::WrongValue);
    assert_eq!(broken(json!({ "posts.id": ID })).1, Rule::WrongValue);
    assert_eq!(broken(json!({ "posts": { "$in": [U1, ID] } })), ("posts.$in[1]".into(), Rule::WrongValue));
    assert_eq!(broken(json!({ "posts": { "$in": [null] } })).1, Rule::NullValue);
    assert_eq!(broken(json!({ "posts": { "$gt": U1 } })), ("posts.$gt".into(), Rule::NeedsType));
    assert_eq!(broken(json!({ "id": { "$like": "x" } })).1, Rule::NeedsType);
}

#[test]
fn operators_have_their_needs() {
    assert_eq!(broken(json!({ "bio": { "$gt": "a" } })), ("bio.$gt".into(), Rule::NeedsIndex));
    assert_eq!(broken(json!({ "tag": { "$lt": 1 } })).1, Rule::NeedsType);
    assert_eq!(broken(json!({ "meta": { "$like": "a" } })).1, Rule::NeedsType);
    assert_eq!(broken(json!({ "age": { "$like": "a" } })).1, Rule::NotText);
    assert_eq!(broken(json!({ "name": { "$ilike": "a" } })).1, Rule::NeedsIndex);
    assert_eq!(broken(json!({ "handle": { "$like": 10 } })).1, Rule::WrongValue);
    assert_eq!(broken(json!({ "handle": { "$in": "bob" } })).1, Rule::NotAList);
    assert_eq!(broken(json!({ "bio": { "$in": ["hi", null] } })), ("bio.$in[1]".into(), Rule::NullValue));
    assert_eq!(broken(json!({ "age": { "$in": [1, "2"] } })).0, "age.$in[1]");
}

#[test]
fn conditions_have_one_operator() {
    assert_eq!(broken(json!({ "age": { "$gt": 25, "$lt": 40 } })), ("age.$lt".into(), Rule::OneOperator));
    assert!(
        said(&filter("users", json!({ "age": { "$gt": 25, "$lt": 40 } })))
            .contains("and: [{ age: { $gt: .. } }")
    );
    assert_eq!(broken(json!({ "age": {} })), ("age".into(), Rule::NoOperator));
    assert_eq!(broken(json!({ "age": { "$foo": 1 } })), ("age.$foo".into(), Rule::UnknownOperator));
    assert_eq!(broken(json!({ "age": { "$isNull": 1 } })).1, Rule::WrongValue);
}

#[test]
fn groups_are_lists_of_conditions() {
    assert_eq!(broken(json!({ "or": [] })), ("or".into(), Rule::EmptyList));
    assert_eq!(broken(json!({ "and": [] })).1, Rule::EmptyList);
    assert_eq!(broken(json!({ "or": { "age": 1 } })).1, Rule::Shape);
    assert_eq!(broken(json!({ "or": [1] })), ("or[0]".into(), Rule::Shape));
    assert_eq!(broken(json!({ "or": [{ "age": 1 }, { "and": [{ "age": "x" }] }] })).0, "or[1].and[0].age");
}

#[test]
fn two_links_to_one_entity_are_told_apart_by_and() {
    let both = json!({ "author.handle": "a", "editor.handle": "b" });
    let (path, rule, message) = only(&filter("posts", both));
    assert_eq!((path.as_str(), rule), (r#"posts.$.where["editor.handle"]"#, Rule::SharedLink));
    assert!(message.contains("`editor` and `author` both lead to `users`"));
    assert!(message.contains("and: [{ author: .. }, { editor: .. }]"));
    // At one depth, whatever came before.
    let deep = json!({ "comments.author.handle": "a", "tags.posts.author.handle": "b" });
    assert_eq!(problems(&filter("posts", deep)), []);
    let deep = json!({ "friends.posts.title": "a", "friendOf.edited.title": "b" });
    assert_eq!(broken(deep), (r#"["friendOf.edited.title"]"#.into(), Rule::SharedLink));
    for fine in [
        json!({ "and": [{ "author.handle": "a" }, { "editor.handle": "b" }] }),
        json!({ "author.handle": "a", "author.age": 1 }),
        json!({ "author.handle": "a", "editor": U1 }),
        json!({ "author.handle": "a", "editor.handle": { "$not": "b" } }),
        json!({ "author.handle": "a", "editor.handle": { "$isNull": true } }),
        json!({ "author.handle": "a", "or": [{ "editor.handle": "b" }] }),
        json!({ "author.handle": "a", "comments.author.handle": "b" }),
    ] {
        assert_eq!(problems(&filter("posts", fine.clone())), [], "{fine}");
    }
}

#[test]
fn options_stand_where_they_work() {
    let root = |options: Value| only(&json!({ "users": { "$": options } }));
    assert_eq!(root(json!({ "lim": 1 })).1, Rule::UnknownOption);
    assert!(root(json!({ "lim": 1 })).2.contains("did you mean `limit`?"));
    assert_eq!(root(json!({ "limit": 1, "last": 1 })).0, "users.$.last");
    assert_eq!(root(json!({ "limit": 1, "first": 1 })).1, Rule::OnePageSize);
    for (name, value) in [
        ("limit", json!(0)),
        ("first", json!(-1)),
        ("last", json!(1.5)),
        ("offset", json!(-1)),
        ("limit", json!("1")),
    ] {
        assert_eq!(root(json!({ name: value })).1, Rule::PageSize, "{name}");
    }
    assert_eq!(root(json!({ "offset": -1 })).2, "`offset` takes zero or a positive integer, not -1");
    for (name, value) in [
        ("limit", json!(1)),
        ("first", json!(1)),
        ("last", json!(1)),
        ("offset", json!(1)),
        ("after", json!([U1, U1, 1, 1])),
        ("beforeInclusive", json!(true)),
        ("aggregate", json!("count")),
    ] {
        let (path, rule, _) = only(&json!({ "users": { "posts": { "$": { name: value } } } }));
        assert_eq!((path, rule), (format!("users.posts.$.{name}"), Rule::RootOnly));
    }
    assert_eq!(root(json!({ "afterInclusive": 1 })).1, Rule::Shape);
    assert_eq!(only(&json!({ "users": { "$": null } })).1, Rule::Shape);
}

#[test]
fn cursors_have_four_parts() {
    for (cursor, why) in [
        (json!(10), "a list of four parts, not a number"),
        (json!([U1]), "a list of four parts, not a list of 1"),
        (json!([1, U1, null, 1]), "its first part is the UUID of an entity"),
        (json!(["x", U1, null, 1]), "its first part is the UUID of an entity"),
        (json!([U1, "x", null, 1]), "its second part is the UUID of an attribute"),
        (json!([U1, U1, null, "1"]), "its last part is an integer"),
    ] {
        let (path, rule, message) = only(&json!({ "users": { "$": { "after": cursor } } }));
        assert_eq!((path.as_str(), rule), ("users.$.after", Rule::Cursor));
        assert_eq!(message, format!("`after` takes the start or end cursor of a page: {why}"));
    }
}

#[test]
fn order_takes_one_attribute_that_the_server_can_order_by() {
    let order = |order: Value| {
        let (path, rule, _) = only(&json!({ "users": { "$": { "order": order } } }));
        (path.strip_prefix("users.$.order").unwrap().trim_start_matches('.').to_owned(), rule)
    };
    assert_eq!(order(json!({ "bio": "asc" })), ("bio".into(), Rule::NeedsIndex));
    assert_eq!(order(json!({ "tag": "asc" })).1, Rule::NeedsType);
    assert_eq!(order(json!({ "zip": "asc" })).1, Rule::UnknownAttribute);
    assert_eq!(order(json!({ "id": "asc" })).1, Rule::UnknownAttribute);
    assert_eq!(order(json!({ "profile": "asc" })).1, Rule::OrderLink);
    assert_eq!(order(json!({ "profile.avatar": "asc" })).1, Rule::OrderPath);
    assert_eq!(order(json!({ "age": "DESC" })), ("age".into(), Rule::OrderDirection));
    assert_eq!(order(json!({ "age": 1 })).1, Rule::OrderDirection);
    assert_eq!(order(json!({ "age": "asc", "city": "asc" })), (String::new(), Rule::OneOrderKey));
    assert_eq!(order(json!({})).1, Rule::OneOrderKey);
    assert_eq!(order(json!("age")).1, Rule::OneOrderKey);
}

#[test]
fn fields_are_attributes_and_aggregates_stand_alone() {
    let fields = |fields: Value| only(&json!({ "posts": { "$": { "fields": fields } } }));
    assert_eq!(fields(json!(["titel"])).0, "posts.$.fields[0]");
    assert_eq!(fields(json!(["titel"])).1, Rule::UnknownAttribute);
    assert_eq!(fields(json!(["author"])).1, Rule::LinkInFields);
    assert_eq!(
        fields(json!(["title", "title"])),
        ("posts.$.fields[1]".into(), Rule::DuplicateKey, "`title` is given twice: keep one".into())
    );
    assert_eq!(fields(json!("title")).1, Rule::Shape);
    assert_eq!(fields(json!([1])).1, Rule::Shape);
    assert_eq!(only(&json!({ "posts": { "$": { "aggregate": "sum" } } })).1, Rule::Aggregate);
    assert_eq!(
        only(&json!({ "posts": { "$": { "aggregate": "count" }, "author": {} } })).1,
        Rule::AggregateAlone
    );
}

#[test]
fn all_problems_are_reported_at_once() {
    let query = json!({ "users": { "$": { "where": { "age": "x", "zip": 1 }, "limit": 0, "foo": 1 }, "zap": {} }, "zip": { "$": 1 } });
    let rules: Vec<Rule> = problems(&query).into_iter().map(|(_, rule, _)| rule).collect();
    assert_eq!(
        rules,
        [
            Rule::WrongValue,
            Rule::UnknownName,
            Rule::PageSize,
            Rule::UnknownOption,
            Rule::UnknownLink,
            Rule::UnknownEntity,
            Rule::Shape
        ]
    );
}

#[test]
fn deep_queries_are_refused_without_overflowing() {
    let mut query = json!({});
    let mut conditions = json!({});
    for _ in 0..100 {
        query = json!({ "friends": query });
        conditions = json!({ "and": [conditions] });
    }
    assert_eq!(only(&json!({ "users": query })).1, Rule::TooDeep);
    assert_eq!(only(&filter("users", conditions)).1, Rule::TooDeep);
}

#[test]
fn below_an_unknown_entity_only_shapes_are_checked() {
    let below = |query: Value| {
        let mut problems = check(&schema(), &query);
        assert_eq!(problems.remove(0).rule, Rule::UnknownEntity, "{query}");
        problems
    };
    let sound = json!({ "$": { "where": { "a.b": { "$like": "x" }, "c": 1 } }, "zap": {} });
    assert_eq!(below(json!({ "zip": sound })), []);
    let of = |conditions: Value| below(filter("zip", conditions)).remove(0);
    assert_eq!(
        of(json!({ "a": null })).to_string(),
        "zip.$.where.a: `equality` takes a string, a number, `true` or `false`, not null"
    );
    assert_eq!(of(json!({ "a": { "$in": [[1]] } })).rule, Rule::Shape);
    assert_eq!(of(json!({ "a": { "$like": 1 } })).rule, Rule::Shape);
    assert_eq!(of(json!({ "a": { "x": 1 } })).rule, Rule::UnknownOperator);
    assert_eq!(below(json!({ "zip": 1 }))[0].place.to_string(), "zip");
}

#[test]
fn a_query_is_an_object() {
    assert_eq!(
        check(&schema(), &json!([]))[0].to_string(),
        "a query takes an object such as `{ posts: {} }`, not a list"
    );
}

#[test]
fn a_date_without_an_index_is_compared_with_null_only() {
    for conditions in [
        json!({ "seen": "2025-01-01" }),
        json!({ "seen": { "$ne": 1_735_689_600_000_i64 } }),
        json!({ "seen": { "$not": "2025-01-01" } }),
        json!({ "seen": { "$in": ["2025-01-01"] } }),
    ] {
        assert_eq!(broken(conditions.clone()).1, Rule::NeedsIndex, "{conditions}");
    }
    assert_eq!(
        said(&filter("posts", json!({ "author.seen": "2025-01-01" }))),
        "`users.seen` is a date without an index, and the server compares such dates as text: it misses the same \
         moment in another spelling; add `\"indexed\": true` to its `config` in the schema's JSON, or `.indexed()` in \
         its TypeScript"
    );
    assert_eq!(problems(&filter("users", json!({ "seen": { "$isNull": true } }))), []);
    assert_eq!(problems(&filter("users", json!({ "joined": "2025-01-01" }))), []);
}

#[test]
fn an_empty_condition_in_and_or_or_is_refused() {
    assert_eq!(broken(json!({ "and": [{}] })), ("and[0]".to_owned(), Rule::EmptyList));
    assert_eq!(broken(json!({ "or": [{ "age": 1 }, {}] })), ("or[1]".to_owned(), Rule::EmptyList));
    assert_eq!(broken(json!({ "and": [{ "or": [{}] }] })), ("and[0].or[0]".to_owned(), Rule::EmptyList));
    assert_eq!(
        said(&filter("users", json!({ "or": [{}] }))),
        "`{}` in `or` has no conditions, so it lets everything through; put a condition in it or remove it"
    );
}
