//! One request as endpoints see it: headers, path and query parameters, and the JSON body.

use std::borrow::Cow;
use std::collections::HashMap;

use axum::body::Bytes;
use axum::http::{HeaderMap, header};
use serde_json::Value;
use uuid::Uuid;

use crate::error::ApiError;
use crate::json::{self, JsonError};

/// A request whose body has been read and parsed.
#[derive(Debug, Default)]
pub(crate) struct Call {
    headers: HeaderMap,
    path: HashMap<String, String>,
    query: HashMap<String, String>,
    body: Value,
}

/// Why a body could not be parsed.
pub(crate) enum BodyError {
    /// Not JSON at all: answered in plain text, as the official server does.
    Malformed,
    /// JSON that is refused.
    Refused(ApiError),
}

/// A request before its body is parsed; parsing may be long and belongs off the async threads.
#[derive(Debug)]
pub(crate) struct RawCall {
    pub(crate) headers: HeaderMap,
    pub(crate) path: HashMap<String, String>,
    pub(crate) query: HashMap<String, String>,
    pub(crate) body: Bytes,
}

impl RawCall {
    /// Parses the body, if its content type says that it is JSON.
    pub(crate) fn parse(self) -> Result<Call, BodyError> {
        let blank = self.body.iter().all(u8::is_ascii_whitespace);
        let body = if blank || !is_json(&self.headers) {
            Value::Null
        } else {
            json::read(&self.body).map_err(why_not_json)?
        };
        Ok(Call { headers: self.headers, path: self.path, query: self.query, body })
    }
}

impl Call {
    /// The value of a header, if it is there and readable as text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap_or(""))
    }

    /// The value of a query parameter.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str)
    }

    /// The whole body; null where there is none.
    pub(crate) fn body(&self) -> &Value {
        &self.body
    }

    /// A key of the body. `null` and `false` count as missing.
    pub(crate) fn optional(&self, key: &str) -> Option<&Value> {
        self.body.get(key).filter(|value| !matches!(value, Value::Null | Value::Bool(false)))
    }

    /// A key of the body that must be there.
    pub(crate) fn required(&self, key: &str) -> Result<&Value, ApiError> {
        self.optional(key).ok_or_else(|| ApiError::param_missing(&["body", key]))
    }

    /// Whether a key of the body is anything but missing, `null` or `false`.
    pub(crate) fn flag(&self, key: &str) -> bool {
        self.optional(key).is_some()
    }

    /// A key of the body that must be a string with something in it. A number stands for its digits.
    pub(crate) fn text(&self, key: &str) -> Result<Cow<'_, str>, ApiError> {
        let value = self.required(key)?;
        let text = match value {
            Value::String(text) => Some(Cow::Borrowed(text.trim())),
            Value::Number(number) => Some(Cow::Owned(number.to_string())),
            _ => None,
        };
        let text = text.filter(|text| !text.is_empty());
        text.ok_or_else(|| ApiError::param_malformed(&["body", key], value.clone()))
    }

    /// A key of the body that must be a uuid.
    pub(crate) fn uuid(&self, key: &str) -> Result<Uuid, ApiError> {
        let value = self.required(key)?;
        let id = value.as_str().and_then(parse_uuid);
        id.ok_or_else(|| ApiError::param_malformed(&["body", key], value.clone()))
    }

    /// A uuid in the path.
    pub(crate) fn path_uuid(&self, name: &str) -> Result<Uuid, ApiError> {
        let text = self.path.get(name).ok_or_else(|| ApiError::param_missing(&["params", name]))?;
        parse_uuid(text).ok_or_else(|| ApiError::param_malformed(&["params", name], text.as_str()))
    }
}

/// Reads an id from a parameter. Spaces around it are allowed in parameters, and nowhere else.
pub(super) fn parse_uuid(text: &str) -> Option<Uuid> {
    instant_schema::parse_id(text.trim())
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let essence = value.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    let subtype = essence.strip_prefix("application/").unwrap_or("");
    subtype == "json" || subtype.ends_with("+json")
}

fn why_not_json(error: JsonError) -> BodyError {
    let message = match error {
        JsonError::Malformed => return BodyError::Malformed,
        error => format!("The request body cannot be read: {error}."),
    };
    BodyError::Refused(ApiError::invalid("body", Value::Null, message))
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::json;

    use super::*;

    /// A call as endpoints get it, for tests of what reads it.
    pub(crate) fn call(headers: &[(&'static str, &str)], query: &[(&str, &str)], body: Value) -> Call {
        let headers = headers
            .iter()
            .map(|(name, value)| (header::HeaderName::from_static(name), value.parse().unwrap()));
        let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Call { headers: headers.collect(), query: query.collect(), body, ..Call::default() }
    }

    fn parsed(content_type: &'static str, body: &str) -> Result<Value, BodyError> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, content_type.parse().unwrap());
        let (path, query) = (HashMap::new(), HashMap::new());
        let raw = RawCall { headers, path, query, body: Bytes::from(body.to_owned()) };
        raw.parse().map(|call| call.body)
    }

    #[test]
    fn a_body_is_read_only_under_a_json_content_type() {
        let read = |content_type| parsed(content_type, r#"{"a":1}"#).ok().unwrap();
        assert_eq!(read("application/json"), json!({ "a": 1 }));
        assert_eq!(read("Application/JSON; charset=utf-8"), json!({ "a": 1 }));
        assert_eq!(read("application/vnd.api+json"), json!({ "a": 1 }));
        assert_eq!(read("text/plain"), Value::Null);
        assert_eq!(read("text/json"), Value::Null);
    }

    #[test]
    fn text_that_is_no_json_is_malformed_and_deep_json_is_refused() {
        assert!(matches!(parsed("application/json", "{"), Err(BodyError::Malformed)));
        let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
        let Err(BodyError::Refused(error)) = parsed("application/json", &deep) else {
            panic!("deep JSON was read");
        };
        let expected = "Validation failed for body: The request body cannot be read: lists and objects are nested more than 1000 levels deep.";
        assert_eq!(error.message(), expected);
        let limit = format!("{}{}", "[".repeat(json::DEPTH), "]".repeat(json::DEPTH));
        assert!(parsed("application/json", &limit).is_ok());
    }

    #[test]
    fn null_and_false_count_as_missing() {
        let call = call(&[], &[], json!({ "a": null, "b": false, "c": 0 }));
        assert_eq!(call.required("a").unwrap_err().kind(), "param-missing");
        assert_eq!(call.required("b").unwrap_err().kind(), "param-missing");
        assert_eq!(call.required("c").unwrap(), &json!(0));
        assert!(call.flag("c"));
        assert!(!call.flag("b"));
    }

    #[test]
    fn a_parameter_that_is_a_uuid_has_36_characters_and_may_have_spaces_around_it() {
        let id = "5f60a7e1-0000-4000-8000-0000000000e7";
        assert!(parse_uuid(&format!(" {id} ")).is_some());
        assert!(parse_uuid(&id.replace('-', "")).is_none());
        assert!(parse_uuid(&format!("{{{id}}}")).is_none());
    }
}
