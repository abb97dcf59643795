//! Building a client, and every error about its configuration, before the first request.

use std::env::{self, VarError};
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use instant_schema::parse_id;
use reqwest::Certificate;
use secrecy::{ExposeSecret, SecretString};

use super::Db;
use crate::access::{Access, Admin, Public};
use crate::error::Error;
use crate::http::{AdminToken, Http, HttpConfig, Identity, TokenSource, parse_url};
use crate::schema::{SchemaSource, SchemaSync, Schemas};
use crate::session::{Session, Shared};

const URL_VARIABLE: &str = "INSTANT_API_URI";
const APP_ID_VARIABLE: &str = "INSTANT_APP_ID";
const ADMIN_TOKEN_VARIABLE: &str = "INSTANT_APP_ADMIN_TOKEN";

const DEFAULT_TIMEOUT: Duration = Duration::from_mins(1);
const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const DEFAULT_RETRIES: usize = 3;
const DEFAULT_RESPONSE_LIMIT: usize = 256 * 1024 * 1024;

/// Sets up a [`Db`]. URL and app id must be given; an admin token makes the client a [`Db<Admin>`](Admin).
#[must_use = "a builder does nothing until `build`"]
pub struct DbBuilder<A = Public> {
    settings: Settings,
    access: PhantomData<fn() -> A>,
}

struct Settings {
    url: Option<String>,
    app_id: Option<String>,
    admin_token: Option<AdminToken>,
    timeout: Duration,
    connect_timeout: Duration,
    retries: usize,
    response_limit: usize,
    root_certificates: Vec<Vec<u8>>,
    schema: Option<SchemaSource>,
    schema_sync: SchemaSync,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            url: None,
            app_id: None,
            admin_token: None,
            timeout: DEFAULT_TIMEOUT,
            connect_timeout: DEFAULT_CONNECT_TIMEOUT,
            retries: DEFAULT_RETRIES,
            response_limit: DEFAULT_RESPONSE_LIMIT,
            root_certificates: Vec::new(),
            schema: None,
            schema_sync: SchemaSync::default(),
        }
    }
}

impl Db {
    /// Starts building a client.
    ///
    /// ```
    /// use instant_admin::{Db, access::Public};
    ///
    /// # fn main() -> Result<(), instant_admin::Error> {
    /// let builder = Db::builder().url("http://localhost:8888").app_id("5f607e08-b271-489a-8430-108f8d0e22e7");
    /// let public: Db<Public> = builder.build()?;
    /// assert_eq!(public.url(), "http://localhost:8888");
    /// # Ok(())
    /// # }
    /// ```
    pub fn builder() -> DbBuilder {
        DbBuilder { settings: Settings::default(), access: PhantomData }
    }

    /// Builds a client from the environment variables `INSTANT_API_URI`, `INSTANT_APP_ID` and
    /// `INSTANT_APP_ADMIN_TOKEN`.
    ///
    /// # Errors
    /// Names the variable that is missing or wrong, and what to write.
    pub fn from_env() -> Result<Self, Error> {
        Self::builder_from_env()?.build()
    }

    /// Returns a builder with the settings that [`from_env`](Self::from_env) reads, for those that the environment
    /// does not hold, such as timeouts.
    pub fn builder_from_env() -> Result<DbBuilder<Admin>, Error> {
        builder_from(|name| env::var(name))
    }
}

fn builder_from(read: impl Fn(&str) -> Result<String, VarError>) -> Result<DbBuilder<Admin>, Error> {
    let variable = |name: &str, what: &str| match read(name).map(|value| value.trim().to_owned()) {
        Ok(value) if !value.is_empty() => Ok(value),
        Ok(_) => Err(Error::config(format!("the environment variable {name} is empty; set it to {what}"))),
        Err(VarError::NotPresent) => {
            Err(Error::config(format!("the environment variable {name} is not set; set it to {what}")))
        }
        Err(VarError::NotUnicode(_)) => {
            Err(Error::config(format!("the environment variable {name} is not UTF-8; set it to {what}")))
        }
    };
    let url = variable(URL_VARIABLE, "the URL of the server, such as http://localhost:8888")?;
    parse_url(&url).map_err(|error| Error::config(format!("{URL_VARIABLE}: {}", error.message())))?;
    let app_id = variable(APP_ID_VARIABLE, "the id of the app, a UUID")?;
    let app_id = parse_app_id(&app_id)
        .map_err(|error| Error::config(format!("{APP_ID_VARIABLE}: {}", error.message())))?;
    let token = variable(ADMIN_TOKEN_VARIABLE, "the admin token of the app")?;
    Ok(Db::builder().url(url).app_id(app_id).with_token(&token, TokenSource::Environment))
}

