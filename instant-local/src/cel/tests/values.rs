use super::assert_outcomes;

#[test]
fn literals_and_operators_have_their_values() {
    assert_outcomes(&[
        ("7 / 2", "3"),
        ("-7 / 2", "-3"),
        ("-7 % 3", "-1"),
        ("1.0 / 0.0", "\"Infinity\""),
        ("0.0 / 0.0 == 0.0 / 0.0", "false"),
        ("0xFF", "255"),
        ("-0xFF", "-255"),
        ("1e3", "1000.0"),
        (".5", "0.5"),
        ("1e400", "\"Infinity\""),
        ("-1e400 < 1.0", "true"),
        ("1e400 == 1e400 && 2 > 1", "true"),
        ("5u == 5u", "true"),
        ("'\\u00e9\\x41\\101\\n'", "\"éAA\\n\""),
        ("r'\\n'", "\"\\\\n\""),
        ("'''a'b'''", "\"a'b\""),
        ("b'abc' == bytes('abc')", "true"),
        ("true ? 1 : 2", "1"),
        ("[1, 2,]", "[1,2]"),
        ("{'a': 1,}", "{\"a\":1}"),
        ("{1: 'a', true: 'b'}", "{\"1\":\"a\",\"true\":\"b\"}"),
        ("1 // a comment", "1"),
        ("'a' + 'b'", "\"ab\""),
        ("[1] + [2]", "[1,2]"),
        ("!!true", "true"),
        ("--1", "1"),
        ("type(1) == int", "true"),
        ("type('a') == string && type([]) == list && type({}) == map && type(null) == null_type", "true"),
        ("type(timestamp(0)) == google.protobuf.Timestamp", "true"),
        (".data.title", "\"One\""),
    ]);
}

#[test]
fn numbers_of_different_kinds_are_equal_and_have_no_order() {
    assert_outcomes(&[
        ("dyn(1) == 1.0", "true"),
        ("dyn(1u) == 1", "true"),
        ("dyn('a') == 1", "false"),
        ("dyn(1) in [1.0]", "true"),
        ("data.n == 1.0", "true"),
        ("data.whole == 3", "true"),
        ("null == null", "true"),
        ("data.nothing == null", "true"),
        (
            "data.n > 1.0",
            "OVERLOAD_NOT_FOUND  at <input>:7: No matching overload for function '_>_'. Overload candidates: greater_double",
        ),
        ("false < true", "true"),
        // UTF-16: a surrogate pair comes before U+FFFF.
        ("'\\U0001F600' < '\\uFFFF'", "true"),
        ("{1: 'a'}[1.0 == 1.0 ? 1 : 2]", "\"a\""),
        ("{1: 'a'}[dyn(1u)]", "\"a\""),
        ("dyn(1.0) in {1: 'a'}", "true"),
    ]);
}

#[test]
fn strings_count_code_points() {
    assert_outcomes(&[
        ("'😀a'.size()", "2"),
        ("size('é')", "1"),
        ("'😀ab'.charAt(1)", "\"a\""),
        ("'ab'.charAt(2)", "\"\""),
        ("'ab'.charAt(3)", "INTERNAL_ERROR : charAt failure: Index out of range: 3"),
        ("'ab'.charAt(-1)", "INTERNAL_ERROR : charAt failure: Index out of range: -1"),
        ("'x'.indexOf('')", "0"),
        ("'abcabc'.indexOf('c', 3)", "5"),
        ("'abc'.indexOf('z')", "-1"),
        ("'abc'.indexOf('a', 5)", "INTERNAL_ERROR : indexOf failure: Offset out of range: 5"),
        ("''.indexOf('a')", "INTERNAL_ERROR : indexOf failure: Offset out of range: 0"),
        ("'xy'.lastIndexOf('')", "2"),
        ("'abab'.lastIndexOf('ab')", "2"),
        ("'abab'.lastIndexOf('ab', 1)", "0"),
        ("'aaa'.lastIndexOf('aa', 0)", "0"),
        ("'a'.lastIndexOf('ab')", "-1"),
        ("'a,b,c'.split(',')", "[\"a\",\"b\",\"c\"]"),
        ("'a,b,c'.split(',', 0)", "[]"),
        ("'a,b,c'.split(',', 2)", "[\"a\",\"b,c\"]"),
        ("'a,b,c'.split(',', -1)", "[\"a\",\"b\",\"c\"]"),
        ("'é😀'.split('')", "[\"é\",\"😀\"]"),
        ("'abc'.split('', 2)", "[\"a\",\"bc\"]"),
        ("'ab'.replace('', '-')", "\"-a-b-\""),
        ("'aaa'.replace('a', 'b', 2)", "\"bba\""),
        ("'aaa'.replace('a', 'b', -1)", "\"bbb\""),
        ("'aaa'.replace('a', 'b', 0)", "\"aaa\""),
        ("''.replace('', 'x')", "\"x\""),
        ("'abcd'.substring(1)", "\"bcd\""),
        ("'abcd'.substring(1, 3)", "\"bc\""),
        ("'abcd'.substring(4)", "\"\""),
        ("'abcd'.substring(4, 3)", "INTERNAL_ERROR : substring failure: Range [4, 3) out of bounds"),
        ("' \\t\\u00a0a\\u3000'.trim()", "\"a\""),
        ("'AÉ'.lowerAscii() + 'aé'.upperAscii()", "\"aÉAé\""),
        ("['a', 'b'].join('-') + ['a', 'b'].join()", "\"a-bab\""),
        ("['a', 1].join('-')", "\"a-1\""),
        ("'abc'.matches('b')", "true"),
        ("matches('abc', '^b')", "false"),
        ("'abc'.startsWith('ab') && 'abc'.endsWith('bc') && 'abc'.contains('b')", "true"),
    ]);
}

