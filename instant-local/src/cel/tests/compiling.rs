use super::super::program::Reference;
use super::super::{Keys, Program, Root, RuleKind, Variable, identifiers};

#[track_caller]
fn assert_messages(expected: &[(&str, &[&str])]) {
    let wrong: Vec<String> = expected
        .iter()
        .filter_map(|(source, expected)| {
            let found = Program::compile(source, RuleKind::Read).err().unwrap_or_default();
            (found != *expected).then(|| format!("{source}\n  expected {expected:#?}\n  found {found:#?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

const START: &str = "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

#[test]
fn malformed_texts_get_the_messages_of_the_official_parser() {
    let end = format!("mismatched input '<EOF>' expecting {START}");
    assert_messages(&[
        ("", &[&end]),
        ("1 +", &[&end]),
        ("(true", &["missing ')' at '<EOF>'"]),
        ("true)", &["extraneous input ')' expecting <EOF>"]),
        ("data.", &["no viable alternative at input '.'"]),
        ("if", &["reserved identifier: if"]),
        ("@", &["token recognition error at: '@'", &end]),
        ("'a\nb'", &["token recognition error at: ''a\\n'", "token recognition error at: '''"]),
        ("data.`b`", &["unsupported syntax '`'"]),
        ("a[?1]", &["unsupported syntax '[?'"]),
        ("9223372036854775808", &["For input string: \"9223372036854775808\""]),
        ("[-9223372036854775809]", &["For input string: \"-9223372036854775809\""]),
        (
            "1 ? 2",
            &[
                "mismatched input '<EOF>' expecting {'==', '!=', 'in', '<', '<=', '>=', '>', '&&', '||', '[', '.', '-', ':', '+', '*', '/', '%%'}",
            ],
        ),
    ]);
}

#[test]
fn nesting_has_the_official_bound() {
    let nested = |depth| format!("{}true{}", "(".repeat(depth), ")".repeat(depth));
    let chain = |links| format!("1{}", " + 1".repeat(links));
    let too_deep = "Expression recursion limit exceeded. limit: 250";
    for (source, is_accepted) in [
        (nested(249), true),
        (nested(250), false),
        (nested(5000), false),
        (chain(250), true),
        (chain(251), false),
        (chain(20_000), false),
    ] {
        let compiled = Program::compile(&source, RuleKind::Read);
        assert_eq!(compiled.is_ok(), is_accepted, "{} characters", source.len());
        if let Err(messages) = compiled {
            assert_eq!(messages, [too_deep]);
        }
    }
    // Conjunctions are balanced: their depth is that of a tree.
    assert!(Program::compile(&format!("true{}", " && true".repeat(5000)), RuleKind::Read).is_ok());
}

#[test]
fn an_expression_has_at_most_100_000_code_points() {
    let source = format!("'{}'", "é".repeat(100_000));
    let expected = "expression code point size exceeds limit: size: 100002, limit 100000";
    assert_eq!(Program::compile(&source, RuleKind::Read).unwrap_err(), [expected]);
}

#[test]
fn macros_refuse_what_they_cannot_take() {
    assert_messages(&[
        ("has(data)", &["invalid argument to has() macro"]),
        ("[1].all(1, true)", &["The argument must be a simple name"]),
        ("[1].map(1, true)", &["argument is not an identifier"]),
        ("cel.bind(1, 1, 1)", &["cel.bind() variable name must be a simple identifier"]),
        ("math.greatest()", &["math.greatest() requires at least one argument"]),
        ("math.least('a')", &["math.least() invalid single argument value"]),
        ("math.least('a', 1)", &["math.least() simple literal arguments must be numeric"]),
        (
            "cel.bind(x, 1)",
            &[
                "undeclared reference to 'cel' (in container '')",
                "undeclared reference to 'bind' (in container '')",
                "undeclared reference to 'x' (in container '')",
            ],
        ),
        (
            "[1].existsOne(x, true)",
            &[
                "undeclared reference to 'existsOne' (in container '')",
                "undeclared reference to 'x' (in container '')",
            ],
        ),
    ]);
}

#[test]
fn types_that_fit_nowhere_are_told_with_their_candidates() {
    assert_messages(&[
        (
            "1 == 1.0",
            &["found no matching overload for '_==_' applied to '(int, double)' (candidates: (%A0, %A0))"],
        ),
        (
            "true ? 1 : 'a'",
            &[
                "found no matching overload for '_?_:_' applied to '(bool, int, string)' (candidates: (bool, %A0, %A0))",
            ],
        ),
        (
            "'a' in 'b'",
            &[
                "found no matching overload for '@in' applied to '(string, string)' (candidates: (%A0, list(%A0)),(%A1, map(%A1, %B2)))",
            ],
        ),
        (
            "1 == 1 && 'a' in 'b'",
            &[
                "found no matching overload for '@in' applied to '(string, string)' (candidates: (%A1, list(%A1)),(%A2, map(%A2, %B3)))",
            ],
        ),
        (
            "[1, 2].all(x, x)",
            &["found no matching overload for '_&&_' applied to '(bool, int)' (candidates: (bool, bool))"],
        ),
        (
            "1[0]",
            &[
                "found no matching overload for '_[_]' applied to '(int, int)' (candidates: (list(%A0), int),(map(%A1, %B2), %A1))",
            ],
        ),
        (
            "size(1)",
            &[
                "found no matching overload for 'size' applied to '(int)' (candidates: (string),(bytes),(list(%A0)),(map(%A1, %B2)))",
            ],
        ),
        (
            "(1).size()",
            &[
                "found no matching overload for 'size' applied to 'int.()' (candidates: string.(),bytes.(),list(%A0).(),map(%A1, %B2).())",
            ],
        ),
        (
            "data.ref(1)",
            &[
                "found no matching overload for 'ref' applied to 'map(string, dyn).(int)' (candidates: map(string, dyn).(string))",
            ],
        ),
        (
            "rateLimit.b.limit()",
            &[
                "found no matching overload for 'limit' applied to 'RateLimitBucket(RateLimitBucket).()' (candidates: RateLimitBucket(%RateLimitBucket0).(dyn),RateLimitBucket(%RateLimitBucket1).(dyn, int))",
            ],
        ),
        (
            "data.x % 2.0",
            &[
                "found no matching overload for '_%_' applied to '(dyn, double)' (candidates: (int, int),(uint, uint))",
            ],
        ),
        (
            "[] == 1",
            &[
                "found no matching overload for '_==_' applied to '(list(%elem0), int)' (candidates: (%A1, %A1))",
            ],
        ),
        (
            "{} == 1",
            &[
                "found no matching overload for '_==_' applied to '(map(%key0, %value1), int)' (candidates: (%A2, %A2))",
            ],
        ),
        (
            "[1, 'a'] == 1",
            &["found no matching overload for '_==_' applied to '(list(dyn), int)' (candidates: (%A0, %A0))"],
        ),
        (
            "auth == null",
            &[
                "found no matching overload for '_==_' applied to '(map(string, dyn), null)' (candidates: (%A0, %A0))",
            ],
        ),
        (
            "request.ip == null",
            &["found no matching overload for '_==_' applied to '(string, null)' (candidates: (%A0, %A0))"],
        ),
        ("request.foo", &["undefined field 'foo'"]),
        ("(1).x", &["type 'int' does not support field selection"]),
        (
            "size(1).all(x, x)",
            &[
                "found no matching overload for 'size' applied to '(int)' (candidates: (string),(bytes),(list(%A0)),(map(%A1, %B2)))",
            ],
        ),
        (
            "size('a').all(x, true)",
            &["expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)"],
        ),
        (
            "request{value: 1}",
            &["'request' is not a type", "Message type resolution failure while referencing field 'value'."],
        ),
        (
            "math.foo(1)",
            &[
                "undeclared reference to 'math' (in container '')",
                "undeclared reference to 'foo' (in container '')",
            ],
        ),
        (
            "zippy + 1 == 'a'",
            &[
                "undeclared reference to 'zippy' (in container '')",
                "found no matching overload for '_==_' applied to '(int, string)' (candidates: (%A1, %A1))",
            ],
        ),
        (
            "math.abs('a')",
            &[
                "found no matching overload for 'math.abs' applied to '(string)' (candidates: (double),(int),(uint))",
            ],
        ),
    ]);
}

#[test]
fn variables_depend_on_the_kind_of_rule() {
    use RuleKind::{Link, Read, Unlink, Write};
    for (name, kinds) in [
        ("data", &[Read, Write, Link, Unlink][..]),
        ("newData", &[Write, Link, Unlink]),
        ("linkedData", &[Link, Unlink]),
        ("actions", &[Link]),
        ("zippy", &[]),
    ] {
        for kind in [Read, Write, Link, Unlink] {
            let compiled = Program::compile(&format!("{name} == {{}}"), kind);
            assert_eq!(compiled.is_ok(), kinds.contains(&kind), "{name} in {kind:?}");
        }
    }
}

#[test]
fn a_program_tells_what_it_reads() {
    let read = |source: &str| Program::compile(source, RuleKind::Link).unwrap();
    let program = read(
        "auth.id in data.ref('owner.id') && auth.ref('$user.a.b') == linkedData.ref('c') && data.title == ''",
    );
    let reference = |root, path: &str| Reference { root, path: path.into() };
    assert_eq!(
        program.references(),
        [reference(Root::Data, "owner.id"), reference(Root::LinkedData, "c"), reference(Root::Auth, "a.b")]
    );
    let only = |keys: &[&str]| Keys::Only(keys.iter().map(ToString::to_string).collect());
    assert_eq!(program.keys(Variable::Data), only(&["id", "title"]));
    assert_eq!(program.keys(Variable::Auth), only(&["id"]));
    assert_eq!(program.keys(Variable::NewData), only(&[]));
    assert_eq!(read("data['a'] == has(data.b)").keys(Variable::Data), only(&["a"]));
    assert_eq!(read("data[auth.id] == 1").keys(Variable::Data), Keys::All);
    assert_eq!(read("cel.bind(d, data, d.title)").keys(Variable::Data), Keys::All);
    assert_eq!(read("data.title == data.id || data == {}").keys(Variable::Data), Keys::All);
}

#[test]
fn identifiers_are_all_names_in_a_text() {
    let names = identifiers("data.list.exists(x, x == isOwner && f(y)[z] == {k: v}.w)").unwrap();
    assert_eq!(names.into_iter().collect::<Vec<_>>(), ["data", "isOwner", "k", "v", "x", "y", "z"]);
    assert_eq!(identifiers("(").unwrap_err().len(), 1);
}

#[test]
fn a_push_checks_refs_of_auth_and_names_of_rate_limits() {
    let errors =
        |source: &str| Program::compile(source, RuleKind::Read).unwrap().push_errors(&|name| name == "b");
    assert_eq!(errors("auth.ref('$user.') == []"), [""; 0]);
    let ref_error = "auth.ref arg must start with `$user.`";
    assert_eq!(errors("auth.ref('posts.id') == []"), [ref_error]);
    assert_eq!(errors("auth.ref('$user.' + 'a') == []"), [ref_error]);
    let limit_error = "`c` is not a valid rate limit config. It should be defined in the `$rateLimits` key.";
    assert_eq!(
        errors("rateLimit.b.limit(1) && rateLimit.c.limit(1) && rateLimit['c'].limit(1, 2)"),
        [limit_error, limit_error]
    );
    assert_eq!(errors("rateLimit[data.x].limit(1)"), [""; 0]);
}
