//! Queries that break one rule each, with the token that the mistake is at.

#![expect(clippy::needless_pass_by_value, reason = "the values are made in place")]

use indexmap::IndexMap;
use instant_schema::Rule;
use instant_schema::instaql::{Holds, MAX_DEPTH, MAX_LABELS};
use instant_schema::{Attribute, LinkRef, Schema, ValueType};
use serde_json::{Value, json};

use super::choices::{Choices, DOTTED, ID, cursor};

/// A root form that breaks a rule.
pub(super) struct Broken {
    /// The root entity.
    pub(super) entity: String,
    pub(super) form: Value,
    pub(super) rule: Rule,
    /// The token, as the macro's users write it.
    pub(super) at: String,
}

/// The rules that only a JSON query can break, and why.
pub(super) const ONLY_IN_JSON: [(Rule, &str); 1] =
    [(Rule::Cursor, "in the macro a cursor is a Rust value of a type that only pages make")];

/// What a case gives: a root form, the rule that it breaks, and the token that is wrong.
type Case = (Value, Rule, String);

/// Queries that break a rule, each for schemas that have what it takes.
pub(super) const BROKEN: &[fn(&mut Given<'_>) -> Option<Case>] = &[
    |_| Some((json!({}), Rule::UnknownEntity, "nope".into())),
    |_| Some((json!({ "nope": {} }), Rule::UnknownLink, "nope".into())),
    |g| Some((g.under(json!({ "nope": {} }))?, Rule::UnknownLink, "nope".into())),
    |g| Some((json!({ g.label?: {} }), Rule::NotALink, words(g.label)?)),
    |_| Some((json!({ "id": {} }), Rule::NotALink, "id".into())),
    |_| Some((json!({ "limit": {} }), Rule::MisplacedOption, "limit".into())),
    |_| Some((json!({ "$$ruleParams": {} }), Rule::RootOnly, "ruleParams".into())),
    |_| Some((options(json!({ "wher": {} })), Rule::UnknownOption, "wher".into())),
    |_| Some((filter(json!({ "nope": 1 })), Rule::UnknownName, "nope".into())),
    |_| Some((filter(json!({ "nope.id": ID })), Rule::UnknownLink, "nope".into())),
    |g| Some((filter(json!({ format!("{}.nope", g.link?.label()): 1 })), Rule::UnknownName, "nope".into())),
    |g| {
        let path = format!("{}.nope.id", g.link?.label());
        Some((filter(json!({ path: ID })), Rule::UnknownLink, "nope".into()))
    },
    |g| {
        let path = format!("{}.id", g.label?);
        let at = words(g.label).filter(|at| !at.starts_with('"'));
        Some((filter(json!({ path.clone(): ID })), Rule::NotALink, at.unwrap_or(quoted(&path))))
    },
    |_| Some((filter(json!({ "id.id": ID })), Rule::NotALink, "id".into())),
    |g| {
        g.attributes.get(DOTTED)?;
        Some((filter(json!({ DOTTED: 1 })), Rule::Unaddressable, "a".into()))
    },
    |g| Some((filter(json!({ g.label?: { "$foo": 1 } })), Rule::UnknownOperator, "foo".into())),
    |g| Some((filter(json!({ g.label?: { "gt": 1 } })), Rule::UnknownOperator, "gt".into())),
    |g| Some((filter(json!({ g.is(ValueType::String)?: 5 })), Rule::WrongValue, "5".into())),
    |g| {
        Some((filter(json!({ g.is(ValueType::Number)?: { "$not": "5" } })), Rule::WrongValue, "\"5\"".into()))
    },
    |g| {
        Some((
            filter(json!({ g.is(ValueType::Boolean)?: { "$in": [true, 1] } })),
            Rule::WrongValue,
            "1".into(),
        ))
    },
    |g| Some((filter(json!({ g.date(true)?: "tomorrow" })), Rule::WrongValue, "\"tomorrow\"".into())),
    |g| {
        Some((
            filter(json!({ g.date(true)?: { "in": ["2024-13-41"] } })),
            Rule::WrongValue,
            "\"2024-13-41\"".into(),
        ))
    },
    |g| {
        Some((
            filter(json!({ g.date(true)?: { g.comparison: "soon" } })),
            Rule::WrongValue,
            "\"soon\"".into(),
        ))
    },
    |g| Some((filter(json!({ g.is(ValueType::Boolean)?: { "$ne": 0.5 } })), Rule::WrongValue, "0.5".into())),
    |g| Some((filter(json!({ g.equated()?: ["x"] })), Rule::WrongValue, "[".into())),
    |g| Some((filter(json!({ g.equated()?: { "$not": ["x"] } })), Rule::WrongValue, "[".into())),
    |g| Some((filter(json!({ g.equated()?: { "$in": [["x"]] } })), Rule::WrongValue, "[".into())),
    |g| Some((filter(json!({ g.equated()?: null })), Rule::NullValue, "null".into())),
    |g| Some((filter(json!({ g.equated()?: { "$ne": null } })), Rule::NullValue, "null".into())),
    |g| {
        Some((
            filter(json!({ g.equated().filter(|_| g.indexed(false).is_some())?: { "$in": [null] } })),
            Rule::NullValue,
            "null".into(),
        ))
    },
    |_| Some((filter(json!({ "id": { "$in": [null] } })), Rule::NullValue, "null".into())),
    |_| Some((filter(json!({ "id": "nope" })), Rule::WrongValue, "\"nope\"".into())),
    |g| Some((filter(json!({ g.link?.label(): 5 })), Rule::WrongValue, "5".into())),
    |g| Some((filter(json!({ g.link?.label(): { "$in": ["nope"] } })), Rule::WrongValue, "\"nope\"".into())),
    |g| Some((filter(json!({ g.link?.label(): { "$not": true } })), Rule::WrongValue, "true".into())),
    |_| Some((filter(json!({ "id": { "$in": ID } })), Rule::NotAList, quoted_text(ID))),
    |g| Some((filter(json!({ g.equated()?: { "$in": 5 } })), Rule::NotAList, "5".into())),
    |g| Some((filter(json!({ "id": { g.comparison: ID } })), Rule::NeedsType, word(g.comparison))),
    |g| Some((filter(json!({ g.link?.label(): { g.pattern: "x" } })), Rule::NeedsType, word(g.pattern))),
    |g| {
        Some((
            filter(json!({ g.is(ValueType::Json)?: { g.comparison: 5 } })),
            Rule::NeedsType,
            word(g.comparison),
        ))
    },
    |g| {
        Some((
            filter(json!({ g.bare(ValueType::Number)?: { g.comparison: 5 } })),
            Rule::NeedsIndex,
            word(g.comparison),
        ))
    },
    |g| {
        Some((
            filter(json!({ g.bare(ValueType::String)?: { g.pattern: "x" } })),
            Rule::NeedsIndex,
            word(g.pattern),
        ))
    },
    |g| {
        Some((
            filter(json!({ g.is(ValueType::Number)?: { g.pattern: "5%" } })),
            Rule::NotText,
            word(g.pattern),
        ))
    },
    |g| {
        Some((
            filter(
                json!({ g.is(ValueType::String).filter(|_| g.indexed(true).is_some())?: { g.pattern: 5 } }),
            ),
            Rule::WrongValue,
            "5".into(),
        ))
    },
    |g| Some((filter(json!({ g.label?: { "$isNull": "yes" } })), Rule::WrongValue, "\"yes\"".into())),
    |g| Some((filter(json!({ g.label?: { "$isNull": true, "$in": [] } })), Rule::OneOperator, "in".into())),
    |g| Some((filter(json!({ g.label?: {} })), Rule::NoOperator, "{".into())),
    |g| Some((filter(json!({ g.joint: [] })), Rule::EmptyList, "[".into())),
    |g| Some((filter(json!({ g.joint: [{}, { "id": ID }] })), Rule::EmptyList, "{".into())),
    |g| Some((filter(json!({ g.date(false)?: 5 })), Rule::NeedsIndex, words(g.label)?)),
    |g| Some((filter(json!({ g.date(false)?: { "$ne": 5 } })), Rule::NeedsIndex, "ne".into())),
    |g| Some((filter(json!({ g.date(false)?: { "$in": [5] } })), Rule::NeedsIndex, "in".into())),
    |g| {
        let [one, two] = [g.link?, g.other?].map(|one| format!("{}.id", one.label()));
        Some((filter(json!({ one: ID, two: { "$in": [ID] } })), Rule::SharedLink, word(g.other?.label())))
    },
    |g| Some((g.under(options(json!({ g.nested: 1 })))?, Rule::RootOnly, g.nested.into())),
    |g| Some((g.under(options(json!({ g.flag: true })))?, Rule::RootOnly, g.flag.into())),
    |g| Some((g.under(options(json!({ g.place: cursor() })))?, Rule::RootOnly, g.place.into())),
    |g| Some((g.under(options(json!({ "aggregate": "count" })))?, Rule::RootOnly, "aggregate".into())),
    |_| Some((options(json!({ "limit": 1, "last": 2 })), Rule::OnePageSize, "last".into())),
    |g| {
        let wrong = [json!(0), json!(-1), json!(1.5), json!("1"), json!(true), json!(u64::MAX)];
        let wrong = g.choices.one_of(&wrong)?;
        Some((options(json!({ g.size: wrong })), Rule::PageSize, wrong.to_string()))
    },
    |_| Some((options(json!({ "offset": -1 })), Rule::PageSize, "-1".into())),
    |_| Some((options(json!({ "order": {} })), Rule::OneOrderKey, "{".into())),
    |_| {
        Some((
            options(json!({ "order": { "serverCreatedAt": "asc", "id": "asc" } })),
            Rule::OneOrderKey,
            "id".into(),
        ))
    },
    |_| Some((options(json!({ "order": "serverCreatedAt" })), Rule::OneOrderKey, "serverCreatedAt".into())),
    |_| Some((options(json!({ "order": { "serverCreatedAt": "up" } })), Rule::OrderDirection, "up".into())),
    |g| {
        let path = format!("{}.id", g.link?.label());
        Some((options(json!({ "order": { path: "asc" } })), Rule::OrderPath, "id".into()))
    },
    |g| {
        Some((
            options(json!({ "order": { g.link?.label(): "asc" } })),
            Rule::OrderLink,
            word(g.link?.label()),
        ))
    },
    |g| {
        Some((
            options(json!({ "order": { g.checked().filter(|_| g.indexed(false).is_some())?: "asc" } })),
            Rule::NeedsIndex,
            words(g.checked())?,
        ))
    },
    |g| {
        Some((
            options(json!({ "order": { g.is(ValueType::Json)?: "desc" } })),
            Rule::NeedsType,
            words(g.label)?,
        ))
    },
    |_| Some((options(json!({ "order": { "nope": "asc" } })), Rule::UnknownAttribute, "nope".into())),
    |g| Some((options(json!({ "fields": [g.link?.label()] })), Rule::LinkInFields, word(g.link?.label()))),
    |_| Some((options(json!({ "fields": ["nope"] })), Rule::UnknownAttribute, "nope".into())),
    |g| Some((options(json!({ "fields": [g.label?, g.label?] })), Rule::DuplicateKey, words(g.label)?)),
    |_| Some((options(json!({ "aggregate": "sum" })), Rule::Aggregate, "sum".into())),
    |g| {
        let fields = json!({ "$": { "aggregate": "count", "fields": [] } });
        let links = || Some(json!({ "$": { "aggregate": "count" }, g.link?.label(): {} }));
        let form = if g.choices.once_in(2) { links()? } else { fields };
        Some((form, Rule::AggregateAlone, "aggregate".into()))
    },
    |g| {
        let [there, back] = [g.link?.label(), g.link?.far().label.as_str()];
        let deep = (0..2 * MAX_DEPTH)
            .rev()
            .fold(json!({}), |inner, depth| json!({ if depth % 2 == 0 { there } else { back }: inner }));
        Some((deep, Rule::TooDeep, "{".into()))
    },
    |g| {
        let deep = (0..2 * MAX_DEPTH).fold(json!({ "id": ID }), |inner, _| json!({ g.joint: [inner] }));
        Some((filter(deep), Rule::TooDeep, "{".into()))
    },
    |g| {
        let [there, back] = [g.link?.label(), g.link?.far().label.as_str()];
        let labels: Vec<&str> = [there, back].into_iter().cycle().take(MAX_LABELS).collect();
        Some((filter(json!({ format!("{}.id", labels.join(".")): ID })), Rule::TooDeep, "id".into()))
    },
    |g| {
        let shapes = [
            (filter(json!("x")), "\"x\""),
            (filter(json!({ "or": "x" })), "\"x\""),
            (filter(json!({ "or": ["x"] })), "\"x\""),
            (options(json!({ "fields": "id" })), "id"),
            (options(json!({ "fields": [5] })), "5"),
            (options(json!({ g.flag: 1 })), "1"),
            (options(json!({ g.flag: "true" })), "\"true\""),
            (json!({ "$": [] }), "["),
            (json!(5), "5"),
            (json!([]), "["),
        ];
        let (form, at) = g.choices.one_of(&shapes)?;
        Some((form.clone(), Rule::Shape, (*at).into()))
    },
];

/// What a case is made of.
pub(super) struct Given<'s> {
    choices: &'s mut Choices,
    attributes: &'s IndexMap<String, Attribute>,
    label: Option<&'s str>,
    link: Option<LinkRef<'s>>,
    /// Another link to the same entity.
    other: Option<LinkRef<'s>>,
    comparison: &'static str,
    pattern: &'static str,
    size: &'static str,
    nested: &'static str,
    flag: &'static str,
    place: &'static str,
    joint: &'static str,
}