impl<A: Access> DbBuilder<A> {
    /// Sets the admin token of the app. The client can then do everything.
    pub fn admin_token(self, token: impl Into<String>) -> DbBuilder<Admin> {
        self.with_token(&token.into(), TokenSource::Argument)
    }

    fn with_token(self, token: &str, source: TokenSource) -> DbBuilder<Admin> {
        let token = AdminToken { text: SecretString::from(token.trim().to_owned()), source };
        DbBuilder { settings: Settings { admin_token: Some(token), ..self.settings }, access: PhantomData }
    }

    /// Sets the URL of the server, such as `http://localhost:8888` or `https://api.instantdb.com`. There is no default.
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.settings.url = Some(url.into());
        self
    }

    /// Sets the id of the app, a UUID.
    pub fn app_id(mut self, app_id: impl Into<String>) -> Self {
        self.settings.app_id = Some(app_id.into());
        self
    }

    /// Sets the app's schema, which `include_schema!` calls `SCHEMA`.
    ///
    /// Typed queries and steps need none: they bring the schema that they were generated from. The client's own serves
    /// untyped queries and steps, [`push_schema`](Db::push_schema) and [`SchemaSync::Eager`]. With it, to-one links of
    /// untyped queries come as objects instead of lists, and an untyped step cannot invent an attribute: what the server
    /// lacks is created as the schema says, and a name that the schema does not have is an error.
    pub fn schema(mut self, schema: impl Into<SchemaSource>) -> Self {
        self.settings.schema = Some(schema.into());
        self
    }

    /// Sets when the client creates on the server what the schema has and the server lacks. The default is
    /// [`SchemaSync::OnDemand`].
    pub fn schema_sync(mut self, sync: SchemaSync) -> Self {
        self.settings.schema_sync = sync;
        self
    }

    /// Sets how long one action may take in all, retries included. The default is 60 seconds, which leaves room for
    /// the server's own limits of 30 to 35 seconds. Each action can set its own.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.settings.timeout = timeout;
        self
    }

    /// Sets how long connecting may take. The default is 10 seconds.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.settings.connect_timeout = timeout;
        self
    }

    /// Sets how often a request is sent again at most. The default is 3; 0 turns retries off.
    ///
    /// A request that never reached the server is sent again. A query is also sent again when the connection
    /// breaks, when the server fails (5xx) or when it is busy (429), after the time the server asks for. A
    /// transaction that reached the server is never sent again.
    pub fn retries(mut self, retries: usize) -> Self {
        self.settings.retries = retries;
        self
    }

    /// Sets the largest answer that is read, in bytes. The default is 256 MiB.
    pub fn response_limit(mut self, bytes: usize) -> Self {
        self.settings.response_limit = bytes;
        self
    }

    /// Trusts this certificate authority too, beside those of the system: for a server of your own whose certificate
    /// is signed by one. It is given as PEM, perhaps several in one text, and can be called more than once.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = std::env::temp_dir();
    /// # let path = folder.join("no such file");
    /// let builder = instant_admin::Db::builder().url("https://instant.internal");
    /// let builder = match std::fs::read(&path) {
    ///     Ok(pem) => builder.root_certificate(pem),
    ///     Err(_) => builder,
    /// };
    /// # Ok(())
    /// # }
    /// ```
    pub fn root_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.settings.root_certificates.push(pem.into());
        self
    }

    /// Builds the client. Sends nothing.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config): what is missing or malformed, and what to write.
    pub fn build(self) -> Result<Db<A>, Error> {
        let settings = self.settings;
        let url = settings.url.as_deref().map(str::trim).filter(|url| !url.is_empty()).ok_or_else(|| {
            Error::config("no URL given; write .url(\"http://localhost:8888\") with the URL of the server")
        })?;
        let url = parse_url(url)?;
        let app_id = settings.app_id.as_deref().ok_or_else(|| {
            Error::config("no app id given; write .app_id(\"…\") with the id of the app, a UUID")
        })?;
        let app_id = parse_app_id(app_id)?;
        match &settings.admin_token {
            Some(token) => check_token(&token.text)?,
            None if settings.schema_sync == SchemaSync::Eager => {
                return Err(Error::config(
                    "SchemaSync::Eager pushes the schema, which takes an admin token; write .admin_token(…)",
                ));
            }
            None => {}
        }
        for (name, duration) in [("timeout", settings.timeout), ("connect_timeout", settings.connect_timeout)]
        {
            if duration.is_zero() {
                return Err(Error::config(format!(
                    "the {name} is zero, so that no request could ever succeed; write .{name}(Duration::from_secs(…))"
                )));
            }
        }
        let identity = if settings.admin_token.is_some() { Identity::Admin } else { Identity::Guest };
        let http = Http::new(HttpConfig {
            url,
            app_id,
            admin_token: settings.admin_token,
            connect_timeout: settings.connect_timeout,
            retries: settings.retries,
            response_limit: settings.response_limit,
            root_certificates: read_certificates(&settings.root_certificates)?,
        })?;
        let schema = settings.schema.map(SchemaSource::read).transpose()?;
        let schemas = Schemas::new(schema, settings.schema_sync);
        let shared = Shared { http, timeout: settings.timeout, schemas };
        Ok(Db::new(Session { shared: Arc::new(shared), identity }))
    }
}

