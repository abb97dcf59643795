//! Replays scenarios, some at a time.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::compare::{Class, Difference, compare};
use crate::json::Json;
use crate::pairing::Pairing;
use crate::run::Run;
use crate::scenario::Scenario;

/// What came of a scenario.
pub struct Replayed {
    pub scenario: Scenario,
    /// Each with the step in which it shows; `*` where the server was lost.
    pub differences: Vec<(String, Difference)>,
}

/// Gives each scenario to `take` when it is done, in the order in which they get done.
pub async fn replay_all(scenarios: Vec<Scenario>, url: &str, jobs: usize, mut take: impl FnMut(Replayed)) {
    let waiting = Arc::new(Mutex::new(VecDeque::from(scenarios)));
    let (done, mut results) = mpsc::channel(1);
    let mut workers = JoinSet::new();
    for _ in 0..jobs.max(1) {
        let (waiting, done, url) = (Arc::clone(&waiting), done.clone(), url.to_owned());
        workers.spawn(async move {
            let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            while let Some(scenario) = next() {
                let differences = replay(&scenario, &url).await;
                // The receiver is gone if the program ends.
                if done.send(Replayed { scenario, differences }).await.is_err() {
                    break;
                }
            }
        });
    }
    drop(done);
    while let Some(replayed) = results.recv().await {
        take(replayed);
    }
    // Panics if one of them did.
    workers.join_all().await;
}

async fn replay(scenario: &Scenario, url: &str) -> Vec<(String, Difference)> {
    let mut found = Vec::new();
    let given_up = |seen: usize, why: String| {
        let left = scenario.steps.len() - seen;
        let recorded = Json::Text(format!("{left} more steps"));
        let got = Json::Text(format!("given up: {why}"));
        ("*".to_owned(), Difference { class: Class::Status, path: "$".to_owned(), recorded, got })
    };
    let mut pairing = Pairing::default();
    let mut run = match Run::start(scenario, url).await {
        Ok(run) => run,
        Err(why) => return vec![given_up(0, why)],
    };
    for (seen, step) in scenario.steps.iter().enumerate() {
        match run.answer(step).await {
            Ok(answer) => {
                let differences = compare(step, &answer, &mut pairing);
                let differences = differences.into_iter().filter(|_| !step.unstable);
                found.extend(differences.map(|difference| (step.id.clone(), difference)));
            }
            Err(why) => {
                found.push(given_up(seen, why));
                break;
            }
        }
    }
    found
}
