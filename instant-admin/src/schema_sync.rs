//! The schema goes along: what the server lacks of it is created, when a request needs it or all at once.

mod names;
mod push;

use std::collections::HashSet;

use instant_schema::plan::{PlanStep, attrs_for};
use instant_schema::{Attr, Schema, Step, instaql};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::{Mutex, OnceCell};

use crate::db::Session;
use crate::decode::decode_json;
use crate::error::{Error, ErrorKind};
use crate::http::{Deadline, Identity, Request, Sending, json_text};

pub use push::{PushSchema, PushedSchema};

/// How often creating is tried again after others were faster with some of the same names.
const LOST_RACES: usize = 5;

/// When a client with a schema creates on the server what the schema has and the server lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum SchemaSync {
    /// When a transaction or an `order` needs it: exactly the attributes and links it names, as the schema says.
    ///
    /// An attribute that the schema requires is created as optional where the entity already has data that
    /// lacks it; [`Db::push_schema`](crate::Db::push_schema) reports what stands in the way of requiring it.
    #[default]
    OnDemand,
    /// All of it, before the first request, as [`Db::push_schema`](crate::Db::push_schema) does; then nothing.
    Eager,
    /// Never: a name that the server lacks is an error.
    Off,
}

/// A client's schema, and what has been done about it.
pub(crate) struct AppSchema {
    schema: Schema,
    sync: SchemaSync,
    /// One creation at a time: transactions that run side by side tend to lack the same names.
    creating: Mutex<()>,
    pushed: OnceCell<()>,
}

impl AppSchema {
    pub(crate) fn new(schema: Schema, sync: SchemaSync) -> Self {
        Self { schema, sync, creating: Mutex::new(()), pushed: OnceCell::new() }
    }

    pub(crate) fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Everything that is wrong with a query given as JSON, as one error at the place of the first.
    pub(crate) fn check(&self, query: &Value) -> Result<(), Error> {
        let problems = instaql::check(&self.schema, query);
        let Some((first, rest)) = problems.split_first() else { return Ok(()) };
        let rest = rest.iter().map(ToString::to_string);
        let message: Vec<String> = std::iter::once(first.message.clone()).chain(rest).collect();
        Err(Error::invalid_query(first.path.to_string(), message.join("\n")))
    }
}

