//! The store: durability, isolation, constraints.

#![allow(clippy::unwrap_used, reason = "a test's surroundings fail by panicking")]

use instant_local::ApiError;
use instant_local::store::{NewApp, OpenError, Store, Triple, WriteTx};
use instant_schema::{Attr, Cardinality, CheckedType, Identity, StoredAs};
use serde_json::{Value, json};
use uuid::Uuid;

fn blob(entity: &str, label: &str) -> Attr {
    Attr {
        id: Uuid::new_v4(),
        stored_as: StoredAs::Blob,
        cardinality: Cardinality::One,
        forward_identity: Identity(Uuid::new_v4(), entity.into(), label.into()),
        reverse_identity: None,
        unique: label == "id",
        indexed: false,
        required: false,
        inferred_types: None,
        catalog: "user".into(),
        on_delete: None,
        on_delete_reverse: None,
        checked_data_type: None,
        deletion_marked_at: None,
        metadata: None,
    }
}

fn link(from: (&str, &str), to: (&str, &str), cardinality: Cardinality, unique: bool) -> Attr {
    Attr {
        stored_as: StoredAs::Ref,
        cardinality,
        unique,
        reverse_identity: Some(Identity(Uuid::new_v4(), to.0.into(), to.1.into())),
        ..blob(from.0, from.1)
    }
}

/// Entity number `n`: ids ascend with it.
fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn triple(tx: &WriteTx<'_>, entity: Uuid, name: (&str, &str), value: impl Into<Value>) -> Triple {
    let attr = tx.catalog().resolve(name.0, name.1).expect("a known name").0.attr.id;
    Triple { entity, attr, value: value.into() }
}

fn put(tx: &mut WriteTx<'_>, entity: Uuid, kind: &str, values: Value) -> Result<(), ApiError> {
    let Value::Object(values) = values else { panic!("values are an object") };
    let mut triples = vec![triple(tx, entity, (kind, "id"), entity.to_string())];
    for (label, value) in values {
        triples.push(triple(tx, entity, (kind, &label), value));
    }
    tx.add(triples)
}

async fn value(store: &Store, app: Uuid, entity: Uuid, name: (&'static str, &'static str)) -> Option<Value> {
    store.read(app, move |tx| tx.value(tx.catalog().forward(name.0, name.1).unwrap(), entity)).await.unwrap()
}

async fn people(store: &Store) -> Uuid {
    let app = store.create_app(NewApp::new("People")).await.unwrap().id;
    let attrs = vec![
        blob("people", "id"),
        Attr { unique: true, indexed: true, ..blob("people", "handle") },
        Attr { indexed: true, checked_data_type: Some(CheckedType::Number), ..blob("people", "age") },
        Attr { unique: true, ..blob("people", "code") },
        blob("people", "note"),
        link(("people", "boss"), ("people", "staff"), Cardinality::One, false),
        link(("people", "desk"), ("people", "owner"), Cardinality::One, true),
    ];
    store.write(app, |tx| attrs.into_iter().try_for_each(|attr| tx.add_attr(attr))).await.unwrap();
    app
}

#[tokio::test]
async fn what_was_written_is_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let app = people(&store).await;
    let first = store
        .write(app, |tx| {
            put(tx, id(1), "people", json!({ "handle": "ada", "note": 1.0 }))?;
            tx.tx_id()
        })
        .await
        .unwrap();
    drop(store);
    let store = Store::open(folder.path()).unwrap();
    assert_eq!(value(&store, app, id(1), ("people", "note")).await.unwrap().to_string(), "1.0");
    let (second, again) = store.write(app, |tx| Ok((tx.tx_id()?, tx.tx_id()?))).await.unwrap();
    assert!(second > first && again == second);
}

#[tokio::test]
async fn a_folder_in_use_is_refused_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let first = Store::open(folder.path()).unwrap();
    let error = Store::open(folder.path()).unwrap_err();
    assert!(matches!(error, OpenError::InUse(_)), "{error}");
    assert!(error.to_string().contains(folder.path().to_str().unwrap()), "{error}");
    drop(first);
    Store::open(folder.path()).unwrap();
}

