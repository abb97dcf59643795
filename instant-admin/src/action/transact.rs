//! Writing: `POST /admin/transact`.

use std::time::Duration;

use instant_schema::Step;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::ActionFuture;
use crate::db::Session;
use crate::decode::decode_json;
use crate::error::Error;
use crate::http::{Deadline, Request, Sending, json_text};
use crate::schema_sync::AppSchema;
use crate::tx::{IntoSteps, Steps};

/// A transaction that runs when it is awaited; made by [`Db::transact`](crate::Db::transact).
#[must_use = "a transaction runs when it is awaited"]
pub struct Transact {
    session: Session,
    steps: Result<Vec<Step>, Error>,
    timeout: Duration,
}

/// A transaction that the server has applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Committed {
    /// The transaction's number; later transactions have larger ones.
    #[serde(rename = "tx-id")]
    pub tx_id: i64,
}

impl Transact {
    pub(crate) fn new(session: &Session, steps: impl IntoSteps) -> Self {
        let session = session.clone();
        let timeout = session.shared.timeout;
        let steps = Steps::gather(steps).into_checked(session.shared.schema.as_ref().map(AppSchema::schema));
        Self { session, steps, timeout }
    }

    /// How long this transaction may take in all, retries included.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    async fn run(self) -> Result<Committed, Error> {
        let steps = self.steps?;
        let entities = entities(&steps);
        let mut body = json!({ "steps": steps.iter().map(Step::to_json).collect::<Vec<_>>() });
        if self.session.shared.schema.is_some() {
            body["throw-on-missing-attrs?"] = Value::Bool(true);
        }
        let deadline = Deadline::after(self.timeout);
        self.session.prepare(deadline).await?;
        let request = Request {
            operation: "transact",
            entities: &entities,
            method: Method::POST,
            path: "admin/transact",
            identity: &self.session.identity,
            body: Some(json_text(&body)),
            deadline,
            sending: Sending::Once,
        };
        let http = &self.session.shared.http;
        let answer = match http.send(&request).await {
            // The first was refused before anything was applied, so this is no second application.
            Err(error) if self.session.create_for_steps(&error, &steps, deadline).await? => {
                http.send(&request).await?
            }
            answer => answer.map_err(|error| self.session.advise(error))?,
        };
        decode_json(&answer).map_err(Error::maybe_applied)
    }
}

impl IntoFuture for Transact {
    type Output = Result<Committed, Error>;
    type IntoFuture = ActionFuture<Committed>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

fn entities(steps: &[Step]) -> String {
    let mut names: Vec<&str> = steps.iter().map(|step| step.entity.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names.join(",")
}
