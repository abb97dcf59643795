//! Filters that are built at run time and inserted into queries.

use crate::forum::{self, posts, query, tx, users};
use instant_admin::filter::escape_like;
use instant_admin::{Condition, Where};

use crate::data::{forum, found, named, user};

#[tokio::test]
async fn a_filter_is_the_whole_where_or_a_part_of_it() {
    let (_server, db) = forum().await;
    let mut filter = Where::<forum::User>::new();
    assert_eq!(found!(db, users, query! { users: { $: { where: #&filter } } }), "U1 U2 U3 U4");
    filter.and(users::age().gte(30));
    assert_eq!(found!(db, users, query! { users: { $: { where: #&filter } } }), "U1 U4");
    assert_eq!(found!(db, users, query! { users: { $: { where: { active: true, #&filter } } } }), "U1");
    let either = query! { users: { $: { where: { or: [#&filter, { handle: "carol" }] } } } };
    assert_eq!(found!(db, users, either), "U1 U3 U4");
    let wider = Condition::from(filter).or(users::handle().eq("bob"));
    assert_eq!(found!(db, users, query! { users: { $: { where: #&wider } } }), "U1 U2 U4");
}

#[tokio::test]
async fn filters_know_every_operator() {
    let (_server, db) = forum().await;
    let conditions = [
        (users::handle().eq("bob"), "U2"),
        (users::bio().ne("hi"), "U2 U3 U4"),
        (users::handle().is_in(["bob", "dan"]), "U2 U4"),
        (users::age().is_null(true), "U3"),
        (users::age().gt(25), "U1 U4"),
        (users::age().gte(25), "U1 U2 U4"),
        (users::age().lt(30), "U2"),
        (users::age().lte(30), "U1 U2"),
        (users::name().like("_a%"), "U3 U4"),
        (users::name().ilike("C%"), "U3"),
        (users::joined().gt("2023-12-31"), "U1 U2"),
        (users::id().is_in([user(1), user(3)]), "U1 U3"),
        (users::posts().is_null(true), "U3 U4"),
        (users::posts().dot(posts::title()).eq("World"), "U1"),
        (Condition::any([users::handle().eq("dan"), users::age().eq(25)]), "U2 U4"),
        (Condition::all([users::handle().eq("dan"), users::age().eq(25)]), ""),
        (Condition::any([]), ""),
        (Condition::all([]), "U1 U2 U3 U4"),
    ];
    for (condition, expected) in conditions {
        let shown = format!("{:?}", condition.to_json());
        assert_eq!(found!(db, users, query! { users: { $: { where: #condition } } }), expected, "{shown}");
    }
}

#[tokio::test]
async fn a_filter_narrows_linked_rows_too() {
    let (_server, db) = forum().await;
    let popular = posts::likes().gt(0);
    let answer = db
        .query(query! { users: { $: { where: { handle: "alice" } }, posts: { $: { where: #popular } } } })
        .await
        .unwrap();
    assert_eq!(named!(answer.users[0].posts), "P1");
}

#[tokio::test]
async fn text_in_a_pattern_is_taken_literally_once_it_is_escaped() {
    let (_server, db) = forum().await;
    for (number, name) in [(1, "50% off"), (2, "500 off"), (3, r"a_b\c"), (4, "aXb-c")] {
        db.transact(tx::users(user(number)).update().name(name)).await.unwrap();
    }
    for (condition, expected) in [
        (users::name().contains("50%"), "U1"),
        (users::name().starts_with("50"), "U1 U2"),
        (users::name().starts_with("50%"), "U1"),
        (users::name().ends_with("% off"), "U1"),
        (users::name().contains("a_b"), "U3"),
        (users::name().contains(r"\"), "U3"),
        (users::name().ends_with(r"\c"), "U3"),
        (users::name().ilike(format!("{}%", escape_like("A_B"))), "U3"),
        (users::name().like("a_b%"), "U3 U4"),
    ] {
        assert_eq!(
            found!(db, users, query! { users: { $: { where: #&condition } } }),
            expected,
            "{condition:?}"
        );
    }
    let text = "50%";
    let escaped = query! { users: { $: { where: { name: { $ilike: format!("{}%", escape_like(text)) } } } } };
    assert_eq!(found!(db, users, escaped), "U1");
}
