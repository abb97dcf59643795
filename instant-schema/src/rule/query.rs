//! The rules of queries, each with the one sentence for its breach.
//!
//! The functions take names and kinds, so that callers need no whole schema.

use super::problem::Problem;
use super::{Rule, with_names};
use crate::ValueType;
use crate::operator::Operator;
use crate::option::OptionKey;

/// A path ends in a dot.
pub fn unfinished_path() -> Problem {
    Problem::new(Rule::UnknownName, "expected a name after `.`")
}

/// `$` has no such key.
pub fn unknown_option(name: &str) -> Problem {
    let names = OptionKey::ALL.iter().map(|(name, _)| *name).collect();
    let message = format!("there is no option `{name}`");
    Problem::new(Rule::UnknownOption, with_names(&message, name, &[("options", names)]))
}

/// There is no such operator.
pub fn unknown_operator(name: &str) -> Problem {
    if matches!(name, "$eq" | "eq" | "$equals" | "equals") {
        let message = format!("there is no operator `{name}`: write the value alone, `name: value`");
        return Problem::new(Rule::UnknownOperator, message);
    }
    let message = format!("there is no operator `{name}`");
    Problem::new(
        Rule::UnknownOperator,
        with_names(&message, name, &[("operators", Operator::names().collect())]),
    )
}

/// A name of the entity that a link leads to, where only an operator can be.
pub fn name_below_link(path: &str, name: &str) -> Problem {
    let message = format!("there is no operator `{name}`: write the path in one key, `{path}.{name}: ..`");
    Problem::new(Rule::UnknownOperator, message)
}

/// A path goes on after links only.
pub fn not_a_link(entity: &str, name: &str, links: Vec<&str>) -> Problem {
    let message = format!("`{name}` is an attribute of `{entity}`: a path can only go on after a link");
    Problem::new(Rule::NotALink, with_names(&message, "", &[("links", links)]))
}

/// The operator takes another type than the attribute's own.
pub fn wrong_operand(operator: Operator, expected: &str, got: &str) -> Problem {
    Problem::new(Rule::WrongValue, format!("`{}` takes {expected}, not {got}", operator.name()))
}

/// A date that the server would refuse.
pub fn wrong_date(entity: &str, attribute: &str, got: &str) -> Problem {
    Problem::new(
        Rule::WrongValue,
        format!(
            "`{entity}.{attribute}` is a date, and \"{got}\" is not one; write `2024-12-31`, \
             `2024-12-31T23:59:59Z` or milliseconds since 1970"
        ),
    )
}

/// Null is not a value that can be compared with.
pub fn null_value(name: &str) -> Problem {
    let message =
        format!("nothing equals null; write `{name}: {{ $isNull: true }}` to find where there is no value");
    Problem::new(Rule::NullValue, message)
}

/// The operator takes a list.
pub fn not_a_list(operator: Operator, got: &str) -> Problem {
    let message = format!("`{}` takes a list, not {got}; write `[..]` around it", operator.name());
    Problem::new(Rule::NotAList, message)
}

/// A list where one value belongs.
pub fn wrong_list(entity: &str, name: &str) -> Problem {
    let message =
        format!("`{entity}.{name}` is compared with one value; write `{name}: {{ $in: [..] }}` for several");
    Problem::new(Rule::WrongValue, message)
}

/// Only an index knows which entities have no value.
pub fn null_in_list(entity: &str, attribute: &str) -> Problem {
    let message = format!(
        "`$in` finds null only where there is an index, and `{entity}.{attribute}` has none; write \
         `or: [{{ {attribute}: {{ $in: [..] }} }}, {{ {attribute}: {{ $isNull: true }} }}]`"
    );
    Problem::new(Rule::NullValue, message)
}

/// How an attribute gets an index, in both forms of a schema.
const ADD_INDEX: &str =
    "add `\"indexed\": true` to its `config` in the schema's JSON, or `.indexed()` in its TypeScript";

/// The operator only works on indexed attributes.
pub fn needs_index(operator: Operator, entity: &str, attribute: &str) -> Problem {
    let message =
        format!("`{}` needs an index, and `{entity}.{attribute}` has none; {ADD_INDEX}", operator.name());
    Problem::new(Rule::NeedsIndex, message)
}

/// Equal dates are only found by an index.
pub fn date_needs_index(entity: &str, attribute: &str) -> Problem {
    let message = format!(
        "`{entity}.{attribute}` is a date without an index, and the server compares such dates as text: it misses the \
         same moment in another spelling; {ADD_INDEX}"
    );
    Problem::new(Rule::NeedsIndex, message)
}

