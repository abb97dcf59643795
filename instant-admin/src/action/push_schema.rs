//! Pushing the schema.

use std::time::Duration;

use super::ActionFuture;
use crate::error::Error;
use crate::http::Deadline;
use crate::schema_sync::{PushedSchema, push};
use crate::session::Session;

/// A push that runs when it is awaited; made by [`Db::push_schema`](crate::Db::push_schema).
#[must_use = "a push runs when it is awaited"]
pub struct PushSchema {
    session: Session,
    timeout: Duration,
}

impl PushSchema {
    pub(crate) fn new(session: &Session) -> Self {
        let session = session.clone();
        let timeout = session.shared.timeout;
        Self { session, timeout }
    }

    /// How long the push may take in all, with the jobs that look at existing data.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }
}

impl IntoFuture for PushSchema {
    type Output = Result<PushedSchema, Error>;
    type IntoFuture = ActionFuture<PushedSchema>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let Some(schema) = self.session.shared.schemas.given() else {
                return Err(Error::config(
                    "the client has no schema; give it one with .schema(schema::SCHEMA)",
                ));
            };
            push(&self.session, schema, Deadline::after(self.timeout)).await
        })
    }
}
