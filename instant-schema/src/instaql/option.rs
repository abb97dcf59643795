//! The options of a form: the keys of `$`.

use serde_json::{Map, Value};

use super::SERVER_CREATED_AT;

/// One key of `$`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the option of that name")]
pub enum OptionKey {
    Where,
    Order,
    Limit,
    First,
    Last,
    Offset,
    After,
    AfterInclusive,
    Before,
    BeforeInclusive,
    Fields,
    Aggregate,
}

impl OptionKey {
    /// Every option with its name.
    pub const ALL: [(&'static str, Self); 12] = [
        ("where", Self::Where),
        ("order", Self::Order),
        ("limit", Self::Limit),
        ("first", Self::First),
        ("last", Self::Last),
        ("offset", Self::Offset),
        ("after", Self::After),
        ("afterInclusive", Self::AfterInclusive),
        ("before", Self::Before),
        ("beforeInclusive", Self::BeforeInclusive),
        ("fields", Self::Fields),
        ("aggregate", Self::Aggregate),
    ];

    /// The option of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, key)| *key)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, key)| *key == self).map_or("", |(name, _)| name)
    }

    /// Whether it only has a meaning on root entities. (A nested `limit` is accepted by the server and ignored.)
    pub fn root_only(self) -> bool {
        !matches!(self, Self::Where | Self::Order | Self::Fields)
    }

    /// Whether at most one of its kind may be given: `limit`, `first` and `last`.
    pub fn sizes_page(self) -> bool {
        matches!(self, Self::Limit | Self::First | Self::Last)
    }
}

/// Adds to `fields`, where options have it, the attribute that `order` names.
///
/// The server sorts what it selected once more, by the values in its answer: rows without the attribute would come in
/// the order of their ids. For readers that skip what they did not ask for.
///
/// ```
/// use instant_schema::instaql::ask_for_order;
/// use serde_json::json;
///
/// let mut options = json!({ "order": { "views": "desc" }, "fields": ["title"] });
/// ask_for_order(options.as_object_mut().unwrap());
/// assert_eq!(options["fields"], json!(["title", "views"]));
/// ```
pub fn ask_for_order(options: &mut Map<String, Value>) {
    let orders = options.get(OptionKey::Order.name()).and_then(Value::as_object);
    let by = orders.and_then(|order| order.keys().next()).filter(|by| *by != SERVER_CREATED_AT).cloned();
    let fields = options.get_mut(OptionKey::Fields.name()).and_then(Value::as_array_mut);
    if let (Some(by), Some(fields)) = (by, fields)
        && !fields.iter().any(|field| *field == by)
    {
        fields.push(Value::String(by));
    }
}
