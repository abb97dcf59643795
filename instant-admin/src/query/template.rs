//! Filling a query's values into its template.

use instant_schema::instaql::{MARK, ask_for_order};
use serde_json::{Map, Value};

use crate::error::Error;

/// One value of a query.
#[derive(Debug, Clone, PartialEq)]
pub struct Hole {
    /// Where in the query, for messages: `posts.$.where.views`.
    pub path: &'static str,
    /// What goes there.
    pub value: Filling,
}

/// What goes where a value belongs.
#[derive(Debug, Clone, PartialEq)]
pub enum Filling {
    /// A value.
    Value(Value),
    /// Nothing: the condition or option is left out.
    Omitted,
    /// A value that cannot be sent, and why.
    Unsendable(String),
}

/// The query with its values. Conditions and options that hold an omitted value vanish; forms never do.
pub(crate) fn fill(template: &str, holes: &[Hole]) -> Result<Value, Error> {
    let mut query = serde_json::from_str(template)
        .map_err(|error| Error::invalid_query("", "the query's template is not JSON").with_source(error))?;
    if let Value::Object(forms) = &mut query {
        for form in forms.values_mut() {
            fill_form(form, holes)?;
        }
    }
    Ok(query)
}

pub(crate) fn fill_form(form: &mut Value, holes: &[Hole]) -> Result<(), Error> {
    if let Value::Object(members) = form {
        return fill_members(members, holes);
    }
    *form = filled(form.take(), holes)?.unwrap_or_else(|| Value::Object(Map::new()));
    Ok(())
}

fn fill_members(members: &mut Map<String, Value>, holes: &[Hole]) -> Result<(), Error> {
    if let Some(options) = members.get_mut("$") {
        match filled(options.take(), holes)? {
            Some(mut value) => {
                // An order made at run time is only known now.
                value.as_object_mut().map(ask_for_order);
                *options = value;
            }
            None => {
                members.shift_remove("$");
            }
        }
    }
    // A fragment beside options: its form is spread among the members.
    if let Some(mut fragment) = members.shift_remove("..") {
        fill_form(&mut fragment, holes)?;
        if let (Value::Object(fragment), Some(own)) = (&mut fragment, members.get_mut("$"))
            && let (Some(Value::Object(options)), Value::Object(own)) = (fragment.shift_remove("$"), own)
        {
            add_options(own, options);
        }
        if let Value::Object(fragment) = fragment {
            members.extend(fragment);
        }
    }
    for (label, form) in members.iter_mut() {
        if label != "$" {
            fill_form(form, holes)?;
        }
    }
    Ok(())
}

/// Adds a fragment's options to those beside it: both conditions must hold, of any other option the query's own counts.
fn add_options(own: &mut Map<String, Value>, fragment: Map<String, Value>) {
    for (name, option) in fragment {
        match own.get_mut(&name) {
            Some(condition) if name == "where" => {
                let both = vec![option, condition.take()];
                *condition = Value::Object(Map::from_iter([("and".to_owned(), Value::Array(both))]));
            }
            Some(_) => {}
            None => {
                own.insert(name, option);
            }
        }
    }
    ask_for_order(own);
}

/// The value, or `None` where it is omitted or where nothing but omitted values was in it.
fn filled(value: Value, holes: &[Hole]) -> Result<Option<Value>, Error> {
    match value {
        Value::String(text) => match marked(&text).and_then(|index| holes.get(index)) {
            None => Ok(Some(Value::String(text))),
            Some(hole) => match &hole.value {
                Filling::Value(value) => Ok(Some(value.clone())),
                Filling::Omitted => Ok(None),
                Filling::Unsendable(why) => Err(Error::invalid_query(hole.path, why.clone())),
            },
        },
        Value::Array(items) => {
            let before = items.len();
            let mut kept = Vec::with_capacity(before);
            for item in items {
                kept.extend(filled(item, holes)?);
            }
            Ok((!kept.is_empty() || before == 0).then_some(Value::Array(kept)))
        }
        Value::Object(members) => {
            let before = members.len();
            let mut kept = Map::with_capacity(before);
            for (key, member) in members {
                if let Some(member) = filled(member, holes)? {
                    kept.insert(key, member);
                }
            }
            Ok((!kept.is_empty() || before == 0).then_some(Value::Object(kept)))
        }
        other => Ok(Some(other)),
    }
}

fn marked(text: &str) -> Option<usize> {
    text.strip_prefix(MARK)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn hole(path: &'static str, value: Filling) -> Hole {
        Hole { path, value }
    }

    #[test]
    fn values_go_where_their_number_stands() {
        let holes = [hole("a", Filling::Value(json!("x"))), hole("b", Filling::Value(json!(2)))];
        let template = r#"{"posts":{"$":{"where":{"title":"\u00010"},"limit":"\u00011"},"author":{}}}"#;
        assert_eq!(
            fill(template, &holes).unwrap(),
            json!({ "posts": { "$": { "where": { "title": "x" }, "limit": 2 }, "author": {} } })
        );
    }

    #[test]
    fn what_holds_only_omitted_values_vanishes_but_forms_stay() {
        let holes = [hole("a", Filling::Omitted), hole("b", Filling::Value(json!(2)))];
        let template = r#"{"posts":{"$":{"where":{"title":{"$like":"\u00010"},
            "or":[{"views":"\u00010"},{"views":"\u00011"}]}}},
            "tags":{"$":{"where":{"label":"\u00010"},"limit":"\u00010"}}}"#;
        assert_eq!(
            fill(template, &holes).unwrap(),
            json!({ "posts": { "$": { "where": { "or": [{ "views": 2 }] } } }, "tags": {} })
        );
    }

    #[test]
    fn a_fragment_keeps_its_condition_beside_that_of_the_query() {
        let form = json!({ "$": { "where": { "views": 1 }, "fields": ["title"], "order": { "title": "asc" } }, "tags": {} });
        let holes = [hole("posts", Filling::Value(form))];
        let template =
            r#"{"posts":{"$":{"where":{"title":"x"},"order":{"serverCreatedAt":"desc"}},"..":"\u00010"}}"#;
        assert_eq!(
            fill(template, &holes).unwrap(),
            json!({ "posts": {
                "$": {
                    "where": { "and": [{ "views": 1 }, { "title": "x" }] },
                    "order": { "serverCreatedAt": "desc" },
                    "fields": ["title"],
                },
                "tags": {},
            } })
        );
    }

    #[test]
    fn a_value_that_cannot_be_sent_is_an_error_with_its_path() {
        let holes = [hole("posts.$.where.views", Filling::Unsendable("NaN is not a JSON number".into()))];
        let error = fill(r#"{"posts":{"$":{"where":{"views":"\u00010"}}}}"#, &holes).unwrap_err();
        assert_eq!(error.to_string(), "posts.$.where.views: NaN is not a JSON number");
    }
}
