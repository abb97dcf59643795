//! The floors that ARCHITECTURE.md draws: each module of a crate stands above all siblings that it needs.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::needs;
use crate::modules::Crate;

/// What is wrong with the line that draws `of`: `a b < c`, lowest floor first.
pub fn mistakes(line: &str, of: &Crate) -> Vec<String> {
    let mut floors: BTreeMap<&str, usize> = BTreeMap::new();
    let mut mistakes = Vec::new();
    for (floor, modules) in line.split('<').enumerate() {
        for module in modules.split_whitespace() {
            if floors.insert(module, floor).is_some() {
                mistakes.push(format!("`{module}` is drawn twice"));
            }
        }
    }
    let modules = of.modules.keys().filter_map(|path| path.first()).map(String::as_str);
    // What generated code names is not a floor: it only re-exports items.
    let modules: BTreeSet<&str> = modules.filter(|name| !name.starts_with("__")).collect();
    mistakes.extend(
        floors.keys().filter(|name| !modules.contains(*name)).map(|name| format!("there is no `{name}`")),
    );
    mistakes.extend(
        modules.iter().filter(|name| !floors.contains_key(*name)).map(|name| format!("add `{name}`")),
    );
    for ((from, to), (module, path)) in needs(of) {
        if let (Some(above), Some(below)) = (floors.get(from.as_str()), floors.get(to.as_str()))
            && above <= below
        {
            mistakes.push(format!(
                "draw `{from}` above `{to}`, which it needs: {} names {}",
                module.join("::"),
                path.join("::")
            ));
        }
    }
    mistakes
}
