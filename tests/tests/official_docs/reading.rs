//! "Reading data": entities, links, pages and fields.

use instant_admin::{Date, ErrorKind, Id};
use serde_json::json;
use studio::{Project, Task, fragment, query};

use super::data::{Studio, each, id};

#[tokio::test]
async fn an_entity_name_alone_gives_all_entities_of_it() {
    let studio = Studio::start().await;
    let query = query! { projects: {} };
    assert_eq!(query.instaql().unwrap(), json!({ "projects": {} }));

    let answer = studio.db.query(&query).await.unwrap();
    assert_eq!(each!(answer.projects, id), [studio.garden, studio.album]);
    assert_eq!(each!(answer.projects, title), ["Plant a garden", "Record an album!"]);

    let tree = studio.db.query_json(query.instaql().unwrap()).await.unwrap();
    assert_eq!(
        tree,
        json!({ "projects": [
            { "id": studio.garden, "title": "Plant a garden" },
            { "id": studio.album, "title": "Record an album!" },
        ] })
    );
}

#[tokio::test]
async fn several_entities_are_read_at_once() {
    let studio = Studio::start().await;
    let answer = studio.db.query(query! { projects: {}, tasks: {} }).await.unwrap();
    assert_eq!(answer.projects.len(), 2);
    assert_eq!(
        each!(answer.tasks, title),
        [
            "Buy seeds",
            "Dig the beds",
            "Water every day",
            "Write the lyrics",
            "Tune the piano",
            "Mix it at the studio"
        ]
    );
}

#[tokio::test]
async fn where_id_picks_one_entity() {
    let studio = Studio::start().await;
    let garden = studio.garden;
    let answer = studio.db.query(query! { projects: { $: { where: { id: garden } } } }).await.unwrap();
    assert_eq!(each!(answer.projects, title), ["Plant a garden"]);
}

#[tokio::test]
async fn links_are_nested() {
    let studio = Studio::start().await;
    let answer = studio.db.query(query! { projects: { tasks: {} } }).await.unwrap();
    assert_eq!(
        answer
            .projects
            .iter()
            .map(|project| (project.title.as_str(), project.tasks.len()))
            .collect::<Vec<_>>(),
        [("Plant a garden", 3), ("Record an album!", 3)]
    );
}

#[tokio::test]
async fn a_filtered_root_keeps_all_its_links() {
    let studio = Studio::start().await;
    let garden = studio.garden;
    let query = query! { projects: { $: { where: { id: garden } }, tasks: {} } };
    let answer = studio.db.query(query).await.unwrap();
    assert_eq!(answer.projects.len(), 1);
    assert_eq!(each!(answer.projects[0].tasks, title), ["Buy seeds", "Dig the beds", "Water every day"]);
}

#[tokio::test]
async fn a_root_is_filtered_by_values_behind_a_link() {
    let studio = Studio::start().await;
    let query = query! { projects: { $: { where: { tasks.title: "Tune the piano" } }, tasks: {} } };
    let answer = studio.db.query(query).await.unwrap();
    assert_eq!(each!(answer.projects, title), ["Record an album!"]);
    assert_eq!(each!(answer.projects[0].tasks, id), [studio.lyrics, studio.piano, studio.mixing]);
}

#[tokio::test]
async fn a_filter_on_a_link_leaves_the_parents() {
    let studio = Studio::start().await;
    let query = query! { projects: { tasks: { $: { where: { title: "Dig the beds" } } } } };
    let answer = studio.db.query(query).await.unwrap();
    let [garden, album] = &answer.projects[..] else { panic!("two projects: {:?}", answer.projects) };
    assert_eq!((&*garden.title, each!(garden.tasks, id)), ("Plant a garden", vec![studio.beds]));
    assert_eq!((&*album.title, each!(album.tasks, id)), ("Record an album!", vec![]));
}

