//! A small family of rules: their CEL, and what they say.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::dice::Dice;
use super::schema::{Kind, Schema};
use super::world::World;

#[derive(Debug, Clone)]
pub enum Rule {
    Always(bool),
    SignedIn,
    Equals(String, Value),
    Has(String),
    /// A value is among those at the end of a path.
    Refers(Vec<String>, Value),
    /// The user is at the end of a path.
    Mine(Vec<String>),
    Not(Box<Rule>),
    Both(Box<Rule>, Box<Rule>),
    Either(Box<Rule>, Box<Rule>),
}

/// The view rules of an app, and those of its fields.
#[derive(Default)]
pub struct Rules {
    views: Vec<(String, Rule)>,
    fields: Vec<(String, String, Rule)>,
}

impl Rules {
    pub fn random(dice: &mut Dice, schema: &Schema) -> Self {
        let mut rules = Self::default();
        for entity in &schema.entities {
            if dice.chance(75) {
                rules.views.push((entity.name.clone(), Rule::random(dice, schema, &entity.name, 2)));
            }
            for attr in &entity.attrs {
                if !dice.chance(15) {
                    continue;
                }
                let rule = Rule::random(dice, schema, &entity.name, 1);
                rules.fields.push((entity.name.clone(), attr.label.clone(), rule));
            }
        }
        for link in &schema.links {
            if !dice.chance(10) {
                continue;
            }
            let rule = Rule::random(dice, schema, &link.owner, 1);
            rules.fields.push((link.owner.clone(), link.label.clone(), rule));
        }
        rules
    }

    pub fn json(&self) -> Value {
        let mut code = Map::new();
        for (entity, rule) in &self.views {
            code.insert(entity.clone(), json!({ "allow": { "view": rule.cel() } }));
        }
        for (entity, label, rule) in &self.fields {
            code.entry(entity).or_insert_with(|| json!({}))["fields"][label.as_str()] = json!(rule.cel());
        }
        Value::Object(code)
    }

    /// Whether a user, or a guest, may see a triple.
    pub fn sees(&self, world: &World, user: Option<Uuid>, etype: &str, id: Uuid, label: &str) -> bool {
        let view = self.views.iter().filter(|(of, _)| of == etype).map(|(_, rule)| rule);
        let field =
            self.fields.iter().filter(|(of, on, _)| of == etype && on == label).map(|(.., rule)| rule);
        view.chain(field).all(|rule| rule.allows(world, user, etype, id))
    }
}

impl Rule {
    fn random(dice: &mut Dice, schema: &Schema, etype: &str, depth: usize) -> Self {
        let inner = |dice: &mut Dice| Box::new(Self::random(dice, schema, etype, depth - 1));
        match dice.below(if depth > 0 { 12 } else { 8 }) {
            0 => Self::Always(dice.chance(70)),
            1 => Self::SignedIn,
            2 | 3 => {
                let attrs = &schema.entity(etype).unwrap().attrs;
                let attr = dice.pick(attrs);
                match attr.kind {
                    Kind::Text | Kind::Truth if dice.chance(70) => {
                        Self::Equals(attr.label.clone(), dice.value(&attr.kind.values()))
                    }
                    _ => Self::Has(attr.label.clone()),
                }
            }
            4..=7 => {
                let labels = schema.labels(etype);
                if dice.chance(40) {
                    let to_e0 = labels.iter().find(|label| schema.way(etype, label).unwrap().to == "e0");
                    let path = |labels: &[&str]| labels.iter().map(|label| (*label).to_owned()).collect();
                    return match to_e0 {
                        _ if etype == "e0" => Self::Mine(path(&["owner", "id"])),
                        Some(label) => Self::Mine(path(&[label, "owner", "id"])),
                        None => Self::SignedIn,
                    };
                }
                if labels.is_empty() {
                    return Self::Always(true);
                }
                let label = dice.pick(&labels).clone();
                let to = schema.way(etype, &label).unwrap().to;
                let texts = schema.entity(to).unwrap().attrs.iter().find(|attr| attr.kind == Kind::Text);
                match texts {
                    Some(attr) => {
                        Self::Refers(vec![label, attr.label.clone()], dice.value(&Kind::Text.values()))
                    }
                    None => Self::Always(true),
                }
            }
            8 => Self::Not(inner(dice)),
            9 => Self::Both(inner(dice), inner(dice)),
            _ => Self::Either(inner(dice), inner(dice)),
        }
    }

    fn cel(&self) -> String {
        match self {
            Self::Always(yes) => yes.to_string(),
            Self::SignedIn => "auth.id != null".to_owned(),
            Self::Equals(label, value) => format!("data.{label} == {value}"),
            Self::Has(label) => format!("data.{label} != null"),
            Self::Refers(path, value) => format!("{value} in data.ref('{}')", path.join(".")),
            Self::Mine(path) => format!("auth.id in data.ref('{}')", path.join(".")),
            Self::Not(rule) => format!("!({})", rule.cel()),
            Self::Both(one, other) => format!("({}) && ({})", one.cel(), other.cel()),
            Self::Either(one, other) => format!("({}) || ({})", one.cel(), other.cel()),
        }
    }

    fn allows(&self, world: &World, user: Option<Uuid>, etype: &str, id: Uuid) -> bool {
        let value = |label: &str| world.value(etype, id, label).unwrap_or_default();
        match self {
            Self::Always(yes) => *yes,
            Self::SignedIn => user.is_some(),
            Self::Equals(label, wanted) => value(label) == *wanted,
            Self::Has(label) => !value(label).is_null(),
            Self::Refers(path, wanted) => values(world, etype, id, path).contains(wanted),
            Self::Mine(path) => {
                user.is_some_and(|user| values(world, etype, id, path).contains(&json!(user)))
            }
            Self::Not(rule) => !rule.allows(world, user, etype, id),
            Self::Both(one, other) => {
                one.allows(world, user, etype, id) && other.allows(world, user, etype, id)
            }
            Self::Either(one, other) => {
                one.allows(world, user, etype, id) || other.allows(world, user, etype, id)
            }
        }
    }
}

/// All values at the end of a path, whoever may see them.
fn values(world: &World, etype: &str, id: Uuid, path: &[String]) -> Vec<Value> {
    match path {
        [last] if last == "id" => vec![json!(id)],
        [last] => world.value(etype, id, last).into_iter().filter(|value| !value.is_null()).collect(),
        [label, rest @ ..] => {
            let to = world.schema.way(etype, label).unwrap().to;
            let linked = world.linked(etype, id, label).into_iter();
            linked.flat_map(|(far, _)| values(world, to, far, rest)).collect()
        }
        [] => Vec::new(),
    }
}
