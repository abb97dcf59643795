//! The values of CEL, by where they come from: stored JSON behaves in its own way.

use std::rc::Rc;

use serde_json::{Map, Value as Json};

use super::bindings::{Request, Root};
use crate::json;

/// The value of an expression. It may borrow from the program, the bindings and the host.
#[derive(Debug, Clone)]
pub(crate) enum Value<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// `1`
    Int(i64),
    /// `1u`
    Uint(u64),
    /// `1.0`
    Double(f64),
    /// An integer from `ref` or from inside a stored list or object: it can be compared with `==`, and nothing else.
    WeakInt(WeakInt),
    /// `'text'`
    Text(Text<'a>),
    /// `b'bytes'`
    Bytes(Rc<[u8]>),
    /// A moment.
    Timestamp(Time),
    /// A length of time.
    Duration(Time),
    /// A list that the expression made.
    List(Rc<Vec<Value<'a>>>),
    /// A map that the expression made, in the order of its entries.
    Map(Rc<Vec<(Value<'a>, Value<'a>)>>),
    /// A list from `ref`, or inside a stored list: an ordinary one.
    JsonList(&'a [Json]),
    /// An object inside a stored list or a result of `ref`: an ordinary map.
    JsonMap(&'a Map<String, Json>),
    /// A list read by a key of a stored map. It knows `==`, `in` and macros only.
    StoredList(&'a [Json]),
    /// `data`, `auth`, .. or an object read by a key of one: every key reads null where there is nothing.
    StoredMap(StoredMap<'a>),
    /// A type: `int`.
    Type(Rc<str>),
    /// A bucket of `rateLimit`.
    Bucket(Text<'a>),
    /// The variable `rateLimit`.
    Buckets,
    /// The variable `request`.
    Request(Rc<Request<'a>>),
    /// A null element of a stored list, as a macro's variable: reading it is an error.
    MissingElement,
    /// What is known only after values of `ref` have been fetched.
    Unknown,
}

/// An integer that can only be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WeakInt {
    /// Within 64 bits.
    Small(i64),
    /// Beyond: its digits.
    Large(Rc<str>),
}

/// A text, lent or made.
#[derive(Debug, Clone)]
pub(crate) enum Text<'a> {
    /// From the program, the bindings or the host.
    Lent(&'a str),
    /// Made by the expression.
    Made(Rc<str>),
}

/// Seconds and nanoseconds: since 1970 or between two moments. `nanos` is 0 to 999,999,999 and always counts forwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Time {
    pub(super) seconds: i64,
    pub(super) nanos: u32,
}

/// An object whose missing keys read null.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StoredMap<'a> {
    /// `None` reads as an empty one.
    pub(super) entries: Option<&'a Map<String, Json>>,
    /// Set for the variables that have `ref`.
    pub(super) root: Option<Root>,
}

impl<'a> StoredMap<'a> {
    /// The value under a key; null if there is none.
    pub(super) fn get(self, key: &str) -> Value<'a> {
        self.entries.and_then(|entries| entries.get(key)).map_or(Value::Null, Value::stored)
    }
}

impl<'a> Value<'a> {
    /// Whether the value allows what the rule is about: all but `null` and `false` do.
    pub(crate) fn allows(&self) -> bool {
        !matches!(self, Value::Null | Value::Bool(false))
    }

    /// JSON that was read by a key of a stored map.
    pub(super) fn stored(json: &'a Json) -> Self {
        match json {
            Json::Array(elements) => Self::StoredList(elements),
            Json::Object(entries) => Self::StoredMap(StoredMap { entries: Some(entries), root: None }),
            other => Self::scalar(other),
        }
    }

    /// JSON inside an ordinary list or map.
    pub(super) fn inner(json: &'a Json) -> Self {
        match Self::scalar(json) {
            Self::Int(value) => Self::WeakInt(WeakInt::Small(value)),
            other => other,
        }
    }

    /// JSON that a macro's variable stands for.
    pub(super) fn element(json: &'a Json) -> Self {
        match json {
            Json::Null => Self::MissingElement,
            other => Self::scalar(other),
        }
    }

    fn scalar(json: &'a Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(*value),
            number if json::is_number(number) => Self::number(number),
            Json::String(text) => Self::text(json::plain_text(text)),
            // It was a number above.
            Json::Number(_) => Self::Null,
            Json::Array(elements) => Self::JsonList(elements),
            Json::Object(entries) => Self::JsonMap(entries),
        }
    }

    /// A number: an int within 64 bits, a double if it was written with a fraction or an exponent, else a weak int.
    pub(super) fn number(json: &Json) -> Self {
        if let Some(value) = json.as_i64() {
            return Self::Int(value);
        }
        match json::integer(json).filter(|_| !json.is_f64()) {
            Some(integer) => Self::WeakInt(WeakInt::Large(integer.as_str().into())),
            None => Self::Double(json::double(json).unwrap_or(f64::NAN)),
        }
    }

    /// A text that is lent.
    pub(super) fn text(text: &'a str) -> Self {
        Self::Text(Text::Lent(text))
    }

    /// A text that the expression made.
    pub(super) fn made(text: impl Into<Rc<str>>) -> Self {
        Self::Text(Text::Made(text.into()))
    }

    /// A list that the expression made.
    pub(super) fn list(elements: Vec<Value<'a>>) -> Self {
        Self::List(Rc::new(elements))
    }
}

impl Text<'_> {
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Lent(text) => text,
            Self::Made(text) => text,
        }
    }
}

impl Time {
    const SECOND: i128 = 1_000_000_000;

    pub(super) fn from_nanos(nanos: i128) -> Option<Self> {
        let seconds = i64::try_from(nanos.div_euclid(Self::SECOND)).ok()?;
        // The remainder of a division by 10^9 fits.
        let nanos = u32::try_from(nanos.rem_euclid(Self::SECOND)).ok()?;
        Some(Self { seconds, nanos })
    }

    /// The present moment.
    pub(super) fn now() -> Self {
        let now = jiff::Timestamp::now().as_nanosecond();
        // The clock's range is within ours.
        Self::from_nanos(now).unwrap_or(Self { seconds: 0, nanos: 0 })
    }

    pub(super) fn total_nanos(self) -> i128 {
        i128::from(self.seconds) * Self::SECOND + i128::from(self.nanos)
    }
}
