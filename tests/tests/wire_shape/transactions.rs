//! Typed transactions as JSON: the steps that are sent.

use std::collections::HashMap;

use instant_admin::tx::{self as untyped, Steps, steps};
use instant_admin::{Date, Id, Null};
use instant_tests::blog::{self, NewComment, NewPost, NewTag, posts, tags, tx, users};
use serde_json::{Value, json};

fn wire(from: impl untyped::IntoSteps) -> Value {
    Steps::to_json(from).unwrap()
}

fn new_post() -> NewPost {
    NewPost { title: "Hi".into(), slug: "hi".into(), published: true }
}

#[test]
fn create_takes_the_required_attributes_then_any_other() {
    let post = Id::new();
    let step = tx::posts(post)
        .create(new_post())
        .views(1)
        .created_at(Date::from_millis(0))
        .body(Some("text"))
        .meta(json!({ "k": [1] }))
        .link_author(users::by_handle("ada"));
    assert_eq!(
        wire(step),
        json!([
            ["create", "posts", post, {
                "title": "Hi", "slug": "hi", "published": true, "views": 1,
                "createdAt": "1970-01-01T00:00:00.000Z", "body": "text", "meta": { "k": [1] }
            }],
            ["link", "posts", post, { "author": { "handle": "ada" } }],
        ])
    );
}

#[test]
fn update_is_strict_and_upsert_is_not() {
    let post = Id::new();
    assert_eq!(
        wire(tx::posts(post).update().title("New").body(Null).views(None::<f64>)),
        json!([["update", "posts", post, { "title": "New", "body": null, "views": null }, { "upsert": false }]])
    );
    assert_eq!(
        wire(tx::posts(post).upsert(new_post())),
        json!([[
            "update", "posts", post, { "title": "Hi", "slug": "hi", "published": true }, { "upsert": true }
        ]])
    );
}

#[test]
fn what_an_entity_is_looked_up_by_is_not_written_again() {
    let by_slug = || tx::posts(posts::by_slug("hi"));
    let rest = json!({ "title": "Hi", "published": true });
    assert_eq!(
        wire(by_slug().upsert(new_post())),
        json!([["update", "posts", ["slug", "hi"], rest, { "upsert": true }]])
    );
    assert_eq!(wire(by_slug().create(new_post())), json!([["create", "posts", ["slug", "hi"], rest]]));
    assert_eq!(
        wire(by_slug().update().slug("ho")),
        json!([["update", "posts", ["slug", "hi"], { "slug": "ho" }, { "upsert": false }]])
    );
}

#[test]
fn a_merge_is_strict_unless_the_chain_makes_the_entity() {
    let post = Id::new();
    let patch = || json!({ "k": null });
    assert_eq!(
        wire(tx::posts(post).merge_meta(patch())),
        json!([["merge", "posts", post, { "meta": { "k": null } }, { "upsert": false }]])
    );
    for chain in [tx::posts(post).create(new_post()), tx::posts(post).upsert(new_post())] {
        let steps = wire(chain.merge_meta(patch()));
        assert_eq!(steps[1], json!(["merge", "posts", post, { "meta": { "k": null } }, { "upsert": true }]));
    }
}

#[test]
fn what_an_earlier_step_makes_counts_as_existing() {
    let (made, other) = (Id::new(), Id::new());
    let steps = wire((
        tx::posts(made).create(new_post()),
        tx::posts(made).merge_meta(json!({ "a": 1 })),
        tx::posts(made).update().views(2),
        tx::posts(other).merge_meta(json!({ "a": 1 })),
        tx::posts(other).update().views(2),
    ));
    let upserts: Vec<_> = steps.as_array().unwrap().iter().skip(1).map(|step| &step[4]["upsert"]).collect();
    assert_eq!(upserts, [&json!(true), &json!(true), &json!(false), &json!(false)]);
}

#[test]
fn a_required_link_is_part_of_what_creates_the_entity() {
    let (comment, post) = (Id::new(), Id::new());
    assert_eq!(
        wire(tx::comments(comment).create(NewComment { post: post.into() }).text("Nice")),
        json!([
            ["create", "comments", comment, { "text": "Nice" }],
            ["link", "comments", comment, { "post": post }],
        ])
    );
    let by_slug = NewComment { post: posts::by_slug("hi").into() };
    assert_eq!(wire(tx::comments(comment).create(by_slug))[1][3], json!({ "post": { "slug": "hi" } }));
}

