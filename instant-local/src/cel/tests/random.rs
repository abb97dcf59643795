//! Random texts and random expressions: nothing panics, and what compiles is evaluated to something.

use proptest::prelude::*;

use super::super::{Program, RuleKind, identifiers};
use super::outcome;

fn expression() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "1",
        "-1",
        "0",
        "2u",
        "1.5",
        "'a'",
        "''",
        "b'x'",
        "null",
        "true",
        "false",
        "[]",
        "{}",
        "data",
        "data.n",
        "data.title",
        "data.labels",
        "data.numbers",
        "data.meta",
        "data.tags",
        "data.nothing",
        "data.big",
        "auth",
        "request",
        "request.time",
        "ruleParams.x",
        "x",
        "y",
        "int",
        "rateLimit.b",
        "data.ref('n')",
        "data.ref('objects')",
        "duration('1s')",
        "timestamp(0)",
        "9223372036854775807",
        "1e308",
    ])
    .prop_map(str::to_owned);
    leaf.prop_recursive(4, 24, 3, |inner| {
        let binary = prop::sample::select(vec![
            "+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "in", "&&", "||",
        ]);
        let method = prop::sample::select(vec![
            "size",
            "contains",
            "indexOf",
            "split",
            "replace",
            "substring",
            "charAt",
            "matches",
            "join",
            "trim",
            "getHours",
            "getTime",
            "ref",
            "limit",
            "lastIndexOf",
            "startsWith",
        ]);
        let macros = prop::sample::select(vec!["all", "exists", "exists_one", "map", "filter"]);
        let function = prop::sample::select(vec![
            "size",
            "int",
            "uint",
            "double",
            "string",
            "bool",
            "bytes",
            "dyn",
            "type",
            "timestamp",
            "duration",
            "math.abs",
            "math.greatest",
            "math.round",
            "math.sqrt",
            "has",
        ]);
        prop_oneof![
            (inner.clone(), binary, inner.clone()).prop_map(|(a, op, b)| format!("({a} {op} {b})")),
            (inner.clone(), method, prop::collection::vec(inner.clone(), 0..3))
                .prop_map(|(a, name, arguments)| format!("({a}).{name}({})", arguments.join(", "))),
            (inner.clone(), macros, inner.clone()).prop_map(|(a, name, b)| format!("({a}).{name}(x, {b})")),
            (function, inner.clone()).prop_map(|(name, a)| format!("{name}({a})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("cel.bind(y, {a}, {b})")),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a})[{b}]")),
            prop::collection::vec(inner.clone(), 0..3)
                .prop_map(|elements| format!("[{}]", elements.join(", "))),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{{{a}: {b}}}")),
            inner.clone().prop_map(|a| format!("!{a}")),
            inner.clone().prop_map(|a| format!("-{a}")),
            inner.prop_map(|a| format!("({a}).count")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_texts_are_read_or_refused_with_a_message(source in "[ -~é\n]{0,40}") {
        if let Err(messages) = Program::compile(&source, RuleKind::Read) {
            prop_assert!(!messages.is_empty() && messages.iter().all(|message| !message.is_empty()), "{messages:?}");
            prop_assert!(!messages[0].contains("unexpected error"), "{messages:?}");
        }
        let _ = identifiers(&source);
    }

    #[test]
    fn random_expressions_have_an_outcome(source in expression()) {
        prop_assert!(!outcome(&source).is_empty());
        prop_assert!(!outcome(&source).contains("unexpected error"));
        // With the unknown types of data all is left to the evaluation.
        let untyped = format!("cel.bind(x, data.x, cel.bind(y, dyn(data), {source}))");
        prop_assert!(!outcome(&untyped).is_empty());
    }
}
