//! Writing: `POST /admin/transact`.

use std::sync::Arc;
use std::time::Duration;

use instant_schema::{Schema, Step};
use serde::Deserialize;
use serde_json::{Value, json};

use super::ActionFuture;
use super::refused::explain;
use crate::error::Error;
use crate::http::Deadline;
use crate::schema::Known;
use crate::schema_sync::{Supply, lacking_for_steps};
use crate::session::Session;
use crate::tx::{IntoSteps, Steps};

/// A transaction that runs when it is awaited; made by [`Db::transact`](crate::Db::transact).
#[must_use = "a transaction runs when it is awaited"]
pub struct Transact {
    session: Session,
    prepared: Result<(Vec<Step>, Option<Arc<Known>>), Error>,
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
        let prepared = prepare(&session, Steps::gather(steps));
        Self { session, prepared, timeout }
    }

    /// Sets how long this transaction may take in all, retries included.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    async fn run(self) -> Result<Committed, Error> {
        let Self { session, prepared, timeout } = self;
        let (steps, known) = prepared?;
        let mut body = json!({ "steps": steps.iter().map(Step::to_json).collect::<Vec<_>>() });
        if known.is_some() {
            body["throw-on-missing-attrs?"] = Value::Bool(true);
        }
        let deadline = Deadline::after(timeout);
        let request = session
            .post("transact", "admin/transact")
            .entities(entities(&steps))
            .json(&body)
            .by(deadline)
            .once();
        let mut supply = Supply::begin(&session, known.as_deref(), deadline).await?;
        loop {
            match request.answer().await {
                Err(refused) => {
                    let lacking =
                        |schema: &Schema, refused: &Error| lacking_for_steps(schema, refused, &steps);
                    supply.provide(refused, lacking).await.map_err(|refused| explain(refused, &steps))?;
                }
                answer => return answer,
            }
        }
    }
}

impl IntoFuture for Transact {
    type Output = Result<Committed, Error>;
    type IntoFuture = ActionFuture<Committed>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

/// The steps as they are sent, and the schema that they need.
fn prepare(session: &Session, steps: Steps) -> Result<(Vec<Step>, Option<Arc<Known>>), Error> {
    let known = session.shared.schemas.known(steps.schemas())?;
    let steps = steps.into_checked(known.as_deref().map(|known| &**known.schema()))?;
    Ok((steps, known))
}

fn entities(steps: &[Step]) -> String {
    let mut names: Vec<&str> = steps.iter().map(|step| step.entity.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names.join(",")
}
