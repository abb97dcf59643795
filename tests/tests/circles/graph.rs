//! Which modules need which of their siblings, and the circles among them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::modules::{Crate, Names};

/// Siblings that each need all the others, directly or through them.
#[derive(Debug)]
pub struct Circle {
    /// The module that they are in.
    parent: Names,
    pub members: Vec<String>,
    /// For each step from a member to another, a module that takes it and the path that it names.
    steps: Vec<(String, String, Names, Names)>,
}

impl fmt::Display for Circle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.parent.is_empty() {
            write!(f, "in {}: ", self.parent.join("::"))?;
        }
        f.write_str(&self.members.join(", "))?;
        for (from, to, module, path) in &self.steps {
            write!(f, "\n    {from} needs {to}: {} names {}", module.join("::"), path.join("::"))?;
        }
        Ok(())
    }
}

/// By the names of two siblings, a module at or below the first and the path with which it names the second.
pub type Edges = BTreeMap<(String, String), (Names, Names)>;

/// The circles of a crate, at every depth.
pub fn circles(of: &Crate) -> Vec<Circle> {
    siblings(of).into_iter().flat_map(|(parent, edges)| among(&parent, &edges)).collect()
}

/// Which of the modules at the root of a crate need which.
pub fn needs(of: &Crate) -> Edges {
    siblings(of).remove(&Names::new()).unwrap_or_default()
}

/// By the module that they are in, which siblings need which.
fn siblings(of: &Crate) -> BTreeMap<Names, Edges> {
    let mut siblings: BTreeMap<Names, Edges> = BTreeMap::new();
    for (here, paths) in &of.modules {
        for path in paths {
            let there = resolve(of, here, path);
            let common = here.iter().zip(&there).take_while(|(one, other)| one == other).count();
            if let (Some(from), Some(to)) = (here.get(common), there.get(common)) {
                let edges = siblings.entry(here[..common].to_vec()).or_default();
                edges.entry((from.clone(), to.clone())).or_insert_with(|| (here.clone(), path.clone()));
            }
        }
    }
    siblings
}

/// The module that a path leads to, from `here`: as much of the path as names modules.
fn resolve(of: &Crate, here: &[String], path: &[String]) -> Names {
    let mut there = match path[0].as_str() {
        "crate" => Names::new(),
        "self" => here.to_vec(),
        _ => here[..here.len().saturating_sub(1)].to_vec(),
    };
    for name in &path[1..] {
        match name.as_str() {
            "super" => drop(there.pop()),
            "self" => {}
            name => there.push(name.to_owned()),
        }
    }
    while !of.modules.contains_key(&there) && !there.is_empty() {
        there.pop();
    }
    there
}

/// The circles among siblings: each largest group in which every member reaches every other.
fn among(parent: &[String], edges: &Edges) -> Vec<Circle> {
    let members: BTreeSet<&String> = edges.keys().flat_map(|(from, to)| [from, to]).collect();
    let reached: BTreeMap<&String, BTreeSet<&String>> =
        members.iter().map(|member| (*member, reach(member, edges))).collect();
    let mut found: Vec<Circle> = Vec::new();
    for member in members {
        let group: Vec<String> = reached[member]
            .iter()
            .filter(|other| reached[*other].contains(member))
            .map(|name| (*name).clone())
            .collect();
        if group.len() > 1 && group[0] == *member {
            let steps = edges
                .iter()
                .filter(|((from, to), _)| group.contains(from) && group.contains(to))
                .map(|((from, to), (module, path))| (from.clone(), to.clone(), module.clone(), path.clone()))
                .collect();
            found.push(Circle { parent: parent.to_vec(), members: group, steps });
        }
    }
    found
}

/// All that can be reached from a sibling, itself only where a circle leads back.
fn reach<'a>(from: &String, edges: &'a Edges) -> BTreeSet<&'a String> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<&String> = vec![from];
    while let Some(at) = next.pop() {
        for (_, to) in edges.keys().filter(|(from, _)| from == at) {
            if reached.insert(to) {
                next.push(to);
            }
        }
    }
    reached
}
