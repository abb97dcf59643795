//! Queries with names, as apps write them: parameters of every kind, in macros and in generic code, stored and returned.

use std::collections::HashSet;

use instant_admin::value::StringFor;
use instant_admin::{Cursor, Id, Query, Where};
use serde_json::json;

use crate::data::{forum, found, named, user};
use crate::forum::{Post, User, posts, query, users};

query! { pub(crate) Borrowed<'a>(handle: &'a str) = { users: { $: { where: { handle: handle } } } } }
query! { pub(crate) Any<T: StringFor<users::handle>, F: Fn() -> T>(handle: F) = { users: { $: { where: { handle: handle() } } } } }
query! { pub(crate) Several(handles: &[&str]) = { users: { $: { where: { handle: { $in: handles } } } } } }
query! { pub(crate) Filtered(filter: &Where<Post>) = { posts: { $: { where: { likes: { $gte: 0 }, #filter } } } } }
query! { pub(crate) Paged(take: usize, after: Option<&Cursor>) = { users: { $: { first: take, after?: after } } } }
query! { Keyword(r#where: &str, query: &str) = { users: { $: { where: { or: [{ handle: r#where }, { handle: query }] } } } } }
query! { NoValues = { users: { $: { fields: [name] } } } }
query! { #[derive(Eq, Hash)] Hashed() = { users: { $: { fields: [name] } } } }

query! {
    #[derive(serde::Serialize, serde::Deserialize)]
    Cached() = { users: { $: { fields: [name], order: { name: asc } }, posts: { $: { fields: [title] } } } }
}

// In a macro `$:` would be a variable without a name.
macro_rules! by {
    ($name:ident, $attribute:ident, $type:ty) => {
        query! { $name(value: $type) = { users: { "$": { where: { $attribute: value } } } } }
    };
}
by!(ByAge, age, u32);
by!(ByName, name, &str);

fn by_name<T: StringFor<users::name>>(
    name: T,
) -> impl Query<Response: std::fmt::Debug + Send> + Clone + Send {
    query! { users: { $: { where: { name: name } } } }
}

struct Kept {
    query: Several,
}

#[tokio::test]
async fn parameters_are_those_of_a_function() {
    let (_server, db) = forum().await;
    let handle = String::from("bob");
    assert_eq!(found!(db, users, Borrowed::new(&handle)), "U2");
    assert_eq!(found!(db, users, Any::new(|| "carol")), "U3");
    assert_eq!(found!(db, users, Several::new(&["alice", "dan"])), "U1 U4");
    assert_eq!(found!(db, users, Keyword::new("alice", "bob")), "U1 U2");
    assert_eq!(found!(db, users, ByAge::new(40)), "U4");
    assert_eq!(found!(db, users, ByName::new("Carol")), "U3");

    let mut filter = Where::<Post>::new();
    filter.and(posts::author().eq(user(1)));
    assert_eq!(found!(db, posts, Filtered::new(&filter)), "P1 P2");

    let first = db.query(Paged::new(3, None)).with_page_info().await.unwrap().users;
    let end = first.page_info().and_then(|info| info.end_cursor.as_ref());
    assert_eq!(found!(db, users, Paged::new(3, end)), "U4");
}

#[tokio::test]
async fn a_query_is_kept_returned_and_sent_to_other_tasks() {
    let (_server, db) = forum().await;
    let kept = Kept { query: Several::new(&["alice", "bob"]) };
    for _ in 0..2 {
        assert_eq!(found!(db, users, &kept.query), "U1 U2");
    }
    let (query, other) = (by_name("bob"), db.clone());
    let answer = tokio::spawn(async move { other.query(query).await }).await.unwrap().unwrap();
    assert!(format!("{answer:?}").contains("bob"));
}

#[tokio::test]
async fn rows_are_sorted_changed_and_moved_out_of_their_page() {
    let (_server, db) = forum().await;
    let mut users = db.query(NoValues::new()).await.unwrap().users;
    users.sort_by(|a, b| b.name.cmp(&a.name));
    for user in &mut users {
        user.name = user.name.take().map(|name| name.to_lowercase());
    }
    assert_eq!(named!(users), "U4 U2 U3 U1");
    let names: Vec<String> = users.into_iter().filter_map(|user| user.name).collect();
    assert_eq!(names, ["dan", "bob", "carol", "alice"]);

    let first: HashSet<_> = db.query(Hashed::new()).await.unwrap().users.into_iter().collect();
    let second: HashSet<_> = db.query(Hashed::new()).await.unwrap().users.into_iter().collect();
    assert_eq!((first.len(), first), (4, second));
}

#[test]
fn values_are_given_in_whatever_holds_them() {
    let texts = [
        query! { users: { $: { where: { handle: std::sync::Arc::<str>::from("a") } } } }.instaql(),
        query! { users: { $: { where: { handle: &Box::<str>::from("a") } } } }.instaql(),
        query! { users: { $: { where: { handle: &std::borrow::Cow::from("a") } } } }.instaql(),
        query! { users: { $: { where: { handle: 'a' } } } }.instaql(),
        query! { users: { $: { where: { handle?: &Some(String::from("a")) } } } }.instaql(),
        query! { users: { $: { where: { handle?: Some("a") } } } }.instaql(),
    ];
    for text in texts {
        assert_eq!(text.unwrap(), json!({ "users": { "$": { "where": { "handle": "a" } } } }));
    }
    let ids: HashSet<Id<User>> = HashSet::from([user(1)]);
    let lists = [
        query! { users: { $: { where: { id: { $in: &ids } } } } }.instaql(),
        query! { users: { $: { where: { id: { $in: ids.iter().copied() } } } } }.instaql(),
        query! { users: { $: { where: { id?: { $in: &Some(vec![user(1)]) } } } } }.instaql(),
    ];
    for list in lists {
        let wanted = json!({ "$in": [user(1).to_string()] });
        assert_eq!(list.unwrap(), json!({ "users": { "$": { "where": { "id": wanted } } } }));
    }
}

#[tokio::test]
async fn an_answer_is_read_from_the_json_it_was_written_as() {
    let (_server, db) = forum().await;
    let answer = db.query(Cached::new()).await.unwrap();
    let text = serde_json::to_string(&answer).unwrap();
    let cached: CachedResponse = serde_json::from_str(&text).unwrap();
    assert_eq!((cached.users.len(), &cached), (4, &answer));
    assert!(cached.users.iter().any(|user| !user.posts.is_empty()), "{text}");
}

/// Without any trait in scope.
mod alone {
    #[test]
    fn a_query_with_a_name_shows_its_instaql() {
        let query = super::NoValues::new().instaql().unwrap();
        assert_eq!(query.to_string(), r#"{"users":{"$":{"fields":["name"]}}}"#);
    }
}
