//! Keeping a server's schema complete: what it lacks is created, when a request needs it or all at once.

mod advice;
mod names;
mod push;

use std::collections::HashSet;

use instant_schema::plan::{Changes, PlanStep, attrs_for};
use instant_schema::{Attr, Identity, Schema};
use serde::Deserialize;

use crate::error::{Error, ErrorKind};
use crate::http::Deadline;
use crate::schema::{Known, SchemaSync};
use crate::session::Session;

pub(crate) use names::{Name, lacking_for_order, lacking_for_steps};
pub use push::{PushedSchema, SchemaPlan};
pub(crate) use push::{plan_for, push};

/// How often creating is tried again after another client created some of the same names.
const LOST_RACES: usize = 5;

/// Creates for one request what the server lacks of the schema.
pub(crate) struct Supply<'a> {
    session: &'a Session,
    known: Option<&'a Known>,
    deadline: Deadline,
    /// What the last refusal asked for.
    created: Option<Vec<Name>>,
}

impl<'a> Supply<'a> {
    /// Pushes the whole schema, if the client is eager and has not pushed it yet.
    pub(crate) async fn begin(
        session: &'a Session,
        known: Option<&'a Known>,
        deadline: Deadline,
    ) -> Result<Self, Error> {
        if let Some(known) = known.filter(|known| known.sync == SchemaSync::Eager) {
            let nothing_else = Changes::default();
            let pushed = async || push(session, known.schema(), &nothing_else, deadline).await.map(drop);
            known.pushed.get_or_try_init(pushed).await?;
        }
        Ok(Self { session, known, deadline, created: None })
    }

    /// Creates what `lacking` finds in a refusal. The request had no effect and can then be sent again. Returns the
    /// refusal, with advice where there is some, if it has another reason or if this client may not create.
    pub(crate) async fn provide(
        &mut self,
        refused: Error,
        lacking: impl Fn(&Schema, &Error) -> Option<Vec<Name>>,
    ) -> Result<(), Error> {
        let Some(known) = self.known else { return Err(refused) };
        let Some(names) = lacking(known.schema(), &refused) else {
            return Err(advice::advise(known.schema(), refused));
        };
        match known.sync {
            SchemaSync::OnDemand if !self.session.shared.http.is_admin() => Err(refused.advising(
                "a client without an admin token cannot create what the server lacks of the schema: push it with \
                 `db.push_schema()` on a client that has one",
            )),
            // A query is refused for one of its root entities at a time.
            SchemaSync::OnDemand if self.created.as_ref() != Some(&names) => {
                self.session.create(known.schema(), &names, self.deadline).await?;
                self.created = Some(names);
                Ok(())
            }
            SchemaSync::Off => Err(refused.advising(
                "this client creates none (`SchemaSync::Off`): push the schema with `db.push_schema()`, or leave \
                 `.schema_sync(..)` out",
            )),
            SchemaSync::OnDemand | SchemaSync::Eager => Err(refused),
        }
    }
}

impl Session {
    /// Creates those of `names` that the server lacks.
    async fn create(&self, schema: &Schema, names: &[Name], deadline: Deadline) -> Result<(), Error> {
        let _guard = self.shared.schemas.creating.lock().await;
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
                return Ok(());
            }
            let mut attrs = attrs_for(schema, missing.iter().map(String::as_str))
                .map_err(|unknown| Error::new(ErrorKind::InvalidTransaction, unknown.to_string()))?;
            for attr in attrs.iter_mut().filter(|attr| populated.contains(attr.forward_identity.entity())) {
                attr.required = false;
            }
            let steps: Vec<PlanStep> = attrs.into_iter().map(PlanStep::AddAttr).collect();
            match self.apply(&steps, deadline).await {
                Ok(_) => {
                    tracing::info!(attributes = ?missing, "created what the server lacked of the schema");
                    return Ok(());
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
    async fn present(&self, deadline: Deadline) -> Result<HashSet<Name>, Error> {
        let attrs = self.attributes(deadline).await?;
        let live = attrs.iter().filter(|attr| attr.deletion_marked_at.is_none());
        let identities = live.flat_map(|attr| [Some(&attr.forward_identity), attr.reverse_identity.as_ref()]);
        let name = |identity: &Identity| (identity.entity().to_owned(), identity.label().to_owned());
        Ok(identities.flatten().map(name).collect())
    }

    /// The server's records of all attributes and links, its own included.
    async fn attributes(&self, deadline: Deadline) -> Result<Vec<Attr>, Error> {
        #[derive(Deserialize)]
        struct Pulled {
            attrs: Vec<Attr>,
        }
        let path = format!("dash/apps/{}/schema/pull", self.shared.http.app_id());
        Ok(self.as_app().get("schema pull", path).by(deadline).answer::<Pulled>().await?.attrs)
    }
}
