//! What an expression reads from outside: the values of its variables, and the host that answers `ref` and `limit`.

use std::borrow::Cow;

use serde_json::{Map, Value as Json};

use crate::error::ApiError;

/// A variable of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Variable {
    /// `data`: the entity that is checked.
    Data,
    /// `newData`: the entity as a transaction will leave it.
    NewData,
    /// `linkedData`: the entity on the other side of a link.
    LinkedData,
    /// `auth`: the caller's `$users` record.
    Auth,
    /// `ruleParams`: what the request passes to its rules.
    RuleParams,
    /// `actions`: which sides of a link are new.
    Actions,
    /// `request`: when, from where and what is changed.
    Request,
    /// `rateLimit`: the app's buckets.
    RateLimit,
}

/// The variables that have `ref`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Root {
    /// `data.ref('..')`
    Data,
    /// `linkedData.ref('..')`
    LinkedData,
    /// `auth.ref('$user...')`, without the prefix in the path
    Auth,
}

/// The values of the variables, for one evaluation. A variable that is `None` is unbound: reaching it is an error, except for
/// `auth` (a guest) and `rule_params` (none were sent), which read as empty maps.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Bindings<'a> {
    /// The entity that is checked; an empty map for an entity that does not exist.
    pub(crate) data: Option<&'a Map<String, Json>>,
    /// The entity as a transaction will leave it.
    pub(crate) new_data: Option<&'a Map<String, Json>>,
    /// The entity on the other side of a link.
    pub(crate) linked_data: Option<&'a Map<String, Json>>,
    /// The caller's record; `None` for a guest.
    pub(crate) auth: Option<&'a Map<String, Json>>,
    /// What the request passes to its rules, as it was sent: any JSON.
    pub(crate) rule_params: Option<&'a Json>,
    /// `{"data": "create" | "update", "linkedData": ..}`
    pub(crate) actions: Option<&'a Map<String, Json>>,
    /// The fields of `request`.
    pub(crate) request: Request<'a>,
}

/// The fields of `request`. `request.time` is the clock, read anew at each mention.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Request<'a> {
    /// The labels that a transaction sets on the entity.
    pub(crate) modified_fields: &'a [String],
    /// The address of the client, if a proxy told it.
    pub(crate) ip: Option<&'a str>,
    /// The `Origin` header.
    pub(crate) origin: Option<&'a str>,
}

/// What answers the calls that leave the expression. Its values live as long as the evaluation, so that they are lent,
/// not copied.
pub(crate) trait Host {
    /// The values at the end of `path`, one per way that leads there, without nulls; for the entity that is bound to `root`.
    /// Not asked if that entity has no `id` (a guest).
    fn reference(&self, root: Root, path: &str) -> Result<Cow<'_, [Json]>, ApiError>;

    /// Whether the bucket exists in the app's `$rateLimits`.
    fn has_bucket(&self, bucket: &str) -> bool;

    /// Takes `tokens` (1 or more) from the bucket for `key`. Fails with `rate-limited` if they are not there.
    fn limit(&self, bucket: &str, key: &Json, tokens: i64) -> Result<(), ApiError>;
}
