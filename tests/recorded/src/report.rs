//! Counts, prints and writes the differences.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::Instant;

use crate::accepted::Accepted;
use crate::compare::Difference;
use crate::json::{Json, Object};
use crate::replay::Replayed;

/// The longest value that is printed, in characters. The report has all of it.
const LONGEST: usize = 300;

pub struct Report {
    began: Instant,
    accepted: Accepted,
    replayed: BTreeSet<String>,
    areas: BTreeMap<String, Counts>,
    /// All that are not accepted, by scenario.
    differences: BTreeMap<String, Vec<Json>>,
}

/// Numbers of steps.
#[derive(Default)]
struct Counts {
    scenarios: usize,
    passed: usize,
    unstable: usize,
    accepted: usize,
    differ: usize,
}

impl Report {
    pub fn new(accepted: Accepted) -> Self {
        Self {
            began: Instant::now(),
            accepted,
            replayed: BTreeSet::new(),
            areas: BTreeMap::new(),
            differences: BTreeMap::new(),
        }
    }

    pub fn take(&mut self, replayed: &Replayed) {
        let scenario = &replayed.scenario;
        self.replayed.insert(scenario.name.clone());
        let mut meant = BTreeSet::new();
        let mut differing = BTreeSet::new();
        for (step, difference) in &replayed.differences {
            if self.accepted.covers(&scenario.name, step, &difference.path) {
                meant.insert(step.as_str());
                continue;
            }
            differing.insert(step.as_str());
            print(&scenario.name, step, difference);
            let listed = self.differences.entry(scenario.name.clone()).or_default();
            listed.push(as_json(&scenario.name, step, difference));
        }
        let area = scenario.name.split('-').next().unwrap_or_default();
        let counts = self.areas.entry(area.to_owned()).or_default();
        counts.scenarios += 1;
        let lost = differing.contains("*");
        for step in &scenario.steps {
            let id = step.id.as_str();
            if differing.contains(id) || (lost && !meant.contains(id)) {
                counts.differ += 1;
            } else if meant.contains(id) {
                counts.accepted += 1;
            } else if step.unstable {
                counts.unstable += 1;
            } else {
                counts.passed += 1;
            }
        }
    }

    /// Writes all differences that are not accepted.
    pub fn write(&self, path: &Path) -> Result<(), String> {
        let lines: Vec<String> = self.differences.values().flatten().map(Json::to_string).collect();
        let text = format!("[\n{}\n]\n", lines.join(",\n"));
        fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// Prints the counts, and returns whether all is as it is meant to be. If `is_whole`, each line about an accepted
    /// difference must have covered one.
    pub fn finish(&self, is_whole: bool) -> bool {
        let unused = if is_whole { self.accepted.unused(&self.replayed) } else { Vec::new() };
        for line in &unused {
            println!("accepted.json accepts nothing with this line; remove it: {line}");
        }
        for (area, counts) in &self.areas {
            println!("{area}: {}", counts.line());
        }
        let sum = |count: fn(&Counts) -> usize| self.areas.values().map(count).sum();
        let all = Counts {
            scenarios: sum(|counts| counts.scenarios),
            passed: sum(|counts| counts.passed),
            unstable: sum(|counts| counts.unstable),
            accepted: sum(|counts| counts.accepted),
            differ: sum(|counts| counts.differ),
        };
        println!("all: {}, {:.1} s", all.line(), self.began.elapsed().as_secs_f64());
        all.differ == 0 && unused.is_empty()
    }
}

impl Counts {
    fn line(&self) -> String {
        let Self { scenarios, passed, unstable, accepted, differ } = self;
        let steps = passed + unstable + accepted + differ;
        format!(
            "{scenarios} scenarios, {steps} steps: {passed} passed, {unstable} unstable, {accepted} accepted, \
             {differ} differ"
        )
    }
}

fn print(scenario: &str, step: &str, difference: &Difference) {
    let Difference { class, path, recorded, got } = difference;
    let (recorded, got) = (shortened(recorded), shortened(got));
    println!("{scenario}  {step}  {path}  ({class})\n    recorded  {recorded}\n    got       {got}");
}

fn shortened(value: &Json) -> String {
    let text = value.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn as_json(scenario: &str, step: &str, difference: &Difference) -> Json {
    let members = [
        ("scenario", Json::text(scenario)),
        ("step", Json::text(step)),
        ("class", Json::Text(difference.class.to_string())),
        ("path", Json::text(&difference.path)),
        ("recorded", difference.recorded.clone()),
        ("got", difference.got.clone()),
    ];
    Json::Object(members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<Object>())
}
