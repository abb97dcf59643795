//! "Writing data": InstaML.

use instant_admin::tx as steps;
use instant_admin::{Db, Error, ErrorKind, Id, Null};
use instant_tests::Backend;
use serde_json::{Value, json};
use studio::{
    Article, Board, NewArticle, NewBoard, NewPerson, NewProject, NewTask, Person, Project, Task, query, tx,
};

use super::data::{Studio, each};

async fn start() -> (Backend, Db) {
    instant_tests::start(studio::SCHEMA).await
}

async fn project(db: &Db, id: Id<Project>) -> Option<Project> {
    let answer = db.query(query! { projects: { $: { where: { id: id } } } }).await.unwrap();
    answer.projects.into_iter().next()
}

async fn state(db: &Db, id: Id<Board>) -> Value {
    let answer = db.query(query! { boards: { $: { where: { id: id } } } }).await.unwrap();
    answer.boards[0].state.clone().unwrap()
}

/// The ids of the tasks of a project.
async fn tasks_of(db: &Db, project: Id<Project>) -> Vec<Id<Task>> {
    let answer = db.query(query! { projects: { $: { where: { id: project } }, tasks: {} } }).await.unwrap();
    each!(answer.projects[0].tasks, id)
}

fn named(title: &str) -> NewProject {
    NewProject { title: title.to_owned() }
}

#[tokio::test]
async fn create_makes_an_entity_with_a_new_id() {
    let (_server, db) = start().await;
    let id = Id::new();
    db.transact(tx::projects(id).create(named("Read more"))).await.unwrap();
    let tree = db.query_json(json!({ "projects": {} })).await.unwrap();
    assert_eq!(tree, json!({ "projects": [{ "id": id, "title": "Read more" }] }));
}

#[tokio::test]
async fn values_are_ordinary_expressions() {
    let (_server, db) = start().await;
    let titles = ["walk", "draw", "sing"];
    let id = Id::new();
    db.transact(tx::projects(id).create(named(titles[id.uuid().as_bytes()[0] as usize % 3]))).await.unwrap();
    assert!(titles.contains(&&*project(&db, id).await.unwrap().title));
}

#[tokio::test]
async fn update_writes_only_the_attributes_it_names() {
    let (_server, db) = start().await;
    let id = Id::new();
    db.transact(tx::projects(id).create(named("Tea")).rank("top").reviewed("yesterday")).await.unwrap();
    db.transact(tx::projects(id).update().reviewed("today")).await.unwrap();
    let tea = project(&db, id).await.unwrap();
    assert_eq!((tea.rank.as_deref(), tea.reviewed.as_deref()), (Some("top"), Some("today")));
}

#[tokio::test]
async fn entities_of_one_type_may_have_different_attributes() {
    let (_server, db) = start().await;
    let (plain, full) = (Id::new(), Id::new());
    let write = (
        tx::projects(plain).create(named("Plain")),
        tx::projects(full)
            .create(named("Full"))
            .rank("none")
            .secret(true)
            .points(10)
            .labels([1, 2, 3])
            .extra(json!({ "foo": "bar" })),
    );
    db.transact(write).await.unwrap();
    let full = project(&db, full).await.unwrap();
    assert_eq!((full.secret, full.points), (Some(true), Some(10.0)));
    assert_eq!((full.labels, full.extra), (Some(json!([1, 2, 3])), Some(json!({ "foo": "bar" }))));
    assert_eq!(project(&db, plain).await.unwrap().labels, None);
}

#[tokio::test]
async fn the_untyped_update_and_upsert_create_what_does_not_exist() {
    let (_server, db) = start().await;
    let (one, two) = (Id::<Project>::new(), Id::new());
    db.transact(steps::raw("projects", one).update(json!({ "title": "One" }))).await.unwrap();
    db.transact(tx::projects(two).upsert(named("Two"))).await.unwrap();
    db.transact(tx::projects(two).upsert(named("Two, again"))).await.unwrap();
    assert_eq!(project(&db, one).await.unwrap().title, "One");
    assert_eq!(project(&db, two).await.unwrap().title, "Two, again");
}

#[tokio::test]
async fn a_strict_update_of_nothing_fails() {
    let (_server, db) = start().await;
    let id = Id::<Project>::new();
    let strict = steps::raw("projects", id).update(json!({ "reviewed": "today" })).strict();
    let typed = tx::projects(id).update().reviewed("today");
    for error in [db.transact(strict).await.unwrap_err(), db.transact(typed).await.unwrap_err()] {
        assert_eq!((error.kind(), error.status()), (ErrorKind::NotFound, Some(400)));
        assert!(error.message().contains(&format!("there is no `projects` with the id {id}")), "{error}");
    }
    assert_eq!(project(&db, id).await, None);
}

#[tokio::test]
async fn update_replaces_json_and_merge_merges_it() {
    let (_server, db) = start().await;
    let board = Id::new();
    db.transact(tx::boards(board).create(NewBoard {}).state(json!({ "0-0": "red" }))).await.unwrap();
    db.transact(tx::boards(board).update().state(json!({ "0-1": "blue" }))).await.unwrap();
    assert_eq!(state(&db, board).await, json!({ "0-1": "blue" }));

    db.transact(tx::boards(board).merge_state(json!({ "0-0": "red" }))).await.unwrap();
    assert_eq!(state(&db, board).await, json!({ "0-0": "red", "0-1": "blue" }));
}

