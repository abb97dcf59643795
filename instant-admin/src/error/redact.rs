//! Keeps secrets out of errors: the server's hints echo what it was sent, tokens and codes included.

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

const REDACTED: &str = "[redacted]";

/// The secrets that went out with one request, so that no answer can bring them back into an error.
#[derive(Clone, Default)]
pub(crate) struct Secrets(Vec<SecretString>);

impl Secrets {
    pub(crate) fn new(secrets: impl IntoIterator<Item = SecretString>) -> Self {
        Self(secrets.into_iter().filter(|secret| !secret.expose_secret().is_empty()).collect())
    }

    /// `text` with every secret of this request blotted out.
    pub(crate) fn clean_text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.0 {
            text = text.replace(secret.expose_secret(), REDACTED);
        }
        text
    }

    /// `value` with every secret of this request, and everything that is a secret by its name, blotted out.
    pub(crate) fn clean(&self, mut value: Value) -> Value {
        if points_at_secret(&value)
            && let Some(echo) = value.get_mut("original-input")
        {
            *echo = Value::from(REDACTED);
        }
        self.clean_inside(&mut value);
        value
    }

    /// The depth is bounded by the parser that made the value.
    fn clean_inside(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.clean_text(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.clean_inside(item)),
            Value::Object(fields) => {
                for (name, field) in fields {
                    if is_secret_name(name) && (field.is_string() || field.is_number()) {
                        *field = Value::from(REDACTED);
                    } else {
                        self.clean_inside(field);
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// `{"in": ["headers", "authorization"], "original-input": …}`: the path names the secret, not the key.
fn points_at_secret(hint: &Value) -> bool {
    let path = hint.get("in").and_then(Value::as_array);
    path.is_some_and(|path| path.iter().filter_map(Value::as_str).any(is_secret_name))
}

fn is_secret_name(name: &str) -> bool {
    let words = name.to_ascii_lowercase().replace(['-', '_'], "");
    let parts = ["token", "secret", "password", "authorization", "codeverifier", "cookie", "apikey"];
    matches!(words.as_str(), "code" | "authcode" | "magiccode" | "oauthcode")
        || words != "remainingtokens" && parts.iter().any(|part| words.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn secrets(secret: &str) -> Secrets {
        Secrets::new([SecretString::from(secret)])
    }

    #[test]
    fn named_secrets_are_blotted_out_wherever_the_hint_echoes_them() {
        let hint = json!({
            "args": [{ "app-id": "5f60", "token": "2483", "refresh-token": "9", "code": 123_456 }],
            "remaining-tokens": 3,
            "message": "This admin token may be expired",
        });
        let clean = Secrets::default().clean(hint);
        assert_eq!(
            clean["args"],
            json!([{ "app-id": "5f60", "token": REDACTED, "refresh-token": REDACTED, "code": REDACTED }])
        );
        assert_eq!(clean["remaining-tokens"], 3);
        assert_eq!(clean["message"], "This admin token may be expired");
    }

    #[test]
    fn the_echo_of_a_malformed_header_is_blotted_out() {
        let hint = json!({ "in": ["headers", "authorization"], "original-input": "Bearer hunter2" });
        assert!(!Secrets::default().clean(hint).to_string().contains("hunter2"));
        let harmless = json!({ "in": ["body", "email"], "original-input": "not-an-email" });
        assert_eq!(Secrets::default().clean(harmless.clone()), harmless);
    }

    #[test]
    fn a_secret_of_the_request_is_blotted_out_under_any_name() {
        let clean = secrets("s3cr3t").clean(json!({ "input": [["x", "as s3cr3t said"]] }));
        assert_eq!(clean, json!({ "input": [["x", "as [redacted] said"]] }));
        assert_eq!(secrets("s3cr3t").clean_text("<p>s3cr3t</p>"), "<p>[redacted]</p>");
    }
}