#[tokio::test]
async fn links_are_read_from_the_other_side_too() {
    let studio = Studio::start().await;
    let answer = studio.db.query(query! { tasks: { projects: {} } }).await.unwrap();
    let piano = answer.tasks.iter().find(|task| task.id == studio.piano).unwrap();
    assert_eq!(each!(piano.projects, title), ["Record an album!"]);
}

#[tokio::test]
async fn a_query_that_waits_for_a_value_is_sent_once_it_is_there() {
    let studio = Studio::start().await;
    for (who, expected) in [(None, None), (Some(studio.ada), Some(vec![studio.water, studio.piano]))] {
        let tasks = match who {
            Some(who) => {
                let answer = studio.db.query(query! { tasks: { $: { where: { owner.id: who } } } }).await;
                Some(each!(answer.unwrap().tasks, id))
            }
            None => None,
        };
        assert_eq!(tasks, expected);
    }
}

#[tokio::test]
async fn limit_and_offset_page_a_root() {
    let studio = Studio::start().await;
    let page_size = 4;
    let mut pages = Vec::new();
    for number in 1..=2 {
        let offset = page_size * (number - 1);
        let query = query! { tasks: { $: { limit: page_size, offset: offset } } };
        let answer = studio.db.query(query).with_page_info().await.unwrap();
        let info = answer.tasks.page_info().unwrap();
        pages.push((each!(answer.tasks, id), info.has_previous_page, info.has_next_page));
    }
    assert_eq!(
        pages,
        [
            (vec![studio.seeds, studio.beds, studio.water, studio.lyrics], false, true),
            (vec![studio.piano, studio.mixing], true, false),
        ]
    );
}

#[tokio::test]
async fn cursors_page_a_root_in_both_directions() {
    let studio = Studio::start().await;
    let db = &studio.db;
    let first = db.query(query! { tasks: { $: { first: 2 } } }).with_page_info().await.unwrap().tasks;
    assert_eq!(each!(first, id), [studio.seeds, studio.beds]);

    let end = first.page_info().unwrap().end_cursor.clone().unwrap();
    let query = query! { tasks: { $: { first: 2, after: end } } };
    let second = db.query(query).with_page_info().await.unwrap().tasks;
    assert_eq!(each!(second, id), [studio.water, studio.lyrics]);

    let start = second.page_info().unwrap().start_cursor.clone().unwrap();
    let query = query! { tasks: { $: { last: 2, before: start } } };
    let back = db.query(query).with_page_info().await.unwrap().tasks;
    assert_eq!(each!(back, id), [studio.seeds, studio.beds]);
}

#[tokio::test]
async fn rows_come_in_the_order_of_creation_or_the_reverse() {
    let studio = Studio::start().await;
    let query = query! { tasks: { $: { limit: 2, order: { serverCreatedAt: desc } } } };
    let answer = studio.db.query(query).await.unwrap();
    assert_eq!(each!(answer.tasks, id), [studio.mixing, studio.piano]);
}

#[tokio::test]
async fn rows_are_ordered_by_an_indexed_attribute() {
    let studio = Studio::start().await;
    let now = Date::from_millis(1_720_000_000_000);
    let query = query! { tasks: { $: { limit: 10, where: { due: { $gt: now } }, order: { due: asc } } } };
    let answer = studio.db.query(query).await.unwrap();
    assert_eq!(each!(answer.tasks, id), [studio.water, studio.piano, studio.mixing]);
}

#[tokio::test]
async fn rows_of_a_link_are_ordered() {
    let studio = Studio::start().await;
    let query = query! { projects: { tasks: { $: { order: { hours: asc } } } } };
    let answer = studio.db.query(query).await.unwrap();
    assert_eq!(each!(answer.projects[0].tasks, id), [studio.seeds, studio.beds, studio.water]);
    assert_eq!(each!(answer.projects[1].tasks, id), [studio.piano, studio.lyrics, studio.mixing]);
}

