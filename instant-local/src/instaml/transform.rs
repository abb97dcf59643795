//! Turns admin steps (with names) into tx-steps (with attribute ids), and adds missing attributes.

use std::collections::HashMap;

use instant_schema::instaml::Action;
use instant_schema::{Attr, Cardinality, Direction, Identity, Step, Target};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::admin_steps::AdminStep;
use super::tx_step::{EntityRef, Lookup, Mode, TxStep};
use crate::error::ApiError;
use crate::store::AttrCatalog;

/// Turns admin steps into tx-steps. `input` is the request's own `steps`, echoed in errors; `strict` refuses
/// steps that need attributes which the app does not have.
pub(crate) fn transform(
    catalog: &AttrCatalog,
    steps: Vec<AdminStep>,
    input: &Value,
    strict: bool,
) -> Result<Vec<TxStep>, ApiError> {
    let mut names = Names { catalog, added: Vec::new(), added_at: HashMap::new() };
    // Lookups first, so that an attribute used for one is created unique.
    for step in entity_steps(&steps) {
        names.add_for_lookups(step)?;
    }
    for step in entity_steps(&steps) {
        names.add_for_step(step);
    }
    if strict && !names.added.is_empty() {
        return Err(missing_attributes(&names.added, input));
    }
    let mut out = Vec::new();
    for step in steps {
        match step {
            AdminStep::Entity(step) => names.expand(step, &mut out)?,
            AdminStep::AddAttr(record) => out.push(read_attr(&record)?),
            AdminStep::DeleteAttr(id) => out.push(TxStep::DeleteAttr(id)),
        }
    }
    let added = names.added.into_iter().map(|attr| TxStep::AddAttr(Box::new(attr)));
    Ok(added.chain(out).collect())
}

fn entity_steps(steps: &[AdminStep]) -> impl Iterator<Item = &Step> {
    steps.iter().filter_map(|step| match step {
        AdminStep::Entity(step) => Some(step),
        AdminStep::AddAttr(_) | AdminStep::DeleteAttr(_) => None,
    })
}

fn missing_attributes(added: &[Attr], input: &Value) -> ApiError {
    let names: Vec<String> = added
        .iter()
        .map(|attr| format!("{}.{}", attr.forward_identity.entity(), attr.forward_identity.label()))
        .collect();
    let message = "Attributes are missing in your schema";
    let error = json!({ "message": message, "hint": { "attributes": names } });
    ApiError::validation("steps", input.clone(), vec![error])
}

/// The app's attributes and those that this transaction adds.
struct Names<'a> {
    catalog: &'a AttrCatalog,
    added: Vec<Attr>,
    /// Entity type and label of what was added, with its place and the side it is seen from.
    added_at: HashMap<String, HashMap<String, (usize, Direction)>>,
}