#[tokio::test]
async fn a_file_of_the_first_format_is_brought_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let rules = Some(json!({ "posts": {} }));
    let store = Store::open(folder.path()).unwrap();
    let app = store.create_app(NewApp { rules: rules.clone(), ..NewApp::new("Old") }).await.unwrap().id;
    drop(store);
    let old = rusqlite::Connection::open(folder.path().join("instant.db")).unwrap();
    // The indexes name the store's own collation; nothing is compared here.
    old.create_collation("instant", str::cmp).unwrap();
    old.execute_batch(
        "DROP INDEX attrs_by_id; DROP INDEX attrs_by_forward_name; DROP INDEX attrs_by_reverse_name;
         ALTER TABLE apps DROP COLUMN rules_version; DROP TABLE rule_versions; PRAGMA user_version = 1",
    )
    .unwrap();
    drop(old);
    let store = Store::open(folder.path()).unwrap();
    assert_eq!(store.app(app).await.unwrap().unwrap().rules(), rules);
    assert_eq!(store.set_rules(app, None).await.unwrap(), Some(1));
}

#[tokio::test]
async fn a_newer_file_and_a_foreign_file_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(Store::open(folder.path()).unwrap());
    let file = folder.path().join("instant.db");
    rusqlite::Connection::open(&file).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let error = Store::open(folder.path()).unwrap_err();
    assert!(matches!(error, OpenError::Newer { found: 99, known: 5, .. }), "{error}");

    std::fs::write(&file, "this is no database, whatever its name may be").unwrap();
    assert!(matches!(Store::open(folder.path()).unwrap_err(), OpenError::Foreign(_)));
    std::fs::remove_file(&file).unwrap();
    rusqlite::Connection::open(&file).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
    assert!(matches!(Store::open(folder.path()).unwrap_err(), OpenError::Foreign(_)));
}

#[tokio::test]
async fn a_failed_or_panicking_write_leaves_nothing() {
    let store = Store::in_memory().unwrap();
    let app = people(&store).await;
    let failed = store
        .write(app, |tx| {
            tx.add_attr(blob("people", "extra"))?;
            put(tx, id(1), "people", json!({ "extra": 1 }))?;
            put(tx, id(2), "people", json!({ "age": "old" }))
        })
        .await
        .unwrap_err();
    assert_eq!(
        failed.message(),
        "Invalid value type for people.age. Value must be a number but the provided value type is string."
    );
    let panicked = store.write(app, |tx| {
        put(tx, id(1), "people", json!({})).unwrap();
        panic!("on purpose")
    });
    assert_eq!(panicked.await.map(|(): ()| ()).unwrap_err().status(), 500);
    let (entities, extra) = store
        .read(app, |tx| Ok((tx.entities("people")?, tx.catalog().resolve("people", "extra").is_some())))
        .await
        .unwrap();
    assert_eq!((entities, extra), (vec![], false));
    store.write(app, |tx| put(tx, id(1), "people", json!({}))).await.unwrap();
}

#[tokio::test]
async fn a_reader_keeps_its_snapshot_of_data_and_attributes() {
    let store = Store::in_memory().unwrap();
    let app = people(&store).await;
    let (started, wait) = std::sync::mpsc::channel();
    let (written, go_on) = std::sync::mpsc::channel();
    let reader = tokio::spawn({
        let store = store.clone();
        async move {
            store
                .read(app, move |tx| {
                    started.send(()).unwrap();
                    go_on.recv().unwrap();
                    Ok((tx.entities("people")?.len(), tx.catalog().resolve("people", "new").is_some()))
                })
                .await
        }
    });
    tokio::task::spawn_blocking(move || wait.recv().unwrap()).await.unwrap();
    store
        .write(app, |tx| {
            tx.add_attr(blob("people", "new"))?;
            put(tx, id(1), "people", json!({ "new": 1 }))
        })
        .await
        .unwrap();
    written.send(()).unwrap();
    assert_eq!(reader.await.unwrap().unwrap(), (0, false));
    assert_eq!(value(&store, app, id(1), ("people", "new")).await, Some(json!(1)));
}

#[tokio::test]
async fn indexed_attributes_are_null_where_an_entity_lacks_them() {
    let store = Store::in_memory().unwrap();
    let app = people(&store).await;
    store.write(app, |tx| put(tx, id(1), "people", json!({ "handle": "ada" }))).await.unwrap();
    assert_eq!(value(&store, app, id(1), ("people", "age")).await, Some(Value::Null));
    assert_eq!(value(&store, app, id(1), ("people", "note")).await, None);
    store.write(app, |tx| tx.add_attr(Attr { indexed: true, ..blob("people", "town") })).await.unwrap();
    assert_eq!(value(&store, app, id(1), ("people", "town")).await, Some(Value::Null));
}

