//! Renames and deletions that are asked for, what a plan says of them, and the way back.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

mod server;

use instant_schema::plan::{Changes, Plan, PlanOptions, PlanStep, plan, plan_with, undo};
use instant_schema::{Attr, Problems, Schema, catalog};
use serde_json::json;
use server::applied;

const BACKGROUND: PlanOptions = PlanOptions { check_types: true, background_updates: true };

/// Posts with a title and a required slug, written by authors, whose posts go with them.
fn old() -> Schema {
    schema("title", "author")
}

fn schema(title: &str, author: &str) -> Schema {
    let attr =
        json!({ "valueType": "string", "required": false, "config": { "indexed": true, "unique": false } });
    let slug = json!({ "valueType": "string", "required": true });
    let text = json!({
        "entities": { "posts": { "attrs": { title: attr, "slug": slug } }, "authors": { "attrs": { "name": attr } } },
        "links": { "x": { "forward": { "on": "posts", "has": "one", "label": author, "onDelete": "cascade" },
                          "reverse": { "on": "authors", "has": "many", "label": "posts" } } },
    });
    Schema::from_json(&text.to_string()).unwrap()
}

/// A server that has what `schema` says.
fn server(schema: &Schema) -> Vec<Attr> {
    let steps = plan(schema, catalog::attrs(), PlanOptions::default()).unwrap();
    let added = steps.into_iter().filter_map(|step| match step {
        PlanStep::AddAttr(attr) => Some(attr),
        _ => None,
    });
    catalog::attrs().iter().cloned().chain(added).collect()
}

fn planned(
    schema: &Schema,
    server: &[Attr],
    renames: &[(&str, &str)],
    deletions: &[&str],
) -> Result<Plan, Problems> {
    let mut changes = Changes::default();
    for (from, to) in renames {
        changes.rename(*from, *to);
    }
    for name in deletions {
        changes.delete(*name);
    }
    plan_with(schema, server, BACKGROUND, &changes)
}

fn lines(plan: &Plan) -> Vec<String> {
    plan.changes.iter().map(ToString::to_string).collect()
}

#[test]
fn changes_read_as_sentences() {
    let plan = planned(&old(), catalog::attrs(), &[], &[]).unwrap();
    assert_eq!(
        lines(&plan),
        [
            "create entity `posts`",
            "create entity `authors`",
            "create `posts.title` (string, indexed)",
            "create `posts.slug` (string, required)",
            "create `authors.name` (string, indexed)",
            "create link `posts.author` to `authors.posts` (has one, reverse has many, cascades)",
        ]
    );
    assert_eq!(planned(&old(), &server(&old()), &[], &[]).unwrap().changes, []);
}

#[test]
fn a_rename_keeps_the_attribute_its_identities_and_its_cascade() {
    let before = server(&old());
    let plan = planned(
        &schema("headline", "writer"),
        &before,
        &[("posts.title", "posts.headline"), ("posts.author", "posts.writer")],
        &[],
    )
    .unwrap();
    assert_eq!(
        lines(&plan),
        ["rename `posts.title` to `posts.headline`", "rename `posts.author` to `posts.writer`"]
    );
    assert_eq!(plan.beyond, []);
    let PlanStep::UpdateAttr(link) = &plan.steps[1] else { panic!("{plan:?}") };
    let author = before.iter().find(|attr| attr.forward_identity.label() == "author").unwrap();
    assert_eq!((link.id, link.forward_identity.as_ref().unwrap().0), (author.id, author.forward_identity.0));
    assert_eq!(link.on_delete.as_deref(), Some("cascade"));
}

#[test]
fn a_link_is_renamed_on_either_side() {
    let mut new = old();
    new.links["x"].reverse.label = "articles".to_owned();
    let plan = planned(&new, &server(&old()), &[("authors.posts", "authors.articles")], &[]).unwrap();
    assert_eq!(lines(&plan), ["rename `authors.posts` to `authors.articles`"]);
}

#[test]
fn a_rename_may_also_change_the_attribute() {
    let mut new = schema("headline", "author");
    new.entities["posts"].attributes["headline"].unique = true;
    let plan = planned(&new, &server(&old()), &[("posts.title", "posts.headline")], &[]).unwrap();
    assert_eq!(lines(&plan), ["rename `posts.title` to `posts.headline`", "make `posts.headline` unique"]);
}

