//! The proxy between a client and its server, where the environment names one.

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::Url;

/// Whether the server runs on this machine. No proxy can reach it there.
pub(super) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let is_local_name = host == "localhost" || host.ends_with(".localhost");
    is_local_name || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The proxy that requests to `url` go through, without its user name and password. Reads the same variables as the HTTP
/// client: `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`.
pub(super) fn of(url: &Url) -> Option<String> {
    if is_loopback(url) {
        return None;
    }
    let proxy = Matcher::from_system().intercept(&url.as_str().parse().ok()?)?;
    Some(proxy.uri().to_string().trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_known_by_name_and_by_address() {
        let is_loopback = |url: &str| is_loopback(&Url::parse(url).unwrap());
        for url in [
            "http://localhost:1",
            "http://app.localhost",
            "http://127.0.0.1:8888",
            "http://127.9.9.9",
            "http://[::1]:1",
        ] {
            assert!(is_loopback(url), "{url}");
        }
        for url in [
            "http://localhost.org",
            "http://128.0.0.1",
            "http://10.0.0.1",
            "http://[::2]",
            "https://api.instantdb.com",
        ] {
            assert!(!is_loopback(url), "{url}");
        }
    }
}
