//! The answer to a query, by looking at every entity.

use std::cmp::Ordering;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::conditions::{Conditions, Sees, compare};
use super::world::World;

pub struct Answers<'a> {
    pub world: &'a World,
    /// What the asker sees; `None` is an administrator.
    pub sees: Option<Sees<'a>>,
    pub inference: bool,
}

/// What is known of a page.
#[derive(Debug, PartialEq)]
pub struct Page {
    pub start: Option<Uuid>,
    pub end: Option<Uuid>,
    pub next: bool,
    pub previous: bool,
}

struct Order<'o> {
    label: Option<&'o str>,
    descending: bool,
}

impl Answers<'_> {
    /// The list of one root form, and its page.
    pub fn root(&self, etype: &str, form: &Value) -> (Vec<Value>, Option<Page>) {
        let options = &form["$"];
        let order = Order::of(options);
        let asks = |name: &str| options.get(name).is_some();
        let paged = ["limit", "first", "last", "offset", "after", "before", "order"].into_iter().any(asks);
        let mut found = self.found(etype, &options["where"]);
        let mut page = None;
        if paged {
            found.retain(|id| self.world.get(etype, *id).is_some());
            found.sort_by(|a, b| self.stored_order(etype, *a, *b, &order));
            let (rows, info) = self.cut(etype, options, &order, &found);
            (found, page) = (rows, Some(info));
        }
        if let Some(sees) = self.sees {
            let conditions = Conditions::of(self.world, sees, etype, &options["where"]);
            found.retain(|id| {
                let by_visible = options.get("where").is_none() || conditions.hold(*id);
                let by_order = order.label.is_none_or(|label| sees(etype, *id, label));
                by_visible && by_order && sees(etype, *id, "id")
            });
        }
        (self.objects(etype, found, form), page)
    }

    /// How many rows a count has.
    pub fn count(&self, etype: &str, options: &Value) -> u64 {
        match options.get("where") {
            None => self.world.ids(etype).len() as u64,
            Some(filter) => {
                let conditions = Conditions::of(self.world, &|_, _, _| true, etype, filter);
                self.candidates(etype).into_iter().map(|id| conditions.rows(id)).sum()
            }
        }
    }

    fn found(&self, etype: &str, filter: &Value) -> Vec<Uuid> {
        if filter.is_null() {
            return self.world.ids(etype);
        }
        let conditions = Conditions::of(self.world, &|_, _, _| true, etype, filter);
        self.candidates(etype).into_iter().filter(|id| conditions.hold(*id)).collect()
    }

    /// All ids that are an entity or have a link.
    fn candidates(&self, etype: &str) -> Vec<Uuid> {
        let mut ids = self.world.ids(etype);
        for (link, owner, target) in &self.world.links {
            let link = &self.world.schema.links[*link];
            ids.extend((link.owner == etype).then_some(*owner));
            ids.extend((link.target == etype).then_some(*target));
        }
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    fn stored_order(&self, etype: &str, a: Uuid, b: Uuid, order: &Order<'_>) -> Ordering {
        let ascending = match order.label {
            None => {
                let created = |id| self.world.get(etype, id).map(|entity| entity.created);
                created(a).cmp(&created(b))
            }
            Some(label) => {
                let value = |id| self.world.value(etype, id, label).unwrap_or_default();
                compare(&value(a), &value(b))
            }
        };
        order.directed(ascending.then(a.cmp(&b)))
    }

    fn cut(&self, etype: &str, options: &Value, order: &Order<'_>, all: &[Uuid]) -> (Vec<Uuid>, Page) {
        // How many rows come before the place of a cursor; with it where `including`.
        let before_place = |name: &str, including: bool| {
            let cursor: Option<Uuid> =
                options.get(name).map(|cursor| cursor[0].as_str().unwrap().parse().unwrap());
            cursor.map(|cursor| {
                let is_before = |id: &&Uuid| match self.stored_order(etype, **id, cursor, order) {
                    Ordering::Less => true,
                    Ordering::Equal => including,
                    Ordering::Greater => false,
                };
                all.iter().filter(is_before).count()
            })
        };
        let flag = |name: &str| options[name] == json!(true);
        let after = before_place("after", !flag("afterInclusive"));
        let before = before_place("before", flag("beforeInclusive"));
        let (low, high) = (after.unwrap_or(0), before.unwrap_or(all.len()));
        let high = high.max(low);
        let number = |name: &str| options[name].as_u64().map(|number| usize::try_from(number).unwrap());
        let offset = number("offset").unwrap_or(0);
        let size = number("limit").or(number("first")).or(number("last"));
        let from_end = options.get("last").is_some();
        let (start, end) = if from_end {
            let end = high.saturating_sub(offset).max(low);
            (end.saturating_sub(size.unwrap_or(end)).max(low), end)
        } else {
            let start = (low + offset).min(high);
            (start, start.saturating_add(size.unwrap_or(all.len())).min(high))
        };
        let rows = all[start..end].to_vec();
        let next = if before.is_none() && !from_end {
            size.is_some() && end < all.len()
        } else {
            !rows.is_empty() && end < all.len()
        };
        let previous = if rows.is_empty() {
            offset > 0 || after.is_some()
        } else {
            (from_end || offset > 0 || after.is_some()) && start > 0
        };
        let page = Page { start: rows.first().copied(), end: rows.last().copied(), next, previous };
        (rows, page)
    }

    /// The objects of a form, sorted by what they show.
    fn objects(&self, etype: &str, ids: Vec<Uuid>, form: &Value) -> Vec<Value> {
        let order = Order::of(&form["$"]);
        let mut objects: Vec<(Uuid, Value)> =
            ids.into_iter().map(|id| (id, self.object(etype, id, form))).collect();
        objects.sort_by(|(a, shows_a), (b, shows_b)| match order.label {
            None => self.stored_order(etype, *a, *b, &order),
            Some(label) => {
                let shown = |object: &Value| object.get(label).cloned().unwrap_or_default();
                order.directed(compare(&shown(shows_a), &shown(shows_b)).then(a.cmp(b)))
            }
        });
        objects.into_iter().map(|(_, object)| object).collect()
    }

    fn object(&self, etype: &str, id: Uuid, form: &Value) -> Value {
        let schema = &self.world.schema;
        let sees = |etype: &str, id: Uuid, label: &str| self.sees.is_none_or(|sees| sees(etype, id, label));
        let fields = form["$"].get("fields").and_then(Value::as_array);
        let shows = |label: &str| {
            fields.is_none_or(|fields| fields.iter().any(|field| field == label)) && sees(etype, id, label)
        };
        let mut object = Map::new();
        if self.world.get(etype, id).is_some() {
            object.insert("id".to_owned(), json!(id));
        }
        for attr in schema.entity(etype).into_iter().flat_map(|entity| &entity.attrs) {
            if let Some(value) = self.world.value(etype, id, &attr.label).filter(|_| shows(&attr.label)) {
                object.insert(attr.label.clone(), value);
            }
        }
        for link in schema.links.iter().filter(|link| link.owner == etype && link.one && shows(&link.label)) {
            if let Some((target, _)) = self.world.linked(etype, id, &link.label).first() {
                object.insert(link.label.clone(), json!(target));
            }
        }
        for (label, form) in form.as_object().unwrap().iter().filter(|(label, _)| *label != "$") {
            let way = schema.way(etype, label).unwrap();
            let link = &schema.links[way.link];
            let filter = &form["$"]["where"];
            let passing = |sees: Sees<'_>, far: Uuid| {
                filter.is_null() || Conditions::of(self.world, sees, way.to, filter).hold(far)
            };
            let mut children = self.world.linked(etype, id, label);
            children.retain(|(far, _)| passing(&|_, _, _| true, *far));
            if let Some(seen) = self.sees {
                children.retain(|(far, owner)| sees(&link.owner, *owner, &link.label) && passing(seen, *far));
                if children.is_empty() {
                    continue;
                }
                children.retain(|(far, _)| sees(way.to, *far, "id"));
            }
            let children = self.objects(way.to, children.into_iter().map(|(far, _)| far).collect(), form);
            let to_one = if way.forward { link.one } else { link.back_one };
            let value = if to_one && self.inference {
                children.into_iter().next().unwrap_or_default()
            } else {
                Value::Array(children)
            };
            object.insert(label.clone(), value);
        }
        Value::Object(object)
    }
}

impl<'o> Order<'o> {
    fn of(options: &'o Value) -> Self {
        let order = options.get("order").and_then(Value::as_object).and_then(|order| order.iter().next());
        let label = order.map(|(label, _)| label.as_str()).filter(|label| *label != "serverCreatedAt");
        Self { label, descending: order.is_some_and(|(_, direction)| direction == "desc") }
    }

    fn directed(&self, ascending: Ordering) -> Ordering {
        if self.descending { ascending.reverse() } else { ascending }
    }
}