/// The operator only works on attributes of a checked type.
pub fn needs_type(operator: Operator, entity: &str, attribute: &str) -> Problem {
    let message = format!(
        "`{}` needs values of one type, and `{entity}.{attribute}` holds any json; give it the type string, number, \
         boolean or date in the schema",
        operator.name()
    );
    Problem::new(Rule::NeedsType, message)
}

/// Comparisons and patterns do not work on links and ids.
pub fn not_comparable(operator: Operator, entity: &str, name: &str) -> Problem {
    let message = format!(
        "`{}` does not work on `{entity}.{name}`: compare ids for equality, or with `$in`, `$not` and `$isNull`",
        operator.name()
    );
    Problem::new(Rule::NeedsType, message)
}

/// Patterns only work on strings.
pub fn not_text(operator: Operator, entity: &str, attribute: &str, is: ValueType) -> Problem {
    let message =
        format!("`{}` matches strings, and `{entity}.{attribute}` holds {}", operator.name(), is.plural());
    Problem::new(Rule::NotText, message)
}

/// The option only has a meaning on root entities.
pub fn root_only(option: OptionKey, link: &str) -> Problem {
    let name = option.name();
    let why = if option == OptionKey::Limit { "; the server ignores it on a link" } else { "" };
    let purpose = if option == OptionKey::Aggregate { "count" } else { "page" };
    Problem::new(
        Rule::RootOnly,
        format!(
            "`{name}` is for root entities only{why}; query the entities of `{link}` at the root to {purpose} them"
        ),
    )
}

/// `limit`, `first` and `last` exclude each other.
pub fn one_page_size(option: OptionKey, earlier: OptionKey) -> Problem {
    let message = format!("`{}` and `{}` exclude each other: keep one", earlier.name(), option.name());
    Problem::new(Rule::OnePageSize, message)
}

/// A condition has one operator.
pub fn one_operator(path: &str, first: &str, second: &str) -> Problem {
    let message = format!(
        "one operator per condition: the server would ignore `{second}`; write \
         `and: [{{ {path}: {{ {first}: .. }} }}, {{ {path}: {{ {second}: .. }} }}]`"
    );
    Problem::new(Rule::OneOperator, message)
}

/// A condition object has to have an operator.
pub fn no_operator(path: &str) -> Problem {
    let names = Operator::names().collect();
    let message = format!("the condition on `{path}` is empty");
    Problem::new(Rule::NoOperator, with_names(&message, "", &[("operators", names)]))
}

/// A key was given twice.
pub fn duplicate_key(name: &str) -> Problem {
    Problem::new(Rule::DuplicateKey, format!("`{name}` is given twice: keep one"))
}

/// A path was given twice in one `where`.
pub fn duplicate_path(name: &str) -> Problem {
    let message =
        format!("`{name}` is given twice in one `where`; write `and: [{{ {name}: .. }}, {{ {name}: .. }}]`");
    Problem::new(Rule::DuplicateKey, message)
}

/// Two links to one entity type in one `where` are taken for the same entity.
pub fn shared_link(path: &str, earlier: &str, target: &str) -> Problem {
    let message = format!(
        "`{path}` and `{earlier}` both lead to `{target}`, and in one `where` the server takes them for the same \
         entity; write `and: [{{ {earlier}: .. }}, {{ {path}: .. }}]`"
    );
    Problem::new(Rule::SharedLink, message)
}

/// `order` has one key.
pub fn one_order_key() -> Problem {
    Problem::new(Rule::OneOrderKey, "`order` takes one key: `order: { createdAt: desc }`")
}

/// Directions are `asc` and `desc`.
pub fn order_direction(got: &str) -> Problem {
    Problem::new(Rule::OrderDirection, format!("`{got}` is not a direction: write `asc` or `desc`"))
}

/// `order` cannot follow links.
pub fn order_path(path: &str) -> Problem {
    let message = format!("`order` takes an attribute of the entity itself, not a path such as `{path}`");
    Problem::new(Rule::OrderPath, message)
}

/// `order` cannot go by a link.
pub fn order_link(entity: &str, name: &str) -> Problem {
    Problem::new(Rule::OrderLink, format!("`{name}` is a link of `{entity}`: `order` takes an attribute"))
}

