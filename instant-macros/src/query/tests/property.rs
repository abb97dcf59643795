//! Random schemas and queries: what `query!` sends is what the check of JSON queries accepts, and what one of the two
//! refuses the other refuses by the same rule, in the same words, at the token that is wrong.

mod broken;
mod choices;
mod soup;
mod written;

use std::collections::BTreeSet;
use std::str::FromStr;

use instant_schema::instaql::{self, RULE_PARAMS, ask_for_order};
use instant_schema::{Rule, Schema};
use proc_macro2::TokenStream;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use self::broken::{BROKEN, Broken, ONLY_IN_JSON};
use self::choices::{Choices, cursor};
use self::written::{Written, written};
use super::super::emit::Hole;
use super::{Template, checked};
use crate::diagnostics::Diagnostics;
use crate::literal;
use crate::names::{Names, Renames};

fn literal_of(schema: &Schema) -> String {
    literal::encode(schema, &Names::new(schema, &Renames::default()), &|_, _| false)
}

fn tokens_of(text: &str) -> TokenStream {
    TokenStream::from_str(text).unwrap()
}

/// What the macro makes of a query.
fn planned(schema: &Schema, tokens: TokenStream) -> (Diagnostics, Template) {
    checked(&literal_of(schema), tokens)
}

/// The template with the values of its expressions: `v0` and so on, or a string that looks like the mark of a value.
fn filled(template: &Value, holes: &[Hole], values: &[Value]) -> Value {
    match template {
        Value::String(text) => match text.strip_prefix('\u{1}') {
            Some(hole) => {
                let expression = holes[hole.parse::<usize>().unwrap()].expression().unwrap().to_string();
                match expression.strip_prefix('v') {
                    Some(index) => values[index.parse::<usize>().unwrap()].clone(),
                    None => json!(syn::parse_str::<syn::LitStr>(&expression).unwrap().value()),
                }
            }
            None => template.clone(),
        },
        Value::Array(items) => items.iter().map(|item| filled(item, holes, values)).collect(),
        Value::Object(members) => Value::Object(
            members.iter().map(|(key, value)| (key.clone(), filled(value, holes, values))).collect(),
        ),
        other => other.clone(),
    }
}

/// The query as the macro completes it.
fn completed(form: &mut Value) {
    for (key, member) in form.as_object_mut().into_iter().flatten().filter(|(key, _)| *key != RULE_PARAMS) {
        match member.as_object_mut().filter(|_| key == "$") {
            Some(options) => ask_for_order(options),
            None => completed(member),
        }
    }
}

/// Checks that both refuse what is broken in the same words, and the macro at the token that is.
fn check_broken(schema: &Schema, mut query: Map<String, Value>, broken: Broken) {
    query.insert(broken.entity, broken.form);
    let text = written(&query, &mut Choices::zeros()).text;
    let (diagnostics, _) = planned(schema, tokens_of(&text));
    let mistakes = diagnostics.mistakes();
    // What tokens have in place of a JSON type the macro calls by names of its own, and what can be spliced it adds.
    let said = |rule: Option<Rule>, message: &str| match rule {
        Some(rule) if rule != Rule::Shape => (rule, message.split(", or `#").next().map(str::to_owned)),
        _ => (Rule::Shape, None),
    };
    let problems = instaql::check(schema, &json!(query));
    let of_check: BTreeSet<_> =
        problems.iter().map(|problem| said(Some(problem.rule), &problem.message)).collect();
    let of_macro: BTreeSet<_> = mistakes.iter().map(|(rule, message, _)| said(*rule, message)).collect();
    assert_eq!(of_macro, of_check, "{text}");
    let is_at_its_token = mistakes.iter().any(|(rule, _, span)| {
        rule.unwrap_or(Rule::Shape) == broken.rule
            && span.source_text().unwrap_or_default().starts_with(&broken.at)
    });
    assert!(is_at_its_token, "{mistakes:?}, not {:?} at {}: {text}", broken.rule, broken.at);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_the_macro_sends_is_accepted(bytes in vec(any::<u8>(), 0..400)) {
        let mut choices = Choices::new(bytes);
        let schema = choices.schema();
        let query = choices.query(&schema);
        let Written { text, values, optional } = written(&query, &mut choices);
        let (diagnostics, Template { json: template, holes }) = planned(&schema, tokens_of(&text));
        prop_assert!(diagnostics.mistakes().is_empty(), "{:?}: {}", diagnostics.messages(), text);
        for value in &holes {
            if let Some(index) = value.expression().unwrap().to_string().strip_prefix('v') {
                prop_assert_eq!(value.optional, optional[index.parse::<usize>().unwrap()], "{}", text);
            }
        }
        let mut sent = filled(&template, &holes, &values);
        // As the runtime does once more, for orders that are spliced in.
        completed(&mut sent);
        let mut expected = Value::Object(query);
        completed(&mut expected);
        prop_assert_eq!(&sent, &expected, "{}", text);
        prop_assert_eq!(instaql::check(&schema, &sent), vec![], "{}", sent);
    }

    #[test]
    fn what_one_refuses_the_other_refuses_by_the_same_rule(case in 0..BROKEN.len(), bytes in vec(any::<u8>(), 0..400)) {
        let mut choices = Choices::new(bytes);
        let schema = choices.schema();
        if let Some(broken) = choices.broken(case, &schema) {
            let rest = choices.query(&schema);
            check_broken(&schema, rest, broken);
        }
    }
}

/// Whoever adds a rule also adds a query that breaks it, or says here why there is none for both.
#[test]
fn every_rule_is_broken_by_some_query_or_known_to_be_out_of_the_macros_reach() {
    let mut reached: BTreeSet<Rule> = ONLY_IN_JSON.iter().map(|(rule, _)| *rule).collect();
    for case in 0..BROKEN.len() {
        // A schema that has what the case takes is found soon.
        let mut seeds = (0_u32..4_000).map(|seed| {
            let random =
                (0..300_u32).map(move |place| (seed * 7_919 + place * 104_729).wrapping_mul(2_654_435_761));
            let mut choices = Choices::new(random.map(|number| number.to_be_bytes()[0]).collect());
            let schema = choices.schema();
            let broken = choices.broken(case, &schema)?;
            Some((schema, broken))
        });
        let (schema, broken) =
            seeds.find_map(|found| found).unwrap_or_else(|| panic!("no schema for case {case}"));
        reached.insert(broken.rule);
        check_broken(&schema, Map::new(), broken);
    }
    assert_eq!(reached, Rule::OF_QUERIES.iter().copied().collect());
}

#[test]
fn a_cursor_of_the_wrong_shape_is_refused_in_json() {
    let schema = Schema::from_json(r#"{"entities":{"posts":{"attrs":{}}}}"#).unwrap();
    let rules = |cursor: Value| {
        let query = json!({ "posts": { "$": { "after": cursor } } });
        instaql::check(&schema, &query).into_iter().map(|problem| problem.rule).collect::<Vec<_>>()
    };
    assert_eq!(rules(cursor()), []);
    for wrong in [json!(5), json!([]), json!(["x", 1, null, 7]), json!([cursor()[0], cursor()[1], null, "7"])]
    {
        assert_eq!(rules(wrong.clone()), [Rule::Cursor], "{wrong}");
    }
}