impl Given<'_> {
    fn is(&self, kind: ValueType) -> Option<&str> {
        self.label.filter(|label| self.attributes[*label].value_type == kind)
    }

    fn indexed(&self, wanted: bool) -> Option<&str> {
        self.label.filter(|label| self.attributes[*label].indexed == wanted)
    }

    fn bare(&self, kind: ValueType) -> Option<&str> {
        self.is(kind).filter(|_| self.indexed(false).is_some())
    }

    fn date(&self, indexed: bool) -> Option<&str> {
        self.is(ValueType::Date).filter(|_| self.indexed(indexed).is_some())
    }

    /// An attribute that can be compared for equality.
    fn equated(&self) -> Option<&str> {
        self.label.filter(|label| Holds::of(&self.attributes[*label]).equals())
    }

    fn checked(&self) -> Option<&str> {
        self.label.filter(|label| self.attributes[*label].value_type != ValueType::Json)
    }

    fn under(&self, form: Value) -> Option<Value> {
        Some(json!({ self.link?.label(): form }))
    }
}

impl Choices {
    /// A case of [`BROKEN`], if the schema has what it takes.
    pub(super) fn broken(&mut self, case: usize, schema: &Schema) -> Option<Broken> {
        let entity = self.entity(schema);
        let attributes = &schema.entities[entity].attributes;
        let links: Vec<LinkRef<'_>> = schema.links_of(entity).collect();
        let labels: Vec<&str> =
            attributes.keys().map(String::as_str).filter(|label| !["and", DOTTED].contains(label)).collect();
        let label = self.one_of(&labels).copied();
        let link = self.one_of(&links).copied();
        let other = links.iter().find(|other| {
            link.is_some_and(|link| link.label() != other.label() && link.target() == other.target())
        });
        let mut given = Given {
            attributes,
            label,
            link,
            other: other.copied(),
            comparison: ["$gt", "$gte", "$lt", "$lte"][self.below(4)],
            pattern: ["$like", "$ilike"][self.below(2)],
            size: ["limit", "first", "last"][self.below(3)],
            nested: ["first", "last", "offset", "limit"][self.below(4)],
            flag: ["afterInclusive", "beforeInclusive"][self.below(2)],
            place: ["after", "before"][self.below(2)],
            joint: ["and", "or"][self.below(2)],
            choices: self,
        };
        let (form, rule, at) = BROKEN[case](&mut given)?;
        let entity = if rule == Rule::UnknownEntity { "nope" } else { entity }.to_owned();
        Some(Broken { entity, form, rule, at })
    }
}

fn filter(filter: Value) -> Value {
    json!({ "$": { "where": filter } })
}

fn options(options: Value) -> Value {
    json!({ "$": options })
}

fn words(word: Option<&str>) -> Option<String> {
    word.map(quoted)
}

/// A name as the place of a mistake: in quotes where it is no word, and without the `$` of system names.
fn quoted(name: &str) -> String {
    if name.split('.').all(|word| syn::parse_str::<syn::Ident>(&format!("r#{word}")).is_ok()) {
        return name.to_owned();
    }
    quoted_text(name)
}

fn quoted_text(text: &str) -> String {
    format!("\"{text}\"")
}

/// A system name without its `$`.
fn word(name: &str) -> String {
    name.trim_start_matches('$').to_owned()
}
