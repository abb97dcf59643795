//! Turns admin steps (with names) into tx-steps (with attribute ids), and adds missing attributes.

use std::collections::HashMap;
use std::sync::Arc;

use instant_schema::instaml::Action;
use instant_schema::{Attr, Cardinality, Direction, Identity, Step, Target, parse_id_value};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::admin_steps::AdminStep;
use super::tx_step::{BadStep, EntityRef, Lookup, Mode, NewAttr, TxStep};
use crate::error::ApiError;
use crate::store::AttrCatalog;

/// Turns admin steps into tx-steps. `input` is the request's own `steps`, echoed in errors; `strict` refuses
/// steps that need attributes which the app does not have.
///
/// Reports errors in the order of the official server: lookups, then ids, then new attributes.
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
    let invented: Result<Vec<NewAttr>, BadStep> =
        names.added.iter().cloned().map(NewAttr::invented).collect();
    let mut out = Expanded { input, index: 0, steps: Vec::new(), bad_id: None, bad_attr: None };
    match invented {
        Ok(new) => out.steps.extend(new.into_iter().map(|new| TxStep::AddAttr(Box::new(new)))),
        Err(bad) => out.bad_attr = Some(bad.into_error(&[json!(0)])),
    }
    for (index, step) in steps.into_iter().enumerate() {
        out.index = index;
        match step {
            AdminStep::Entity(step) => names.expand(step, &mut out)?,
            AdminStep::AddAttr(payload) => out.add_attr(&payload),
            AdminStep::DeleteAttr(id) => out.steps.push(TxStep::DeleteAttr(id)),
        }
    }
    match out.bad_id.or(out.bad_attr) {
        Some(error) => Err(ApiError::validation("tx-steps", input.clone(), vec![error])),
        None => Ok(out.steps),
    }
}

/// The tx-steps so far, and what is wrong with them. Such errors come after those about lookups.
struct Expanded<'a> {
    /// The request's own steps, and which of them is expanded.
    input: &'a Value,
    index: usize,
    steps: Vec<TxStep>,
    bad_id: Option<Value>,
    bad_attr: Option<Value>,
}

impl Expanded<'_> {
    fn add_attr(&mut self, payload: &Map<String, Value>) {
        match TxStep::from_json(&json!(["add-attr", payload])) {
            Ok(step) => self.steps.push(step),
            Err(bad) => {
                let error = bad.into_error(&[json!(self.steps.len())]);
                self.bad_attr.get_or_insert(error);
            }
        }
    }

    /// Keeps an error about an id in the place `part` of the next tx-step.
    fn wrong_id(&mut self, message: &str, part: usize) {
        let error = json!({ "message": message, "in": [self.steps.len(), part] });
        self.bad_id.get_or_insert(error);
    }

    /// A target as the request has it, for the errors about lookups: that of the step, or one of a link.
    fn sent(&self, link: Option<(&str, usize)>) -> Value {
        let step = &self.input[self.index];
        let Some((label, place)) = link else { return step[2].clone() };
        match &step[3][label] {
            Value::Array(targets) => targets.get(place).cloned().unwrap_or_default(),
            Value::Object(lookups) => {
                lookups.iter().nth(place).map_or(Value::Null, |(attribute, value)| json!([attribute, value]))
            }
            one => one.clone(),
        }
    }
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

    fn expand(&self, step: Step, out: &mut Expanded<'_>) -> Result<(), ApiError> {
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
                let place = self.entity_of_step(&entity, &target, out)?;
                out.steps.push(TxStep::DeleteEntity { entity: place, etype: Some(entity) });
                Ok(())
            }
            Action::RuleParams(params) => {
                let place = self.entity_of_step(&entity, &target, out)?;
                out.steps.push(TxStep::RuleParams { entity: place, etype: entity, params: Arc::new(params) });
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
        out: &mut Expanded<'_>,
    ) -> Result<(), ApiError> {
        let entity = self.entity_of_step(etype, target, out)?;
        out.steps.push(self.id_triple(etype, &entity, mode));
        for (label, value) in attributes {
            let attr = self.id_of(etype, &label);
            let entity = entity.clone();
            out.steps.push(if merge {
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
        out: &mut Expanded<'_>,
    ) -> Result<(), ApiError> {
        let here = self.entity_of_step(etype, target, out)?;
        if here.lookup().is_some() {
            out.steps.push(self.id_triple(etype, &here, Mode::Upsert));
        }
        for (label, targets) in links {
            let is_forward = self.forward(etype, label).is_some();
            let attr = self.link_id(etype, label);
            let linked = self.linked_etype(etype, label);
            for (place, target) in targets.iter().enumerate() {
                let sent = Some((label.as_str(), place));
                let (entity, value) = match target {
                    // A text is written as any value is, and refused there.
                    Target::Unreadable(text) if is_forward => (here.clone(), json!(text)),
                    _ if is_forward => {
                        (here.clone(), self.entity_ref(&linked, target, sent, 3, out)?.to_json())
                    }
                    _ => (self.entity_ref(&linked, target, sent, 1, out)?, here.to_json()),
                };
                out.steps.push(if add {
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

    fn entity_of_step(
        &self,
        etype: &str,
        target: &Target,
        out: &mut Expanded<'_>,
    ) -> Result<EntityRef, ApiError> {
        self.entity_ref(etype, target, None, 1, out)
    }

    /// The entity that a target names. `link` is where the request has it, and `part` where the tx-step will.
    fn entity_ref(
        &self,
        etype: &str,
        target: &Target,
        link: Option<(&str, usize)>,
        part: usize,
        out: &mut Expanded<'_>,
    ) -> Result<EntityRef, ApiError> {
        let (attribute, value) = match target {
            Target::Id(id) => return Ok(EntityRef::Id(*id)),
            Target::Lookup { attribute, value } => (attribute, value),
            Target::Unreadable(text) => {
                let message = format!(
                    "Invalid entity ID '{text}'. Entity IDs must be UUIDs. Use id() or lookup() to generate a valid UUID."
                );
                out.wrong_id(&message, part);
                return Ok(EntityRef::Id(Uuid::nil()));
            }
        };
        let through = self.lookup_through_link(etype, attribute, value)?;
        let attr = self.forward(etype, through.as_deref().unwrap_or(attribute));
        let Some(attr) = attr.filter(|attr| attr.unique) else {
            let message = format!("{attribute} is not a unique attribute on {etype}");
            return Err(ApiError::invalid("lookup", out.sent(link), message));
        };
        let lookup = Lookup { attr: attr.id, value: value.clone() };
        if attr.forward_identity.label() == "id" && parse_id_value(value).is_none() {
            let message = format!(
                "Invalid lookup '{}'. The lookup attribute is '{etype}.id', but the lookup value is not a valid UUID.",
                lookup.printed()
            );
            out.wrong_id(&message, part);
        }
        Ok(EntityRef::Lookup(lookup))
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
