//! Attributes with the user's own Rust types: a struct in json, an enum in a string, an integer in a number.

use instant_admin::{Id, Null};
use serde_json::json;

use crate::data::named;

/// The value of a json attribute.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Layout {
    /// The number of columns.
    pub columns: u8,
    /// The line above them.
    #[serde(default)]
    pub header: Option<String>,
}

/// The value of a string attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Being written.
    InDraft,
    /// To be read.
    Live,
}

mod schema {
    instant_admin::schema!(
        in = crate::own_types::schema,
        types = {
            pages.layout: crate::own_types::Layout, pages.status: crate::own_types::Status, pages.visits: u64,
        },
        {
            "entities": { "pages": { "attrs": {
                "status": { "valueType": "string", "required": true, "config": { "indexed": true, "unique": false } },
                "visits": { "valueType": "number", "required": false, "config": { "indexed": true, "unique": false } },
                "layout": { "valueType": "json", "required": false, "config": { "indexed": false, "unique": false } }
            } } },
            "links": {}
        }
    );
}

use schema::{NewPage, Page, pages, query, tx};

#[tokio::test]
async fn own_types_are_written_compared_and_read() {
    let (_server, db) = instant_tests::start(schema::SCHEMA).await;
    let (front, about): (Id<Page>, Id<Page>) = (crate::data::id("A1"), crate::data::id("A2"));
    let layout = Layout { columns: 2, header: Some("Hi".into()) };
    db.transact((
        tx::pages(front)
            .create(NewPage { status: Status::Live })
            .visits(9_007_199_254_740_991)
            .layout(layout.clone()),
        tx::pages(about).create(NewPage { status: Status::InDraft }).visits(0).layout(Null),
    ))
    .await
    .unwrap();

    let answer = db.query(query! { pages: {} }).await.unwrap();
    assert_eq!(
        answer.pages.into_vec(),
        [
            Page {
                id: front,
                status: Status::Live,
                visits: Some(9_007_199_254_740_991),
                layout: Some(layout.clone())
            },
            Page { id: about, status: Status::InDraft, visits: Some(0), layout: None },
        ]
    );
    assert_eq!(
        db.query_json(json!({ "pages": { "$": { "fields": ["status", "layout"] } } })).await.unwrap(),
        json!({ "pages": [
            { "id": front, "status": "live", "layout": { "columns": 2, "header": "Hi" } },
            { "id": about, "status": "in-draft", "layout": null },
        ] })
    );

    let live = db.query(query! { pages: { $: { where: { status: Status::Live, visits: { $gt: 5 } } } } });
    assert_eq!(named!(live.await.unwrap().pages), "A1");
    let either = query! { pages: { $: { where: { status: { $in: [Status::Live, Status::InDraft] } }, order: { visits: asc } } } };
    assert_eq!(named!(db.query(either).await.unwrap().pages), "A2 A1");
    let filter = pages::status().eq(Status::InDraft);
    assert_eq!(named!(db.query(query! { pages: { $: { where: #filter } } }).await.unwrap().pages), "A2");

    db.transact(tx::pages(front).merge_layout(json!({ "columns": 3 }))).await.unwrap();
    let answer =
        db.query(query! { pages: { $: { where: { id: front }, fields: [layout!] } } }).await.unwrap();
    assert_eq!(answer.pages[0].layout, Layout { columns: 3, header: Some("Hi".into()) });
}

#[tokio::test]
async fn a_value_that_is_not_of_the_type_is_an_error_with_its_path() {
    let (server, db) = instant_tests::start(schema::SCHEMA).await;
    let page = Id::<Page>::new();
    let raw = instant_admin::tx::raw("pages", page.uuid());
    let untyped = instant_tests::untyped(&server);
    untyped.transact(raw.update(json!({ "status": "gone", "visits": 1.5 }))).await.unwrap();
    let error = db.query(query! { pages: { $: { fields: [visits] } } }).await.unwrap_err();
    assert_eq!((error.path(), error.is_decode()), (Some("pages[0].visits"), true));
    let error = db.query(query! { pages: { $: { fields: [status] } } }).await.unwrap_err();
    assert_eq!(error.path(), Some("pages[0].status"));
    assert!(error.to_string().contains("gone"), "{error}");
}

#[tokio::test]
async fn integers_read_the_whole_floats_that_others_wrote() {
    let (_server, db) = instant_tests::start(schema::SCHEMA).await;
    let write = |visits: f64, columns: f64| {
        let page = json!({ "status": "live", "visits": visits, "layout": { "columns": columns } });
        instant_admin::tx::raw("pages", crate::data::id::<Page>("A1")).update(page)
    };
    db.transact(write(7.0, 2.0)).await.unwrap();
    let untyped = db.query_json(json!({ "pages": {} })).await.unwrap();
    assert_eq!(untyped["pages"][0]["visits"].to_string(), "7.0", "it is stored as it was written");
    let page = db.query(query! { pages: {} }).await.unwrap().pages.into_vec().remove(0);
    assert_eq!((page.visits, page.layout), (Some(7), Some(Layout { columns: 2, header: None })));

    for (visits, columns, expected) in [
        (
            7.5,
            2.0,
            "pages[0].visits: expected u64, got floating point `7.5` (`pages` 41000000-0000-0000-0000-000000000001)",
        ),
        (
            7.0,
            256.0,
            "pages[0].layout.columns: expected u8, got integer `256` (`pages` 41000000-0000-0000-0000-000000000001)",
        ),
    ] {
        db.transact(write(visits, columns)).await.unwrap();
        let error = db.query(query! { pages: {} }).await.unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}
