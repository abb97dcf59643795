//! Queries that break one rule each, with the token that the mistake is at.

use instant_schema::Rule;
use instant_schema::instaql::{MAX_DEPTH, MAX_LABELS};
use instant_schema::{LinkRef, Schema, ValueType};
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

/// The queries of [`Choices::broken`], by number.
pub(super) const CASES: usize = 74;

impl Choices {
    /// The case of that number, if the schema has what it takes.
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
        let is = |kind: ValueType| label.filter(|label| attributes[*label].value_type == kind);
        let indexed = |wanted: bool| label.filter(|label| attributes[*label].indexed == wanted);
        let bare = |kind: ValueType| is(kind).filter(|_| indexed(false).is_some());
        let checked = label.filter(|label| attributes[*label].value_type != ValueType::Json);
        let filter = |filter: Value| json!({ "$": { "where": filter } });
        let options = |options: Value| json!({ "$": options });
        let under = |form: Value| Some(json!({ link?.label(): form }));
        let comparison = ["$gt", "$gte", "$lt", "$lte"][self.below(4)];
        let pattern = ["$like", "$ilike"][self.below(2)];
        let size = ["limit", "first", "last"][self.below(3)];
        let nested = ["first", "last", "offset", "limit"][self.below(4)];
        let flag = ["afterInclusive", "beforeInclusive"][self.below(2)];
        let place = ["after", "before"][self.below(2)];
        let joint = ["and", "or"][self.below(2)];
        let words = |word: Option<&str>| word.map(quoted);
        let (form, rule, at) = match case {
            0 => (json!({}), Rule::UnknownEntity, "nope".into()),
            1 => (json!({ "nope": {} }), Rule::UnknownLink, "nope".into()),
            2 => (under(json!({ "nope": {} }))?, Rule::UnknownLink, "nope".into()),
            3 => (json!({ label?: {} }), Rule::NotALink, words(label)?),
            4 => (json!({ "id": {} }), Rule::NotALink, "id".into()),
            5 => (json!({ "limit": {} }), Rule::MisplacedOption, "limit".into()),
            6 => (json!({ "$$ruleParams": {} }), Rule::RootOnly, "ruleParams".into()),
            7 => (options(json!({ "wher": {} })), Rule::UnknownOption, "wher".into()),
            8 => (filter(json!({ "nope": 1 })), Rule::UnknownName, "nope".into()),
            9 => (filter(json!({ "nope.id": ID })), Rule::UnknownLink, "nope".into()),
            10 => (filter(json!({ format!("{}.nope", link?.label()): 1 })), Rule::UnknownName, "nope".into()),
            11 => {
                let path = format!("{}.nope.id", link?.label());
                (filter(json!({ path: ID })), Rule::UnknownLink, "nope".into())
            }
            12 => {
                let path = format!("{}.id", label?);
                let at = words(label).filter(|at| !at.starts_with('"'));
                (filter(json!({ path.clone(): ID })), Rule::NotALink, at.unwrap_or(quoted(&path)))
            }
            13 => (filter(json!({ "id.id": ID })), Rule::NotALink, "id".into()),
            14 => {
                attributes.get(DOTTED)?;
                (filter(json!({ DOTTED: 1 })), Rule::Unaddressable, "a".into())
            }
            15 => (filter(json!({ label?: { "$foo": 1 } })), Rule::UnknownOperator, "foo".into()),
            16 => (filter(json!({ label?: { "gt": 1 } })), Rule::UnknownOperator, "gt".into()),
            17 => (filter(json!({ is(ValueType::String)?: 5 })), Rule::WrongValue, "5".into()),
            18 => {
                (filter(json!({ is(ValueType::Number)?: { "$not": "5" } })), Rule::WrongValue, "\"5\"".into())
            }
            19 => (
                filter(json!({ is(ValueType::Boolean)?: { "$in": [true, 1] } })),
                Rule::WrongValue,
                "1".into(),
            ),
            20 => {
                (filter(json!({ is(ValueType::Date)?: "tomorrow" })), Rule::WrongValue, "\"tomorrow\"".into())
            }
            21 => (
                filter(json!({ is(ValueType::Date)?: { "in": ["2024-13-41"] } })),
                Rule::WrongValue,
                "\"2024-13-41\"".into(),
            ),
            22 => (
                filter(
                    json!({ is(ValueType::Date).filter(|_| indexed(true).is_some())?: { comparison: "soon" } }),
                ),
                Rule::WrongValue,
                "\"soon\"".into(),
            ),
            23 => {
                (filter(json!({ is(ValueType::Boolean)?: { "$ne": 0.5 } })), Rule::WrongValue, "0.5".into())
            }
            24 => (filter(json!({ label?: ["x"] })), Rule::WrongValue, "[".into()),
            25 => (filter(json!({ label?: { "$not": ["x"] } })), Rule::WrongValue, "[".into()),
            26 => (filter(json!({ label?: { "$in": [["x"]] } })), Rule::WrongValue, "[".into()),
            27 => (filter(json!({ label?: null })), Rule::NullValue, "null".into()),
            28 => (filter(json!({ label?: { "$ne": null } })), Rule::NullValue, "null".into()),
            29 => (filter(json!({ indexed(false)?: { "$in": [null] } })), Rule::NullValue, "null".into()),
            30 => (filter(json!({ "id": { "$in": [null] } })), Rule::NullValue, "null".into()),
            31 => (filter(json!({ "id": "nope" })), Rule::WrongValue, "\"nope\"".into()),
            32 => (filter(json!({ link?.label(): 5 })), Rule::WrongValue, "5".into()),
            33 => {
                (filter(json!({ link?.label(): { "$in": ["nope"] } })), Rule::WrongValue, "\"nope\"".into())
            }
            34 => (filter(json!({ link?.label(): { "$not": true } })), Rule::WrongValue, "true".into()),
            35 => (filter(json!({ "id": { "$in": ID } })), Rule::NotAList, quoted_text(ID)),
            36 => (filter(json!({ label?: { "$in": 5 } })), Rule::NotAList, "5".into()),
            37 => (filter(json!({ "id": { comparison: ID } })), Rule::NeedsType, word(comparison)),
            38 => (filter(json!({ link?.label(): { pattern: "x" } })), Rule::NeedsType, word(pattern)),
            39 => (
                filter(json!({ is(ValueType::Json)?: { comparison: 5 } })),
                Rule::NeedsType,
                word(comparison),
            ),
            40 => (
                filter(json!({ bare(ValueType::Number)?: { comparison: 5 } })),
                Rule::NeedsIndex,
                word(comparison),
            ),
            41 => (
                filter(json!({ bare(ValueType::String)?: { pattern: "x" } })),
                Rule::NeedsIndex,
                word(pattern),
            ),
            42 => {
                (filter(json!({ is(ValueType::Number)?: { pattern: "5%" } })), Rule::NotText, word(pattern))
            }
            43 => (
                filter(json!({ is(ValueType::String).filter(|_| indexed(true).is_some())?: { pattern: 5 } })),
                Rule::WrongValue,
                "5".into(),
            ),
            44 => (filter(json!({ label?: { "$isNull": "yes" } })), Rule::WrongValue, "\"yes\"".into()),
            45 => (filter(json!({ label?: { "$isNull": true, "$in": [] } })), Rule::OneOperator, "in".into()),
            46 => (filter(json!({ label?: {} })), Rule::NoOperator, "{".into()),
            47 => (filter(json!({ joint: [] })), Rule::EmptyList, "[".into()),
            48 => {
                let [one, two] = [link?, *other?].map(|link| format!("{}.id", link.label()));
                (filter(json!({ one: ID, two: { "$in": [ID] } })), Rule::SharedLink, word(other?.label()))
            }
            49 => (under(options(json!({ nested: 1 })))?, Rule::RootOnly, nested.into()),
            50 => (under(options(json!({ flag: true })))?, Rule::RootOnly, flag.into()),
            51 => (under(options(json!({ place: cursor() })))?, Rule::RootOnly, place.into()),
            52 => (under(options(json!({ "aggregate": "count" })))?, Rule::RootOnly, "aggregate".into()),
            53 => (options(json!({ "limit": 1, "last": 2 })), Rule::OnePageSize, "last".into()),
            54 => {
                let wrong = [json!(0), json!(-1), json!(1.5), json!("1"), json!(true), json!(u64::MAX)];
                let wrong = self.one_of(&wrong)?;
                (options(json!({ size: wrong })), Rule::PageSize, wrong.to_string())
            }
            55 => (options(json!({ "offset": -1 })), Rule::PageSize, "-1".into()),
            56 => (options(json!({ "order": {} })), Rule::OneOrderKey, "{".into()),
            57 => (
                options(json!({ "order": { "serverCreatedAt": "asc", "id": "asc" } })),
                Rule::OneOrderKey,
                "id".into(),
            ),
            58 => {
                (options(json!({ "order": "serverCreatedAt" })), Rule::OneOrderKey, "serverCreatedAt".into())
            }
            59 => {
                (options(json!({ "order": { "serverCreatedAt": "up" } })), Rule::OrderDirection, "up".into())
            }
            60 => {
                let path = format!("{}.id", link?.label());
                (options(json!({ "order": { path: "asc" } })), Rule::OrderPath, "id".into())
            }
            61 => {
                (options(json!({ "order": { link?.label(): "asc" } })), Rule::OrderLink, word(link?.label()))
            }
            62 => (
                options(json!({ "order": { checked.filter(|_| indexed(false).is_some())?: "asc" } })),
                Rule::NeedsIndex,
                words(checked)?,
            ),
            63 => (
                options(json!({ "order": { is(ValueType::Json)?: "desc" } })),
                Rule::NeedsType,
                words(label)?,
            ),
            64 => (options(json!({ "order": { "nope": "asc" } })), Rule::UnknownAttribute, "nope".into()),
            65 => (options(json!({ "fields": [link?.label()] })), Rule::LinkInFields, word(link?.label())),
            66 => (options(json!({ "fields": ["nope"] })), Rule::UnknownAttribute, "nope".into()),
            67 => (options(json!({ "fields": [label?, label?] })), Rule::DuplicateKey, words(label)?),
            68 => (options(json!({ "aggregate": "sum" })), Rule::Aggregate, "sum".into()),
            69 => {
                let fields = json!({ "$": { "aggregate": "count", "fields": [] } });
                let links = || Some(json!({ "$": { "aggregate": "count" }, link?.label(): {} }));
                let form = if self.once_in(2) { links()? } else { fields };
                (form, Rule::AggregateAlone, "aggregate".into())
            }
            70 => {
                let [there, back] = [link?.label(), link?.far().label.as_str()];
                let deep = (0..2 * MAX_DEPTH).rev().fold(
                    json!({}),
                    |inner, depth| json!({ if depth % 2 == 0 { there } else { back }: inner }),
                );
                (deep, Rule::TooDeep, "{".into())
            }
            71 => {
                let deep = (0..2 * MAX_DEPTH).fold(json!({ "id": ID }), |inner, _| json!({ joint: [inner] }));
                (filter(deep), Rule::TooDeep, "{".into())
            }
            72 => {
                let [there, back] = [link?.label(), link?.far().label.as_str()];
                let labels: Vec<&str> = [there, back].into_iter().cycle().take(MAX_LABELS).collect();
                (filter(json!({ format!("{}.id", labels.join(".")): ID })), Rule::TooDeep, "id".into())
            }
            73 => {
                let shapes = [
                    (filter(json!("x")), "\"x\""),
                    (filter(json!({ "or": "x" })), "\"x\""),
                    (filter(json!({ "or": ["x"] })), "\"x\""),
                    (options(json!({ "fields": "id" })), "id"),
                    (options(json!({ "fields": [5] })), "5"),
                    (options(json!({ flag: 1 })), "1"),
                    (options(json!({ flag: "true" })), "\"true\""),
                    (json!({ "$": [] }), "["),
                    (json!(5), "5"),
                    (json!([]), "["),
                ];
                let (form, at) = self.one_of(&shapes)?;
                (form.clone(), Rule::Shape, (*at).into())
            }
            _ => return None,
        };
        let entity = if rule == Rule::UnknownEntity { "nope" } else { entity }.to_owned();
        Some(Broken { entity, form, rule, at })
    }
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