#[test]
fn links_to_many_take_one_or_several_targets() {
    let post = Id::<blog::Post>::new();
    let ids: Vec<Id<blog::Tag>> = vec![Id::new(), Id::new()];
    let step = tx::posts(post)
        .link_tags(&ids)
        .link_tags(tags::by_label("rust"))
        .unlink_tags([tags::by_label("old")])
        .link_comments(Vec::<Id<blog::Comment>>::new());
    assert_eq!(
        wire(step),
        json!([
            ["link", "posts", post, { "tags": [ids[0], ids[1], { "label": "rust" }] }],
            ["unlink", "posts", post, { "tags": { "label": "old" } }],
        ])
    );
}

#[test]
fn links_can_be_changed_and_entities_deleted_without_writing_attributes() {
    let (post, author) = (Id::new(), Id::new());
    assert_eq!(
        wire((
            tx::posts(post).unlink_author(author).rule_params(json!({ "secret": "s" })),
            tx::posts(posts::by_slug("old")).delete(),
            tx::users(author).link_posts(post),
        )),
        json!([
            ["unlink", "posts", post, { "author": author }],
            ["ruleParams", "posts", post, { "secret": "s" }],
            ["delete", "posts", ["slug", "old"]],
            ["link", "$users", author, { "posts": post }],
        ])
    );
}

#[test]
fn tuples_arrays_vectors_options_and_iterators_are_transactions() {
    let ids: Vec<Id<blog::Tag>> = (0..3).map(|_| Id::new()).collect();
    let labels = ["a", "b", "c"];
    let creations =
        ids.iter().zip(labels).map(|(id, label)| tx::tags(*id).create(NewTag { label: label.into() }));
    let collected = Steps::collect((
        steps(creations),
        vec![tx::tags(ids[0]).delete(), tx::tags(ids[1]).delete()],
        [tx::tags(ids[2]).update().label("z")],
        None::<instant_schema::Step>,
        untyped::raw("tags", ids[0]).update(HashMap::from([("label", "y")])),
    ))
    .unwrap();
    let actions: Vec<Value> = collected.iter().map(|step| step.to_json()[0].clone()).collect();
    assert_eq!(actions, ["create", "create", "create", "delete", "delete", "update", "update"]);
}

#[test]
fn a_number_that_is_not_finite_within_a_json_attribute_is_refused_with_its_path() {
    #[derive(serde::Serialize)]
    struct Meta {
        ratio: f64,
        marks: Vec<Option<f32>>,
    }
    let post = || tx::posts(Id::new()).update();
    let error = Steps::collect(post().meta(Meta { ratio: f64::NAN, marks: vec![] })).unwrap_err();
    assert_eq!(error.to_string(), "posts.meta.ratio: NaN is not a JSON number: write a finite one");
    let error =
        Steps::collect(post().merge_meta(Meta { ratio: 1.0, marks: vec![None, Some(f32::INFINITY)] }));
    assert_eq!(error.unwrap_err().path(), Some("posts.meta.marks[1]"));
    let error = Steps::collect(
        untyped::raw("posts", Id::<blog::Post>::new()).update(HashMap::from([("views", f64::NAN)])),
    );
    assert_eq!(error.unwrap_err().path(), Some("posts.views"));
    let fine = Steps::to_json(post().meta(Meta { ratio: 0.5, marks: vec![None] })).unwrap();
    assert_eq!(fine[0][3], json!({ "meta": { "ratio": 0.5, "marks": [null] } }));
}

