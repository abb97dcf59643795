//! A database as plain maps, and what transactions do to it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::schema::Schema;

/// An entity type and an id.
pub type Key = (String, Uuid);

#[derive(Clone)]
pub struct World {
    pub schema: Schema,
    pub entities: BTreeMap<Key, Entity>,
    /// The link by its place in the schema, its owner and its target. Neither has to exist.
    pub links: BTreeSet<(usize, Uuid, Uuid)>,
    time: u64,
}

#[derive(Clone, Default)]
pub struct Entity {
    /// The transaction that made it.
    pub created: u64,
    pub values: BTreeMap<String, Value>,
}

/// The transaction is refused.
#[derive(Debug)]
pub struct Refused(pub &'static str);

/// What a transaction does, group by group.
enum Row {
    Id(Key),
    Value(Key, String, Value),
    Link(usize, Uuid, Uuid),
    Merge(Key, String, Value),
    Unlink(usize, Uuid, Uuid),
    Delete(Key),
}

impl World {
    pub fn new(schema: Schema) -> Self {
        Self { schema, entities: BTreeMap::new(), links: BTreeSet::new(), time: 0 }
    }

    pub fn ids(&self, etype: &str) -> Vec<Uuid> {
        self.entities.keys().filter(|(of, _)| of == etype).map(|(_, id)| *id).collect()
    }

    pub fn get(&self, etype: &str, id: Uuid) -> Option<&Entity> {
        self.entities.get(&(etype.to_owned(), id))
    }

    /// The stored value: null for an indexed attribute that was never written.
    pub fn value(&self, etype: &str, id: Uuid, label: &str) -> Option<Value> {
        let entity = self.get(etype, id)?;
        let attr = self.schema.attr(etype, label)?;
        entity.values.get(label).cloned().or_else(|| attr.indexed.then_some(Value::Null))
    }

    /// The ids at the other end of the links of an id, each with the owner of the link.
    pub fn linked(&self, etype: &str, id: Uuid, label: &str) -> Vec<(Uuid, Uuid)> {
        let Some(way) = self.schema.way(etype, label) else { return Vec::new() };
        let of = self.links.iter().filter(|(link, ..)| *link == way.link);
        if way.forward {
            of.filter(|(_, owner, _)| *owner == id).map(|(_, owner, target)| (*target, *owner)).collect()
        } else {
            of.filter(|(.., target)| *target == id).map(|(_, owner, _)| (*owner, *owner)).collect()
        }
    }

    /// Runs the steps, or changes nothing.
    pub fn transact(&mut self, steps: &[Value]) -> Result<(), Refused> {
        let mut next = self.clone();
        next.time += 1;
        next.run(self, steps)?;
        *self = next;
        Ok(())
    }

    fn run(&mut self, before: &Self, steps: &[Value]) -> Result<(), Refused> {
        let mut rows: Vec<Row> = Vec::new();
        for step in steps {
            before.read(step, &mut rows)?;
        }
        // The kinds run in the order in which each appears first.
        let kind = |row: &Row| match row {
            Row::Id(_) | Row::Value(..) | Row::Link(..) => 0,
            Row::Merge(..) => 1,
            Row::Unlink(..) => 2,
            Row::Delete(_) => 3,
        };
        let mut kinds: Vec<i32> = Vec::new();
        for row in &rows {
            if !kinds.contains(&kind(row)) {
                kinds.push(kind(row));
            }
        }
        let doomed = before.doomed(&rows);
        let touched: BTreeSet<Key> = rows.iter().filter_map(|row| self.touches(row)).collect();
        for wanted in kinds {
            let (now, later): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|row| kind(row) == wanted);
            rows = later;
            match wanted {
                0 => self.add(now)?,
                1 => self.merge(now)?,
                2 => now.into_iter().for_each(|row| {
                    if let Row::Unlink(link, owner, target) = row {
                        self.links.remove(&(link, owner, target));
                    }
                }),
                _ => doomed.iter().for_each(|key| self.delete(key)),
            }
        }
        self.require(&touched)
    }

    /// The entity that a step means, by its id or by a unique value.
    fn named(&self, etype: &str, name: &Value) -> Uuid {
        let Some((label, value)) = name.as_object().and_then(|lookup| lookup.iter().next()) else {
            return name.as_str().unwrap().parse().unwrap();
        };
        let has = |id: &Uuid| self.value(etype, *id, label).is_some_and(|other| equal(&other, value));
        self.ids(etype).into_iter().find(has).unwrap()
    }

    fn read(&self, step: &Value, rows: &mut Vec<Row>) -> Result<(), Refused> {
        let text = |nth: usize| step[nth].as_str().unwrap().to_owned();
        let (action, etype) = (text(0), text(1));
        let id = self.named(&etype, &step[2]);
        let key = (etype.clone(), id);
        let none = Map::new();
        let members = step[3].as_object().unwrap_or(&none);
        let owns = self.schema.links.iter().enumerate().any(|(nth, link)| {
            link.owner == etype && self.links.iter().any(|(of, owner, _)| *of == nth && *owner == id)
        });
        let exists = self.entities.contains_key(&key) || owns;
        match action.as_str() {
            "create" if exists => return Err(Refused("exists")),
            "update" | "merge" if step[4]["upsert"] == json!(false) && !exists => {
                return Err(Refused("does not exist"));
            }
            _ => {}
        }
        let ends = |label: &str, target: &Value| {
            let way = self.schema.way(&etype, label).unwrap();
            let target = self.named(way.to, target);
            if way.forward { (way.link, id, target) } else { (way.link, target, id) }
        };
        match action.as_str() {
            "create" | "update" | "merge" => {
                rows.push(Row::Id(key.clone()));
                for (label, value) in members {
                    let (key, label, value) = (key.clone(), label.clone(), value.clone());
                    rows.push(if action == "merge" {
                        Row::Merge(key, label, value)
                    } else {
                        Row::Value(key, label, value)
                    });
                }
            }
            "link" | "unlink" => {
                for (label, targets) in members {
                    for target in targets.as_array().unwrap() {
                        let (link, owner, target) = ends(label, target);
                        rows.push(if action == "link" {
                            Row::Link(link, owner, target)
                        } else {
                            Row::Unlink(link, owner, target)
                        });
                    }
                }
            }
            _ => rows.push(Row::Delete(key)),
        }
        Ok(())
    }

    /// Adds the rows by owner; of an entity and attribute, or of a link to one, the last counts.
    fn add(&mut self, rows: Vec<Row>) -> Result<(), Refused> {
        let mut values: BTreeMap<(Key, String), Value> = BTreeMap::new();
        let mut links: BTreeMap<(Uuid, usize, Option<Uuid>), Uuid> = BTreeMap::new();
        for row in rows {
            match row {
                Row::Id(key) => {
                    let created = self.time;
                    self.entities.entry(key).or_insert_with(|| Entity { created, ..Entity::default() });
                }
                Row::Value(key, label, value) => {
                    values.insert((key, label), value);
                }
                Row::Link(link, owner, target) => {
                    let many = (!self.schema.links[link].one).then_some(target);
                    links.insert((owner, link, many), target);
                }
                _ => {}
            }
        }
        let mut values: Vec<_> = values.into_iter().collect();
        values.sort_by_key(|(((_, id), _), _)| *id);
        for ((key, label), value) in values {
            self.put(&key, &label, value)?;
        }
        for ((owner, link, many), target) in links {
            if many.is_none() {
                self.links.retain(|(of, from, to)| (*of, *from) != (link, owner) || *to == target);
            }
            let taken = |(of, from, to): &(usize, Uuid, Uuid)| (*of, *to) == (link, target) && *from != owner;
            if self.schema.links[link].back_one && self.links.iter().any(taken) {
                return Err(Refused("target is taken"));
            }
            self.links.insert((link, owner, target));
        }
        Ok(())
    }

    fn merge(&mut self, rows: Vec<Row>) -> Result<(), Refused> {
        let mut patches: BTreeMap<(Uuid, String, String), Vec<Value>> = BTreeMap::new();
        for row in rows {
            if let Row::Merge((etype, id), label, patch) = row {
                patches.entry((id, etype, label)).or_default().push(patch);
            }
        }
        for ((id, etype, label), patches) in patches {
            let old = self.value(&etype, id, &label).unwrap_or_default();
            let merged = patches.into_iter().fold(old, merged);
            self.put(&(etype, id), &label, merged)?;
        }
        Ok(())
    }

    fn put(&mut self, key: &Key, label: &str, value: Value) -> Result<(), Refused> {
        let attr = self.schema.attr(&key.0, label).unwrap();
        let fits =
            value.is_null() || !attr.typed() || attr.kind.values().iter().any(|one| same_type(one, &value));
        if !fits {
            return Err(Refused("wrong type"));
        }
        let taken = |(of, entity): (&Key, &Entity)| {
            of.0 == key.0
                && of.1 != key.1
                && entity.values.get(label).is_some_and(|other| equal(other, &value))
        };
        if attr.unique && !value.is_null() && self.entities.iter().any(taken) {
            return Err(Refused("value is taken"));
        }
        self.entities.get_mut(key).unwrap().values.insert(label.to_owned(), value);
        Ok(())
    }

    /// The entities that go with the deleted ones, by the links before the transaction.
    fn doomed(&self, rows: &[Row]) -> BTreeSet<Key> {
        let deleted =
            rows.iter().filter_map(|row| if let Row::Delete(key) = row { Some(key.clone()) } else { None });
        let mut rest: Vec<Key> = deleted.collect();
        let mut doomed = BTreeSet::new();
        while let Some(key) = rest.pop() {
            if !doomed.insert(key.clone()) {
                continue;
            }
            for (nth, link) in self.schema.links.iter().enumerate() {
                for (_, owner, target) in self.links.iter().filter(|(of, ..)| *of == nth) {
                    if link.cascade && (&link.target, target) == (&key.0, &key.1) {
                        rest.push((link.owner.clone(), *owner));
                    }
                    if link.cascade_back && (&link.owner, owner) == (&key.0, &key.1) {
                        rest.push((link.target.clone(), *target));
                    }
                }
            }
        }
        doomed
    }

    fn delete(&mut self, (etype, id): &Key) {
        self.entities.remove(&(etype.clone(), *id));
        let schema = &self.schema;
        self.links.retain(|(link, owner, target)| {
            let link = &schema.links[*link];
            !((&link.owner, owner) == (etype, id) || (&link.target, target) == (etype, id))
        });
    }

    fn touches(&self, row: &Row) -> Option<Key> {
        match row {
            Row::Id(key) | Row::Value(key, ..) | Row::Merge(key, ..) => Some(key.clone()),
            Row::Link(link, owner, _) | Row::Unlink(link, owner, _) => {
                Some((self.schema.links[*link].owner.clone(), *owner))
            }
            Row::Delete(_) => None,
        }
    }

    fn require(&self, touched: &BTreeSet<Key>) -> Result<(), Refused> {
        for (etype, id) in touched {
            let required = || self.schema.entity(etype).unwrap().attrs.iter().filter(|attr| attr.required);
            let owns = self
                .links
                .iter()
                .any(|(link, owner, _)| owner == id && self.schema.links[*link].owner == *etype);
            let entity = self.get(etype, *id);
            let lacks =
                |label: &str| entity.is_none_or(|entity| entity.values.get(label).is_none_or(Value::is_null));
            if (entity.is_some() || owns) && required().any(|attr| lacks(&attr.label)) {
                return Err(Refused("required"));
            }
        }
        Ok(())
    }
}

/// JSON equality, 1 being 1.0.
pub fn equal(a: &Value, b: &Value) -> bool {
    a == b || (a.is_number() && b.is_number() && a.as_f64() == b.as_f64())
}

fn same_type(a: &Value, b: &Value) -> bool {
    std::mem::discriminant(a) == std::mem::discriminant(b)
}

fn merged(old: Value, patch: Value) -> Value {
    match (old, patch) {
        (Value::Object(mut old), Value::Object(patch)) => {
            for (key, value) in patch {
                match (old.get(&key).cloned(), value) {
                    (_, Value::Null) => {
                        old.remove(&key);
                    }
                    (Some(before @ Value::Object(_)), value @ Value::Object(_)) => {
                        old.insert(key, merged(before, value));
                    }
                    (_, value) => {
                        old.insert(key, value);
                    }
                }
            }
            Value::Object(old)
        }
        (_, patch) => patch,
    }
}
