use super::assert_outcomes;

#[test]
fn operands_of_the_wrong_kind_name_the_overloads_that_were_open() {
    let all =
        "less_bool,less_int64,less_uint64,less_double,less_string,less_bytes,less_timestamp,less_duration";
    let both_unknown = format!(
        "OVERLOAD_NOT_FOUND  at <input>:10: No matching overload for function '_<_'. Overload candidates: {all}"
    );
    assert_outcomes(&[
        ("data.zzzz < data.n", &both_unknown),
        (
            "data.z < 2",
            "OVERLOAD_NOT_FOUND  at <input>:7: No matching overload for function '_<_'. Overload candidates: less_int64",
        ),
        (
            "-data.title",
            "OVERLOAD_NOT_FOUND  at <input>:0: No matching overload for function '-_'. Overload candidates: negate_int64,negate_double",
        ),
        (
            "!data.n",
            "OVERLOAD_NOT_FOUND  at <input>:0: No matching overload for function '!_'. Overload candidates: logical_not",
        ),
        (
            "'x' in data.title",
            "OVERLOAD_NOT_FOUND  at <input>:4: No matching overload for function '@in'. Overload candidates: in_list,in_map",
        ),
        (
            "timestamp(data.flag)",
            "OVERLOAD_NOT_FOUND  at <input>:9: No matching overload for function 'timestamp'. Overload candidates: _timestamp_from_string,_timestamp_from_number,timestamp_to_timestamp",
        ),
        (
            "data.n.startsWith('a')",
            "OVERLOAD_NOT_FOUND  at <input>:17: No matching overload for function 'startsWith'. Overload candidates: starts_with_string",
        ),
        (
            "data.n.getHours()",
            "OVERLOAD_NOT_FOUND  at <input>:15: No matching overload for function 'getHours'. Overload candidates: timestamp_to_hours,duration_to_hours",
        ),
        (
            "data.title.size() + data.title",
            "OVERLOAD_NOT_FOUND  at <input>:18: No matching overload for function '_+_'. Overload candidates: add_int64",
        ),
    ]);
}

#[test]
fn errors_have_the_place_of_their_node() {
    assert_outcomes(&[
        ("[1][5]", "INDEX_OUT_OF_BOUNDS  at <input>:3: Index out of bounds: 5"),
        ("[1][-1]", "INDEX_OUT_OF_BOUNDS  at <input>:3: Index out of bounds: -1"),
        ("{'a': 1}.b", "ATTRIBUTE_NOT_FOUND  at <input>:8: key 'b' is not present in map."),
        ("{'a': 1}['b']", "ATTRIBUTE_NOT_FOUND  at <input>:8: b"),
        ("1 / 0", "DIVIDE_BY_ZERO  at <input>:2: / by zero"),
        ("1 % 0", "DIVIDE_BY_ZERO  at <input>:2: / by zero"),
        ("9223372036854775807 + 1", "NUMERIC_OVERFLOW  at <input>:20: long overflow"),
        ("-(-9223372036854775807 - 1)", "NUMERIC_OVERFLOW  at <input>:0: long overflow"),
        ("{'a': 1, 'a': 2}", "DUPLICATE_ATTRIBUTE  at <input>:12: duplicate map key [a]"),
        ("'é' == 'é' && 1 / 0 == 1", "DIVIDE_BY_ZERO  at <input>:18: / by zero"),
        (
            "'a'.matches('(?=')",
            "INVALID_ARGUMENT  at <input>:11: error parsing regexp: invalid or unsupported Perl syntax: `(?=`",
        ),
        (
            "math.abs(-9223372036854775808)",
            "INTERNAL_ERROR  at <input>:8: Function 'math_abs_int' failed with arg(s) '-9223372036854775808'",
        ),
    ]);
}

#[test]
fn values_without_json_are_not_shown() {
    assert_outcomes(&[
        ("5u", "unsupported"),
        ("b'a'", "unsupported"),
        ("int", "unsupported"),
        ("duration('-1.5s')", "unsupported"),
        ("duration('1.5s')", "\"1.500s\""),
        ("[1.5, {'a': timestamp(0)}]", "[1.5,{\"a\":\"1970-01-01T00:00:00Z\"}]"),
    ]);
}
