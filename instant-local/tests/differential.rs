//! The backend beside a naive model: random schemas, rules, transactions and queries give the same results.
//!
//! The model keeps plain maps and tries everything (`differential/`). A failure prints its seed; `INSTANT_TEST_SEED`
//! repeats that round alone, and `INSTANT_TEST_ROUNDS` says how many rounds to play.

#![allow(clippy::unwrap_used, reason = "a test's surroundings fail by panicking")]

mod common;
mod differential {
    pub mod answers;
    pub mod conditions;
    pub mod dice;
    pub mod generate;
    pub mod rules;
    pub mod schema;
    pub mod world;
}

use common::{Backend, answer};
use differential::answers::{Answers, Page};
use differential::conditions::Sees;
use differential::dice::Dice;
use differential::generate::{self, Pool};
use differential::rules::Rules;
use differential::schema::Schema;
use differential::world::World;
use instant_local::Server;
use instant_local::instaql::{self, Answer, Options};
use reqwest::StatusCode;
use serde_json::{Map, Value, json};
use uuid::Uuid;

const ROUNDS: u64 = 60;
const TRANSACTIONS: usize = 25;
const QUERIES: usize = 45;

/// One app, and the model of it.
struct Round {
    backend: Backend,
    world: World,
    rules: Rules,
    pool: Pool,
    /// The id and the token of each user.
    users: Vec<(Uuid, String)>,
    dice: Dice,
}

#[tokio::test]
async fn random_apps_do_what_the_model_does() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seeds = match number("INSTANT_TEST_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("INSTANT_TEST_ROUNDS").unwrap_or(ROUNDS),
    };
    let mut tally = Tally::default();
    for seed in seeds.clone() {
        // The test runner shows it where the round fails.
        println!("INSTANT_TEST_SEED={seed}");
        play(seed, &mut tally).await;
    }
    println!("{tally:?}");
    if seeds.end - seeds.start >= ROUNDS {
        // Cases that say nothing would prove nothing.
        let Tally { accepted, refused, found, empty, hidden } = tally;
        assert!(accepted > refused && 10 * refused > accepted, "{tally:?}");
        assert!(2 * found > empty && 5 * hidden > found, "{tally:?}");
    }
}

/// What the cases were.
#[derive(Debug, Default)]
struct Tally {
    /// Transactions.
    accepted: usize,
    refused: usize,
    /// Queries that find something, and that find nothing.
    found: usize,
    empty: usize,
    /// Queries whose answer the rules made smaller.
    hidden: usize,
}

async fn play(seed: u64, tally: &mut Tally) {
    let mut round = Round::begin(seed).await;
    for nth in 0..TRANSACTIONS {
        round.transact(tally).await;
        if nth % 5 == 4 {
            round.compare_all().await;
        }
    }
    for nth in 0..QUERIES {
        match nth % 5 {
            0 => round.page(tally).await,
            1 => round.count().await,
            2 | 3 if !round.pool.dangling => round.scoped_query(tally).await,
            _ => round.query(tally).await,
        }
    }
}

impl Tally {
    fn count(&mut self, found: bool) {
        if found { self.found += 1 } else { self.empty += 1 }
    }
}

impl Round {
    async fn begin(seed: u64) -> Self {
        let mut dice = Dice::of(seed);
        let schema = Schema::random(&mut dice);
        let rules = if dice.chance(60) { Rules::random(&mut dice, &schema) } else { Rules::default() };
        println!("{}", json!(schema.links.iter().map(|link| format!("{link:?}")).collect::<Vec<_>>()));
        let server = Server::builder().in_memory().schema(schema.json().to_string());
        let backend = Backend::of(server.rules(rules.json().to_string()).start().await.unwrap());
        let mut users = Vec::new();
        for email in ["ada@example.com", "bob@example.com"] {
            let (_, body) = answer(backend.post("/admin/refresh_tokens", &json!({ "email": email }))).await;
            let text = |key: &str| body["user"][key].as_str().unwrap().to_owned();
            users.push((text("id").parse().unwrap(), text("refresh_token")));
        }
        // What users see of an id without an entity is no part of the model.
        let dangling = dice.chance(20);
        let ids = users.iter().map(|(id, _)| *id).collect();
        let pool = Pool::random(&mut dice, &schema, ids, dangling);
        Self { backend, world: World::new(schema), rules, pool, users, dice }
    }

    async fn transact(&mut self, tally: &mut Tally) {
        let steps = generate::steps(&mut self.dice, &self.world, &self.pool);
        println!("{}", json!(steps));
        let expected = self.world.transact(&steps);
        let (status, body) = self.backend.transact(json!(steps)).await;
        match expected {
            Ok(()) => {
                tally.accepted += 1;
                assert_eq!(status, StatusCode::OK, "{body} for {}", json!(steps));
            }
            Err(refused) => {
                tally.refused += 1;
                assert_eq!(status, StatusCode::BAD_REQUEST, "{}: {body} for {}", refused.0, json!(steps));
            }
        }
    }