#[tokio::test]
async fn order_takes_no_path_and_where_does() {
    let studio = Studio::start().await;
    let by_owner = json!({ "tasks": { "$": { "order": { "owner.name": "asc" } } } });
    let error = instant_tests::untyped(&studio.server).query_json(by_owner).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Validation, Some(400)));
    assert!(error.message().contains("There is no `owner.name` attribute for tasks."), "{error}");

    let answer = studio.db.query(query! { tasks: { $: { where: { owner.name: "Ada" } } } }).await.unwrap();
    assert_eq!(each!(answer.tasks, id), [studio.water, studio.piano]);
}

#[tokio::test]
async fn fields_are_chosen_and_the_id_comes_with_them() {
    let studio = Studio::start().await;
    let query = query! { tasks: { $: { fields: [place], limit: 2 } } };
    let answer = studio.db.query(&query).await.unwrap();
    assert_eq!(each!(answer.tasks, id), [studio.seeds, studio.beds]);
    assert_eq!(each!(answer.tasks, place), [Some("town".to_owned()), None]);

    let tree = studio.db.query_json(query.instaql().unwrap()).await.unwrap();
    assert_eq!(tree["tasks"][0], json!({ "id": studio.seeds, "place": "town" }));
}

#[tokio::test]
async fn fields_of_links_are_chosen() {
    let studio = Studio::start().await;
    let query = query! { projects: { $: { fields: [title] }, tasks: { $: { fields: [id] } } } };
    let answer = studio.db.query(&query).await.unwrap();
    assert_eq!(each!(answer.projects, title), ["Plant a garden", "Record an album!"]);
    assert_eq!(each!(answer.projects[1].tasks, id), [studio.lyrics, studio.piano, studio.mixing]);

    let tree = studio.db.query_json(query.instaql().unwrap()).await.unwrap();
    assert_eq!(
        tree["projects"][0],
        json!({
            "id": studio.garden,
            "title": "Plant a garden",
            "tasks": [{ "id": studio.seeds }, { "id": studio.beds }, { "id": studio.water }],
        })
    );
}

query! {
    /// Projects with their tasks: what the documentation declares with `InstaQLParams`.
    pub ProjectsWithTasks() = { projects: { tasks: {} } }
}

fragment! {
    /// A task with its projects: what the documentation declares with `InstaQLEntity`.
    pub TaskWithProjects on tasks { projects: {} }
}

#[tokio::test]
async fn queries_and_their_answers_have_types_with_names() {
    fn titles(projects: &[ProjectsWithTasksProject]) -> Vec<(&str, usize)> {
        projects.iter().map(|project| (project.title.as_str(), project.tasks.len())).collect()
    }
    fn is_shared(task: &TaskWithProjects) -> bool {
        task.projects.len() > 1
    }
    fn first(tasks: &[Task]) -> Option<Id<Task>> {
        tasks.first().map(|task| task.id)
    }

    let studio = Studio::start().await;
    let answer = studio.db.query(ProjectsWithTasks::new()).await.unwrap();
    assert_eq!(titles(&answer.projects), [("Plant a garden", 3), ("Record an album!", 3)]);
    assert_eq!(first(&answer.projects[1].tasks), Some(studio.lyrics));

    let answer = studio.db.query(query! { tasks: TaskWithProjects }).await.unwrap();
    assert!(!answer.tasks.iter().any(is_shared));
    let garden: &Project = &answer.tasks[0].projects[0];
    assert_eq!(garden.id, id(1));
}

#[tokio::test]
async fn a_query_runs_once_with_its_page_info() {
    let studio = Studio::start().await;
    let query = query! { tasks: { $: { limit: 3, offset: 3 } } };
    let answer = studio.db.query(query).with_page_info().await.unwrap();
    assert_eq!(each!(answer.tasks, id), [studio.lyrics, studio.piano, studio.mixing]);
    let info = answer.tasks.page_info().unwrap();
    assert!(info.has_previous_page && !info.has_next_page);
}
