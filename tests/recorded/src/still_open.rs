//! The steps whose differences are known and being mended: `open.json`, the names of steps by scenario. The list only
//! ever gets shorter.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::json::{Json, read};

#[derive(Debug, Default)]
pub struct StillOpen(BTreeMap<String, BTreeSet<String>>);

impl StillOpen {
    /// No file, nothing open.
    pub fn read(path: &Path) -> Result<Self, String> {
        let at = |wrong: String| format!("{}: {wrong}", path.display());
        if !path.exists() {
            return Ok(Self::default());
        }
        let json = read(&fs::read(path).map_err(|error| at(error.to_string()))?).map_err(at)?;
        let steps = |steps: &Json| steps.as_list().unwrap_or_default().iter().map(Json::plain).collect();
        let scenarios = json.as_object().into_iter().flatten();
        Ok(Self(scenarios.map(|(scenario, names)| (scenario.clone(), steps(names))).collect()))
    }

    pub fn covers(&self, scenario: &str, step: &str) -> bool {
        self.0.get(scenario).is_some_and(|steps| steps.contains(step))
    }

    /// Keeps of one scenario only the steps that still differ, and returns how many are left out.
    pub fn shorten(&mut self, scenario: &str, differing: &BTreeSet<&str>) -> usize {
        let Some(steps) = self.0.get_mut(scenario) else { return 0 };
        let before = steps.len();
        steps.retain(|step| differing.contains(step.as_str()));
        let left_out = before - steps.len();
        self.0.retain(|_, steps| !steps.is_empty());
        left_out
    }

    /// One line for each scenario.
    pub fn write(&self, path: &Path) -> Result<(), String> {
        let line = |(scenario, steps): (&String, &BTreeSet<String>)| {
            let steps = Json::List(steps.iter().map(Json::text).collect());
            format!("  {}: {steps}", Json::text(scenario))
        };
        let lines: Vec<String> = self.0.iter().map(line).collect();
        let text = format!("{{\n{}\n}}\n", lines.join(",\n"));
        fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
    }
}