#[tokio::test]
async fn unique_values_follow_json_equality_and_spare_null() {
    let store = Store::in_memory().unwrap();
    let app = people(&store).await;
    store
        .write(app, |tx| {
            put(tx, id(1), "people", json!({ "code": 1, "handle": null }))?;
            put(tx, id(2), "people", json!({ "code": true, "handle": null }))?;
            put(tx, id(3), "people", json!({ "code": "1" }))
        })
        .await
        .unwrap();
    for (code, free) in [(json!(1.0), false), (json!("1"), false), (json!(true), false), (json!([1]), true)] {
        let taken = store.write(app, move |tx| put(tx, id(4), "people", json!({ "code": code }))).await;
        assert_eq!(taken.is_ok(), free, "{taken:?}");
    }
    let error = store.write(app, |tx| put(tx, id(5), "people", json!({ "code": 1.0 }))).await.unwrap_err();
    assert_eq!(
        error.message(),
        "`code` is a unique attribute on `people` and an entity already exists with `people.code` = 1.0"
    );
}

#[tokio::test]
async fn uniqueness_is_checked_row_by_row_in_the_order_of_ids() {
    let store = Store::in_memory().unwrap();
    let app = people(&store).await;
    let set = |pairs: [(u128, &'static str); 2]| {
        store.write(app, move |tx| {
            let triples = pairs
                .map(|(n, handle)| triple(tx, id(n), ("people", "handle"), handle))
                .into_iter()
                .collect();
            tx.add(triples)
        })
    };
    set([(1, "a"), (2, "b")]).await.unwrap();
    assert_eq!(set([(1, "b"), (2, "a")]).await.unwrap_err().kind(), "record-not-unique");
    set([(2, "a"), (1, "x")]).await.unwrap();
    assert_eq!(set([(1, "a"), (2, "y")]).await.unwrap_err().kind(), "record-not-unique");
}

#[tokio::test]
async fn index_sizes_are_limited() {
    let store = Store::in_memory().unwrap();
    let app = people(&store).await;
    let write = |label: &'static str, length: usize| {
        store.write(app, move |tx| put(tx, id(1), "people", json!({ label: "a".repeat(length) })))
    };
    write("handle", 1012).await.unwrap();
    assert_eq!(
        write("handle", 1013).await.unwrap_err().message(),
        "Value is too large for a unique attribute."
    );
    write("note", 100_000).await.unwrap();
}

#[tokio::test]
async fn to_one_links_move_and_unique_links_are_not_stolen() {
    let store = Store::in_memory().unwrap();
    let app = people(&store).await;
    let set = |label: &'static str, from: u128, to: u128| {
        store.write(app, move |tx| tx.add(vec![triple(tx, id(from), ("people", label), id(to).to_string())]))
    };
    set("boss", 1, 2).await.unwrap();
    set("boss", 1, 3).await.unwrap();
    set("boss", 2, 3).await.unwrap();
    set("desk", 1, 9).await.unwrap();
    assert_eq!(set("desk", 2, 9).await.unwrap_err().kind(), "record-not-unique");
    set("desk", 1, 8).await.unwrap();
    set("desk", 2, 9).await.unwrap();
    let staff = store
        .read(app, |tx| {
            let (boss, side) = tx.catalog().resolve("people", "staff").unwrap();
            Ok((tx.links(boss, side, id(3))?, tx.links(boss, side, id(2))?))
        })
        .await
        .unwrap();
    assert_eq!(staff, (vec![id(1), id(2)], vec![]));
    let absent = store.write(app, |tx| tx.retract(&triple(tx, id(7), ("people", "note"), 1))).await.unwrap();
    assert!(!absent);
}

#[tokio::test]
async fn deleting_an_entity_takes_its_values_and_links_at_both_ends() {
    let store = Store::in_memory().unwrap();
    let app = people(&store).await;
    store
        .write(app, |tx| {
            put(tx, id(1), "people", json!({ "handle": "a", "boss": id(2) }))?;
            put(tx, id(2), "people", json!({ "handle": "b", "boss": id(1) }))?;
            tx.delete_entity("people", id(2))
        })
        .await
        .unwrap();
    let (left, triples) =
        store.read(app, |tx| Ok((tx.exists("people", id(2))?, tx.triples("people", id(1))?))).await.unwrap();
    assert!(!left);
    let values: Vec<Value> = triples.into_iter().map(|triple| triple.value).collect();
    assert_eq!(values, [json!(id(1)), json!("a"), json!(null)]);
}

