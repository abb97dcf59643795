//! Proxies that the environment names. Each case runs this test program again with other variables, since the
//! environment of a running program is shared by all its tests.

use std::process::Command;

use serde_json::json;

use crate::raw::{Raw, answer};
use crate::{assert_keeps_secrets, connect};

const URL: &str = "PROXY_TEST_URL";

/// What a query to `url` gives in a program with these variables: `ok`, or the error.
async fn query_with(url: &str, variables: &[(&str, &str)]) -> String {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--ignored", "--exact", "proxy::query_in_a_program_of_its_own", "--nocapture"]).env(URL, url);
    for name in
        ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy", "REQUEST_METHOD"]
    {
        child.env_remove(name);
    }
    child.envs(variables.iter().copied());
    let output = tokio::task::spawn_blocking(move || child.output().unwrap()).await.unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let found = text.lines().find_map(|line| line.split_once("outcome: "));
    found.unwrap_or_else(|| panic!("{text}")).1.to_owned()
}

#[tokio::test]
#[ignore = "other tests of this file run it"]
async fn query_in_a_program_of_its_own() {
    let Ok(url) = std::env::var(URL) else { return };
    match connect(&url).query_json(json!({ "posts": {} })).await {
        Ok(_) => println!("outcome: ok"),
        Err(error) => {
            assert_keeps_secrets(&error);
            println!("outcome: {:?} {error}", error.kind());
        }
    }
}

#[tokio::test]
async fn loopback_never_goes_through_a_proxy() {
    let server = Raw::start(|_| answer("application/json", r#"{"posts":[]}"#)).await;
    let proxy = Raw::start(|_| answer("text/html", "<p>proxy</p>")).await;
    let port = server.url.rsplit_once(':').unwrap().1;
    for host in ["127.0.0.1", "localhost"] {
        let url = format!("http://{host}:{port}");
        assert_eq!(query_with(&url, &[("HTTP_PROXY", &proxy.url), ("ALL_PROXY", &proxy.url)]).await, "ok");
    }
    assert_eq!((server.requests(), proxy.connections()), (2, 0));
}

#[tokio::test]
async fn an_error_through_a_proxy_names_the_proxy_without_its_password() {
    let proxy = Raw::start(|_| answer("text/html", "<p>proxy</p>")).await;
    let with_user = proxy.url.replace("http://", "http://me:hunter2@");
    let error = query_with("http://instant.invalid", &[("http_proxy", &with_user)]).await;
    assert_eq!(
        error,
        format!(
            "UnexpectedResponse http://instant.invalid/admin/query answered 200 OK with HTML (<p>proxy</p>) instead of \
             a JSON object through the proxy {} (from the environment); is http://instant.invalid the URL of an Instant \
             server?",
            proxy.url
        )
    );
}

#[tokio::test]
async fn a_proxy_that_does_not_run_is_named() {
    let error = query_with("http://instant.invalid", &[("ALL_PROXY", "http://me:hunter2@127.0.0.1:9")]).await;
    assert!(
        error.starts_with(
            "Unreachable could not connect to http://instant.invalid through the proxy http://127.0.0.1:9 (from the \
             environment): "
        ),
        "{error}"
    );
    assert!(
        error.ends_with("is the proxy running? `NO_PROXY` lists the hosts that are reached without it"),
        "{error}"
    );
}

#[tokio::test]
async fn no_proxy_is_respected() {
    let error = query_with(
        "http://instant.invalid",
        &[("HTTP_PROXY", "http://127.0.0.1:9"), ("NO_PROXY", "instant.invalid")],
    )
    .await;
    assert!(error.starts_with("Unreachable could not connect to http://instant.invalid: "), "{error}");
}
