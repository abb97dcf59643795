use super::assert_outcomes;

#[test]
fn stored_maps_read_null_where_there_is_nothing() {
    assert_outcomes(&[
        ("data.nothing", "null"),
        ("data.meta.nothing == null", "true"),
        ("data['title']", "\"One\""),
        ("data.meta.a.b + 1", "2"),
        ("has(data.nothing) && 'nothing' in data", "true"),
        ("data.meta == 1", "false"),
        ("data.meta == {}", "unsupported"),
        ("data.meta == data.meta || true", "unsupported"),
        ("size(data)", "unsupported"),
        ("data.meta.all(k, true)", "unsupported"),
        ("data.meta in [data.meta]", "false"),
        ("data.meta", "{\"a\":{\"b\":1},\"l\":[1,2]}"),
        (
            "data.title.x",
            "ATTRIBUTE_NOT_FOUND  at <input>:10: Error resolving field 'x'. Field selections must be performed on messages or maps.",
        ),
        (
            "has(data.owner.x)",
            "ATTRIBUTE_NOT_FOUND  at <input>:3: Error resolving field 'x'. Field selections must be performed on messages or maps.",
        ),
        (
            "data.owner['x']",
            "OVERLOAD_NOT_FOUND  at <input>:10: No matching overload for function '_[_]'. Overload candidates: index_map",
        ),
        ("auth.nothing == null && auth.email == 'ada@x.y'", "true"),
        ("ruleParams.nothing == null", "true"),
        ("request.origin + request.ip", "\"https://a.b\""),
        (
            "has(request.origin) && has(request.time) && !has(request.ip) && !has(request.modifiedFields)",
            "true",
        ),
    ]);
}

#[test]
fn stored_lists_know_equality_membership_and_macros() {
    assert_outcomes(&[
        ("data.labels == ['x', 'y']", "true"),
        ("'x' in data.labels && !('z' in data.labels)", "true"),
        ("data.numbers.all(n, n > 0)", "true"),
        ("data.numbers.map(n, n + 1)", "[2,3,4]"),
        ("data.labels[0]", "unsupported"),
        ("data.labels.size()", "unsupported"),
        ("data.labels + ['z']", "unsupported"),
        ("data.labels.join()", "unsupported"),
        ("data.labels in [['x', 'y']]", "false"),
        ("type(data.labels) == list", "false"),
        ("data.tags == [{'count': 1}]", "false"),
        ("data.tags.all(t, t.count == 1)", "true"),
        ("data.tags.all(t, has(t.count) && !has(t.zippy))", "true"),
        (
            "data.tags.all(t, t.zippy == 1)",
            "ATTRIBUTE_NOT_FOUND  at <input>:18: key 'zippy' is not present in map.",
        ),
        ("data.lists.all(l, l[0] == 1 && size(l) == 2)", "true"),
        ("data.holes.exists(x, x == 1)", "true"),
        ("data.holes.all(x, x == 1)", "INTERNAL_ERROR  at <input>:18: Null value"),
        (
            "data.nothing.exists(x, true)",
            "INVALID_ARGUMENT  at <input>:4: expected a list or a map for iteration range but got 'NullValue'",
        ),
        (
            "data.n.exists(x, true)",
            "INVALID_ARGUMENT  at <input>:4: expected a list or a map for iteration range but got 'Long'",
        ),
    ]);
}

#[test]
fn integers_inside_lists_can_only_be_compared() {
    let no_order = "OVERLOAD_NOT_FOUND  at <input>:17: No matching overload for function '_>_'. Overload candidates: greater_int64";
    assert_outcomes(&[
        ("data.ref('n')[0] == 5 && 5 in data.ref('n')", "true"),
        ("data.ref('n')[0] > 4", no_order),
        ("data.ref('n').exists(x, x > 4)", "true"),
        ("type(data.ref('n')[0]) == int", "false"),
        (
            "data.tags.all(t, t.count > 0)",
            "OVERLOAD_NOT_FOUND  at <input>:25: No matching overload for function '_>_'. Overload candidates: greater_int64",
        ),
        ("data.big == 1", "false"),
        ("data.huge == data.huge && data.huge != 1 && data.huge in [1, data.huge]", "true"),
        ("data.huge == data.big", "false"),
        (
            "data.huge.startsWith('1')",
            "OVERLOAD_NOT_FOUND  at <input>:20: No matching overload for function 'startsWith'. Overload candidates: starts_with_string",
        ),
        ("'\\x00123'.size()", "4"),
        (
            "data.big + 1",
            "OVERLOAD_NOT_FOUND  at <input>:9: No matching overload for function '_+_'. Overload candidates: add_int64",
        ),
        ("data.ref('objects')[0].l[1][0] == 2", "true"),
        ("{'count': 1, 'l': [1, [2]]} == data.ref('objects')[0]", "true"),
    ]);
}

#[test]
fn refs_are_lists_of_what_the_host_gives() {
    assert_outcomes(&[
        ("auth.email in data.ref('members.email')", "true"),
        ("data.ref('members.email').size()", "2"),
        ("data.ref('members.' + 'email')[1]", "\"bea@x.y\""),
        ("auth.ref('$user.posts.id')", "[\"p1\"]"),
        ("data.ref('none.id') == []", "true"),
        (
            "ruleParams.ref('n')",
            "OVERLOAD_NOT_FOUND  at <input>:14: No matching overload for function 'ref'. Overload candidates: _ref",
        ),
    ]);
}
