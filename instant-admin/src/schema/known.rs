//! The schemas that a client knows: the one it was built with, and those that its queries and steps come from.

use std::sync::{Arc, Mutex, PoisonError};

use instant_schema::Schema;
use tokio::sync::OnceCell;

use super::StaticSchema;
use crate::error::Error;

/// When a client with a schema creates on the server what the schema has and the server lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum SchemaSync {
    /// When a transaction or an `order` needs it: exactly the attributes and links it names, as the schema says.
    ///
    /// An attribute that the schema requires is created as optional where the entity already has data that
    /// lacks it; [`Db::push_schema`](crate::Db::push_schema) reports which data keeps it from being required.
    #[default]
    OnDemand,
    /// All of it, before the first request that uses the schema, as [`Db::push_schema`](crate::Db::push_schema) does;
    /// then nothing.
    Eager,
    /// Never: a name that the server lacks is an error.
    Off,
}

/// All schemas of one client.
pub(crate) struct Schemas {
    given: Option<Arc<Schema>>,
    sync: SchemaSync,
    /// What requests have used so far: mostly one entry.
    known: Mutex<Vec<Arc<Known>>>,
    /// One creation at a time: transactions that run side by side tend to lack the same names.
    pub(crate) creating: tokio::sync::Mutex<()>,
}

/// What one request knows: one schema, or the union of several that agree.
pub(crate) struct Known {
    parts: Vec<Arc<Schema>>,
    schema: Arc<Schema>,
    pub(crate) sync: SchemaSync,
    /// Set once an eager client has put it on the server.
    pub(crate) pushed: OnceCell<()>,
}

impl Schemas {
    pub(crate) fn new(given: Option<Arc<Schema>>, sync: SchemaSync) -> Self {
        Self { given, sync, known: Mutex::default(), creating: tokio::sync::Mutex::default() }
    }

    /// The client's own schema, which the builder was given.
    pub(crate) fn given(&self) -> Option<&Arc<Schema>> {
        self.given.as_ref()
    }

    /// What a request knows that is made `of` these schemas, the client's own included; nothing where there is none.
    pub(crate) fn known(
        &self,
        of: impl IntoIterator<Item = StaticSchema>,
    ) -> Result<Option<Arc<Known>>, Error> {
        let mut parts: Vec<Arc<Schema>> = self.given.iter().cloned().collect();
        for schema in of {
            let schema = schema.read()?;
            if !parts.iter().any(|known| Arc::ptr_eq(known, &schema)) {
                parts.push(schema);
            }
        }
        if parts.is_empty() {
            return Ok(None);
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.iter().find(|known| known.is_of(&parts)) {
            return Ok(Some(Arc::clone(known)));
        }
        let new = Arc::new(Known { schema: union(&parts)?, parts, sync: self.sync, pushed: OnceCell::new() });
        known.push(Arc::clone(&new));
        Ok(Some(new))
    }
}

impl Known {
    pub(crate) fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    fn is_of(&self, parts: &[Arc<Schema>]) -> bool {
        self.parts.len() == parts.len()
            && parts.iter().all(|part| self.parts.iter().any(|known| Arc::ptr_eq(known, part)))
    }
}

fn union(parts: &[Arc<Schema>]) -> Result<Arc<Schema>, Error> {
    let mut all = Arc::clone(&parts[0]);
    for part in &parts[1..] {
        let union = all.union(part);
        let union = union.map_err(|conflict| Error::config(conflict.to_string()).with_source(conflict));
        all = Arc::new(union?);
    }
    Ok(all)
}
