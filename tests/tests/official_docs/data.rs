//! The data that the examples read: two projects, the tasks of each, and whose they are.

use instant_admin::{Db, Id, Null};
use instant_tests::Backend;
use studio::{NewPerson, NewProject, NewTask, Person, Project, Task, tx};
use uuid::Uuid;

/// A backend with the data on it. Ids ascend in the order of the fields, which makes that the order of rows that
/// were created together.
pub struct Studio {
    pub db: Db,
    pub server: Backend,
    pub garden: Id<Project>,
    pub album: Id<Project>,
    pub seeds: Id<Task>,
    pub beds: Id<Task>,
    pub water: Id<Task>,
    pub lyrics: Id<Task>,
    pub piano: Id<Task>,
    pub mixing: Id<Task>,
    pub ada: Id<Person>,
}

impl Studio {
    pub async fn start() -> Self {
        let (server, db) = instant_tests::start(studio::SCHEMA).await;
        let studio = Self {
            db,
            server,
            garden: id(1),
            album: id(2),
            seeds: id(1),
            beds: id(2),
            water: id(3),
            lyrics: id(4),
            piano: id(5),
            mixing: id(6),
            ada: id(1),
        };
        let task = |id, title: &str| tx::tasks(id).create(NewTask { title: title.to_owned() });
        let project = |id, title: &str| tx::projects(id).create(NewProject { title: title.to_owned() });
        let steps = (
            (
                task(studio.seeds, "Buy seeds").done(true).hours(1).place("town"),
                task(studio.beds, "Dig the beds")
                    .done(false)
                    .hours(6)
                    .due("2024-03-01T00:00:00Z")
                    .place(Null),
                task(studio.water, "Water every day").hours(200).due("2024-09-30"),
                task(studio.lyrics, "Write the lyrics").done(true).hours(20).place("home"),
                task(studio.piano, "Tune the piano").done(false).hours(3).due(1_735_689_600_000),
                task(studio.mixing, "Mix it at the studio").hours(40).due("2025-06-30"),
            ),
            tx::people(studio.ada).create(NewPerson { email: "ada@example.com".into() }).name("Ada"),
            project(studio.garden, "Plant a garden").link_tasks([studio.seeds, studio.beds, studio.water]),
            project(studio.album, "Record an album!").link_tasks([
                studio.lyrics,
                studio.piano,
                studio.mixing,
            ]),
            tx::people(studio.ada).link_tasks([studio.water, studio.piano]),
        );
        studio.db.transact(steps).await.unwrap();
        studio
    }
}

/// The `number`th id of a type.
pub fn id<E>(number: u128) -> Id<E> {
    Uuid::from_u128(number).into()
}

/// One field of each row, as a list.
macro_rules! each {
    ($rows:expr, $($field:ident).+) => {
        $rows.iter().map(|row| row.$($field).+.clone()).collect::<Vec<_>>()
    };
}
pub(crate) use each;
