//! The functions that Instant adds: `ref` and `limit`.

use serde_json::Value as Json;

use super::super::failure::{Failure, Fault};
use super::super::overload::{Apply, Declarations};
use super::super::text::plain;
use super::super::value::Value;

pub(super) const DECLARATIONS: Declarations = &[
    (
        "ref",
        &[("_ref", "map(string, dyn).(string) -> list(dyn)", |context, v| match v {
            [Value::StoredMap(map), Value::Text(path)] => context.reference(*map, path.as_str()),
            _ => Err(Fault::Overload),
        })],
    ),
    (
        "limit",
        &[
            ("_rateLimit_limit", "bucket.(dyn) -> bool", LIMIT),
            ("_rateLimit_limit_tokens", "bucket.(dyn, int) -> bool", LIMIT),
        ],
    ),
];

const LIMIT: Apply = |context, v| {
    let (bucket, key, tokens) = match v {
        [Value::Bucket(bucket), key] => (bucket, key, 1),
        [Value::Bucket(bucket), key, Value::Int(tokens)] => (bucket, key, *tokens),
        _ => return Err(Fault::Overload),
    };
    if tokens < 1 {
        return Err(Fault::Failed);
    }
    let key = key.to_json().unwrap_or_else(|_| Json::from(plain(key)));
    context.host.limit(bucket.as_str(), &key, tokens).map_err(Failure::Host)?;
    Ok(Value::Bool(true))
};