    /// Compares everything there is.
    async fn compare_all(&self) {
        let schema = &self.world.schema;
        let mut query = Map::new();
        for entity in &schema.entities {
            let links = schema
                .labels(&entity.name)
                .into_iter()
                .map(|label| (label, json!({ "$": { "fields": [] } })));
            query.insert(entity.name.clone(), links.collect());
        }
        self.compare(&Value::Object(query), false).await;
    }

    async fn query(&mut self, tally: &mut Tally) {
        let mut query = Map::new();
        for _ in 0..self.dice.from(1, 2) {
            let (etype, form) = self.form();
            query.insert(etype, form);
        }
        let inference = self.dice.chance(50);
        tally.count(self.compare(&Value::Object(query), inference).await);
    }

    /// A page, maybe between cursors.
    async fn page(&mut self, tally: &mut Tally) {
        let (etype, mut form) = self.form();
        let order = form["$"].get("order").cloned().unwrap_or_else(|| json!({ "serverCreatedAt": "asc" }));
        for (name, inclusive) in [("after", "afterInclusive"), ("before", "beforeInclusive")] {
            let rows = self.world.ids(&etype).len();
            if rows == 0 || self.dice.chance(50) {
                continue;
            }
            let options = json!({ "order": order, "limit": 1, "offset": self.dice.below(rows) });
            let info = self.run(&json!({ &etype: { "$": options } })).await.page_info;
            form["$"][name] = info[&etype]["start-cursor"].clone();
            if self.dice.chance(30) {
                form["$"][inclusive] = json!(true);
            }
        }
        tally.count(self.compare(&json!({ &etype: form }), false).await);
    }

    async fn count(&mut self) {
        let (etype, _) = self.form();
        let mut options = json!({ "aggregate": "count" });
        if self.dice.chance(80) {
            options["where"] = generate::plain_filter(&mut self.dice, &self.world.schema, &self.pool, &etype);
        }
        let query = json!({ &etype: { "$": options } });
        let answer = self.run(&query).await;
        let expected = self.answers(None, false).count(&etype, &options);
        assert_eq!(answer.aggregate[&etype], json!({ "count": expected }), "{query}");
    }

    /// A query of a user or a guest, to whom the rules apply.
    async fn scoped_query(&mut self, tally: &mut Tally) {
        let (etype, form) = self.form();
        let query = json!({ &etype: form });
        let inference = self.dice.chance(50);
        let body = json!({ "query": query, "inference?": inference });
        let request =
            self.backend.bare_post("/admin/query", &body).header("app-id", self.backend.app.to_string());
        let (user, request) = match self.dice.below(3) {
            2 => (None, request.header("as-guest", "true")),
            nth => (Some(self.users[nth].0), request.header("as-token", &self.users[nth].1)),
        };
        let (status, tree) = answer(request).await;
        assert_eq!(status, StatusCode::OK, "{tree} for {query} under {}", self.rules.json());
        let sees = |etype: &str, id: Uuid, label: &str| self.rules.sees(&self.world, user, etype, id, label);
        let (expected, _) = self.answers(Some(&sees), inference).root(&etype, &query[&etype]);
        let (all, _) = self.answers(None, inference).root(&etype, &query[&etype]);
        tally.hidden += usize::from(expected != all);
        tally.count(!expected.is_empty());
        let expected = json!({ &etype: expected });
        assert_eq!(tree, expected, "{query} as {user:?} under {}", self.rules.json());
    }

    fn form(&mut self) -> (String, Value) {
        let etype = self.dice.pick(&self.world.schema.entities).name.clone();
        let form = generate::form(&mut self.dice, &self.world.schema, &self.pool, &etype, true, 2);
        (etype, form)
    }

    fn answers<'a>(&'a self, sees: Option<Sees<'a>>, inference: bool) -> Answers<'a> {
        Answers { world: &self.world, sees, inference }
    }

    /// Compares an administrator's answer. Returns whether it has anything.
    async fn compare(&self, query: &Value, inference: bool) -> bool {
        let answer = self.run_with(query, inference).await;
        let tree: Value = serde_json::from_str(&answer.tree).unwrap();
        let answers = self.answers(None, inference);
        let mut found = false;
        for (etype, form) in query.as_object().unwrap() {
            let (list, page) = answers.root(etype, form);
            found |= !list.is_empty();
            assert_eq!(tree[etype], Value::Array(list), "{query}");
            let info = answer.page_info.get(etype).map(|info| {
                let id = |cursor: &str| info[cursor][0].as_str().map(|id| id.parse().unwrap());
                let flag = |name: &str| info[name].as_bool().unwrap();
                let (next, previous) = (flag("has-next-page?"), flag("has-previous-page?"));
                Page { start: id("start-cursor"), end: id("end-cursor"), next, previous }
            });
            assert_eq!(info, page, "{query}");
        }
        found
    }

    async fn run(&self, query: &Value) -> Answer {
        self.run_with(query, false).await
    }

    async fn run_with(&self, query: &Value, inference: bool) -> Answer {
        let text = query.to_string();
        let query = query.clone();
        let options = move || Options { inference, ..Options::admin() };
        let read =
            self.backend.server.store().read(self.backend.app, move |tx| instaql::run(tx, &query, options()));
        read.await.unwrap_or_else(|error| panic!("{error} for {text}"))
    }
}
