//! The attributes that a transaction can name: those of the app, and those that it adds itself.

use std::collections::HashMap;
use std::sync::Arc;

use instant_schema::Attr;
use uuid::Uuid;

use super::tx_step::TxStep;
use crate::store::{AttrCatalog, ReadTx};

/// The attributes by their ids, before those that the transaction adds are stored.
pub(super) struct KnownAttrs {
    added: HashMap<Uuid, Attr>,
    catalog: Arc<AttrCatalog>,
}

impl KnownAttrs {
    pub(super) fn new(tx: &ReadTx<'_>, steps: &[TxStep]) -> Self {
        let added = steps.iter().filter_map(|step| match step {
            TxStep::AddAttr(new) => Some((new.attr.id, new.attr.clone())),
            _ => None,
        });
        Self { added: added.collect(), catalog: tx.catalog().clone() }
    }

    /// The record of an attribute: one that this transaction adds, or one that is stored.
    pub(super) fn get(&self, id: Uuid) -> Option<&Attr> {
        self.added.get(&id).or_else(|| self.catalog.attr(id).map(|stored| &*stored.attr))
    }

    /// The entity type that owns the attribute.
    pub(super) fn entity_of(&self, id: Uuid) -> Option<&str> {
        self.get(id).map(|attr| attr.forward_identity.entity())
    }
}
