//! The server's URL: what a client accepts, and what it says to write instead.

use reqwest::Url;

use crate::error::Error;

/// An `http` or `https` URL with a host, and perhaps a path under which the API lives.
pub(crate) fn parse_url(text: &str) -> Result<Url, Error> {
    let text = text.trim();
    let shown = without_secrets(text);
    let bad = |why: &str| {
        Error::config(format!(
            "{shown:?} is not the URL of a server: {why}; write it as http://localhost:8888"
        ))
    };
    let mut url = match Url::parse(text) {
        Ok(url) => url,
        Err(_) if !text.contains("://") => return Err(bad("it does not start with http:// or https://")),
        Err(error) => return Err(bad(&error.to_string())),
    };
    if !matches!(url.scheme(), "http" | "https") {
        return Err(bad("it does not start with http:// or https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad("it contains a user name or password, which would end up in logs"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(bad("it has a `?` or `#` part"));
    }
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}

/// `text` without user name and password, and without its query, which may be a token as well.
fn without_secrets(text: &str) -> String {
    let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
    let rest = rest.rsplit('@').next().unwrap_or(rest);
    let rest = rest.split(['?', '#']).next().unwrap_or(rest);
    if scheme.is_empty() { rest.to_owned() } else { format!("{scheme}://{rest}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_before_the_api_is_kept() {
        assert_eq!(parse_url("https://x.org/instant").unwrap().as_str(), "https://x.org/instant/");
        assert_eq!(parse_url(" http://localhost:8888/ ").unwrap().as_str(), "http://localhost:8888/");
        assert_eq!(parse_url("http://[::1]:8888").unwrap().as_str(), "http://[::1]:8888/");
    }

    #[test]
    fn a_malformed_url_is_an_error_that_says_what_to_write() {
        for bad in ["localhost:8888", "", "ws://x", "http://", "http://a b", "http://x/?a=1", "http://x/#y"] {
            let error = parse_url(bad).unwrap_err();
            assert!(error.is_config() && error.to_string().contains("write it as http://"), "{bad}: {error}");
        }
    }

    #[test]
    fn credentials_in_a_url_are_refused_and_not_repeated() {
        for bad in [
            "https://me:hunter2@x.org/p",
            "https://hunter2@x.org",
            "me:hunter2@x",
            "http://hunter2@a b",
            "https://x.org/?token=hunter2",
            "x.org#hunter2",
            "http://a b?hunter2",
            "https://me:a?hunter2@x.org",
            "https://me:a/#hunter2@x.org",
        ] {
            let error = parse_url(bad).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{bad}: {error}");
        }
    }
}