/// The server trims an app id and takes it only in its 36-character form.
fn parse_app_id(app_id: &str) -> Result<String, Error> {
    let app_id = app_id.trim();
    match parse_id(app_id) {
        Some(id) => Ok(id.to_string()),
        // What is longer than an id may be a token, put here by mistake.
        _ if app_id.len() > 36 => Err(Error::config(format!(
            "a text of {} bytes is not an app id; write the app's UUID, such as 5f607e08-b271-489a-8430-108f8d0e22e7",
            app_id.len()
        ))),
        _ => Err(Error::config(format!(
            "{app_id:?} is not an app id; write the app's UUID, such as 5f607e08-b271-489a-8430-108f8d0e22e7"
        ))),
    }
}

fn read_certificates(texts: &[Vec<u8>]) -> Result<Vec<Certificate>, Error> {
    let mut certificates = Vec::new();
    for pem in texts {
        let found = Certificate::from_pem_bundle(pem).unwrap_or_default();
        // A text without PEM in it is read as no certificates at all.
        if found.is_empty() {
            return Err(Error::config(
                "a root certificate is not PEM; give .root_certificate(..) the content of a file that has \
                 `-----BEGIN CERTIFICATE-----` in it",
            ));
        }
        certificates.extend(found);
    }
    Ok(certificates)
}

fn check_token(token: &SecretString) -> Result<(), Error> {
    let token = token.expose_secret();
    if token.is_empty() {
        return Err(Error::config(
            "the admin token is empty; leave .admin_token(..) out for a public client",
        ));
    }
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Error::config(
            "the admin token contains spaces or characters outside ASCII; copy it again, without quotes",
        ));
    }
    Ok(())
}

