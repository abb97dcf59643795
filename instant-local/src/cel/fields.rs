//! Fields: `x.name` and `has(x.name)`.

use super::bindings::Request;
use super::context::Context;
use super::failure::{ErrorKind, Failure};
use super::value::{Text, Time, Value};

/// The value of a field.
pub(super) fn read<'a>(
    context: &mut Context<'a, '_>,
    at: u32,
    of: Value<'a>,
    name: &'a str,
) -> Result<Value<'a>, Failure> {
    match of {
        Value::StoredMap(map) => Ok(map.get(name)),
        Value::Request(request) => Ok(request_field(&request, name)),
        Value::Unknown => Ok(Value::Unknown),
        Value::JsonMap(entries) => entries.get(name).map(Value::inner).ok_or_else(|| no_key(at, name)),
        Value::Map(entries) => {
            context.budget.spend(entries.len())?;
            let found = entries.iter().find(|(key, _)| is_text(key, name));
            found.map(|(_, value)| value.clone()).ok_or_else(|| no_key(at, name))
        }
        Value::Buckets if context.host.has_bucket(name) => Ok(Value::Bucket(Text::Lent(name))),
        Value::Buckets => Err(no_key(at, name)),
        _ => Err(no_field(at, name)),
    }
}

/// Whether there is a field.
pub(super) fn has<'a>(
    context: &mut Context<'a, '_>,
    at: u32,
    of: &Value<'a>,
    name: &str,
) -> Result<Value<'a>, Failure> {
    Ok(Value::Bool(match of {
        Value::StoredMap(_) => true,
        Value::JsonMap(entries) => entries.contains_key(name),
        Value::Map(entries) => {
            context.budget.spend(entries.len())?;
            entries.iter().any(|(key, _)| is_text(key, name))
        }
        Value::Request(request) => match name {
            "ip" => request.ip.is_some(),
            "origin" => request.origin.is_some(),
            "modifiedFields" => !request.modified_fields.is_empty(),
            _ => true,
        },
        Value::Buckets => context.host.has_bucket(name),
        Value::Unknown => return Ok(Value::Unknown),
        _ => return Err(no_field(at, name)),
    }))
}

fn is_text(key: &Value<'_>, name: &str) -> bool {
    matches!(key, Value::Text(text) if text.as_str() == name)
}

fn request_field<'a>(request: &Request<'a>, name: &str) -> Value<'a> {
    match name {
        "time" => Value::Timestamp(Time::now()),
        "modifiedFields" => {
            Value::list(request.modified_fields.iter().map(|label| Value::text(label)).collect())
        }
        "ip" => Value::text(request.ip.unwrap_or_default()),
        // The checker knows these four only.
        _ => Value::text(request.origin.unwrap_or_default()),
    }
}

fn no_key(at: u32, name: &str) -> Failure {
    Failure::at(at, ErrorKind::AttributeNotFound, format!("key '{name}' is not present in map."))
}

fn no_field(at: u32, name: &str) -> Failure {
    let text =
        format!("Error resolving field '{name}'. Field selections must be performed on messages or maps.");
    Failure::at(at, ErrorKind::AttributeNotFound, text)
}