impl Names<'_> {
    fn forward(&self, etype: &str, label: &str) -> Option<&Attr> {
        let known = self.catalog.forward(etype, label).map(|stored| &*stored.attr);
        known.or_else(|| self.added_under(etype, label, Direction::Forward))
    }

    fn reverse(&self, etype: &str, label: &str) -> Option<&Attr> {
        let known = self.catalog.reverse(etype, label).map(|stored| &*stored.attr);
        known.or_else(|| self.added_under(etype, label, Direction::Reverse))
    }

    fn added_under(&self, etype: &str, label: &str, side: Direction) -> Option<&Attr> {
        let (index, seen_from) = self.added_at.get(etype)?.get(label)?;
        (*seen_from == side).then(|| &self.added[*index])
    }

    fn add(&mut self, attr: Attr) {
        let index = self.added.len();
        let reverse = attr.reverse_identity.as_ref().map(|reverse| (reverse, Direction::Reverse));
        for (identity, side) in [(&attr.forward_identity, Direction::Forward)].into_iter().chain(reverse) {
            let labels = self.added_at.entry(identity.entity().to_owned()).or_default();
            // A link from an entity type to itself under one label reads forward.
            labels.entry(identity.label().to_owned()).or_insert((index, side));
        }
        self.added.push(attr);
    }

    fn add_for_lookups(&mut self, step: &Step) -> Result<(), ApiError> {
        let Step { entity: etype, target, action, .. } = step;
        if matches!(action, Action::RuleParams(_)) {
            return Ok(());
        }
        if let Target::Lookup { attribute, value } = target {
            self.add_for_lookup(etype, attribute, value)?;
        }
        let Action::Link(links) = action else { return Ok(()) };
        for (label, targets) in links {
            for target in targets {
                if let Target::Lookup { attribute, value } = target {
                    self.add_lookup_link(etype, label);
                    let linked = self.linked_etype(etype, label);
                    self.add_for_lookup(&linked, attribute, value)?;
                }
            }
        }
        Ok(())
    }

    /// The attribute of a lookup: the link for `label.id`, else a unique attribute.
    fn add_for_lookup(&mut self, etype: &str, attribute: &str, value: &Value) -> Result<(), ApiError> {
        if let Some(label) = self.lookup_through_link(etype, attribute, value)? {
            self.add_lookup_link(etype, &label);
        } else if self.forward(etype, attribute).is_none() {
            self.add(Attr { unique: true, indexed: true, ..Attr::blob(etype, attribute) });
        }
        Ok(())
    }

    fn add_lookup_link(&mut self, etype: &str, label: &str) {
        if self.forward(etype, label).is_none() && self.reverse(etype, label).is_none() {
            let cardinality = Cardinality::One;
            self.add(Attr { unique: true, indexed: true, cardinality, ..invented_link(etype, label) });
        }
    }

    fn linked_etype(&self, etype: &str, label: &str) -> String {
        let forward = self.forward(etype, label).and_then(|attr| attr.reverse_identity.as_ref());
        let linked = forward.or_else(|| self.reverse(etype, label).map(|attr| &attr.forward_identity));
        linked.map_or(label, Identity::entity).to_owned()
    }

    fn add_for_step(&mut self, step: &Step) {
        let Step { entity: etype, action, .. } = step;
        let (attributes, links) = (action.attributes(), action.links());
        if (attributes.is_some() || links.is_some()) && self.forward(etype, "id").is_none() {
            self.add(Attr::id_of(etype));
        }
        for label in attributes.into_iter().flat_map(Map::keys) {
            if self.forward(etype, label).is_none() {
                self.add(Attr::blob(etype, label));
            }
        }
        for (label, _) in links.into_iter().flatten() {
            if self.forward(etype, label).is_none() && self.reverse(etype, label).is_none() {
                self.add(invented_link(etype, label));
            }
        }
    }

    fn expand(&self, step: Step, out: &mut Vec<TxStep>) -> Result<(), ApiError> {
        let Step { entity, target, action, .. } = step;
        match action {
            Action::Create(attributes) => {
                self.expand_write(&entity, &target, attributes, Mode::Create, false, out)
            }
            Action::Update { attributes, upsert } => {
                self.expand_write(&entity, &target, attributes, mode(upsert), false, out)
            }
            Action::Merge { attributes, upsert } => {
                self.expand_write(&entity, &target, attributes, mode(upsert), true, out)
            }
            Action::Link(links) => self.expand_links(&entity, &target, &links, true, out),
            Action::Unlink(links) => self.expand_links(&entity, &target, &links, false, out),
            Action::Delete => {
                let place = self.entity_ref(&entity, &target)?;
                out.push(TxStep::DeleteEntity { entity: place, etype: Some(entity) });
                Ok(())
            }
            Action::RuleParams(_) => {
                self.entity_ref(&entity, &target)?;
                out.push(TxStep::RuleParams);
                Ok(())
            }
        }
    }

    fn expand_write(
        &self,
        etype: &str,
        target: &Target,
        attributes: Map<String, Value>,
        mode: Mode,
        merge: bool,
        out: &mut Vec<TxStep>,
    ) -> Result<(), ApiError> {
        let entity = self.entity_ref(etype, target)?;
        out.push(self.id_triple(etype, &entity, mode));
        for (label, value) in attributes {
            let attr = self.id_of(etype, &label);
            let entity = entity.clone();
            out.push(if merge {
                TxStep::DeepMerge { entity, attr, value, mode }
            } else {
                TxStep::AddTriple { entity, attr, value, mode }
            });
        }
        Ok(())
    }

    fn expand_links(
        &self,
        etype: &str,
        target: &Target,
        links: &[(String, Vec<Target>)],
        add: bool,
        out: &mut Vec<TxStep>,
    ) -> Result<(), ApiError> {
        let here = self.entity_ref(etype, target)?;
        if here.lookup().is_some() {
            out.push(self.id_triple(etype, &here, Mode::Upsert));
        }
        for (label, targets) in links {
            let is_forward = self.forward(etype, label).is_some();
            let attr = self.link_id(etype, label);
            let linked = self.linked_etype(etype, label);
            for target in targets {
                let there = self.entity_ref(&linked, target)?;
                let (entity, value) =
                    if is_forward { (here.clone(), there.to_json()) } else { (there, here.to_json()) };
                out.push(if add {
                    TxStep::AddTriple { entity, attr, value, mode: Mode::Upsert }
                } else {
                    TxStep::Retract { entity, attr, value }
                });
            }
        }
        Ok(())
    }

    fn id_triple(&self, etype: &str, entity: &EntityRef, mode: Mode) -> TxStep {
        let attr = self.id_of(etype, "id");
        TxStep::AddTriple { entity: entity.clone(), attr, value: entity.to_json(), mode }
    }

    /// Returns the id of the attribute that a write names. Every name was added before; `execute` refuses a nil id.
    fn id_of(&self, etype: &str, label: &str) -> Uuid {
        self.forward(etype, label).map_or(Uuid::nil(), |attr| attr.id)
    }

    fn link_id(&self, etype: &str, label: &str) -> Uuid {
        let attr = self.forward(etype, label).or_else(|| self.reverse(etype, label));
        attr.map_or(Uuid::nil(), |attr| attr.id)
    }

    fn entity_ref(&self, etype: &str, target: &Target) -> Result<EntityRef, ApiError> {
        let (attribute, value) = match target {
            Target::Id(id) => return Ok(EntityRef::Id(*id)),
            Target::Lookup { attribute, value } => (attribute, value),
        };
        let through = self.lookup_through_link(etype, attribute, value)?;
        let attr = self.forward(etype, through.as_deref().unwrap_or(attribute));
        if let Some(attr) = attr.filter(|attr| attr.unique) {
            return Ok(EntityRef::Lookup(Lookup { attr: attr.id, value: value.clone() }));
        }
        let message = format!("{attribute} is not a unique attribute on {etype}");
        Err(ApiError::invalid("lookup", json!([attribute, value]), message))
    }

    /// Returns the link's label for a lookup by `label.id`. `None` where the dotted name is an attribute.
    fn lookup_through_link(
        &self,
        etype: &str,
        attribute: &str,
        value: &Value,
    ) -> Result<Option<String>, ApiError> {
        if !attribute.contains('.') || self.forward(etype, attribute).is_some() {
            return Ok(None);
        }
        if let Some((label, "id")) = attribute.split_once('.') {
            return Ok(Some(label.to_owned()));
        }
        let message = format!("{attribute} is not a valid lookup attribute.");
        Err(ApiError::invalid("lookup", json!([attribute, value]), message))
    }
}

fn mode(upsert: Option<bool>) -> Mode {
    if upsert == Some(false) { Mode::Update } else { Mode::Upsert }
}

/// Makes a link that no schema declares: many to many, to an entity type with the same name as the link.
fn invented_link(etype: &str, label: &str) -> Attr {
    Attr::link(etype, label, label, etype)
}

/// Reads the record of an `add-attr`.
fn read_attr(record: &Map<String, Value>) -> Result<TxStep, ApiError> {
    let step = json!(["add-attr", record]);
    TxStep::from_json(&step).map_err(|bad| ApiError::validation("tx-steps", step, vec![bad.into_error(&[])]))
}
