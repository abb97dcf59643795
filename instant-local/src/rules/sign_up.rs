//! The rule about signing up: whether a user may come into being by a call that is not the administrator's.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::asked::{Asked, ClientInfo};
use super::judge::{Case, Judge};
use super::rulebook::Rulebook;
use crate::error::ApiError;
use crate::store::ReadTx;

/// A user who signs up.
#[derive(Debug)]
pub(crate) struct NewUser {
    /// The id that the user will have.
    pub(crate) id: Uuid,
    /// The email; guests have none.
    pub(crate) email: Option<String>,
    /// Custom attributes, known to exist.
    pub(crate) extra_fields: Map<String, Value>,
}

#[cfg_attr(not(test), expect(dead_code, reason = "signing up comes with the endpoints of authentication"))]
impl NewUser {
    /// Asks `$users.allow.create`, for which the new user is `data`, `newData` and `auth`. Without that rule a user may sign
    /// up, but not with custom attributes. No `$default` counts.
    ///
    /// To be called before anything is written or a code is used up, and not for calls of the administrator.
    ///
    /// # Errors
    ///
    /// Fails with `permission-denied`, or with `permission-evaluation-failed` where the rule cannot be evaluated.
    pub(crate) fn check(
        &self,
        tx: &ReadTx<'_>,
        rulebook: &Rulebook,
        client: ClientInfo,
    ) -> Result<(), ApiError> {
        let rules = rulebook.rules(tx.app());
        let allowed = match rules.sign_up()? {
            None => self.extra_fields.is_empty(),
            Some(rule) => {
                let user = self.record();
                let asked = Asked { auth: Some(user.clone()), client, explains: false };
                let case = Case { new_data: Some(&user), ..Case::of(&rule, self.id, &user) };
                Judge::new(tx, rulebook, &rules, &asked).allowed(&[case])?.into_iter().all(|allowed| allowed)
            }
        };
        if allowed { Ok(()) } else { Err(ApiError::permission_denied(&["$users", "create"], "perms-pass?")) }
    }

    fn record(&self) -> Map<String, Value> {
        let email = self.email.as_ref().map(|email| ("email".to_owned(), json!(email)));
        let own = [("id".to_owned(), json!(self.id))].into_iter().chain(email);
        own.chain(self.extra_fields.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{NewApp, Store};

    /// Who may sign up under the rules: an email, and the custom attribute `nick` or none.
    async fn answer(rules: Value, email: &str, nick: Option<&str>) -> Result<(), String> {
        let store = Store::in_memory().unwrap();
        let app = store.create_app(NewApp { rules: Some(rules), ..NewApp::new("signs up") }).await.unwrap();
        let extra_fields = nick.map(|nick| ("nick".to_owned(), json!(nick))).into_iter().collect();
        let user = NewUser { id: Uuid::new_v4(), email: Some(email.to_owned()), extra_fields };
        let check = move |tx: &ReadTx<'_>| user.check(tx, &Rulebook::default(), ClientInfo::default());
        store.read(app.id, check).await.map_err(|error| error.kind().to_owned())
    }

    #[tokio::test]
    async fn without_a_rule_custom_attributes_are_refused_and_defaults_do_not_count() {
        let denied = Err("permission-denied".to_owned());
        for rules in [
            json!({}),
            json!({ "$default": { "allow": { "create": "false", "$default": "false" } } }),
            json!({ "$users": { "allow": { "$default": "false" } } }),
        ] {
            assert_eq!(answer(rules.clone(), "a@ok.com", None).await, Ok(()), "{rules}");
            assert_eq!(answer(rules.clone(), "a@ok.com", Some("n")).await, denied, "{rules}");
        }
    }

    #[tokio::test]
    async fn a_rule_sees_the_new_user_as_data_new_data_and_auth() {
        let rules = |create: &str| json!({ "$users": { "allow": { "create": create } } });
        let denied = Err("permission-denied".to_owned());
        let by_email = rules("data.email.endsWith('@ok.com')");
        assert_eq!(answer(by_email.clone(), "a@ok.com", Some("n")).await, Ok(()));
        assert_eq!(answer(by_email, "a@no.com", None).await, denied);
        let same = rules("auth.id == data.id && auth.email == newData.email && data.nick == 'n'");
        assert_eq!(answer(same.clone(), "a@ok.com", Some("n")).await, Ok(()));
        assert_eq!(answer(same, "a@ok.com", Some("m")).await, denied);
        let failed = Err("permission-evaluation-failed".to_owned());
        assert_eq!(answer(rules("data.zippy.zap == 1"), "a@ok.com", None).await, failed);
    }
}