impl<A> fmt::Debug for DbBuilder<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DbBuilder").field("app_id", &self.settings.app_id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const APP: &str = "5f607e08-b271-489a-8430-108f8d0e22e7";

    fn from(vars: &[(&str, &str)]) -> Result<DbBuilder<Admin>, Error> {
        builder_from(|name| {
            let found = vars.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned()).ok_or(VarError::NotPresent)
        })
    }

    #[test]
    fn the_environment_describes_a_client() {
        let db = from(&[
            ("INSTANT_API_URI", "http://localhost:8888/\n"),
            ("INSTANT_APP_ID", APP),
            ("INSTANT_APP_ADMIN_TOKEN", "secret"),
        ]);
        let db = db.unwrap().build().unwrap();
        assert_eq!((db.url(), db.app_id()), ("http://localhost:8888", APP));
    }

    #[test]
    fn the_admin_token_of_the_environment_can_be_replaced() {
        let builder = from(&[
            ("INSTANT_API_URI", "http://localhost:8888"),
            ("INSTANT_APP_ID", APP),
            ("INSTANT_APP_ADMIN_TOKEN", "secret"),
        ]);
        let builder = builder.unwrap().timeout(Duration::from_secs(7)).admin_token("another");
        assert_eq!(builder.settings.timeout, Duration::from_secs(7));
        let token = builder.settings.admin_token.as_ref().unwrap();
        assert_eq!(token.text.expose_secret(), "another");
        assert!(matches!(token.source, TokenSource::Argument));
    }

    #[test]
    fn a_missing_variable_is_named_with_what_to_write() {
        let error = from(&[]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the environment variable INSTANT_API_URI is not set; \
             set it to the URL of the server, such as http://localhost:8888"
        );
        let url = ("INSTANT_API_URI", "http://localhost:8888");
        assert!(from(&[url]).unwrap_err().to_string().contains("INSTANT_APP_ID is not set"));
        let error = from(&[url, ("INSTANT_APP_ID", APP), ("INSTANT_APP_ADMIN_TOKEN", " ")]).unwrap_err();
        assert!(error.to_string().contains("INSTANT_APP_ADMIN_TOKEN is empty"), "{error}");
    }

    #[test]
    fn a_malformed_variable_is_named() {
        let error = from(&[("INSTANT_API_URI", "localhost:8888")]).unwrap_err();
        assert!(error.to_string().starts_with("INSTANT_API_URI: "), "{error}");
        let error =
            from(&[("INSTANT_API_URI", "http://localhost"), ("INSTANT_APP_ID", "my-app")]).unwrap_err();
        assert!(error.to_string().starts_with("INSTANT_APP_ID: \"my-app\" is not an app id"), "{error}");
    }

    #[test]
    fn a_malformed_app_id_or_token_is_refused_at_build() {
        let build = |app: &str, token: &str| {
            Db::builder().url("http://localhost:1").app_id(app).admin_token(token).build().map(drop)
        };
        assert!(build("5f607e08b271489a8430108f8d0e22e7", "t").unwrap_err().is_config());
        let error = build(&format!("per_hunter2{}", "0".repeat(57)), "t").unwrap_err();
        assert!(error.is_config() && !format!("{error} {error:?}").contains("hunter2"), "{error}");
        let error = build(APP, "hunter2 hunter2").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"));
        assert!(build(APP, "  ").unwrap_err().to_string().contains("empty"));
        assert!(build(&format!(" {APP} "), "t").is_ok());
    }

    #[test]
    fn a_root_certificate_that_is_no_pem_is_refused_at_build() {
        let broken = "-----BEGIN CERTIFICATE-----\n%%%\n-----END CERTIFICATE-----\n";
        for pem in ["", "/etc/ssl/ca.pem", broken] {
            let built = Db::builder().url("https://localhost").app_id(APP).root_certificate(pem).build();
            assert!(built.unwrap_err().to_string().contains("a root certificate is not PEM"), "{pem}");
        }
    }

    #[test]
    fn what_is_missing_is_said() {
        assert!(Db::builder().build().unwrap_err().to_string().contains(".url("));
        assert!(Db::builder().url("http://x").build().unwrap_err().to_string().contains(".app_id("));
        let zero = Db::builder().url("http://x").app_id(APP).timeout(Duration::ZERO).build();
        assert!(zero.unwrap_err().to_string().contains(".timeout("));
    }

    #[test]
    fn debug_shows_url_and_app_id_and_no_token() {
        let builder = Db::builder().url("http://localhost:8888").app_id(APP).admin_token("hunter2");
        assert!(!format!("{builder:?}").contains("hunter2"));
        let db = builder.build().unwrap();
        assert_eq!(
            format!("{db:?}"),
            format!("Db {{ url: \"http://localhost:8888\", app_id: \"{APP}\", .. }}")
        );
    }
}