impl Session {
    /// Puts the schema on the server before the first request, if that is what the client was told to do.
    pub(crate) async fn prepare(&self, deadline: Deadline) -> Result<(), Error> {
        match &self.shared.schema {
            Some(app) if app.sync == SchemaSync::Eager => {
                app.pushed
                    .get_or_try_init(|| async { push::push(self, &app.schema, deadline).await.map(drop) })
                    .await?;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Creates what `refused` says the server lacks for a transaction; false if that is not why it was refused.
    pub(crate) async fn create_for_steps(
        &self,
        refused: &Error,
        steps: &[Step],
        deadline: Deadline,
    ) -> Result<bool, Error> {
        match self.on_demand() {
            Some(app) if names::lacks_attributes(refused) => {
                self.create(app, &names::of_steps(&app.schema, steps), deadline).await?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// Creates what `refused` says the server lacks to order a query; false if that is not why it was refused, or
    /// if the schema does not have it either.
    pub(crate) async fn create_for_order(&self, refused: &Error, deadline: Deadline) -> Result<bool, Error> {
        let Some(app) = self.on_demand().filter(|_| self.shared.http.is_admin()) else { return Ok(false) };
        match names::lacking_order(refused).filter(|(entity, label)| is_known(&app.schema, entity, label)) {
            Some((entity, label)) => {
                let id = (entity.clone(), "id".to_owned());
                self.create(app, &[id, (entity, label)], deadline).await
            }
            None => Ok(false),
        }
    }

    /// Says what to do where `refused` is for attributes that this client was told not to create.
    pub(crate) fn advise(&self, refused: Error) -> Error {
        let is_off = self.shared.schema.as_ref().is_some_and(|app| app.sync == SchemaSync::Off);
        if is_off && names::lacks_attributes(&refused) {
            refused.advising(
                "this client creates none (`SchemaSync::Off`): push the schema with `db.push_schema()`, or leave \
                 `.schema_sync(..)` out",
            )
        } else {
            refused
        }
    }

    fn on_demand(&self) -> Option<&AppSchema> {
        self.shared.schema.as_ref().filter(|app| app.sync == SchemaSync::OnDemand)
    }

    /// Creates those of `names` that the server lacks; true if there were any.
    async fn create(
        &self,
        app: &AppSchema,
        names: &[(String, String)],
        deadline: Deadline,
    ) -> Result<bool, Error> {
        if !self.shared.http.is_admin() {
            return Err(Error::new(
                ErrorKind::InvalidTransaction,
                "the server lacks attributes of the schema, and a client without an admin token cannot create \
                 them; push the schema with one first",
            ));
        }
        let _guard = app.creating.lock().await;
        let mut populated = HashSet::new();
        let mut lost_races = 0;
        loop {
            let present = self.present(deadline).await?;
            let missing: Vec<String> = names
                .iter()
                .filter(|name| !present.contains(name))
                .map(|(entity, label)| format!("{entity}.{label}"))
                .collect();
            if missing.is_empty() {
                return Ok(lost_races > 0);
            }
            let mut attrs = attrs_for(&app.schema, missing.iter().map(String::as_str))
                .map_err(|unknown| Error::new(ErrorKind::InvalidTransaction, unknown.to_string()))?;
            for attr in attrs.iter_mut().filter(|attr| populated.contains(attr.forward_identity.entity())) {
                attr.required = false;
            }
            match self.apply(&attrs, deadline).await {
                Ok(()) => {
                    tracing::info!(attributes = ?missing, "created what the server lacked of the schema");
                    return Ok(true);
                }
                Err(error) if error.is_not_unique() && lost_races < LOST_RACES => lost_races += 1,
                Err(error) => {
                    let entity = names::populated_entity(&error).filter(|entity| !populated.contains(entity));
                    let Some(entity) = entity else { return Err(error) };
                    tracing::warn!(
                        entity,
                        attributes = ?missing,
                        "creating as optional what the schema requires, since there are entities without it"
                    );
                    populated.insert(entity);
                }
            }
        }
    }

    /// The names that the server has, from both sides of links.
    async fn present(&self, deadline: Deadline) -> Result<HashSet<(String, String)>, Error> {
        #[derive(Deserialize)]
        struct Pulled {
            attrs: Vec<Attr>,
        }
        let path = format!("dash/apps/{}/schema/pull", self.shared.http.app_id());
        let body = self.schema_request("schema pull", Method::GET, &path, None, deadline).await?;
        let attrs = decode_json::<Pulled>(&body)?.attrs;
        let live = attrs.iter().filter(|attr| attr.deletion_marked_at.is_none());
        let identities = live.flat_map(|attr| [Some(&attr.forward_identity), attr.reverse_identity.as_ref()]);
        let name =
            |identity: &instant_schema::Identity| (identity.entity().to_owned(), identity.label().to_owned());
        Ok(identities.flatten().map(name).collect())
    }

    async fn apply(&self, attrs: &[Attr], deadline: Deadline) -> Result<(), Error> {
        let steps: Vec<Value> = attrs.iter().map(|attr| PlanStep::AddAttr(attr.clone()).to_json()).collect();
        let path = format!("dash/apps/{}/schema/steps/apply", self.shared.http.app_id());
        let body = json!({ "steps": steps });
        self.schema_request("schema apply", Method::POST, &path, Some(&body), deadline).await.map(drop)
    }

    /// A request about the schema. Sending one twice is safe: the records it makes carry their ids.
    async fn schema_request(
        &self,
        operation: &'static str,
        method: Method,
        path: &str,
        body: Option<&Value>,
        deadline: Deadline,
    ) -> Result<Vec<u8>, Error> {
        let request = Request {
            operation,
            entities: "",
            method,
            path,
            identity: &Identity::Admin,
            body: body.map(json_text),
            deadline,
            sending: Sending::Repeatable,
        };
        self.shared.http.send(&request).await
    }
}

fn is_known(schema: &Schema, entity: &str, label: &str) -> bool {
    schema.entity(entity).is_some() && (label == "id" || schema.attribute(entity, label).is_some())
}
