//! Schemas of another crate, and several in one: this file is a crate that uses the schemas of `studio` and
//! `instant-tests`, and two of its own, which have an entity name in common.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use instant_admin::tx::Steps;
use instant_admin::{Db, Id, Where};
use instant_tests::{Backend, blog as imported};
use serde_json::json;
use studio::cards::PersonCard;

mod shop {
    instant_admin::schema! {
        in = crate::shop,
        {
            "entities": {
                "people": { "attrs": {
                    "name": { "valueType": "string", "required": true, "config": { "indexed": true, "unique": true } }
                } },
                "orders": { "attrs": {
                    "total": { "valueType": "number", "required": true, "config": { "indexed": true, "unique": false } }
                } }
            },
            "links": {
                "ordersBuyer": {
                    "forward": { "on": "orders", "has": "one", "label": "buyer", "required": true },
                    "reverse": { "on": "people", "has": "many", "label": "orders" }
                }
            }
        }
    }
}

mod club {
    pub mod data {
        instant_admin::schema! {
            in = crate::club::data,
            {
                "entities": {
                    "people": { "attrs": {
                        "age": { "valueType": "number", "required": true, "config": { "indexed": true, "unique": false } }
                    } }
                }
            }
        }
    }

    pub mod queries {
        super::data::query! {
            /// Everyone of that age.
            pub OfAge(age: u8) = { people: { $: { where: { age: { $gte: age } } } } }
        }
        super::data::fragment! { pub AgeOnly on people { $: { fields: [age] } } }
    }
}

mod office {
    instant_admin::schema! {
        in = crate::office,
        {
            "entities": { "halls": { "attrs": {} }, "notes": { "attrs": {} }, "prizes": { "attrs": {} } },
            "links": {
                "hallNotes": {
                    "forward": { "on": "halls", "has": "many", "label": "notes", "required": false },
                    "reverse": { "on": "notes", "has": "one", "label": "hall", "required": true }
                }
            }
        }
    }
}

async fn empty(schema: impl Into<instant_admin::schema::SchemaSource>) -> (Backend, Db) {
    let server = Backend::empty().await;
    let db = server.client().schema(schema).build().unwrap();
    (server, db)
}

