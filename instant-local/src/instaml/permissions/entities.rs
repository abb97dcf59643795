//! The entities that a transaction's steps name: as they are before it, and as its steps leave them.

use std::borrow::Cow;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use indexmap::IndexSet;
use instant_schema::{Identity, parse_id_value};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::cel::Keys;
use crate::error::ApiError;
use crate::instaml::known_attrs::KnownAttrs;
use crate::instaml::lookups;
use crate::instaml::tx_step::{EntityRef, Lookup, TxStep};
use crate::rules::records;
use crate::store::{ReadTx, deep_merge};

/// An entity of one type, by its place in [`Entities`].
pub(super) type Place = usize;

/// The entities that steps name, each once per entity type.
pub(super) struct Entities {
    list: Vec<Entity>,
    places: HashMap<Key, HashMap<String, Place>>,
    /// The labels that steps set, by entity; whatever the entity type, as on the official server.
    modified: HashMap<Key, IndexSet<String>>,
    /// The entities of each step: the one it writes to or deletes, and the one at the other end of a link.
    of_steps: Vec<Option<Ends>>,
}

/// The entities of one step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ends {
    /// The entity that the step is about; for a link, the one that owns it.
    pub(super) subject: Place,
    /// The target of a link.
    pub(super) target: Option<Place>,
}

/// One entity.
#[derive(Debug)]
pub(super) struct Entity {
    /// Its type.
    pub(super) etype: String,
    /// Its id, or the lookup that finds nothing yet.
    pub(super) named: EntityRef,
    /// Its attributes with one value before the transaction. `None` if it does not exist.
    pub(super) before: Option<Map<String, Value>>,
    /// Those that the steps leave, where they change any.
    changed: Option<Map<String, Value>>,
    /// What `ruleParams` steps give to its rules. Later ones win.
    pub(super) rule_params: Vec<Arc<Map<String, Value>>>,
}

/// What names an entity in steps, as a key of maps.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Id(Uuid),
    /// The attribute and the value's JSON.
    Lookup(Uuid, String),
}

impl Entity {
    /// The attributes that the steps leave. `None` if the entity does not exist before or after.
    pub(super) fn after(&self) -> Option<&Map<String, Value>> {
        self.changed.as_ref().or(self.before.as_ref())
    }

    /// Whether it exists before the transaction.
    pub(super) fn existed(&self) -> bool {
        self.before.is_some()
    }

    fn change(&mut self) -> &mut Map<String, Value> {
        let before = &self.before;
        self.changed.get_or_insert_with(|| before.clone().unwrap_or_default())
    }
}

impl Entities {
    /// Loads what the steps name, and applies the steps to it.
    pub(super) fn load(tx: &ReadTx<'_>, known: &KnownAttrs, steps: &[TxStep]) -> Result<Self, ApiError> {
        let mut entities = Self {
            list: Vec::new(),
            places: HashMap::new(),
            modified: HashMap::new(),
            of_steps: Vec::with_capacity(steps.len()),
        };
        let mut stored = Stored::load(tx, known, steps)?;
        for step in steps {
            let ends = Named::by(known, step).map(|named| Ends {
                subject: entities.place(&mut stored, &named.subject),
                target: named.target.map(|target| entities.place(&mut stored, &target)),
            });
            entities.of_steps.push(ends);
        }
        for (index, step) in steps.iter().enumerate() {
            entities.apply(known, index, step);
        }
        Ok(entities)
    }

    /// The entity at a place.
    pub(super) fn get(&self, place: Place) -> &Entity {
        &self.list[place]
    }

    /// The entities of a step. `None` for steps about attributes.
    pub(super) fn of_step(&self, index: usize) -> Option<Ends> {
        self.of_steps[index]
    }

    /// The labels that steps set on an entity, without `id`, in the order of the steps.
    pub(super) fn modified_fields(&self, place: Place) -> Vec<String> {
        let labels = self.modified.get(&Key::of(&self.list[place].named));
        labels.into_iter().flatten().cloned().collect()
    }

    /// Gives each entity that the transaction has made its id, also where a lookup names it.
    pub(super) fn resolve_new(&mut self, tx: &ReadTx<'_>) -> Result<(), ApiError> {
        for entity in self.list.iter_mut().filter(|entity| !entity.existed()) {
            let Some(id) = find(tx, &entity.named)? else { continue };
            entity.named = EntityRef::Id(id);
            if let Some(record) = &mut entity.changed {
                record.insert("id".to_owned(), Value::String(id.to_string()));
            }
        }
        Ok(())
    }

    fn place(&mut self, stored: &mut Stored, (named, etype): &Name<'_>) -> Place {
        let key = Key::of(named);
        if let Some(place) = self.places.get(&key).and_then(|places| places.get(*etype)) {
            return *place;
        }
        let place = match &**named {
            EntityRef::Id(id) => self.add(named, etype, stored.take(etype, *id)),
            EntityRef::Lookup(_) => {
                let found = stored.found.get(&key).copied();
                let found = found.map(|id| self.place(stored, &(Cow::Owned(EntityRef::Id(id)), etype)));
                let found = found.filter(|place| self.list[*place].existed());
                found.unwrap_or_else(|| self.add(named, etype, None))
            }
        };
        self.places.entry(key).or_default().insert((*etype).to_owned(), place);
        place
    }

    fn add(&mut self, named: &EntityRef, etype: &str, before: Option<Map<String, Value>>) -> Place {
        let (etype, named) = (etype.to_owned(), named.clone());
        self.list.push(Entity { etype, named, before, changed: None, rule_params: Vec::new() });
        self.list.len() - 1
    }

