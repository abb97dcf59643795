//! Binds: named expressions that rules use. A rule is expanded to one text that binds the names it needs.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use indexmap::IndexMap;
use serde_json::Value;

use crate::cel;

/// The binds that rules of one entity type can use.
pub(super) struct Binds<'r> {
    by_name: IndexMap<&'r str, &'r Value>,
    /// Which binds each bind mentions, for those that were looked at: many rules may need one bind.
    needed: RefCell<HashMap<&'r str, Rc<[&'r str]>>>,
}

/// What is said of a rule that cannot be read.
pub(super) const UNREADABLE: &str = "There was an unexpected error evaluating the rules";

/// How deep binds may use each other. Expressions may not be nested deeper either.
const DEEPEST: usize = 250;

/// How many binds one rule may need: each nests its expression deeper.
const MOST: usize = DEEPEST;

impl<'r> Binds<'r> {
    /// The binds of `$default` and, above them, those of the entity type.
    pub(super) fn of(code: &'r Value, etype: &str) -> Self {
        let default = pairs(&code["$default"]["bind"]);
        let own = if etype == "$default" { Vec::new() } else { pairs(&code[etype]["bind"]) };
        Self { by_name: default.into_iter().chain(own).collect(), needed: RefCell::default() }
    }

    /// The expression, wrapped in `cel.bind(name, bound, ..)` for each bind that it needs, directly or through others.
    /// What is needed by another bind is bound further out.
    ///
    /// Fails with a message where binds need each other in a circle, or where one that is needed is no text.
    pub(super) fn expand(&self, expression: &str) -> Result<String, String> {
        if self.by_name.is_empty() {
            return Ok(expression.to_owned());
        }
        let mut order = Vec::new();
        let mut path = Vec::new();
        for name in self.used_in(expression) {
            self.visit(name, &mut path, &mut order)?;
        }
        Ok(order
            .iter()
            .rev()
            .fold(expression.to_owned(), |body, (name, bound)| format!("cel.bind({name}, {bound}, {body})")))
    }

    /// Appends a bind after all those that it needs. `path` leads from the rule to the bind.
    fn visit(
        &self,
        name: &'r str,
        path: &mut Vec<&'r str>,
        order: &mut Vec<(&'r str, &'r str)>,
    ) -> Result<(), String> {
        if order.iter().any(|(done, _)| *done == name) {
            return Ok(());
        }
        if let Some(start) = path.iter().position(|earlier| *earlier == name) {
            let circle = path[start..].iter().chain([&name]).copied().collect::<Vec<_>>().join(" -> ");
            return Err(format!("The binds have a cyclic dependency {circle}"));
        }
        if path.len() == DEEPEST {
            return Err(format!("Expression recursion limit exceeded. limit: {DEEPEST}"));
        }
        let Some(Value::String(bound)) = self.by_name.get(name).copied() else {
            return Err(UNREADABLE.to_owned());
        };
        path.push(name);
        let known = self.needed.borrow().get(name).cloned();
        let needed = known.unwrap_or_else(|| {
            let needed = Rc::from(self.used_in(bound));
            self.needed.borrow_mut().insert(name, Rc::clone(&needed));
            needed
        });
        for needed in needed.iter() {
            self.visit(needed, path, order)?;
        }
        path.pop();
        if order.len() == MOST {
            return Err(format!("The rule needs more than {MOST} binds. Write it with fewer."));
        }
        order.push((name, bound));
        Ok(())
    }

    /// The binds whose names an expression mentions, in the order in which they were written. None for a text that does not
    /// parse: compiling it says why.
    fn used_in(&self, expression: &str) -> Vec<&'r str> {
        let names = cel::identifiers(expression).unwrap_or_default();
        self.by_name.keys().copied().filter(|name| names.contains(*name)).collect()
    }
}

/// The binds of an entity type, from either form: an object, or a list of names and expressions in turn.
fn pairs(bind: &Value) -> Vec<(&str, &Value)> {
    match bind {
        Value::Object(binds) => binds.iter().map(|(name, bound)| (name.as_str(), bound)).collect(),
        Value::Array(items) => {
            let (pairs, _) = items.as_chunks::<2>();
            pairs.iter().filter_map(|[name, bound]| Some((name.as_str()?, bound))).collect()
        }
        _ => Vec::new(),
    }
}
