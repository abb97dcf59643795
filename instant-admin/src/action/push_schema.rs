//! Planning and pushing the schema.

use std::sync::Arc;
use std::time::Duration;

use instant_schema::Schema;
use instant_schema::plan::Changes;

use super::ActionFuture;
use crate::error::Error;
use crate::http::Deadline;
use crate::schema::SchemaSource;
use crate::schema_sync::{PushedSchema, SchemaPlan, plan_for, push};
use crate::session::Session;

/// A plan that is made when it is awaited; made by [`Db::plan_schema`](crate::Db::plan_schema).
#[must_use = "a plan is made when it is awaited"]
pub struct PlanSchema(Wanted);

/// A push that runs when it is awaited; made by [`Db::push_schema`](crate::Db::push_schema).
#[must_use = "a push runs when it is awaited"]
pub struct PushSchema(Wanted);

/// What is planned or pushed.
struct Wanted {
    session: Session,
    schema: Option<SchemaSource>,
    changes: Changes,
    timeout: Duration,
}

impl Wanted {
    fn new(session: &Session) -> Self {
        let timeout = session.shared.timeout;
        Self { session: session.clone(), schema: None, changes: Changes::default(), timeout }
    }

    fn schema(&mut self) -> Result<Arc<Schema>, Error> {
        if let Some(schema) = self.schema.take() {
            return schema.read();
        }
        let given = self.session.shared.schemas.given().cloned();
        given.ok_or_else(|| {
            Error::config(
                "there is no schema to push: write `.schema(schema::SCHEMA)` after this call, or on the builder of the client",
            )
        })
    }
}

macro_rules! options {
    ($action:ident, $verb:literal) => {
        impl $action {
            pub(crate) fn new(session: &Session) -> Self {
                Self(Wanted::new(session))
            }

            #[doc = concat!($verb, " this schema instead of the one that the client was built with.")]
            pub fn schema(mut self, schema: impl Into<SchemaSource>) -> Self {
                self.0.schema = Some(schema.into());
                self
            }

            /// Gives attributes and links the names that the schema has for them now, with their values. Each pair is
            /// `("entity.old", "entity.new")`; a link goes by its name on either side. Without this, a new name in the
            /// schema is a new attribute.
            pub fn rename<Old: Into<String>, New: Into<String>>(
                mut self,
                names: impl IntoIterator<Item = (Old, New)>,
            ) -> Self {
                for (from, to) in names {
                    self.0.changes.rename(from, to);
                }
                self
            }

            /// Deletes attributes and links, `"entity.label"`, or whole entities, `"entity"`, that the schema no longer
            /// has. The values go with them. The official server can restore them for two days.
            pub fn delete<Name: Into<String>>(mut self, names: impl IntoIterator<Item = Name>) -> Self {
                for name in names {
                    self.0.changes.delete(name);
                }
                self
            }

            /// Sets how long this may take in all, with the jobs that look at existing data.
            pub fn timeout(mut self, timeout: Duration) -> Self {
                self.0.timeout = timeout;
                self
            }
        }
    };
}

options!(PlanSchema, "Plans");
options!(PushSchema, "Pushes");

impl IntoFuture for PlanSchema {
    type Output = Result<SchemaPlan, Error>;
    type IntoFuture = ActionFuture<SchemaPlan>;

    fn into_future(self) -> Self::IntoFuture {
        let Self(mut wanted) = self;
        Box::pin(async move {
            let schema = wanted.schema()?;
            plan_for(&wanted.session, &schema, &wanted.changes, Deadline::after(wanted.timeout)).await
        })
    }
}

impl IntoFuture for PushSchema {
    type Output = Result<PushedSchema, Error>;
    type IntoFuture = ActionFuture<PushedSchema>;

    fn into_future(self) -> Self::IntoFuture {
        let Self(mut wanted) = self;
        Box::pin(async move {
            let schema = wanted.schema()?;
            push(&wanted.session, &schema, &wanted.changes, Deadline::after(wanted.timeout)).await
        })
    }
}
