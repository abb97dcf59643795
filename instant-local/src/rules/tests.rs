//! Which rule applies, and how its binds are expanded.

use serde_json::{Value, json};

use super::bind::Binds;
use super::{Action, Rule, Rules, validate};

fn code(rule: Option<Rule>) -> Option<String> {
    rule.map(|rule| rule.to_json()["code"].as_str().unwrap().to_owned())
}

/// The code of the rule about viewing entities of a type.
fn view(rules: Value, etype: &str) -> Option<String> {
    code(Rules::of(Some(rules)).rule(etype, Action::View).unwrap())
}

#[test]
fn the_nearest_rule_applies() {
    let all = json!({
        "docs": { "allow": { "view": "1 == 1", "$default": "2 == 2" } },
        "$default": { "allow": { "view": "3 == 3", "$default": "4 == 4" } },
    });
    let without = |paths: &[&str]| {
        let mut rules = all.clone();
        for path in paths {
            *rules.pointer_mut(path).unwrap() = Value::Null;
        }
        view(rules, "docs")
    };
    assert_eq!(without(&[]).as_deref(), Some("1 == 1"));
    assert_eq!(without(&["/docs/allow/view"]).as_deref(), Some("2 == 2"));
    assert_eq!(without(&["/docs/allow"]).as_deref(), Some("3 == 3"));
    assert_eq!(without(&["/docs", "/$default/allow/view"]).as_deref(), Some("4 == 4"));
    assert_eq!(without(&["/docs", "/$default/allow"]), None);
    assert_eq!(view(json!({ "docs": { "allow": { "view": false } } }), "docs").as_deref(), Some("false"));
}

#[test]
fn system_entities_have_rules_where_the_document_says_nothing() {
    let rules = Rules::of(None);
    let shown = |etype: &str, action| rules.rule(etype, action).unwrap().unwrap().to_json();
    let own = "auth.id == data.id || (data.linkedPrimaryUser != null && auth.id == data.linkedPrimaryUser)";
    assert_eq!(shown("$users", Action::View)["display-code"], own);
    assert_eq!(shown("$users", Action::Update)["code"], own);
    assert_eq!(shown("$files", Action::View)["code"], "false");
    let codes = shown("$magicCodes", Action::View);
    assert_eq!(
        (&codes["code"], &codes["display-code"]),
        (&json!("false"), &json!("disallow_view_on_system_tables"))
    );
    assert!(rules.rule("docs", Action::Delete).unwrap().is_none());
    assert!(rules.sign_up().unwrap().is_none());
    let open = json!({ "$default": { "allow": { "view": "true" } } });
    assert_eq!(view(open.clone(), "$magicCodes").as_deref(), Some("true"));
    assert!(Rules::of(Some(open)).sign_up().unwrap().is_none());
}

#[test]
fn a_rule_on_the_far_side_of_a_link_has_the_binds_of_the_near_one() {
    let rules = Rules::of(Some(json!({
        "docs": { "bind": { "mine": "data.owner == auth.id" } },
        "groups": { "allow": { "link": { "$default": "mine" } }, "bind": { "mine": "false" } },
    })));
    let rule = rules.link("groups", "docs", Action::Link, "docs").unwrap().unwrap().to_json();
    assert_eq!(rule["code"], "cel.bind(mine, data.owner == auth.id, mine)");
    assert_eq!((&rule["etype"], &rule["display-code"]), (&json!("docs"), &json!("mine")));
    assert!(rules.link("groups", "docs", Action::Unlink, "docs").unwrap().is_none());
}

#[test]
fn a_default_rule_that_does_not_compile_is_named_when_it_is_used() {
    let rules = json!({ "docs": { "allow": { "$default": "zippy" } } });
    validate(&rules).unwrap();
    let error = Rules::of(Some(rules)).rule("docs", Action::View).unwrap_err();
    assert_eq!(
        error.message(),
        "Validation failed for permission: undeclared reference to 'zippy' (in container '')"
    );
    assert_eq!(error.hint()["input"], json!(["docs", "allow", "$default"]));
}

#[test]
fn binds_are_bound_around_what_needs_them() {
    let expand = |binds: Value, expression: &str| {
        let code = json!({ "$default": { "bind": { "x": "1", "y": "2" } }, "t": { "bind": binds } });
        Binds::of(&code, "t").expand(expression)
    };
    let chain = json!(["a", "b && x", "b", "y"]);
    assert_eq!(
        expand(chain.clone(), "a").unwrap(),
        "cel.bind(x, 1, cel.bind(y, 2, cel.bind(b, y, cel.bind(a, b && x, a))))"
    );
    assert_eq!(expand(chain, "data.a == 1").unwrap(), "data.a == 1");
    assert_eq!(expand(json!({ "x": "'own'" }), "x").unwrap(), "cel.bind(x, 'own', x)");
    assert_eq!(
        expand(json!({ "a": "b", "b": "a" }), "b").unwrap_err(),
        "The binds have a cyclic dependency b -> a -> b"
    );
    assert_eq!(
        expand(json!({ "a": 1 }), "a").unwrap_err(),
        "There was an unexpected error evaluating the rules"
    );
    assert_eq!(expand(json!({ "a": 1 }), "true").unwrap(), "true");
    let deep: Vec<String> = (0..600).flat_map(|nth| [format!("n{nth}"), format!("n{}", nth + 1)]).collect();
    assert!(expand(json!(deep), "n0").unwrap_err().starts_with("Expression recursion limit exceeded"));
}

#[test]
fn a_document_of_very_long_expressions_is_refused_soon() {
    let sum = vec!["1"; 400].join(" + ");
    let binds: Vec<Value> = (0..200).flat_map(|nth| [json!(format!("b{nth}")), json!(sum)]).collect();
    let all = (0..200).map(|nth| format!("b{nth}")).collect::<Vec<_>>().join(" + ");
    let fields: serde_json::Map<String, Value> =
        (0..500).map(|nth| (format!("f{nth}"), json!(format!("{all} == {nth}")))).collect();
    let error = validate(&json!({ "docs": { "bind": binds, "fields": fields } })).unwrap_err();
    assert!(error.message().contains("longer than 1048576 bytes together"), "{}", &error.message()[..200]);
    assert_eq!(error.hint()["input"], Value::Null);
}