/// `order` at the root needs an index.
pub fn order_needs_index(entity: &str, attribute: &str, usable: Vec<&str>) -> Problem {
    let message = format!("`order` needs an index, and `{entity}.{attribute}` has none; {ADD_INDEX}");
    Problem::new(Rule::NeedsIndex, with_names(&message, "", &[("usable here", usable)]))
}

/// `order` needs a checked type.
pub fn order_needs_type(entity: &str, attribute: &str, usable: Vec<&str>) -> Problem {
    let message = format!("`order` needs values of one type, and `{entity}.{attribute}` holds any json");
    Problem::new(Rule::NeedsType, with_names(&message, "", &[("usable here", usable)]))
}

/// `fields` lists attributes.
pub fn link_in_fields(entity: &str, link: &str) -> Problem {
    let message = format!(
        "`{link}` is a link of `{entity}`, and `fields` lists attributes; write `{link}: {{}}` beside `$`"
    );
    Problem::new(Rule::LinkInFields, message)
}

/// Page sizes are positive, offsets not negative.
pub fn page_size(option: OptionKey, got: &str) -> Problem {
    let wanted =
        if option == OptionKey::Offset { "zero or a positive integer" } else { "a positive integer" };
    Problem::new(Rule::PageSize, format!("`{}` takes {wanted}, not {got}", option.name()))
}

/// `and` and `or` need something to join.
pub fn empty_list(key: &str) -> Problem {
    Problem::new(
        Rule::EmptyList,
        format!("`{key}: []` has no conditions; leave it out or put `{{ .. }}` in it"),
    )
}

/// The members of `and` and `or` have conditions.
pub fn empty_member(key: &str) -> Problem {
    let effect = if key == "or" { ", so it lets everything through" } else { "" };
    let message = format!("`{{}}` in `{key}` has no conditions{effect}; put a condition in it or remove it");
    Problem::new(Rule::EmptyList, message)
}

/// The only aggregate is `count`.
pub fn aggregate(got: &str) -> Problem {
    Problem::new(Rule::Aggregate, format!("there is no aggregate `{got}`: write `aggregate: count`"))
}

/// An aggregate comes without rows.
pub fn aggregate_alone() -> Problem {
    Problem::new(
        Rule::AggregateAlone,
        "`aggregate` gives a number and no rows: it cannot be combined with links or `fields`",
    )
}

/// Something is not of the JSON type that its place needs. `wanted` shows what is.
pub fn shape(place: &str, wanted: &str, got: &str) -> Problem {
    Problem::new(Rule::Shape, format!("{place} takes {wanted}, not {got}"))
}

/// A cursor comes from a page. `why` says what is wrong with this one.
pub fn cursor(option: OptionKey, why: &str) -> Problem {
    let name = option.name();
    let message = format!("`{name}` takes the start or end cursor of a page: {why}");
    Problem::new(Rule::Cursor, message)
}

/// A form asks for links; attributes come without being named.
pub fn attribute_as_link(entity: &str, name: &str) -> Problem {
    let message = format!(
        "`{name}` is an attribute of `{entity}`, not a link: attributes come along without being named; to choose \
         some write `$: {{ fields: [{name}] }}`"
    );
    Problem::new(Rule::NotALink, message)
}

/// Options are in `$`.
pub fn option_as_link(option: OptionKey) -> Problem {
    let name = option.name();
    Problem::new(Rule::MisplacedOption, format!("`{name}` is an option: write `$: {{ {name}: .. }}`"))
}

/// Values for permission rules belong to the whole query.
pub fn nested_rule_params() -> Problem {
    Problem::new(Rule::RootOnly, "`$$ruleParams` is for the whole query: write it beside the root entities")
}

/// A path cannot name an attribute whose label has dots.
pub fn unaddressable(entity: &str, label: &str) -> Problem {
    let message = format!(
        "`{entity}` has an attribute named \"{label}\", but in a path dots lead from link to link: rename the \
         attribute to compare it"
    );
    Problem::new(Rule::Unaddressable, message)
}

/// A query is not nested too deeply.
pub fn too_deep(most: usize) -> Problem {
    Problem::new(
        Rule::TooDeep,
        format!("a query can be nested at most {most} levels deep: ask for the rest in another query"),
    )
}

/// A path is not too long.
pub fn too_long(most: usize) -> Problem {
    Problem::new(
        Rule::TooDeep,
        format!("a path can have at most {most} names: ask for the rest in another query"),
    )
}
