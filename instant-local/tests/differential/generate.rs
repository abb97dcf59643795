//! Random steps and queries.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::dice::Dice;
use super::schema::{Attr, Kind, Schema};
use super::world::World;

/// The ids that steps and queries name.
pub struct Pool {
    /// A few of each entity type, in the order of the schema.
    pub ids: Vec<Vec<Uuid>>,
    pub users: Vec<Uuid>,
    /// Whether links may lead to ids that no entity has.
    pub dangling: bool,
}

impl Pool {
    pub fn random(dice: &mut Dice, schema: &Schema, users: Vec<Uuid>, dangling: bool) -> Self {
        let ids =
            schema.entities.iter().map(|_| (0..dice.from(4, 7)).map(|_| dice.uuid()).collect()).collect();
        Self { ids, users, dangling }
    }

    fn of(&self, schema: &Schema, etype: &str) -> &[Uuid] {
        match schema.entities.iter().position(|entity| entity.name == etype) {
            Some(nth) => &self.ids[nth],
            None => &self.users,
        }
    }
}

/// The steps of one transaction.
pub fn steps(dice: &mut Dice, world: &World, pool: &Pool) -> Vec<Value> {
    let kind = *dice.pick(&[Kinds::Lookups, Kinds::Merges, Kinds::Merges, Kinds::Deletes]);
    (0..dice.from(1, 4)).map(|_| step(dice, world, pool, kind)).collect()
}

/// What a transaction has besides updates by id and links.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kinds {
    /// Entities by their unique values. A step of another kind would come later, when the value may have changed.
    Lookups,
    Merges,
    /// A merge into an entity that the same transaction deletes would leave values without an entity.
    Deletes,
}

fn step(dice: &mut Dice, world: &World, pool: &Pool, kinds: Kinds) -> Value {
    let schema = &world.schema;
    let etype = &dice.pick(&schema.entities).name;
    let id = *dice.pick(pool.of(schema, etype));
    let exists = world.get(etype, id).is_some();
    let by_lookup = kinds == Kinds::Lookups;
    let name = if by_lookup { name(dice, world, etype, id) } else { json!(id) };
    match dice.below(12) {
        0 | 1 if !exists || dice.chance(10) => json!(["create", etype, id, values(dice, schema, etype, 80)]),
        0..=4 => {
            let values = values(dice, schema, etype, if exists { 40 } else { 70 });
            match dice.below(5) {
                0 if exists || dice.chance(20) => json!(["update", etype, name, values, { "upsert": false }]),
                1 => json!(["update", etype, name, values, { "upsert": true }]),
                _ => json!(["update", etype, name, values]),
            }
        }
        5 if kinds == Kinds::Merges && exists => json!(["merge", etype, name, patches(dice, schema, etype)]),
        6 if kinds == Kinds::Deletes => json!(["delete", etype, name]),
        // A deletion before a link leaves a link to nothing.
        _ if pool.dangling || (exists && kinds != Kinds::Deletes) => {
            let mut labels = schema.labels(etype);
            labels.extend((etype == "e0").then(|| "owner".to_owned()));
            let mut links = Map::new();
            for label in if labels.is_empty() { labels } else { dice.some(&labels, 2) } {
                let to = schema.way(etype, &label).unwrap().to;
                let mut targets = dice.some(pool.of(schema, to), 2);
                targets.retain(|target| pool.dangling || to == "$users" || world.get(to, *target).is_some());
                let targets = targets.into_iter().map(|target| {
                    if by_lookup { self::name(dice, world, to, target) } else { json!(target) }
                });
                links.insert(label, targets.collect());
            }
            json!([if by_lookup || dice.chance(75) { "link" } else { "unlink" }, etype, name, links])
        }
        _ => json!(["update", etype, id, values(dice, schema, etype, 90)]),
    }
}

/// An id, or now and then a lookup of an entity that exists.
fn name(dice: &mut Dice, world: &World, etype: &str, id: Uuid) -> Value {
    let attrs = world.schema.entity(etype).map_or(&[][..], |entity| &entity.attrs);
    let values = attrs.iter().filter(|attr| attr.unique).filter_map(|attr| {
        let value = world.value(etype, id, &attr.label)?;
        attr.kind.scalars().contains(&value).then(|| json!({ &attr.label: value }))
    });
    let lookups: Vec<Value> = values.collect();
    if !lookups.is_empty() && dice.chance(60) { dice.value(&lookups) } else { json!(id) }
}

fn values(dice: &mut Dice, schema: &Schema, etype: &str, percent: usize) -> Value {
    let mut values = Map::new();
    for attr in &schema.entity(etype).unwrap().attrs {
        if attr.required && dice.chance(97) || dice.chance(percent) {
            let value = match dice.below(60) {
                0 => json!({ "not": "fitting" }),
                1..=6 if !attr.required => Value::Null,
                _ => dice.value(&attr.kind.values()),
            };
            values.insert(attr.label.clone(), value);
        }
    }
    Value::Object(values)
}

fn patches(dice: &mut Dice, schema: &Schema, etype: &str) -> Value {
    let mut patches = Map::new();
    for attr in schema.entity(etype).unwrap().attrs.iter().filter(|attr| attr.kind == Kind::Json) {
        let patch = match dice.below(5) {
            0 => json!({ "k": { "m": dice.below(3) } }),
            1 => json!({ "k": null, "n": [dice.below(3)] }),
            2 => json!({ "k": { "m": null, "o": "a" } }),
            _ => dice.value(&attr.kind.values()),
        };
        patches.insert(attr.label.clone(), patch);
    }
    Value::Object(patches)
}

