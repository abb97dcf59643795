//! Random rules, data and transactions: the backend allows, denies and writes what a slow, plain reading of the rules says.
//!
//! `INSTANT_SEEDS=5000-6000` tries other seeds than those of every run. A failure names its seed.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[path = "../common/mod.rs"]
mod common;
mod reading;
mod rule;
mod state;
mod step;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use common::{Backend, Random, answer, attribute};
use reading::{Expected, Reading};
use reqwest::StatusCode;
use rule::Rules;
use serde_json::{Value, json};
use state::{BOXES, ITEMS, Id, LINKS, State, USERS};
use step::Step;

/// Seeds of every run.
const SEEDS: std::ops::Range<u64> = 1..40;
/// Transactions on the app of one seed.
const TRANSACTIONS: usize = 25;

async fn backend(rules: &Value) -> Backend {
    let number = || json!({ "attrs": { "n": attribute("number", "") }, "links": {} });
    let link = |label: &str, has: &str, target: &str, reverse: &str, on_delete: Value| {
        let mut forward = json!({ "on": "items", "has": has, "label": label });
        forward.as_object_mut().unwrap().extend(on_delete.as_object().unwrap().clone());
        json!({ "forward": forward, "reverse": { "on": target, "has": "many", "label": reverse } })
    };
    let schema = json!({
        "entities": { "items": number(), "boxes": number(), "$users": { "attrs": {}, "links": {} } },
        "links": {
            "box": link("box", "one", "boxes", "items", json!({ "onDelete": "cascade" })),
            "owner": link("owner", "one", "$users", "items", json!({})),
            "friends": link("friends", "many", "items", "friendOf", json!({})),
        },
        "rooms": {},
    });
    let backend = Backend::with_schema(&schema).await;
    let users = json!([
        ["create", "$users", USERS[0], { "email": "ada@b.co" }],
        ["create", "$users", USERS[1], { "email": "bea@b.co" }],
    ]);
    assert_eq!(backend.transact(users).await.0, StatusCode::OK);
    let path = format!("/dash/apps/{}/rules", backend.app);
    let (status, body) = answer(backend.post(&path, &json!({ "code": rules }))).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    backend
}

/// What the backend has, as the plain reading keeps it.
async fn stored(backend: &Backend) -> State {
    let read = |tx: &instant_local::store::ReadTx<'_>| {
        let mut state = State::default();
        let uuid = |id: Id| uuid::Uuid::parse_str(id).unwrap();
        let users = USERS.iter().map(|id| ("$users", *id));
        let own = ITEMS.iter().map(|id| ("items", *id)).chain(BOXES.iter().map(|id| ("boxes", *id)));
        for (etype, id) in own.chain(users) {
            if tx.find(tx.catalog().id_attr(etype).unwrap(), &json!(id))?.is_some() {
                state.ids.insert((etype, id));
            }
            if let Some(attr) = tx.catalog().forward(etype, "n")
                && let Some(n) = tx.value(attr, uuid(id))?
            {
                state.n.insert((etype, id), n.as_i64().unwrap());
            }
        }
        for (label, ..) in LINKS {
            let attr = tx.catalog().forward("items", label).unwrap();
            for item in ITEMS {
                for target in tx.links(attr, instant_schema::Direction::Forward, uuid(item))? {
                    let all = ITEMS.iter().chain(&BOXES).chain(&USERS);
                    let target = all.copied().find(|id| uuid(id) == target).unwrap();
                    state.links.insert((label, item, target));
                }
            }
        }
        Ok(state)
    };
    backend.server.store().read(backend.app, read).await.unwrap()
}

/// Runs random transactions on an app with random rules, and returns what went how often.
async fn compare(seed: u64) -> [usize; 4] {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let rules = Rules::random(&mut random);
    let backend = backend(&rules.to_json()).await;
    let mut state = stored(&backend).await;
    let mut counts = [0; 4];
    for number in 0..TRANSACTIONS {
        let steps: Vec<Step> = (0..=random.next(4)).map(|_| Step::random(&mut random)).collect();
        let json: Value = steps.iter().map(Step::to_json).collect();
        // The administrator brings variety into what the rules see.
        if random.next(4) == 0 {
            backend.transact(json).await;
            state = stored(&backend).await;
            continue;
        }
        let caller = (random.next(3) > 0).then_some(USERS[0]);
        let ask = |path: &str, body: Value| {
            let request = backend.post(path, &body);
            answer(match caller {
                Some(_) => request.header("as-email", "ada@b.co"),
                None => request.header("as-guest", "true"),
            })
        };
        let reading = Reading::new(&rules, caller, &state, &steps);
        let expected = reading.expected(&steps);
        let mut what =
            format!("seed {seed}, transaction {number} of {caller:?}: {json}\non {state:#?}\nunder ");
        let _ = write!(what, "{:#}\nexpected {expected:?}", rules.to_json());
        let (_, checked) = ask("/admin/transact_perms_check", json!({ "steps": json })).await;
        if let Expected::Done(after) = &expected {
            let asked = reading.asked(None).into_iter().chain(reading.asked(Some(after)));
            let asked: BTreeSet<String> =
                asked.map(|(action, etype, id, _)| format!("{action} {etype} {id}")).collect();
            let results = checked["check-results"].as_array().unwrap_or_else(|| panic!("{what}\n{checked}"));
            let shown = |one: &Value| {
                let text = |key: &str| one[key].as_str().unwrap().to_owned();
                format!("{} {} {}", text("action"), text("etype"), text("eid"))
            };
            assert_eq!(results.iter().map(shown).collect::<BTreeSet<_>>(), asked, "{what}\n{checked:#}");
            assert_eq!(checked["all-checks-ok?"], true, "{what}\n{checked:#}");
        }
        assert_eq!(stored(&backend).await, state, "a trial wrote something: {what}");
        let (status, body) = ask("/admin/transact", json!({ "steps": json })).await;
        let what = format!("{what}\ngot {body}");
        match &expected {
            Expected::Done(after) => {
                assert_eq!(status, StatusCode::OK, "{what}");
                assert_eq!(stored(&backend).await, *after, "{what}");
                state = after.clone();
                counts[0] += 1;
            }
            Expected::Denied(etypes) => {
                assert_eq!(body["type"], "permission-denied", "{what}");
                assert!(etypes.contains(body["hint"]["input"][0].as_str().unwrap()), "{what}");
                counts[1] += 1;
            }
            Expected::Broken => {
                assert_eq!(body["type"], "permission-evaluation-failed", "{what}");
                counts[2] += 1;
            }
            Expected::Invalid => {
                assert_eq!(body["type"], "validation-failed", "{what}");
                counts[3] += 1;
            }
        }
        assert_eq!(stored(&backend).await, state, "{what}");
    }
    counts
}

#[tokio::test]
async fn transactions_are_allowed_denied_and_written_as_the_rules_read() {
    let seeds = std::env::var("INSTANT_SEEDS").ok().map_or(SEEDS, |seeds| {
        let (from, to) = seeds.split_once('-').unwrap();
        from.parse().unwrap()..to.parse().unwrap()
    });
    let mut counts = [0; 4];
    for seed in seeds {
        let more = compare(seed).await;
        counts.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
    }
    println!("done {}, denied {}, broken {}, invalid {}", counts[0], counts[1], counts[2], counts[3]);
    assert!(counts.iter().all(|count| *count > 0), "{counts:?}");
}