#[tokio::test]
async fn a_deleted_attribute_frees_its_name_and_takes_no_values() {
    let store = Store::in_memory().unwrap();
    let app = people(&store).await;
    let note = store
        .write(app, |tx| {
            put(tx, id(1), "people", json!({ "note": "kept" }))?;
            let note = tx.catalog().forward("people", "note").unwrap().attr.id;
            tx.delete_attr(note)?;
            Ok(note)
        })
        .await
        .unwrap();
    let error = store
        .write(app, move |tx| tx.add(vec![Triple { entity: id(1), attr: note, value: json!(1) }]))
        .await
        .unwrap_err();
    assert_eq!(
        error.message(),
        format!("Raised Exception: We could not find an attribute with id = '{note}'")
    );
    let second = store
        .write(app, move |tx| {
            let second = blob("people", "note");
            tx.add_attr(second.clone())?;
            Ok(second.id)
        })
        .await
        .unwrap();
    assert_ne!(second, note);
    assert_eq!(value(&store, app, id(1), ("people", "note")).await, None);
    let deleted =
        store.read(app, |tx| Ok(tx.catalog().deleted().map(|stored| stored.attr.id).collect::<Vec<_>>()));
    assert_eq!(deleted.await.unwrap(), [note]);
}

#[tokio::test]
async fn the_admin_token_is_kept_as_a_hash() {
    let store = Store::in_memory().unwrap();
    let new = NewApp::new("Secret");
    let token = new.admin_token;
    assert!(!format!("{new:?}").contains(&token.to_string()));
    let app = store.create_app(new.clone()).await.unwrap();
    assert!(app.admits(token));
    assert!(!app.admits(Uuid::new_v4()));
    assert!(!format!("{app:?}").contains(&token.to_string()));
    assert_eq!(store.create_app(new).await.unwrap_err().kind(), "record-not-unique");
    let unknown = store.read(Uuid::new_v4(), |_| Ok(())).await.unwrap_err();
    assert_eq!(unknown.message(), "Record not found: app");
}

#[tokio::test]
async fn deleting_an_app_leaves_the_others() {
    let store = Store::in_memory().unwrap();
    let (one, two) = (people(&store).await, people(&store).await);
    for app in [one, two] {
        store.write(app, |tx| put(tx, id(1), "people", json!({ "handle": "a" }))).await.unwrap();
    }
    store.delete_app(one).await.unwrap();
    assert!(store.app(one).await.unwrap().is_none());
    assert_eq!(value(&store, two, id(1), ("people", "handle")).await, Some(json!("a")));
}

/// The tables of the file that hold rows of apps, with how many rows each has.
fn rows_of_apps(file: &rusqlite::Connection) -> Vec<(String, i64)> {
    let sql =
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
    let mut select = file.prepare(sql).unwrap();
    let tables = select.query_map([], |row| row.get::<_, String>(0)).unwrap();
    let count =
        |table: &str| file.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap();
    tables.map(|table| table.unwrap()).map(|table| (table.clone(), count(&table))).collect()
}

#[tokio::test]
async fn a_deleted_app_leaves_no_row_in_any_table() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let app = people(&store).await;
    let write_all = |tx: &mut WriteTx<'_>| {
        put(tx, id(1), "people", json!({ "handle": "a", "note": "n" }))?;
        let friend = link(("people", "friends"), ("people", "friendOf"), Cardinality::Many, false);
        tx.add_attr(friend.clone())?;
        tx.add(vec![Triple { entity: id(1), attr: friend.id, value: json!(id(1)) }])?;
        tx.tx_id()
    };
    store.write(app, write_all).await.unwrap();
    store.set_rules(app, Some(json!({}))).await.unwrap();
    store.set_rules(app, None).await.unwrap();
    let file = rusqlite::Connection::open(folder.path().join("instant.db")).unwrap();
    // The file's indexes need the collation; counting does not use its order.
    file.create_collation(c"instant", str::cmp).unwrap();
    let filled = rows_of_apps(&file);
    // A new table must be filled here, and be listed in `store::app_data`.
    assert!(filled.iter().all(|(_, rows)| *rows > 0), "{filled:?}");
    store.delete_app(app).await.unwrap();
    let left = rows_of_apps(&file);
    assert!(left.iter().all(|(_, rows)| *rows == 0), "{left:?}");
    assert_eq!(left.len(), 7);
}