#[tokio::test]
async fn a_schema_of_another_crate_reads_and_writes() {
    use studio::{NewPerson, NewTask, query, tx};

    let (_server, db) = instant_tests::start(studio::SCHEMA).await;
    let (ada, task) = (Id::<studio::Person>::new(), Id::<studio::Task>::new());
    db.transact((
        tx::people(ada).create(NewPerson { email: "ada@example.com".into() }).name("Ada"),
        tx::tasks(task).create(NewTask { title: "Tune".into() }).link_owner(ada).hours(2),
    ))
    .await
    .unwrap();

    let mut long = Where::<studio::Task>::new();
    long.and(studio::tasks::hours().gt(1));
    // `PersonCard` is a fragment of that crate; the filter and the query are of this one.
    let answer = db.query(query! { tasks: { $: { where: #long }, owner: PersonCard } }).await.unwrap();
    assert_eq!(answer.tasks[0].owner, Some(PersonCard { id: ada, name: Some("Ada".into()) }));
    assert_eq!(answer.tasks[0].owner.as_ref().unwrap().greeting(), "Dear Ada");
}

#[tokio::test]
async fn two_schemas_of_one_crate_keep_their_types_apart() {
    let (_shop_server, shop_db) = empty(shop::SCHEMA).await;
    let (_club_server, club_db) = empty(club::data::SCHEMA).await;

    let (buyer, member) = (Id::<shop::Person>::new(), Id::<club::data::Person>::new());
    let order = shop::NewOrder { total: 9.5, buyer: buyer.into() };
    shop_db
        .transact((
            shop::tx::people(buyer).create(shop::NewPerson { name: "Ada".into() }),
            shop::tx::orders(Id::new()).create(order),
        ))
        .await
        .unwrap();
    club_db
        .transact(club::data::tx::people(member).create(club::data::NewPerson { age: 36.0 }))
        .await
        .unwrap();

    let orders = shop_db.query(shop::query! { people: { orders: {} } }).await.unwrap();
    assert_eq!((orders.people[0].name.as_str(), orders.people[0].orders[0].total), ("Ada", 9.5));
    let adults = club_db.query(club::queries::OfAge::new(18)).await.unwrap();
    assert_eq!(adults.people.into_vec(), [club::data::Person { id: member, age: 36.0 }]);
    let ages = club_db.query(club::data::query! { people: club::queries::AgeOnly }).await.unwrap();
    assert_eq!(ages.people.into_vec(), [club::queries::AgeOnly { id: member, age: 36.0 }]);
}

#[test]
fn queries_of_several_schemas_stand_in_one_function() {
    let id = Id::new();
    let post = imported::query! { posts: { $: { where: { id: id }, fields: [title] } } };
    let person = shop::query! { people: { $: { where: { name: "Ada" } }, orders: {} } };
    let tasks = studio::query! { tasks: { $: { limit: 1 } } };
    assert_eq!(
        [post.instaql().unwrap(), person.instaql().unwrap(), tasks.instaql().unwrap()],
        [
            json!({ "posts": { "$": { "where": { "id": id }, "fields": ["title"] } } }),
            json!({ "people": { "$": { "where": { "name": "Ada" } }, "orders": {} } }),
            json!({ "tasks": { "$": { "limit": 1 } } }),
        ]
    );
    let steps = (imported::tx::posts(id).delete(), shop::tx::people(shop::people::by_name("Ada")).delete());
    assert_eq!(
        Steps::to_json(steps).unwrap(),
        json!([["delete", "posts", id], ["delete", "people", ["name", "Ada"]]])
    );
}

#[tokio::test]
async fn two_schemas_can_share_a_server() {
    let (server, shop_db) = empty(shop::SCHEMA).await;
    let club_db = server.client().schema(club::data::SCHEMA).build().unwrap();
    // Each client creates what its own schema says of `people`, when it first writes it.
    let member = Id::<club::data::Person>::new();
    let new = club::data::NewPerson { age: 36.0 };
    club_db.transact(club::data::tx::people(member).create(new)).await.unwrap();
    let buyer = Id::<shop::Person>::new();
    let buys = shop::NewPerson { name: "Ada".into() };
    let order = shop::NewOrder { total: 1.0, buyer: buyer.into() };
    let clash = shop_db
        .transact((shop::tx::people(buyer).create(buys), shop::tx::orders(Id::new()).create(order)))
        .await
        .unwrap_err();
    // What one schema requires of an entity, the other has to give it too.
    assert!(clash.message().contains("Missing required attribute `people/age`"), "{clash}");
    assert_eq!(club_db.query(club::data::query! { people: {} }).await.unwrap().people.len(), 1);
}

#[tokio::test]
async fn a_link_required_on_its_reverse_side_is_part_of_what_create_takes() {
    let (_server, db) = empty(office::SCHEMA).await;
    let (hall, note) = (Id::<office::Hall>::new(), Id::<office::Note>::new());
    let new = office::NewNote { hall: hall.into() };
    let steps = (office::tx::halls(hall).create(office::NewHall {}), office::tx::notes(note).create(new));
    db.transact(steps).await.unwrap();
    let notes = db.query(office::query! { notes: { hall!: {} } }).await.unwrap().notes;
    assert_eq!((notes[0].id, notes[0].hall.id), (note, hall));

    // The server knows required links from their forward side only, and takes an entity without this one.
    let bare = Id::<office::Note>::new();
    db.transact(instant_admin::tx::raw("notes", bare).update(json!({}))).await.unwrap();
    let of_all = db.query(office::query! { notes: { hall: {} } }).await.unwrap().notes;
    assert_eq!(
        of_all.iter().filter(|note| note.hall.is_none()).map(|note| note.id).collect::<Vec<_>>(),
        [bare]
    );
}

#[test]
fn prizes_are_made_of_a_prize() {
    let prize = office::Prize { id: Id::new() };
    assert_eq!(office::Prizes { id: prize.id }, prize);
}