/// A form: `depth` levels of links below it at the most.
pub fn form(dice: &mut Dice, schema: &Schema, pool: &Pool, etype: &str, root: bool, depth: usize) -> Value {
    let mut options = Map::new();
    let attrs = &schema.entity(etype).unwrap().attrs;
    if dice.chance(50) {
        let depth = dice.below(3);
        options.insert("where".to_owned(), filter(dice, schema, pool, etype, depth));
    }
    if dice.chance(40) {
        let fits = |attr: &&Attr| if root { attr.sorts() } else { attr.typed() };
        let mut labels: Vec<String> = attrs.iter().filter(fits).map(|attr| attr.label.clone()).collect();
        labels.push("serverCreatedAt".to_owned());
        let direction = *dice.pick(&["asc", "desc"]);
        options.insert("order".to_owned(), json!({ dice.pick(&labels).as_str(): direction }));
    }
    if dice.chance(20) {
        let labels: Vec<String> =
            attrs.iter().map(|attr| attr.label.clone()).chain(schema.labels(etype)).collect();
        options.insert("fields".to_owned(), json!(dice.some(&labels, 3)));
    }
    if root && dice.chance(40) {
        let size = *dice.pick(&["limit", "first", "last"]);
        options.insert(size.to_owned(), json!(dice.from(1, 4)));
    }
    if root && dice.chance(20) {
        options.insert("offset".to_owned(), json!(dice.below(4)));
    }
    let mut form = Map::new();
    if !options.is_empty() {
        form.insert("$".to_owned(), Value::Object(options));
    }
    let labels = schema.labels(etype);
    if depth > 0 && !labels.is_empty() && dice.chance(70) {
        for label in dice.some(&labels, 2) {
            let to = schema.way(etype, &label).unwrap().to.to_owned();
            form.insert(label, self::form(dice, schema, pool, &to, false, depth - 1));
        }
    }
    Value::Object(form)
}

/// A `where` without `and` and `or`.
pub fn plain_filter(dice: &mut Dice, schema: &Schema, pool: &Pool, etype: &str) -> Value {
    loop {
        let filter = filter(dice, schema, pool, etype, 0);
        let members = filter.as_object().unwrap();
        let expands = |test: &Value| test.get("$not").is_some() || test["$isNull"] == json!(true);
        if !members.values().any(expands) {
            return filter;
        }
    }
}

fn filter(dice: &mut Dice, schema: &Schema, pool: &Pool, etype: &str, depth: usize) -> Value {
    let mut members = Map::new();
    for _ in 0..dice.from(1, 2) {
        if depth > 0 && dice.chance(30) {
            let list: Vec<Value> =
                (0..dice.from(1, 3)).map(|_| filter(dice, schema, pool, etype, depth - 1)).collect();
            members.insert((*dice.pick(&["and", "or"])).to_owned(), Value::Array(list));
        } else {
            let (path, test) = condition(dice, schema, pool, etype);
            members.insert(path, test);
        }
    }
    Value::Object(members)
}

fn condition(dice: &mut Dice, schema: &Schema, pool: &Pool, etype: &str) -> (String, Value) {
    let mut path = Vec::new();
    let mut at = etype.to_owned();
    for _ in 0..*dice.pick(&[0, 0, 1, 1, 2]) {
        let labels = schema.labels(&at);
        if labels.is_empty() {
            break;
        }
        let label = dice.pick(&labels).clone();
        at = schema.way(&at, &label).unwrap().to.to_owned();
        path.push(label);
    }
    let labels = schema.labels(&at);
    let (label, test) = match dice.below(10) {
        0 => ("id".to_owned(), of_ids(dice, pool.of(schema, &at))),
        1 | 2 if !labels.is_empty() => {
            let label = dice.pick(&labels).clone();
            let to = schema.way(&at, &label).unwrap().to;
            (label, of_ids(dice, pool.of(schema, to)))
        }
        _ => {
            let attr = dice.pick(&schema.entity(&at).unwrap().attrs);
            (attr.label.clone(), of_values(dice, attr))
        }
    };
    path.push(label);
    (path.join("."), test)
}

fn of_ids(dice: &mut Dice, ids: &[Uuid]) -> Value {
    match dice.below(6) {
        0 => json!({ "$not": dice.pick(ids) }),
        1 => json!({ "$in": dice.some(ids, 3) }),
        2 => json!({ "$isNull": dice.chance(50) }),
        _ => json!(dice.pick(ids)),
    }
}

fn of_values(dice: &mut Dice, attr: &Attr) -> Value {
    let scalars = attr.kind.scalars();
    let value = dice.value(&scalars);
    match dice.below(10) {
        0 | 1 => json!({ "$not": value }),
        2 => json!({ "$isNull": dice.chance(50) }),
        3 => {
            let mut list = dice.some(&scalars, 3);
            list.extend((attr.indexed && dice.chance(40)).then_some(Value::Null));
            json!({ "$in": list })
        }
        4..=6 if attr.sorts() => json!({ *dice.pick(&["$gt", "$gte", "$lt", "$lte"]): value }),
        7 if attr.sorts() && attr.kind == Kind::Text => {
            let pattern = *dice.pick(&["a%", "%b", "_", "%a%", "", "%", "A%"]);
            json!({ *dice.pick(&["$like", "$ilike"]): pattern })
        }
        _ => value,
    }
}