    fn apply(&mut self, known: &KnownAttrs, index: usize, step: &TxStep) {
        let Some(Ends { subject, target }) = self.of_steps[index] else { return };
        let label = |attr| known.get(attr).map_or_else(String::new, |attr| attr.forward_identity.2.clone());
        match step {
            TxStep::AddTriple { attr, value, .. } | TxStep::DeepMerge { attr, value, .. } => {
                let label = label(*attr);
                let value = target.map_or_else(|| value.clone(), |place| self.list[place].named.to_json());
                let entity = &mut self.list[subject];
                // An entity that a lookup makes has the value that it is looked up by.
                let looked_up = entity.named.lookup().and_then(|lookup| {
                    Some((known.get(lookup.attr)?.forward_identity.2.clone(), lookup.value.clone()))
                });
                let record = entity.change();
                record.extend(looked_up);
                if matches!(step, TxStep::DeepMerge { .. }) {
                    let old = record.get_mut(&label).map(Value::take).unwrap_or_default();
                    record.insert(label.clone(), deep_merge(old, value));
                } else {
                    record.insert(label.clone(), value);
                }
                if label != "id" {
                    let key = Key::of(&self.list[subject].named);
                    self.modified.entry(key).or_default().insert(label);
                }
            }
            TxStep::Retract { attr, .. } => {
                let label = label(*attr);
                let entity = &mut self.list[subject];
                if entity.after().is_some_and(|record| record.contains_key(&label)) {
                    entity.change().shift_remove(&label);
                }
            }
            TxStep::RuleParams { params, .. } => self.list[subject].rule_params.push(Arc::clone(params)),
            TxStep::DeleteEntity { .. }
            | TxStep::AddAttr(_)
            | TxStep::UpdateAttr(_)
            | TxStep::DeleteAttr(_) => {}
        }
    }
}

impl Key {
    fn of(named: &EntityRef) -> Self {
        match named {
            EntityRef::Id(id) => Self::Id(*id),
            EntityRef::Lookup(lookup) => Self::Lookup(lookup.attr, lookup.value.to_string()),
        }
    }
}

/// What names an entity in a step, and the entity's type.
type Name<'s> = (Cow<'s, EntityRef>, &'s str);

/// The names of entities in one step.
struct Named<'s> {
    subject: Name<'s>,
    target: Option<Name<'s>>,
}

impl<'s> Named<'s> {
    /// `None` for steps about attributes.
    fn by(known: &'s KnownAttrs, step: &'s TxStep) -> Option<Self> {
        let (entity, etype, target) = match step {
            TxStep::AddTriple { entity, attr, value, .. }
            | TxStep::DeepMerge { entity, attr, value, .. }
            | TxStep::Retract { entity, attr, value, .. } => {
                let attr = known.get(*attr)?;
                let target = attr.reverse_identity.as_ref().and_then(|side| linked(side, value));
                (entity, attr.forward_identity.entity(), target)
            }
            TxStep::DeleteEntity { entity, etype: Some(etype) }
            | TxStep::RuleParams { entity, etype, .. } => (entity, etype.as_str(), None),
            TxStep::DeleteEntity { etype: None, .. }
            | TxStep::AddAttr(_)
            | TxStep::UpdateAttr(_)
            | TxStep::DeleteAttr(_) => return None,
        };
        Some(Self { subject: (Cow::Borrowed(entity), etype), target })
    }
}

/// The target that the value of a link names. `None` for a value that can be none: the write refuses it.
fn linked<'s>(side: &'s Identity, value: &Value) -> Option<Name<'s>> {
    let named = match Lookup::from_value(value) {
        Some(lookup) => EntityRef::Lookup(lookup),
        None => EntityRef::Id(parse_id_value(value)?),
    };
    Some((Cow::Owned(named), side.entity()))
}

/// The entity that a step names, if it exists. Rules find none by a lookup of null, whoever has no value.
fn find(tx: &ReadTx<'_>, named: &EntityRef) -> Result<Option<Uuid>, ApiError> {
    match named.lookup() {
        Some(lookup) if lookup.value.is_null() => Ok(None),
        _ => lookups::find_earlier(tx, named),
    }
}

/// What is stored of the entities that steps name, read in one go for each entity type.
struct Stored {
    /// The entities that lookups find.
    found: HashMap<Key, Uuid>,
    records: HashMap<String, HashMap<Uuid, Map<String, Value>>>,
}

impl Stored {
    fn load(tx: &ReadTx<'_>, known: &KnownAttrs, steps: &[TxStep]) -> Result<Self, ApiError> {
        let mut found = HashMap::new();
        let mut ids: HashMap<&str, HashSet<Uuid>> = HashMap::new();
        for named in steps.iter().filter_map(|step| Named::by(known, step)) {
            for (named, etype) in [Some(named.subject), named.target].into_iter().flatten() {
                let id = match &*named {
                    EntityRef::Id(id) => Some(*id),
                    EntityRef::Lookup(_) => match found.entry(Key::of(&named)) {
                        Entry::Occupied(known) => Some(*known.get()),
                        Entry::Vacant(vacant) => find(tx, &named)?.map(|id| *vacant.insert(id)),
                    },
                };
                if let Some(id) = id {
                    ids.entry(etype).or_default().insert(id);
                }
            }
        }
        let mut stored = Self { found, records: HashMap::new() };
        for (etype, ids) in ids {
            let ids: Vec<Uuid> = ids.into_iter().collect();
            let records = records(tx, etype, &ids, &Keys::All)?;
            let records = ids.into_iter().zip(records).filter(|(_, record)| !record.is_empty());
            stored.records.insert(etype.to_owned(), records.collect());
        }
        Ok(stored)
    }

    fn take(&mut self, etype: &str, id: Uuid) -> Option<Map<String, Value>> {
        self.records.get_mut(etype)?.remove(&id)
    }
}
