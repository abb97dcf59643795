//! Numbers that were sent, and how they come back.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn back(text: &str) -> String {
    write(&read(text.as_bytes()).unwrap())
}

#[test]
fn numbers_come_back_as_from_the_official_server() {
    for (sent, back_again) in [
        ("-0", "0"),
        ("-0.0", "0.0"),
        ("-0e5", "0.0"),
        ("1.50", "1.5"),
        ("100.0", "100.0"),
        ("1e2", "100.0"),
        ("1.0e5", "100000.0"),
        ("9999999.0", "9999999.0"),
        ("1e7", "10000000"),
        ("12345678.0", "12345678"),
        ("12345678.5", "1.23456785E7"),
        ("-1E+15", "-1000000000000000"),
        ("1e21", "1000000000000000000000"),
        ("1.2345678901234567e19", "12345678901234567000"),
        ("123456789012345678901234567890.5", "123456789012345680000000000000"),
        ("18446744073709551615", "18446744073709551615"),
        ("18446744073709551616", "18446744073709551616"),
        ("-9223372036854775809", "-9223372036854775809"),
        ("9007199254740993", "9007199254740993"),
        ("0.001", "0.001"),
        ("0.25", "0.25"),
        ("0.00001", "1.0E-5"),
        ("1e-7", "1.0E-7"),
        ("1.25e-7", "1.25E-7"),
        ("5e-324", "4.9E-324"),
        ("2e-323", "2.0E-323"),
        ("1e-400", "0.0"),
        ("2.2250738585072014e-308", "2.2250738585072014E-308"),
    ] {
        assert_eq!(back(sent), back_again, "{sent}");
        let nested = format!(r#"{{"a":[{sent},{{"b":{sent}}}]}}"#);
        assert_eq!(back(&nested), nested.replace(sent, back_again), "{sent}");
    }
    let long = "7".repeat(1000);
    assert_eq!(back(&long), long);
    assert_eq!(back("1e308").len(), 309);
}

#[test]
fn numbers_beyond_the_bounds_are_refused() {
    for text in ["1e309", "-1e999", &"7".repeat(1001), "01", "1.", "-", ".5", "+1", "1e", "NaN", "Infinity"] {
        assert!(read(text.as_bytes()).is_err(), "{text} was read");
    }
    assert_eq!(read("7".repeat(1001).as_bytes()), Err(JsonError::TooLong));
}

#[test]
fn a_text_is_never_taken_for_a_number() {
    for text in [r#""\u00001""#, r#""\u0000\u00001""#, r#"{"\u00001":"\u0000"}"#] {
        let value = read(text.as_bytes()).unwrap();
        assert!(!is_number(&value), "{text}");
        assert_eq!(write(&value), text);
    }
    assert_eq!(type_name(&read(b"18446744073709551616").unwrap()), "number");
    assert_eq!(type_name(&json!("18446744073709551616")), "string");
}

#[test]
fn integers_are_in_order() {
    let ordered = ["-18446744073709551617", "-18446744073709551616", "-7", "0", "7", "18446744073709551616"];
    let ordered = ordered.map(|text| integer(&read(text.as_bytes()).unwrap()).unwrap());
    assert!(ordered.is_sorted());
    assert_eq!(integer(&json!(7.0)), integer(&json!(7)));
    assert_eq!(integer(&json!(-0.0)), integer(&json!(0)));
    assert_eq!(integer(&json!(7.5)), None);
}

#[test]
fn postgresql_prints_keys_by_length_and_no_exponents() {
    let value =
        read(br#"{"bb":[1,2.50],"b":{},"a":1e-5,"ab":0.001,"c":"\u00e9\n","d":18446744073709551616}"#);
    assert_eq!(
        postgres(&value.unwrap()),
        r#"{"a": 0.000010, "b": {}, "c": "é\n", "d": 18446744073709551616, "ab": 0.001, "bb": [1, 2.5]}"#
    );
}

#[test]
fn nesting_of_a_thousand_levels_is_read_on_the_stack_of_any_thread() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    let work = move || {
        let value = read(nested(1000).as_bytes()).unwrap();
        assert_eq!(write(&value.clone()), nested(1000));
        assert_eq!(postgres(&value), nested(1000));
        assert_eq!(read(nested(1001).as_bytes()), Err(JsonError::TooDeep));
        assert_eq!(read(nested(100_000).as_bytes()), Err(JsonError::TooDeep));
    };
    // As large as the stacks of tokio's threads.
    std::thread::Builder::new().stack_size(2 << 20).spawn(work).unwrap().join().unwrap();
}

#[test]
fn sizes_are_those_of_postgresql() {
    // Each is the largest of its kind that an index takes.
    let nested = |depth: usize| format!("{}1{}", r#"{"d":"#.repeat(depth), "}".repeat(depth));
    let list = |item: &str, count: usize| format!("[{}]", vec![item; count].join(","));
    for (largest, larger) in [
        (format!("\"{}\"", "a".repeat(1012)), format!("\"{}\"", "a".repeat(1013))),
        (list("null", 254), list("null", 255)),
        (list("\"\"", 254), list("\"\"", 255)),
        (list("0", 84), list("0", 85)),
        (list("12345", 63), list("12345", 64)),
        (nested(63), nested(64)),
        (format!(r#"{{"k":"{}"}}"#, "a".repeat(1007)), format!(r#"{{"k":"{}"}}"#, "a".repeat(1008))),
    ] {
        let of = |text: &str| size(&read(text.as_bytes()).unwrap());
        assert!(of(&largest) <= 1024 && of(&larger) > 1024, "{} {}", of(&largest), of(&larger));
    }
    assert_eq!(size(&json!(0)), 20);
    assert_eq!(size(&json!(10_000)), 20);
    assert_eq!(size(&json!(12_345)), 24);
    assert_eq!(size(&json!(0.000_1)), 20);
}

proptest! {
    #[test]
    fn doubles_come_back_as_the_same_numbers(bits in any::<u64>()) {
        let double = f64::from_bits(bits);
        prop_assume!(double.is_finite());
        let text = back(&format!("{double:e}"));
        prop_assert!(text.parse() == Ok(double), "{}", text);
        prop_assert_eq!(back(&text), text.clone());
        prop_assert!(number::print_plain(double).parse() == Ok(double));
    }

    #[test]
    fn what_serde_json_refuses_is_refused(text in r#"[\[\]{}:," \\a0-9eE.u+-]{0,12}"#) {
        let plain = serde_json::from_str::<Value>(&text);
        prop_assert_eq!(read(text.as_bytes()).is_ok(), plain.is_ok(), "{}", text);
    }
}