#[tokio::test]
async fn merge_replaces_what_is_no_object_and_null_removes_a_key() {
    let (_server, db) = start().await;
    let board = Id::new();
    let before = json!({ "list": [1, 2], "deep": { "a": 1, "b": 2 }, "0-1": "blue" });
    db.transact(tx::boards(board).create(NewBoard {}).state(before)).await.unwrap();

    db.transact(tx::boards(board).merge_state(json!({ "list": [3], "deep": { "a": 5 } }))).await.unwrap();
    let merged = json!({ "list": [3], "deep": { "a": 5, "b": 2 }, "0-1": "blue" });
    assert_eq!(state(&db, board).await, merged);

    db.transact(tx::boards(board).merge_state(json!({ "0-1": null, "deep": { "b": null } }))).await.unwrap();
    assert_eq!(state(&db, board).await, json!({ "list": [3], "deep": { "a": 5 } }));
}

#[tokio::test]
async fn delete_removes_an_entity_and_its_links() {
    let studio = Studio::start().await;
    studio.db.transact(tx::projects(studio.garden).delete()).await.unwrap();
    assert_eq!(project(&studio.db, studio.garden).await, None);
    let answer = studio.db.query(query! { tasks: { projects: {} } }).await.unwrap();
    let projects = each!(answer.tasks, projects).iter().map(Vec::len).collect::<Vec<_>>();
    assert_eq!(projects, [0, 0, 0, 1, 1, 1]);
}

#[tokio::test]
async fn a_whole_entity_type_is_deleted_with_one_step_each() {
    let studio = Studio::start().await;
    let projects = studio.db.query(query! { projects: {} }).await.unwrap().projects;
    let deletes = projects.iter().map(|project| tx::projects(project.id).delete());
    studio.db.transact(steps::steps(deletes)).await.unwrap();
    assert!(studio.db.query(query! { projects: {} }).await.unwrap().projects.is_empty());
}

#[tokio::test]
async fn link_connects_two_entities() {
    let (_server, db) = start().await;
    let (project, task) = (Id::new(), Id::new());
    let made = (
        tx::tasks(task).create(NewTask { title: "Go running".into() }),
        tx::projects(project).create(named("Get fit")),
    );
    db.transact(made).await.unwrap();
    assert!(tasks_of(&db, project).await.is_empty());
    db.transact(tx::projects(project).link_tasks(task)).await.unwrap();
    assert_eq!(tasks_of(&db, project).await, [task]);
}

#[tokio::test]
async fn links_are_chained_to_the_write_and_take_several_targets() {
    let (_server, db) = start().await;
    let (project, ids) = (Id::new(), [1, 2, 3].map(super::data::id));
    let tasks = ids.map(|id| tx::tasks(id).create(NewTask { title: format!("Task {id}") }));
    db.transact((tasks, tx::projects(project).create(named("Get fit")).link_tasks(ids))).await.unwrap();
    assert_eq!(tasks_of(&db, project).await, ids);

    // Both directions see it.
    let answer = db.query(query! { projects: { tasks: {} }, tasks: { projects: {} } }).await.unwrap();
    assert_eq!(each!(answer.projects[0].tasks, id), ids);
    assert!(answer.tasks.iter().all(|task| each!(task.projects, id) == [project]));
}

#[tokio::test]
async fn unlink_works_from_either_side_and_on_several() {
    let studio = Studio::start().await;
    let db = &studio.db;
    db.transact(tx::projects(studio.garden).unlink_tasks(studio.seeds)).await.unwrap();
    assert_eq!(tasks_of(db, studio.garden).await, [studio.beds, studio.water]);

    db.transact(tx::tasks(studio.beds).unlink_projects(studio.garden)).await.unwrap();
    assert_eq!(tasks_of(db, studio.garden).await, [studio.water]);

    let both = (
        tx::projects(studio.garden).unlink_tasks([studio.water]),
        tx::projects(studio.album).unlink_tasks(vec![studio.lyrics, studio.piano, studio.mixing]),
    );
    db.transact(both).await.unwrap();
    assert!(tasks_of(db, studio.garden).await.is_empty());
    assert!(tasks_of(db, studio.album).await.is_empty());
}

