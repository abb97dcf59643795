//! `POST /admin/query`, and what it shares with the live form of it.

use serde_json::Value;
use uuid::Uuid;

use super::Backend;
use super::access;
use super::call::Call;
use super::endpoint::Reply;
use crate::caller::Caller;
use crate::default_rules::DefaultRules;
use crate::error::ApiError;
use crate::instaql::{self, Access, Answer, Options};
use crate::store::{ReadTx, Status};

/// A query, and for whom it is.
pub(super) struct QueryRequest {
    pub(super) query: Value,
    app_id: Uuid,
    caller: Caller,
    inference: bool,
}

impl QueryRequest {
    /// Reads a request in the order of the official server: app id, shape of the query, token.
    pub(super) async fn read(backend: &Backend, call: &Call) -> Result<Self, ApiError> {
        call.app_id()?;
        let query = call.required("query")?;
        if !query.is_object() {
            return Err(ApiError::param_malformed(&["body", "query"], query.clone()));
        }
        let (app_id, caller) = access::caller(backend, call).await?;
        Ok(Self { query: query.clone(), app_id, caller, inference: call.flag("inference?") })
    }

    /// Runs the query, and what is made of its answer, on one snapshot.
    pub(super) async fn run<T, F>(self, backend: &Backend, finish: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: FnOnce(&ReadTx<'_>, &Value, Answer) -> Result<T, ApiError> + Send + 'static,
    {
        let Self { query, app_id, caller, inference } = self;
        let read = move |tx: &ReadTx<'_>| {
            if tx.app().status == Status::Disabled {
                return Err(ApiError::app_disabled());
            }
            caller.check_rules(tx.app())?;
            let rules = DefaultRules { caller };
            let access = if caller == Caller::Admin { Access::Admin } else { Access::Scoped(&rules) };
            let answer = instaql::run(tx, &query, Options { inference, access, ..Options::admin() })?;
            finish(tx, &query, answer)
        };
        backend.store.read(app_id, read).await
    }
}

/// `POST /admin/query`: the tree alone, without page info or aggregates.
pub(super) async fn query(backend: Backend, call: Call) -> Result<Reply, ApiError> {
    let request = QueryRequest::read(&backend, &call).await?;
    request.run(&backend, |_, _, answer| Ok(Value::Object(answer.tree).into())).await
}
