//! Which rule applies: which operators, values and orders an attribute takes.

use serde_json::{Number, Value};

use crate::date;
use crate::id::parse_id;
use crate::model::Attribute;
use crate::operator::{Operand, Operator};
use crate::option::OptionKey;
use crate::rule::{self, Problem};
use crate::value_type::ValueType;

/// What a condition compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject<'a> {
    /// The entity that has it.
    pub entity: &'a str,
    /// Its name on that entity.
    pub name: &'a str,
    /// What it is compared with.
    pub holds: Holds,
}

/// What a subject holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Ids: the subject is `id` or a link.
    Ids,
    /// Values of an attribute.
    Values {
        /// Their type.
        value_type: ValueType,
        /// Whether the attribute is indexed.
        indexed: bool,
    },
}

impl Holds {
    /// Returns what an attribute of a schema holds.
    pub fn of(attribute: &Attribute) -> Self {
        Self::Values { value_type: attribute.value_type, indexed: attribute.indexed }
    }

    /// Whether the server finds equal values. It compares dates without an index as text, so that one moment in two
    /// spellings is two values.
    pub fn equals(self) -> bool {
        !matches!(self, Self::Values { value_type: ValueType::Date, indexed: false })
    }

    /// Whether the server can sort by it and compare with more than equality: values of a checked type, indexed.
    pub fn sorts(self) -> bool {
        matches!(self, Self::Values { value_type, indexed: true } if value_type.checked().is_some())
    }

    /// Whether the server can match it with patterns: strings, indexed.
    pub fn matches(self) -> bool {
        matches!(self, Self::Values { value_type: ValueType::String, indexed: true })
    }
}

/// The kind of a JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ValueKind {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean,
    /// A number.
    Number,
    /// A string.
    Text,
    /// An array.
    List,
    /// An object.
    Object,
}

impl ValueKind {
    /// Returns the kind of a JSON value.
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Boolean,
            Value::Number(_) => Self::Number,
            Value::String(_) => Self::Text,
            Value::Array(_) => Self::List,
            Value::Object(_) => Self::Object,
        }
    }

    /// Returns the name of the kind with its article, such as "a string".
    pub fn described(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "a boolean",
            Self::Number => "a number",
            Self::Text => "a string",
            Self::List => "a list",
            Self::Object => "an object",
        }
    }

    /// Whether a value of this kind can be compared with values of the type.
    pub fn fits(self, value_type: ValueType) -> bool {
        match value_type {
            ValueType::String => self == Self::Text,
            ValueType::Number => self == Self::Number,
            ValueType::Boolean => self == Self::Boolean,
            ValueType::Date => matches!(self, Self::Text | Self::Number),
            ValueType::Json => matches!(self, Self::Text | Self::Number | Self::Boolean),
        }
    }
}

/// Whether an operator works on a subject: comparisons and patterns need an index and a checked type, and equality
/// (`None`) of dates needs an index.
///
/// ```
/// use instant_schema::{Rule, ValueType};
/// use instant_schema::instaql::{Holds, Operator, Subject, judge};
///
/// let holds = Holds::Values { value_type: ValueType::Number, indexed: false };
/// let views = Subject { entity: "posts", name: "views", holds };
/// assert_eq!(judge::operator(&views, Some(Operator::Gt)).unwrap_err().rule, Rule::NeedsIndex);
/// assert!(judge::operator(&views, Some(Operator::In)).is_ok());
/// assert!(judge::operator(&views, None).is_ok());
/// ```
pub fn operator(subject: &Subject<'_>, operator: Option<Operator>) -> Result<(), Problem> {
    let Subject { entity, name, holds } = *subject;
    let Some(operator) = operator.filter(|operator| operator.needs_index()) else {
        let finds_equal = operator == Some(Operator::IsNull) || holds.equals();
        return if finds_equal { Ok(()) } else { Err(rule::date_needs_index(entity, name)) };
    };
    match holds {
        Holds::Ids => Err(rule::not_comparable(operator, entity, name)),
        Holds::Values { value_type: ValueType::Json, .. } => Err(rule::needs_type(operator, entity, name)),
        Holds::Values { value_type, .. }
            if operator.operand() == Operand::Pattern && value_type != ValueType::String =>
        {
            Err(rule::not_text(operator, entity, name, value_type))
        }
        Holds::Values { indexed: false, .. } => Err(rule::needs_index(operator, entity, name)),
        Holds::Values { .. } => Ok(()),
    }
}

/// Whether an operator takes a value of the kind; `None` is equality.
pub fn operand(subject: &Subject<'_>, operator: Option<Operator>, kind: ValueKind) -> Result<(), Problem> {
    let Some((operator, takes)) = operator.map(|operator| (operator, operator.operand())) else {
        return value(subject, kind);
    };
    match (takes, kind) {
        (Operand::Value, _) => value(subject, kind),
        (Operand::List, ValueKind::List)
        | (Operand::Boolean, ValueKind::Boolean)
        | (Operand::Pattern, ValueKind::Text) => Ok(()),
        (Operand::List, _) => Err(rule::not_a_list(operator, kind.described())),
        (Operand::Boolean, _) => Err(rule::wrong_operand(operator, "`true` or `false`", kind.described())),
        (Operand::Pattern, _) => Err(rule::wrong_operand(operator, "a string", kind.described())),
    }
}