#[test]
fn conversions_read_as_java_does() {
    assert_outcomes(&[
        ("int('+5') + int('-5')", "0"),
        ("int(' 5')", "BAD_FORMAT  at <input>:3: For input string: \" 5\""),
        ("int(2.9) + int(-2.9)", "0"),
        ("int(1e30)", "NUMERIC_OVERFLOW  at <input>:3: double is out of range for int"),
        ("int(timestamp(1500))", "1"),
        ("uint(-1)", "NUMERIC_OVERFLOW  at <input>:4: int out of uint range"),
        ("double(' 1e3 ')", "1000.0"),
        ("double('Infinity')", "\"Infinity\""),
        ("double('inf')", "BAD_FORMAT  at <input>:6: For input string: \"inf\""),
        ("string(1.0) + string(1e7) + string(-0.0)", "\"1.01.0E7-0.0\""),
        ("string(5u) + string(true) + string(b'x')", "\"5truex\""),
        ("bool('t') && !bool('False')", "true"),
        ("bool('yes')", "BAD_FORMAT  at <input>:4: Type conversion error from 'string' to 'bool': [yes]"),
        ("string(duration('1h30m'))", "\"5400s\""),
        ("duration('-1.5s') == duration('-1500ms')", "true"),
        ("duration('1d')", "BAD_FORMAT  at <input>:8: invalid duration format"),
        ("string(b'\\xff')", "BAD_FORMAT  at <input>:6: invalid UTF-8 in bytes, cannot convert to string"),
    ]);
}

#[test]
fn times_have_parts_and_zones() {
    assert_outcomes(&[
        ("timestamp('2024-01-01')", "\"2024-01-01T00:00:00Z\""),
        ("timestamp('2024-02-03T04:05:06.700Z').getTime()", "1706933106700"),
        ("timestamp(-1500)", "\"1969-12-31T23:59:58.500Z\""),
        ("timestamp('epoch').getTime()", "0"),
        ("timestamp('2024-02-03').getMonth() + timestamp('2024-02-03').getDate()", "4"),
        ("timestamp('2024-02-03').getDayOfMonth()", "2"),
        ("timestamp('2024-02-04').getDayOfWeek()", "0"),
        ("timestamp('2024-02-03').getDayOfYear()", "33"),
        ("timestamp('2024-01-01').getHours('America/New_York')", "19"),
        ("timestamp('2024-01-01').getHours('+02:00')", "2"),
        ("timestamp('2024-01-01').getFullYear('America/New_York')", "2023"),
        (
            "timestamp('2024-01-01').getHours('Nope/Zone')",
            "BAD_FORMAT  at <input>:32: Unknown time-zone ID: Nope/Zone",
        ),
        ("duration('90m').getHours() + duration('90m').getMinutes()", "91"),
        ("duration('1.5s').getMilliseconds()", "500"),
        ("timestamp('2024-01-02') - timestamp('2024-01-01')", "\"86400s\""),
        ("timestamp('2024-01-01') + duration('36h')", "\"2024-01-02T12:00:00Z\""),
        ("timestamp('2024-01-01') < timestamp('2024-01-02')", "true"),
        (
            "timestamp('9999-12-31') + duration('48h')",
            "NUMERIC_OVERFLOW  at <input>:24: Timestamp is not valid: the years are 1 to 9999",
        ),
        ("request.time > timestamp('2024-01-01')", "true"),
    ]);
}

