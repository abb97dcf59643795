//! Every rule about queries, steps and schemas, and the sentences for their breaches.
//!
//! `query!` reports them at compile time, the runtime for untyped queries and steps, and the readers of schema files
//! for those. A sentence says what is wrong and what to write instead.

mod plan;
mod problem;
mod query;
mod schema;
mod step;

use crate::ValueType;
use crate::suggest::{closest, list};

pub use problem::{Place, Position, Problem, Problems};
pub use query::*;
pub(crate) use {plan::*, schema::*, step::*};

macro_rules! rules {
    (
        queries { $($(#[$query_doc:meta])* $query:ident,)* }
        others { $($(#[$doc:meta])* $rule:ident,)* }
    ) => {
        /// The rule that a [`Problem`] breaks.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Rule {
            $($(#[$query_doc])* $query,)*
            $($(#[$doc])* $rule,)*
        }

        impl Rule {
            /// The rules that a query can break.
            pub const OF_QUERIES: &[Self] = &[$(Self::$query),*];
        }
    };
}

rules! {
    queries {
        /// The schema has no such entity.
        UnknownEntity,
        /// The entity has no such link.
        UnknownLink,
        /// The entity has neither an attribute nor a link with this name.
        UnknownName,
        /// The entity has no such attribute.
        UnknownAttribute,
        /// `$` has no such option.
        UnknownOption,
        /// An option is written beside `$` instead of in it.
        MisplacedOption,
        /// There is no such operator.
        UnknownOperator,
        /// An attribute is written where a link is needed.
        NotALink,
        /// A value is not of the type that its place needs.
        WrongValue,
        /// Null is compared with a value.
        NullValue,
        /// An operator needs a list.
        NotAList,
        /// An operator, an order or a date needs an index that the attribute does not have.
        NeedsIndex,
        /// An operator or an order needs an attribute whose type the server checks.
        NeedsType,
        /// A pattern is compared with an attribute that does not hold strings.
        NotText,
        /// An option is given for a link, and works on root entities only.
        RootOnly,
        /// Two of `limit`, `first` and `last` are given.
        OnePageSize,
        /// A condition has two operators.
        OneOperator,
        /// A condition has no operator.
        NoOperator,
        /// A name is given twice in one place.
        DuplicateKey,
        /// Two links to one entity type stand side by side in one `where`.
        SharedLink,
        /// `order` does not have exactly one key.
        OneOrderKey,
        /// A direction is neither `asc` nor `desc`.
        OrderDirection,
        /// `order` follows a link.
        OrderPath,
        /// `order` names a link.
        OrderLink,
        /// `fields` lists a link.
        LinkInFields,
        /// A page size or an offset is not a number that the server takes.
        PageSize,
        /// `and` or `or` has nothing to join.
        EmptyList,
        /// There is no such aggregate.
        Aggregate,
        /// An aggregate is combined with links or `fields`.
        AggregateAlone,
        /// A value is not of the JSON type that its place needs.
        Shape,
        /// A cursor is not one that a page has.
        Cursor,
        /// A path names an attribute whose name has a dot in it.
        Unaddressable,
        /// A query is nested too deeply, or a path is too long.
        TooDeep,
    }
    others {
        /// There is no such step.
        UnknownAction,
        /// A step is not a list.
        NotAStep,
        /// The entity of a step is not a string.
        NotAName,
        /// The attributes, links or options of a step are not an object.
        NotAnObject,
        /// The place of an id holds neither a UUID nor a lookup.
        NotAnId,
        /// A lookup in a list is not an attribute and a value.
        NotAPair,
        /// A step has more parts than its action takes.
        StepTooLong,
        /// The value of a lookup in a string is not JSON.
        LookupValue,
        /// A lookup object does not have exactly one attribute.
        LookupKeys,
        /// A lookup names an attribute that is not unique.
        NotUnique,
        /// A schema file is not JSON in UTF-8.
        Syntax,
        /// A member that must be in the schema file is missing.
        MissingMember,
        /// There is no such value type.
        UnknownType,
        /// A word of the schema file is not one of those that its place takes.
        UnknownWord,
        /// A name is blank.
        BlankName,
        /// A name belongs to the system.
        ReservedName,
        /// A system entity cannot have a required attribute or link of the app.
        SystemEntity,
        /// A link that leads to many entities cascades.
        CascadeToMany,
        /// An attribute or link with this name exists already.
        TakenLabel,
        /// A link exists already with its two sides swapped.
        SwappedLink,
        /// A rename or a deletion that the schema or the server does not allow.
        WrongChange,
    }
}

/// The schema has no such entity.
pub fn unknown_entity(name: &str, entities: Vec<&str>) -> Problem {
    let message = format!("the schema has no entity `{name}`");
    Problem::new(Rule::UnknownEntity, with_names(&message, name, &[("entities", entities)]))
}

/// The entity has no such link.
pub fn unknown_link(entity: &str, name: &str, links: Vec<&str>) -> Problem {
    let message = format!("`{entity}` has no link `{name}`");
    Problem::new(Rule::UnknownLink, with_names(&message, name, &[("links", links)]))
}

/// The entity has no attribute of that name, and a link would not do either.
pub fn unknown_attribute(entity: &str, name: &str, attributes: Vec<&str>) -> Problem {
    let message = format!("`{entity}` has no attribute `{name}`");
    Problem::new(Rule::UnknownAttribute, with_names(&message, name, &[("attributes", attributes)]))
}

/// The entity has neither an attribute nor a link of that name.
pub fn unknown_name(entity: &str, name: &str, attributes: Vec<&str>, links: Vec<&str>) -> Problem {
    let message = format!("`{entity}` has no attribute or link `{name}`");
    let groups = [("attributes", attributes), ("links", links)];
    Problem::new(Rule::UnknownName, with_names(&message, name, &groups))
}

/// The value's type is not the attribute's. `got` is a noun with its article: "a string".
pub fn wrong_value(entity: &str, attribute: &str, expected: ValueType, got: &str) -> Problem {
    let message = format!("`{entity}.{attribute}` holds {}, not {got}", expected.plural());
    Problem::new(Rule::WrongValue, message)
}

/// Links and ids are compared with ids.
pub fn wrong_id(entity: &str, name: &str, got: &str) -> Problem {
    Problem::new(
        Rule::WrongValue,
        format!("`{entity}.{name}` is compared with an id, a UUID, not with {got}"),
    )
}

/// Adds `did you mean`, where a name is near, and the lists of names.
fn with_names(message: &str, name: &str, groups: &[(&str, Vec<&str>)]) -> String {
    let mut text = message.to_owned();
    if let Some(meant) = closest(name, groups.iter().flat_map(|(_, names)| names.iter().copied())) {
        text = format!("{text}; did you mean `{meant}`?");
    }
    for (kind, names) in groups {
        text = match names.as_slice() {
            [] => format!("{text}\n{kind}: none"),
            _ => format!("{text}\n{kind}: {}", list(names.iter().copied())),
        };
    }
    text
}
