//! The differences that are meant: `accepted.json`, a list of `{scenario, step, path, why}`, the first three with `*`
//! for any text.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::json::{Json, read};

#[derive(Debug, Default)]
pub struct Accepted {
    lines: Vec<Line>,
    used: BTreeSet<usize>,
}

#[derive(Debug)]
struct Line {
    scenario: String,
    step: String,
    path: String,
}

impl Accepted {
    /// Every line says why.
    pub fn read(path: &Path) -> Result<Self, String> {
        let at = |wrong: String| format!("{}: {wrong}", path.display());
        let bytes = fs::read(path).map_err(|error| at(error.to_string()))?;
        let json = read(&bytes).map_err(at)?;
        let lines = json.as_list().ok_or_else(|| at("not a list".to_owned()))?;
        let lines = lines.iter().map(|line| {
            Line::from_json(line)
                .ok_or_else(|| at(format!("a line needs scenario, step, path and why: {line}")))
        });
        Ok(Self { lines: lines.collect::<Result<_, _>>()?, used: BTreeSet::new() })
    }

    pub fn covers(&mut self, scenario: &str, step: &str, path: &str) -> bool {
        let covering = self.lines.iter().position(|line| {
            fits(&line.scenario, scenario) && fits(&line.step, step) && fits(&line.path, path)
        });
        self.used.extend(covering);
        covering.is_some()
    }

    /// The lines about some of these scenarios that covered nothing.
    pub fn unused(&self, scenarios: &BTreeSet<String>) -> Vec<String> {
        let unused = self.lines.iter().enumerate().filter(|(n, line)| {
            !self.used.contains(n) && scenarios.iter().any(|scenario| fits(&line.scenario, scenario))
        });
        unused.map(|(_, line)| format!("{} {} {}", line.scenario, line.step, line.path)).collect()
    }
}

impl Line {
    fn from_json(line: &Json) -> Option<Self> {
        let said = |key| line.get(key)?.as_text().filter(|text| !text.is_empty()).map(str::to_owned);
        said("why")?;
        Some(Self { scenario: said("scenario")?, step: said("step")?, path: said("path")? })
    }
}

/// Whether a text is what a pattern says, in which `*` stands for any text.
pub fn fits(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(text) = text.strip_prefix(start) else { return false };
    (0..=text.len()).filter(|at| text.is_char_boundary(*at)).any(|at| fits(rest, &text[at..]))
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_star_stands_for_any_text() {
        assert!(
            fits("a-*", "a-") && fits("*", "") && fits("$.a[*].b?", "$.a[12].b?") && fits("*-é*", "a-éb")
        );
        assert!(!fits("a-*", "b-a-") && !fits("$.b?", "$.bc") && !fits("a", "ab") && !fits("*a", "ab"));
    }
}