#[test]
fn math_follows_the_official_rounding_and_bits() {
    assert_outcomes(&[
        ("math.round(2.5)", "2.0"),
        ("math.round(-2.5)", "-2.0"),
        ("math.ceil(1.2) + math.floor(1.8) + math.trunc(-1.5)", "2.0"),
        ("math.greatest(1, 2.5, 2u)", "2.5"),
        ("math.least([3, 1, 2])", "1"),
        ("math.greatest(1, 1.0)", "1"),
        ("math.abs(-1) + math.sign(-5)", "0"),
        ("math.sqrt(16)", "4.0"),
        ("math.bitShiftRight(-8, 1)", "9223372036854775804"),
        ("math.bitShiftLeft(1, 64)", "0"),
        (
            "math.bitShiftLeft(1, -1)",
            "INTERNAL_ERROR  at <input>:17: Function 'math_bitShiftLeft_int_int' failed with arg(s) '1, -1'",
        ),
        ("math.bitAnd(6, 3) + math.bitOr(4, 1) + math.bitXor(6, 3) + math.bitNot(0)", "11"),
        ("math.isNaN(0.0 / 0.0) && math.isInf(1.0 / 0.0) && !math.isFinite(1.0 / 0.0)", "true"),
    ]);
}

#[test]
fn macros_go_over_lists_and_maps() {
    assert_outcomes(&[
        ("[1, 2, 3].all(x, x > 0)", "true"),
        ("[1, 2, 3].exists(x, x > 2)", "true"),
        ("[1, 2, 3].exists_one(x, x > 1)", "false"),
        ("[1, 2, 3].filter(x, x != 2)", "[1,3]"),
        ("[1, 2, 3].map(x, x * 2)", "[2,4,6]"),
        ("[1, 2, 3].map(x, x > 1, [x])", "[[2],[3]]"),
        ("{'a': 1, 'b': 2}.map(k, k)", "[\"a\",\"b\"]"),
        ("[[1, 2], [3]].map(x, x.map(y, y + 1))", "[[2,3],[4]]"),
        ("[1, 2].map(x, [3, 4].map(x, x)).size()", "2"),
        ("cel.bind(a, 1, cel.bind(b, a + 1, a + b))", "3"),
        ("cel.bind(unused, 1 / 0, true)", "true"),
        ("has({'a': 1}.a) && !has({'a': 1}.b)", "true"),
        // What another element decides, an error does not undo.
        ("[1, 0].exists(x, 1 / x == 1)", "true"),
        ("[0, 1].exists(x, 1 / x == 1)", "true"),
        ("[0, 1].all(x, 1 / x == 5)", "false"),
        ("[0].all(x, 1 / x == 5)", "DIVIDE_BY_ZERO  at <input>:13: / by zero"),
        ("[0, 1].map(x, 1 / x)", "DIVIDE_BY_ZERO  at <input>:16: / by zero"),
        ("[1, 0].exists_one(x, 1 / x == 1)", "DIVIDE_BY_ZERO  at <input>:23: / by zero"),
    ]);
}

#[test]
fn a_decided_side_absorbs_the_error_of_the_other() {
    assert_outcomes(&[
        ("data.x.y || true", "true"),
        ("data.x.y && false", "false"),
        ("true || data.title", "true"),
        ("data.title || true", "INVALID_ARGUMENT  at <input>:4: expected boolean value, found: One"),
        (
            "false || data.x.y",
            "ATTRIBUTE_NOT_FOUND  at <input>:15: Error resolving field 'y'. Field selections must be performed on messages or maps.",
        ),
        ("1 / 0 == 1 || data.x.y", "DIVIDE_BY_ZERO  at <input>:2: / by zero"),
        ("data.z && true", "INVALID_ARGUMENT  at <input>:4: expected boolean value, found: NULL_VALUE"),
        ("data.title ? 1 : 2", "INVALID_ARGUMENT  at <input>:4: expected boolean value, found: One"),
        ("data.ref('zippy.x') == [] || true", "true"),
        ("data.ref('zippy.x') == [] || false", "host: Record not found: attr"),
        ("data.labels[0] == 'x' || true", "unsupported"),
    ]);
}
