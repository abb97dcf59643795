//! Writes and reads every entity, attribute and link of the schema with the cursed names, in typed code.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use instant_admin::Id;
use instant_tests::cursed::{self as schema, query, tx};
use serde_json::json;

/// Writes one entity and expects to read it back.
macro_rules! round_trip {
    ($db:ident, $entity:tt => $field:ident: $steps:expr, $expected:expr) => {{
        $db.transact($steps).await.unwrap();
        let answer = $db.query(query! { $entity: {} }).await.unwrap();
        assert_eq!(answer.$field.into_vec(), [$expected]);
    }};
}

/// The same for entities without attributes.
macro_rules! ids_only {
    ($db:ident: $($entity:tt => $field:ident, $tx:ident, $struct:ident, $new:ident;)*) => {$({
        let id = Id::new();
        round_trip!($db, $entity => $field: tx::$tx(id).create(schema::$new {}), schema::$struct { id });
    })*};
}

#[tokio::test]
async fn entities_without_attributes_are_there() {
    let (_server, db) = instant_tests::start(schema::SCHEMA).await;
    ids_only! { db:
        "Vec" => vec, vec, Vec, NewVec;
        "Box" => r#box, r#box, Box, NewBox;
        "Entity" => entity, entity, Entity, NewEntity;
        "states" => states, states, State, NewState;
        "std" => std_2, std_2, Std, NewStd;
        "instant_admin" => instant_admin_2, instant_admin_2, InstantAdmin, NewInstantAdmin;
        "u64" => u64, u64, U64, NewU64;
        "tx" => tx_2, tx_2, Tx, NewTx;
        "rooms" => rooms_2, rooms_2, Room, NewRoom;
        "__types" => _types, _types, Type, NewType;
        "SCHEMA" => schema, schema, Schema, NewSchema;
        "query" => query, query, Query, NewQuery;
        "fragment" => fragment, fragment, Fragment, NewFragment;
        "thisSchemas" => this_schemas, this_schemas, ThisSchema, NewThisSchema;
        "post" => post, post, Post, NewPost2;
        "posts" => posts, posts, Posts, NewPosts2;
        "newPosts" => new_posts, new_posts, NewPost, NewNewPost;
        "名前" => 名前, 名前, 名前2, New名前2;
        "2fa" => _2fa, _2fa, _2fa2, New_2fa2;
        "404s" => _404s, _404s, _404, New_404;
    }
}

#[tokio::test]
async fn attributes_keep_their_values() {
    let (_server, db) = instant_tests::start(schema::SCHEMA).await;
    let id = Id::new();
    round_trip!(db, "$users" => system_users: tx::system_users(id).create(schema::NewSystemUser {}).email("a@x.io"),
        schema::SystemUser { id, email: Some("a@x.io".into()) });
    let id = Id::new();
    round_trip!(db, users => users: tx::users(id).create(schema::NewUser { name: "n".into() }),
        schema::User { id, name: "n".into() });
    let id = Id::new();
    round_trip!(db, "Result" => result:
        tx::result(id).create(schema::NewResult { ok: "o".into(), err: json!([1]) }),
        schema::Result { id, ok: "o".into(), err: json!([1]) });
    let id = Id::new();
    round_trip!(db, "Option" => option: tx::option(id).create(schema::NewOption {}).some("s").none("n"),
        schema::Option { id, some: Some("s".into()), none: Some("n".into()) });
    let id = Id::new();
    round_trip!(db, "String" => string: tx::string(id).create(schema::NewString { str: "s".into() }),
        schema::String { id, str: "s".into() });
    let id = Id::new();
    round_trip!(db, "Date" => date: tx::date(id).create(schema::NewDate { date: "2024-01-01".parse().unwrap() }),
        schema::Date { id, date: "2024-01-01".parse().unwrap() });
    let id = Id::new();
    round_trip!(db, "Id" => id: tx::id(id).create(schema::NewId {}).id_2("i"),
        schema::Id { id, id_2: Some("i".into()) });
    let id = Id::new();
    round_trip!(db, "S" => s: tx::s(id).create(schema::NewS { a: "a".into() }), schema::S { id, a: "a".into() });
    let id = Id::new();
    round_trip!(db, "self" => self_: tx::self_(id).create(schema::NewSelf { self_: "s".into() }).self_2("S"),
        schema::Self_ { id, self_: "s".into(), self_2: Some("S".into()) });
    let id = Id::new();
    round_trip!(db, "crate" => crate_: tx::crate_(id).create(schema::NewCrate {}).super_(1),
        schema::Crate { id, super_: Some(1.0) });
    let id = Id::new();
    round_trip!(db, "core" => core_2: tx::core_2(id).create(schema::NewCore {}).core(2),
        schema::Core { id, core: Some(2.0) });
    let id = Id::new();
    round_trip!(db, "str" => str: tx::str(id).create(schema::NewStr { f64: 1.5, bool: true }).u8(8),
        schema::Str { id, u8: Some(8.0), f64: 1.5, bool: true });
    let id = Id::new();
    round_trip!(db, "blog posts" => blog_posts:
    tx::blog_posts(id)
        .create(schema::NewBlogPost { created_at_3: 3.0 })
        .created_at("text")
        .created_at_2("2024-01-01"),
    schema::BlogPost {
        id,
        created_at_2: Some("2024-01-01".parse().unwrap()),
        created_at: Some("text".into()),
        created_at_3: 3.0,
    });
    let id = Id::new();
    round_trip!(db, größen => größen:
        tx::größen(id).create(schema::NewGrößen { 名前: "n".into() }).u1f389(1).äö("u"),
        schema::Größen { id, 名前: "n".into(), u1f389: Some(1.0), äö: Some("u".into()) });
}