/// Whether the list of `$in` takes a value of the kind. It takes null where there is an index.
pub fn element(subject: &Subject<'_>, kind: ValueKind) -> Result<(), Problem> {
    match (kind, subject.holds) {
        (ValueKind::Null, Holds::Values { indexed: true, .. }) => Ok(()),
        (ValueKind::Null, _) => Err(rule::null_in_list(subject.entity, subject.name)),
        _ => value(subject, kind),
    }
}

/// Whether a string can be compared with a subject: ids need a UUID, dates need a date.
pub fn text(subject: &Subject<'_>, text: &str) -> Result<(), Problem> {
    match subject.holds {
        Holds::Ids if parse_id(text).is_none() => {
            Err(rule::wrong_id(subject.entity, subject.name, &format!("\"{text}\"")))
        }
        Holds::Values { value_type: ValueType::Date, .. } if date::parse(text).is_err() => {
            Err(rule::wrong_date(subject.entity, subject.name, text))
        }
        _ => Ok(()),
    }
}

/// Whether root entities can be ordered by a subject. `usable` returns the names that they can be ordered by.
pub fn root_order<'n>(subject: &Subject<'_>, usable: impl FnOnce() -> Vec<&'n str>) -> Result<(), Problem> {
    let Subject { entity, name, holds } = *subject;
    match holds {
        holds if holds.sorts() => Ok(()),
        Holds::Values { value_type: ValueType::Json, .. } => {
            Err(rule::order_needs_type(entity, name, usable()))
        }
        _ => Err(rule::order_needs_index(entity, name, usable())),
    }
}

/// Whether a condition with this operator (`None` is equality) is about the same linked entity as the conditions beside
/// it in a top-level `where`. A negation also matches where there is no linked entity, and shares nothing.
pub fn shares_links(operator: Option<Operator>) -> bool {
    !matches!(operator, Some(Operator::Not | Operator::IsNull))
}

/// The links that the conditions of one top-level `where` pass through. Where two conditions reach one entity type at
/// one depth, the server takes both for the same entity, so their links must be the same.
///
/// ```
/// use instant_schema::Rule;
/// use instant_schema::instaql::judge::Passages;
///
/// let mut passages = Passages::default();
/// assert!(passages.pass(&[("author", "$users")]).is_ok());
/// assert!(passages.pass(&[("author", "$users"), ("posts", "posts")]).is_ok());
/// let (place, problem) = passages.pass(&[("editor", "$users")]).unwrap_err();
/// assert_eq!((place, problem.rule), (0, Rule::SharedLink));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Passages {
    /// Each entity type reached, with the links that led there.
    ways: Vec<(String, Vec<String>)>,
}

impl Passages {
    /// Adds a path, given as its links with the entities they lead to.
    ///
    /// # Errors
    /// Where an earlier path reaches the same entity type by other links: the index of the link, and the problem.
    pub fn pass(&mut self, links: &[(&str, &str)]) -> Result<(), (usize, Problem)> {
        for (depth, (_, target)) in links.iter().enumerate() {
            let way: Vec<&str> = links[..=depth].iter().map(|(label, _)| *label).collect();
            match self.ways.iter().find(|(entity, earlier)| entity == target && earlier.len() == way.len()) {
                None => {
                    let way = way.into_iter().map(str::to_owned).collect();
                    self.ways.push(((*target).to_owned(), way));
                }
                Some((_, earlier)) if *earlier == way => {}
                Some((_, earlier)) => {
                    return Err((depth, rule::shared_link(&way.join("."), &earlier.join("."), target)));
                }
            }
        }
        Ok(())
    }
}

/// Whether `limit`, `first`, `last` or `offset` takes a number: an integer of 64 bits that is not negative, and not
/// zero except for `offset`.
pub fn is_count(option: OptionKey, number: &Number) -> bool {
    number.as_i64().is_some_and(|count| count >= i64::from(option != OptionKey::Offset))
}

fn value(subject: &Subject<'_>, kind: ValueKind) -> Result<(), Problem> {
    let Subject { entity, name, holds } = *subject;
    match (kind, holds) {
        (ValueKind::Null, _) => Err(rule::null_value(name)),
        (ValueKind::List, _) => Err(rule::wrong_list(entity, name)),
        (ValueKind::Text, Holds::Ids) => Ok(()),
        (_, Holds::Ids) => Err(rule::wrong_id(entity, name, kind.described())),
        (_, Holds::Values { value_type, .. }) if kind.fits(value_type) => Ok(()),
        (_, Holds::Values { value_type, .. }) => {
            Err(rule::wrong_value(entity, name, value_type, kind.described()))
        }
    }
}
