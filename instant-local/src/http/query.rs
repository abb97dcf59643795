//! `POST /admin/query`, and the reading of a query that `/admin/subscribe-query` shares.

use super::Backend;
use super::access;
use super::call::Call;
use super::endpoint::Reply;
use crate::error::ApiError;
use crate::requests::{Asker, QueryRequest};

/// `POST /admin/query`: answers the tree only, without page info or aggregates.
pub(super) async fn query(backend: Backend, call: Call) -> Result<Reply, ApiError> {
    let (request, asker) = read(&call)?;
    let answer = request.run(&backend.store, &backend.rulebook, asker).await?;
    Ok(Reply::written(answer.tree))
}

/// Reads a query and its credentials. Checks in the order of the official server: app id, `query`, credentials.
pub(super) fn read(call: &Call) -> Result<(QueryRequest, Asker), ApiError> {
    call.app_id()?;
    let request = read_query(call)?;
    Ok((request, access::asker(call)?))
}

/// Reads the query of a body.
pub(super) fn read_query(call: &Call) -> Result<QueryRequest, ApiError> {
    let query = call.required("query")?;
    if !query.is_object() {
        return Err(ApiError::param_malformed(&["body", "query"], query.clone()));
    }
    Ok(QueryRequest { query: query.clone(), inference: call.flag("inference?") })
}
