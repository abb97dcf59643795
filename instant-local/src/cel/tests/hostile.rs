//! Rules that are meant to do harm end with an error, and soon.

use std::time::{Duration, Instant};

use super::super::{Budget, Program, RuleKind};
use super::{TestHost, outcome, outcome_with};

#[track_caller]
fn assert_too_costly(source: &str) {
    let started = Instant::now();
    let mut budget = Budget::of(1_000_000, 10_000_000);
    let outcome = outcome_with(source, &TestHost::default(), &mut budget);
    assert!(outcome.starts_with("too costly: The permission rules of this request"), "{outcome}");
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}

fn list(length: usize) -> String {
    format!("[{}]", vec!["1"; length].join(","))
}

#[test]
fn nested_macros_over_long_lists_run_into_the_budget() {
    let list = list(1000);
    assert_too_costly(&format!("{list}.all(a, {list}.all(b, {list}.all(c, true)))"));
}

#[test]
fn texts_that_double_run_into_the_budget() {
    let doubled = (0..60).fold("'0123456789'".to_owned(), |text, level| {
        format!("cel.bind(t{level}, {text}, t{level} + t{level})")
    });
    assert_too_costly(&doubled);
    let replaced = (0..10).fold("'aaaaaaaaaaaaaaaaaaaa'".to_owned(), |text, _| {
        format!("{text}.replace('a', 'aaaaaaaaaaaaaaaaaaaa')")
    });
    assert_too_costly(&replaced);
}

#[test]
fn lists_that_double_are_neither_compared_nor_printed_without_end() {
    let shared = |last: &str| {
        let body = format!("[v59, v59]{last}");
        (0..60).rev().fold(body, |body, level| {
            let value = if level == 0 { "[1]".to_owned() } else { format!("[v{0}, v{0}]", level - 1) };
            format!("cel.bind(v{level}, {value}, {body})")
        })
    };
    assert_too_costly(&shared(" == [v59, v59].map(x, x)"));
    assert_eq!(outcome(&shared("")), "unsupported");
    assert!(outcome(&shared("[dyn(5)]")).starts_with("INDEX_OUT_OF_BOUNDS"));
}

#[test]
fn types_that_double_are_checked_soon() {
    let started = Instant::now();
    let nested = (0..200).fold("{1: 1}".to_owned(), |body, level| {
        format!("cel.bind(v{level}, {body}, {{v{level}: v{level}}})")
    });
    let _ = Program::compile(&nested, RuleKind::Read);
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}

#[test]
fn patterns_are_bounded_in_size() {
    let large = "'a'.matches('((a{100}){100}){100}')";
    assert!(outcome(large).contains("the pattern is too large"), "{}", outcome(large));
    let deep = format!("'a'.matches('{}')", "(".repeat(5000));
    assert!(outcome(&deep).starts_with("INVALID_ARGUMENT"), "{}", outcome(&deep));
    // Computed patterns are compiled each time, which costs.
    let list = list(2000);
    assert_too_costly(&format!("{list}.all(a, {list}.all(b, 'a'.matches(data.title + string(b)) || true))"));
}

#[test]
fn the_deepest_expressions_are_evaluated_on_an_ordinary_stack() {
    for source in [
        format!("{}true{}", "(".repeat(249), ")".repeat(249)),
        format!("1{}", " + 1".repeat(249)),
        format!("{}1{}", "[".repeat(249), "]".repeat(249)),
        format!("{}1{}", "dyn(".repeat(240), ")".repeat(240)),
        format!("{}1{}", "{'a': ".repeat(249), "}".repeat(249)),
        format!("{}1{}", "data[".repeat(249), "]".repeat(249)),
        format!("{}1{}", "data.ref(".repeat(249), ")".repeat(249)),
        format!("{}data{}", "!".repeat(9), ".a".repeat(249)),
        format!("{}1{}", "[1 + size([".repeat(120), "])]".repeat(120)),
        format!("{}true{}", "cel.bind(x, 1, ".repeat(240), ")".repeat(240)),
        format!("{}[1]{}", "[1].all(x, [".repeat(60), "] != [])".repeat(60)),
        format!("{}true{}", "true ? ".repeat(120), " : false".repeat(120)),
    ] {
        let thread = std::thread::Builder::new().stack_size(1536 << 10);
        thread.spawn(move || outcome(&source)).unwrap().join().expect("the stack is large enough");
    }
}

#[test]
fn long_lists_of_ids_and_of_some_negative_numbers_are_no_attack() {
    let ids = format!("auth.id in [{}]", vec!["'5b825025-0f6a-5aa4-9ade-ac3f5ec1aa0a'"; 500].join(", "));
    assert_eq!(outcome(&ids), "false");
    let numbers = format!("-5 in [{}]", vec!["-5"; 1000].join(", "));
    assert_eq!(outcome(&numbers), "true");
}

#[test]
fn long_texts_compile_in_bounded_time() {
    let started = Instant::now();
    for source in [
        format!("data{}", ".a".repeat(49_990)),
        format!("1{}", "&&1".repeat(10_000)),
        "((".repeat(20_000),
        "a ? ".repeat(20_000),
        "a ".repeat(20_000),
        "[]==[]&&".repeat(3_000) + "true",
        format!("[{}]", "-1,".repeat(30_000)),
        format!("{}1", "!".repeat(99_000)),
        "'".repeat(99_999),
        "\u{0}".repeat(1000),
    ] {
        let _ = Program::compile(&source, RuleKind::Read);
    }
    assert!(started.elapsed() < Duration::from_mins(1), "{:?}", started.elapsed());
}