#[tokio::test]
async fn keywords_and_names_of_methods_keep_their_values_and_links() {
    let (_server, db) = instant_tests::start(schema::SCHEMA).await;
    let (option, string) = (Id::<schema::Option>::new(), Id::<schema::String>::new());
    db.transact((
        tx::option(option).create(schema::NewOption {}).some("s"),
        tx::string(string).create(schema::NewString { str: "s".into() }),
    ))
    .await
    .unwrap();

    let types = Id::<schema::Types>::new();
    let new = schema::NewTypes { r#type: "t".into(), r#async: true, vec: vec![string.into()] };
    db.transact(
        tx::types(types)
            .create(new)
            .r#match(json!({ "m": 1 }))
            .r#dyn("2024-01-01")
            .unnamed("_")
            .unnamed_2("__")
            ._2fa("2fa")
            .unnamed_3("...")
            ._private("p")
            .screaming_case("S"),
    )
    .await
    .unwrap();
    db.transact(tx::types(schema::types::by_type("t")).merge_match(json!({ "n": 2 }))).await.unwrap();
    let answer = db.query(query! { types: { Vec: { Result: {} } } }).await.unwrap();
    let found = &answer.types[0];
    assert_eq!((found.r#type.as_str(), found.r#async), ("t", true));
    assert_eq!(found.r#match, Some(json!({ "m": 1, "n": 2 })));
    assert_eq!(found.r#dyn, Some("2024-01-01".parse().unwrap()));
    let texts = [
        &found.unnamed,
        &found.unnamed_2,
        &found._2fa,
        &found.unnamed_3,
        &found._private,
        &found.screaming_case,
    ];
    assert_eq!(texts.map(|text| text.as_deref().unwrap()), ["_", "__", "2fa", "...", "p", "S"]);
    assert_eq!((found.vec[0].id, found.vec[0].str.as_str()), (string, "s"));
    assert_eq!(found.vec[0].result.as_ref().unwrap().id, types);

    let (first, second) = (Id::<schema::Builder>::new(), Id::<schema::Builder>::new());
    let new = || schema::NewBuilder {
        create: "create".into(),
        update: "update".into(),
        fields: "fields".into(),
        slot0: "slot0".into(),
        field: "field".into(),
        y: option.into(),
    };
    db.transact((
        tx::builders(second).create(new()),
        tx::builders(first)
            .create(new())
            .upsert("upsert")
            .delete("delete")
            .set_rule_params_("rule_params")
            .set_rule_params("set_rule_params")
            .set("set")
            .new("new")
            .clone("clone")
            .append_to("append_to")
            .into("into")
            .x(json!({ "a": 1 }))
            .set_merge_x("merge_x")
            .set_link_y("link_y")
            .set_unlink_y("unlink_y")
            .slug("slug")
            .by_slug("by_slug")
            .id2("id2")
            .id_2("ID")
            .value("value")
            .target("target")
            .merge_x(json!({ "b": 2 }))
            .link_parents(second),
    ))
    .await
    .unwrap();
    let by = query! { builders: { $: { where: { slug: "slug", parents: second } }, y: {}, parents: { children: {} } } };
    let found = db.query(by).await.unwrap().builders.into_vec().remove(0);
    let required = [&found.create, &found.update, &found.fields, &found.slot0, &found.field];
    assert_eq!(required, ["create", "update", "fields", "slot0", "field"]);
    let optional = [
        (&found.upsert, "upsert"),
        (&found.delete, "delete"),
        (&found.rule_params, "rule_params"),
        (&found.set_rule_params, "set_rule_params"),
        (&found.set, "set"),
        (&found.new, "new"),
        (&found.clone, "clone"),
        (&found.append_to, "append_to"),
        (&found.into, "into"),
        (&found.merge_x, "merge_x"),
        (&found.link_y, "link_y"),
        (&found.unlink_y, "unlink_y"),
        (&found.slug, "slug"),
        (&found.by_slug, "by_slug"),
        (&found.id2, "id2"),
        (&found.id_2, "ID"),
        (&found.value, "value"),
        (&found.target, "target"),
    ];
    for (value, expected) in optional {
        assert_eq!(value.as_deref(), Some(expected));
    }
    assert_eq!(found.x, Some(json!({ "a": 1, "b": 2 })));
    assert_eq!(found.y.as_ref().map(|option| option.id), Some(option));
    assert_eq!((found.parents[0].id, found.parents[0].children[0].id), (second, first));

    let reverse = db.query(query! { "Option": { "type": {} } }).await.unwrap();
    assert_eq!(reverse.option[0].r#type.len(), 2);
    db.transact((
        tx::builders(schema::builders::by_value("value")).update().value("other").unlink_parents(second),
        tx::builders(second).delete(),
    ))
    .await
    .unwrap();
    let rest =
        db.query(query! { builders: { $: { where: { value: "other" } }, parents: {} } }).await.unwrap();
    assert_eq!((rest.builders.len(), rest.builders[0].parents.len()), (1, 0));
}