#[test]
fn a_value_without_json_form_is_an_error_that_names_its_attribute() {
    let error = Steps::collect(tx::posts(Id::new()).update().views(f64::NAN)).unwrap_err();
    assert_eq!(error.to_string(), "posts.views: NaN is not a JSON number: write a finite one");
    let infinite = tx::posts(Id::new()).update().views(f64::INFINITY);
    let all =
        Steps::collect((tx::posts(Id::new()).update().views(f64::NAN), vec![Some(infinite)])).unwrap_err();
    assert_eq!(
        all.to_string(),
        "posts.views: NaN is not a JSON number: write a finite one\n\
         posts.views: inf is not a JSON number: write a finite one"
    );
    assert!(error.is_invalid_transaction());
    let error = Steps::collect(tx::posts(Id::new()).update().created_at("soon")).unwrap_err();
    assert_eq!(error.path(), Some("posts.createdAt"));
    let error = Steps::collect(tx::posts(Id::new()).rule_params(json!([1]))).unwrap_err();
    assert_eq!(
        error.to_string(),
        "posts: rule params are an object, a struct, a map or `json!({ .. })`, not `[1]`"
    );
}

#[test]
fn untyped_steps_keep_the_meaning_they_have_in_javascript() {
    let id = uuid::Uuid::nil();
    assert_eq!(
        wire((
            untyped::raw("posts", id)
                .create(json!({ "title": "T" }))
                .link(json!({ "author": { "handle": "ada" } })),
            untyped::raw("posts", untyped::lookup("slug", "hi")).merge(json!({ "meta": {} })),
            untyped::raw("posts", id).unlink(json!({ "tags": [id, { "label": "x" }] })).delete(),
        )),
        json!([
            ["create", "posts", id, { "title": "T" }],
            ["link", "posts", id, { "author": { "handle": "ada" } }],
            ["merge", "posts", ["slug", "hi"], { "meta": {} }],
            ["unlink", "posts", id, { "tags": [id, { "label": "x" }] }],
            ["delete", "posts", id],
        ])
    );
    let error = Steps::collect(untyped::raw("posts", id).link(json!({ "author": "ada" }))).unwrap_err();
    assert_eq!(
        error.to_string(),
        "posts.author: expected an id, `{ attribute: value }` or a list of those, not `\"ada\"`"
    );
    assert!(Steps::collect(untyped::raw("posts", id).update(json!("x"))).is_err());
}

#[test]
fn a_patch_sets_what_is_there_and_leaves_the_rest() {
    #[expect(clippy::option_option, reason = "nothing, null or a text")]
    struct Patch {
        title: Option<String>,
        body: Option<Option<String>>,
        views: Option<u32>,
        author: Option<Id<blog::User>>,
    }
    let (post, author) = (Id::new(), Id::new());
    let patched = |patch: Patch| {
        wire(
            tx::posts(post)
                .update()
                .set_some(patch.title, tx::Post::title)
                .set_some(patch.body, tx::Post::body)
                .set_some(patch.views, tx::Post::views)
                .set_some(patch.author, tx::Post::link_author),
        )
    };
    assert_eq!(
        patched(Patch { title: Some("Ho".into()), body: Some(None), views: None, author: Some(author) }),
        json!([
            ["update", "posts", post, { "title": "Ho", "body": null }, { "upsert": false }],
            ["link", "posts", post, { "author": author }],
        ])
    );
    assert_eq!(
        patched(Patch { title: None, body: None, views: Some(5), author: None }),
        json!([["update", "posts", post, { "views": 5 }, { "upsert": false }]])
    );
}

#[test]
fn a_new_entity_is_made_of_what_turns_into_its_values() {
    let (post, comment) = (Id::new(), Id::new());
    assert_eq!(NewPost::new("Hi", "hi", true), new_post());
    let from = (tx::comments(comment).create(NewComment::new(post)), tx::tags(Id::new()).delete());
    assert_eq!(wire(from)[1], json!(["link", "comments", comment, { "post": post }]));
}

#[test]
fn an_integer_of_any_type_is_a_number_where_it_fits() {
    let post = Id::new();
    let views = |step: tx::Post<untyped::Written>| wire(step)[0][3]["views"].clone();
    assert_eq!(views(tx::posts(post).update().views(7_u128)), json!(7));
    assert_eq!(views(tx::posts(post).update().views(-7_i128)), json!(-7));
    let error = Steps::to_json(tx::posts(post).update().views(u128::MAX)).unwrap_err().to_string();
    assert!(error.contains("posts.views") && error.contains("does not fit into 64 bits"), "{error}");
}
