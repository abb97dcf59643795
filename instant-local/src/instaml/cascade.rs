//! Cascades: which entities a delete removes as well, judged by the state before the transaction.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use instant_schema::Direction;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::lookups;
use super::tx_step::{EntityRef, TxStep};
use crate::error::ApiError;
use crate::store::ReadTx;

/// The steps of a transaction with its cascades.
pub(super) struct Expanded {
    /// Delete steps name ids and entity types. Those that were lookups come after all others, then those of cascades: the
    /// order in which rules are asked, and the first denial is told.
    pub(super) steps: Vec<TxStep>,
    /// What the transaction itself deletes.
    roots: Vec<(Uuid, String)>,
}

/// The most entities to which rule params are handed down in one transaction, counted once for each root.
const MOST_HEIRS: usize = 100_000;

/// Resolves the entities that delete steps name, drops those that do not exist by lookup, and adds a delete step
/// for everything that cascades.
pub(super) fn expand(tx: &ReadTx<'_>, steps: Vec<TxStep>) -> Result<Expanded, ApiError> {
    let mut out = Vec::with_capacity(steps.len());
    let mut looked_up = Vec::new();
    let mut roots = Vec::new();
    let mut seen = HashSet::new();
    let mut queue = Vec::new();
    for step in steps {
        let TxStep::DeleteEntity { entity, etype } = step else {
            out.push(step);
            continue;
        };
        let Some(id) = lookups::find_earlier(tx, &entity)? else { continue };
        let etypes = match etype {
            Some(etype) => vec![etype],
            None => etypes_of(tx, id)?,
        };
        for etype in etypes {
            let deletes = if entity.lookup().is_some() { &mut looked_up } else { &mut out };
            deletes.push(delete(id, &etype));
            if seen.insert((id, etype.clone())) {
                roots.push((id, etype.clone()));
                queue.push((id, etype));
            }
        }
    }
    out.append(&mut looked_up);
    while let Some((id, etype)) = queue.pop() {
        for next in dependants(tx, id, &etype)? {
            if seen.insert(next.clone()) {
                out.push(delete(next.0, &next.1));
                queue.push(next);
            }
        }
    }
    Ok(Expanded { steps: out, roots })
}

impl Expanded {
    /// Gives what a cascade deletes the rule params of the entity that it starts from.
    pub(super) fn inherit_rule_params(&mut self, tx: &ReadTx<'_>) -> Result<(), ApiError> {
        let mut given: HashMap<Uuid, &Arc<Map<String, Value>>> = HashMap::new();
        for step in &self.steps {
            let TxStep::RuleParams { entity, params, .. } = step else { continue };
            if let Some(id) = lookups::find_earlier(tx, entity)? {
                given.insert(id, params);
            }
        }
        let mut inherited = Vec::new();
        for root in &self.roots {
            let Some(params) = given.get(&root.0) else { continue };
            let mut seen = HashSet::from([root.clone()]);
            let mut queue = vec![root.clone()];
            while let Some((id, etype)) = queue.pop() {
                for next in dependants(tx, id, &etype)? {
                    if !seen.insert(next.clone()) {
                        continue;
                    }
                    if inherited.len() == MOST_HEIRS {
                        return Err(ApiError::parameter_limit());
                    }
                    inherited.push(TxStep::RuleParams {
                        entity: EntityRef::Id(next.0),
                        etype: next.1.clone(),
                        params: Arc::clone(params),
                    });
                    queue.push(next);
                }
            }
        }
        self.steps.extend(inherited);
        Ok(())
    }
}

fn delete(id: Uuid, etype: &str) -> TxStep {
    TxStep::DeleteEntity { entity: EntityRef::Id(id), etype: Some(etype.to_owned()) }
}

/// The entities that are deleted with this one.
fn dependants(tx: &ReadTx<'_>, id: Uuid, etype: &str) -> Result<Vec<(Uuid, String)>, ApiError> {
    let cascades = |setting: &Option<String>| setting.as_deref() == Some("cascade");
    let mut found = Vec::new();
    for link in tx.catalog().iter().filter(|stored| stored.is_link()) {
        if cascades(&link.attr.on_delete) && link.target(Direction::Forward) == etype {
            let sources = tx.links(link, Direction::Reverse, id)?;
            found.extend(sources.into_iter().map(|source| (source, link.entity().to_owned())));
        }
        if cascades(&link.attr.on_delete_reverse) && link.entity() == etype {
            let targets = tx.links(link, Direction::Forward, id)?;
            let target_type = link.target(Direction::Forward);
            found.extend(targets.into_iter().map(|target| (target, target_type.to_owned())));
        }
    }
    Ok(found)
}

/// The entity types in which an id has triples.
fn etypes_of(tx: &ReadTx<'_>, id: Uuid) -> Result<Vec<String>, ApiError> {
    let mut etypes = Vec::new();
    for stored in tx.catalog().iter() {
        let etype = stored.entity();
        if !etypes.iter().any(|known| known == etype) && tx.exists(etype, id)? {
            etypes.push(etype.to_owned());
        }
    }
    Ok(etypes)
}
