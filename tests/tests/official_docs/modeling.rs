//! "Modeling data": the server keeps the promises of the schema.

use instant_admin::tx as steps;
use instant_admin::{ErrorKind, Id};
use serde_json::json;
use studio::{
    Article, Chapter, NewArticle, NewChapter, NewPerson, NewProduct, NewUser, Person, Product, User, query,
    tx,
};

use super::data::{Studio, each};

#[tokio::test]
async fn an_entity_without_a_required_attribute_is_refused() {
    // `NewTask` cannot be built without its title; for untyped steps, the server says it.
    let (server, _db) = instant_tests::start(studio::SCHEMA).await;
    let task = Id::<studio::Task>::new();
    let write = steps::raw("tasks", task).update(json!({ "done": true }));
    let error = instant_tests::untyped(&server).transact(write).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Validation);
    assert!(
        error.message().contains(&format!("Missing required attribute `tasks/title`: {task}")),
        "{error}"
    );

    // An optional one may be left out.
    let write = steps::raw("tasks", task).update(json!({ "title": "Sweep" }));
    instant_tests::untyped(&server).transact(write).await.unwrap();
}

#[tokio::test]
async fn an_entity_without_a_required_link_is_refused() {
    let (server, db) = instant_tests::start(studio::SCHEMA).await;
    let chapter = Id::<Chapter>::new();
    let write = steps::raw("chapters", chapter).update(json!({ "heading": "One" }));
    let error = instant_tests::untyped(&server).transact(write).await.unwrap_err();
    assert!(error.message().contains("Missing required attribute `chapters/article`"), "{error}");

    let article = Id::<Article>::new();
    let write = (
        tx::articles(article).create(NewArticle { number: 1.0 }),
        tx::chapters(chapter).create(NewChapter { heading: "One".into(), article: article.into() }),
    );
    db.transact(write).await.unwrap();
    let answer = db.query(query! { chapters: { article!: {} } }).await.unwrap();
    assert_eq!(answer.chapters[0].article.id, article);
}

#[tokio::test]
async fn a_unique_value_is_taken_once_and_finds_its_entity() {
    let (_server, db) = instant_tests::start(studio::SCHEMA).await;
    let article =
        |number: u32| tx::articles(Id::<Article>::new()).create(NewArticle { number: number.into() });
    db.transact(article(1).slug("on-gardens")).await.unwrap();
    let error = db.transact(article(2).slug("on-gardens")).await.unwrap_err();
    assert!(error.is_not_unique(), "{error}");

    let answer = db.query(query! { articles: { $: { where: { slug: "on-gardens" } } } }).await.unwrap();
    assert_eq!(each!(answer.articles, number), [1.0]);
}

#[tokio::test]
async fn an_indexed_attribute_is_compared_and_ordered_by() {
    let (_server, db) = instant_tests::start(studio::SCHEMA).await;
    let products = [("Spade", 45), ("Harp", 900), ("Seeds", 3)].map(|(name, price)| {
        tx::products(Id::<Product>::new()).create(NewProduct { name: name.into(), price: price.into() })
    });
    db.transact(products).await.unwrap();
    let query = query! { products: { $: { where: { price: { $lt: 100 } }, order: { price: desc } } } };
    assert_eq!(each!(db.query(query).await.unwrap().products, name), ["Spade", "Seeds"]);
}

#[tokio::test]
async fn links_have_one_or_many_on_each_side() {
    let studio = Studio::start().await;
    let user = Id::<User>::new();
    let article = |number: u32| {
        tx::articles(Id::<Article>::new())
            .create(NewArticle { number: number.into() })
            .link_author(studio.ada)
    };
    let write = (
        tx::users(user).create(NewUser {}).email("ada@example.com").link_person(studio.ada),
        article(1),
        article(2),
    );
    studio.db.transact(write).await.unwrap();

    // One to one, and one to many, from both sides; many to many is `projects.tasks`.
    let query = query! { people: { $user: {}, articles: { author: {} } }, $users: { person: {} } };
    let answer = studio.db.query(query).await.unwrap();
    let ada = &answer.people[0];
    assert_eq!(ada.user.as_ref().unwrap().id, user);
    assert_eq!(answer.users[0].person.as_ref().unwrap().id, ada.id);
    assert_eq!(ada.articles.len(), 2);
    assert!(ada.articles.iter().all(|article| article.author.as_ref().unwrap().id == ada.id));
}

#[tokio::test]
async fn a_link_with_cascade_takes_its_source_along_and_another_is_only_cut() {
    let studio = Studio::start().await;
    let (article, chapter) = (Id::<Article>::new(), Id::<Chapter>::new());
    let new = NewChapter { heading: "One".into(), article: article.into() };
    let write = (
        tx::articles(article).create(NewArticle { number: 1.0 }).link_author(studio.ada),
        tx::chapters(chapter).create(new),
    );
    studio.db.transact(write).await.unwrap();

    // `articles.author` does not cascade.
    studio.db.transact(tx::people(studio.ada).delete()).await.unwrap();
    let answer = studio.db.query(query! { articles: { author: {} }, chapters: {} }).await.unwrap();
    assert_eq!((answer.articles.len(), answer.chapters.len()), (1, 1));
    assert_eq!(answer.articles[0].author, None);

    // `chapters.article` does.
    studio.db.transact(tx::articles(article).delete()).await.unwrap();
    let answer = studio.db.query(query! { articles: {}, chapters: {} }).await.unwrap();
    assert_eq!((answer.articles.len(), answer.chapters.len()), (0, 0));
}

#[tokio::test]
async fn a_new_person_is_made_by_lookup_once() {
    let (_server, db) = instant_tests::start(studio::SCHEMA).await;
    for name in ["Grace", "Grace Hopper"] {
        let grace = studio::people::by_email("grace@example.com");
        let new = NewPerson { email: "grace@example.com".into() };
        db.transact(tx::people(grace).upsert(new).name(name)).await.unwrap();
    }
    let answer = db.query(query! { people: {} }).await.unwrap();
    let people: &[Person] = &answer.people;
    assert_eq!(each!(people, name), [Some("Grace Hopper".to_owned())]);
}