#[test]
fn without_a_rename_the_old_name_is_beyond_the_schema() {
    let plan = planned(&schema("headline", "author"), &server(&old()), &[], &[]).unwrap();
    assert_eq!(lines(&plan), ["create `posts.headline` (string, indexed)"]);
    let beyond: Vec<String> = plan.beyond.iter().map(ToString::to_string).collect();
    assert_eq!(beyond, ["`posts.title`"]);
}

#[test]
fn a_required_attribute_beyond_the_schema_is_said_to_block_creation() {
    let mut new = old();
    new.entities["posts"].attributes.shift_remove("slug");
    let plan = planned(&new, &server(&old()), &[], &[]).unwrap();
    assert!(plan.beyond[0].blocks_creation);
    assert_eq!(
        plan.beyond[0].to_string(),
        "`posts.slug`, which the server requires: `posts` cannot be created by this schema"
    );
}

#[test]
fn deletions_are_apart_from_the_steps_and_an_entity_goes_with_all_it_has() {
    let mut new = old();
    new.entities["posts"].attributes.shift_remove("slug");
    let plan = planned(&new, &server(&old()), &[], &["posts.slug"]).unwrap();
    assert_eq!(
        (lines(&plan), plan.steps.len(), plan.deletions.len()),
        (vec!["delete `posts.slug`".to_owned()], 0, 1)
    );
    assert_eq!(plan.beyond, []);

    new.entities.shift_remove("authors");
    new.links.clear();
    let plan = planned(&new, &server(&old()), &[], &["authors", "posts.slug"]).unwrap();
    assert_eq!(
        lines(&plan),
        ["delete `authors.name`", "delete `posts.author`", "delete entity `authors`", "delete `posts.slug`"]
    );
}

#[test]
fn wrong_changes_are_refused_together() {
    let refused = |renames: &[(&str, &str)], deletions: &[&str]| {
        planned(&schema("headline", "author"), &server(&old()), renames, deletions).unwrap_err().to_string()
    };
    for (rename, message) in [
        (("posts.titel", "posts.headline"), "the server has no `posts.titel`; did you mean `posts.title`?"),
        (
            ("posts.title", "posts.heading"),
            "`posts.title` cannot be renamed to `posts.heading`: the schema has no `posts.heading`; add it there",
        ),
        (
            ("posts.title", "authors.name"),
            "an attribute stays on its entity; write `posts.` and the new label",
        ),
        (
            ("posts.slug", "posts.headline"),
            "`posts.slug` cannot be renamed: the schema still has it; remove it there",
        ),
        (("posts.title", "posts.slug"), "the server has `posts.slug` already"),
        (("posts.id", "posts.key"), "`posts.id` is the server's own and cannot be renamed or deleted"),
        (("$users.email", "$users.mail"), "`$users.email` is the server's own"),
    ] {
        let refusal = refused(&[rename], &[]);
        assert!(refusal.replace(": did you mean", "; did you mean").contains(message), "{refusal}");
    }
    let refusal =
        refused(&[], &["posts.slug", "posts", "authors.x", "$users", "posts.author", "authors.posts"]);
    let all: Vec<&str> = refusal.lines().collect();
    assert!(all[0].contains("`posts.slug` cannot be deleted: the schema still has it"), "{refusal}");
    assert!(refusal.contains("`posts` cannot be deleted") && refusal.contains("no `authors.x`"), "{refusal}");
    assert!(
        refusal.contains("no `$users`") && refusal.contains("`authors.posts` cannot be deleted"),
        "{refusal}"
    );
}

#[test]
fn undoing_steps_leads_back_to_what_was_there() {
    let before = server(&old());
    let mut new = schema("headline", "writer");
    new.entities["posts"].attributes["headline"].unique = true;
    new.entities["posts"].attributes["slug"].required = false;
    new.links["x"].forward.cascade = false;
    new.links["x"].reverse.has = instant_schema::Has::One;
    let renames = [("posts.title", "posts.headline"), ("posts.author", "posts.writer")];
    let done = planned(&new, &before, &renames, &[]).unwrap().steps;
    let back = undo(&done, &before);
    let after = applied(&applied(&before, &done), &back);
    let by_id = |mut attrs: Vec<Attr>| {
        attrs.sort_by_key(|attr| attr.id);
        attrs
    };
    assert_eq!(by_id(after), by_id(before));
}