#[tokio::test]
async fn a_lookup_stands_for_an_id() {
    let studio = Studio::start().await;
    let db = &studio.db;
    let person = studio::people::by_email;
    db.transact(tx::people(person("ada@example.com")).update().name("Ada Lovelace")).await.unwrap();
    let answer = db.query(query! { people: {} }).await.unwrap();
    assert_eq!(each!(answer.people, name), [Some("Ada Lovelace".to_owned())]);
    assert_eq!(answer.people[0].id, studio.ada);

    // If no entity has the value, the server creates one; the typed `update` never does, `upsert` does.
    let charles = "charles@example.com";
    let strict = tx::people(person(charles)).update().name("Charles");
    assert!(db.transact(strict).await.unwrap_err().is_not_found());
    let new = NewPerson { email: charles.into() };
    db.transact(tx::people(person(charles)).upsert(new).name("Charles")).await.unwrap();
    let untyped = steps::raw("people", steps::lookup("email", "mary@example.com"));
    db.transact(untyped.update(json!({ "name": "Mary" }))).await.unwrap();
    let answer = db.query(query! { people: { $: { order: { email: asc } } } }).await.unwrap();
    assert_eq!(each!(answer.people, email), ["ada@example.com", charles, "mary@example.com"]);

    let merge =
        steps::raw("people", steps::lookup("email", "mary@example.com")).merge(json!({ "name": "Mary S." }));
    db.transact((tx::people(person(charles)).delete(), merge)).await.unwrap();
    let answer = db.query(query! { people: { $: { order: { email: asc } } } }).await.unwrap();
    assert_eq!(each!(answer.people, name), [Some("Ada Lovelace".to_owned()), Some("Mary S.".to_owned())]);
}

#[tokio::test]
async fn a_lookup_stands_for_the_target_of_a_link() {
    let studio = Studio::start().await;
    let article = NewArticle { number: 15.0 };
    studio.db.transact(tx::articles(Id::<Article>::new()).create(article)).await.unwrap();
    let ada = studio::people::by_email("ada@example.com");
    studio.db.transact(tx::people(ada.clone()).link_articles(studio::articles::by_number(15))).await.unwrap();
    let answer = studio.db.query(query! { articles: { author: {} } }).await.unwrap();
    let author: &Person = answer.articles[0].author.as_ref().unwrap();
    assert_eq!(author.id, studio.ada);

    studio.db.transact(tx::people(ada).unlink_articles(studio::articles::by_number(15))).await.unwrap();
    let answer = studio.db.query(query! { articles: { author: {} } }).await.unwrap();
    assert_eq!(answer.articles[0].author, None);
}

#[tokio::test]
async fn a_transaction_is_applied_whole_or_not_at_all() {
    let studio = Studio::start().await;
    let clash = (
        tx::projects(studio.garden).update().title("Changed"),
        tx::people(Id::<Person>::new()).create(NewPerson { email: "ada@example.com".into() }),
    );
    let error = studio.db.transact(clash).await.unwrap_err();
    assert!(error.is_not_unique() && !error.may_have_been_applied(), "{error}");
    assert_eq!(project(&studio.db, studio.garden).await.unwrap().title, "Plant a garden");
}

#[tokio::test]
async fn without_a_schema_missing_attributes_are_created() {
    let (server, db) = start().await;
    let untyped = instant_tests::untyped(&server);
    let id = Id::<Project>::new();
    let write = steps::raw("projects", id).update(json!({ "title": "Free", "mood": "good" }));
    untyped.transact(write).await.unwrap();
    let tree = untyped.query_json(json!({ "projects": {} })).await.unwrap();
    assert_eq!(tree["projects"][0]["mood"], "good");

    // A client that knows the schema refuses a name that the schema does not have.
    let write = steps::raw("projects", id).update(json!({ "color": "green" }));
    let error = db.transact(write).await.unwrap_err();
    assert!(error.to_string().contains("projects.color"), "{error}");
}

#[tokio::test]
async fn with_a_schema_a_date_is_a_date() {
    let studio = Studio::start().await;
    studio.db.transact(tx::tasks(studio.seeds).update().due(1_735_689_600_000_i64)).await.unwrap();
    let wrong = steps::raw("tasks", studio.seeds).update(json!({ "due": true }));
    let error = instant_tests::untyped(&studio.server).transact(wrong).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Validation);
    assert!(error.message().contains("Invalid value type for tasks.due"), "{error}");
    studio.db.transact(tx::tasks(studio.seeds).update().due(Null)).await.unwrap();
}

/// An own function over writes, as the documentation's `myCustomUpdate` and `myCustomLink`.
async fn write_all(db: &Db, writes: impl steps::IntoSteps) -> Result<i64, Error> {
    Ok(db.transact(writes).await?.tx_id)
}

#[tokio::test]
async fn functions_over_writes_keep_the_types() {
    let studio = Studio::start().await;
    let first = write_all(&studio.db, tx::tasks(studio.seeds).update().due("2026-01-01")).await.unwrap();
    let second = write_all(&studio.db, tx::tasks(studio.seeds).link_owner(studio.ada)).await.unwrap();
    assert!(second > first);
}

#[tokio::test]
async fn many_entities_are_written_in_batches() {
    let (_server, db) = start().await;
    let projects: Vec<_> = (1..=1000)
        .map(|number| tx::projects(Id::new()).create(named(&format!("Project {number}"))).number(number))
        .collect();
    for batch in projects.chunks(100) {
        db.transact(batch).await.unwrap();
    }
    let answer = db.query(query! { projects: { $: { aggregate: count } } }).await.unwrap();
    assert_eq!(answer.projects, 1000);
}
