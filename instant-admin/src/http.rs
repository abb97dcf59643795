//! The one place that builds requests to an Instant server and reads its answers.

mod answer;
mod exchange;
mod live;
mod proxy;
mod refusal;
mod request;
mod retry;
mod url;

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Certificate, Client, Response, Url, redirect};
use secrecy::{ExposeSecret, SecretString};

use crate::error::{Error, ErrorKind, Secrets};
use crate::page::AnswerMeta;
use exchange::Exchange;
use live::LiveFailure;

pub(crate) use request::{Deadline, Request};
pub(crate) use url::parse_url;

const VERSION: &str = concat!("v", env!("CARGO_PKG_VERSION"));
const USER_AGENT: &str = concat!("instant-admin-rust/", env!("CARGO_PKG_VERSION"));

/// Shorter than the time servers and proxies keep an idle connection, so that a request rarely goes out on one
/// that the other end is just closing.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// What some servers and proxies put before their JSON; it says nothing.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// On whose behalf a request is made.
#[derive(Clone)]
pub enum Identity {
    /// The app itself; needs the admin token.
    Admin,
    /// The user with this email; needs the admin token.
    Email(Arc<str>),
    /// The user this refresh token belongs to.
    Token(Arc<SecretString>),
    /// Nobody.
    Guest,
}

/// The admin token of an app.
pub(crate) struct AdminToken {
    pub(crate) text: SecretString,
    pub(crate) source: TokenSource,
}

/// Where a token comes from, which an error about it says.
#[derive(Clone, Copy)]
pub(crate) enum TokenSource {
    Argument,
    Environment,
}

/// What an [`Http`] is made of.
pub(crate) struct HttpConfig {
    pub(crate) url: Url,
    pub(crate) app_id: String,
    pub(crate) admin_token: Option<AdminToken>,
    pub(crate) connect_timeout: Duration,
    pub(crate) retries: usize,
    pub(crate) response_limit: usize,
    /// Trusted beside those of the system.
    pub(crate) root_certificates: Vec<Certificate>,
}

/// The connection to one app on one server.
pub(crate) struct Http {
    client: Client,
    shown_url: String,
    /// The proxy that requests go through, as the environment has it.
    proxy: Option<String>,
    config: HttpConfig,
}

impl Http {
    pub(crate) fn new(config: HttpConfig) -> Result<Self, Error> {
        let mut headers = HeaderMap::new();
        headers.insert("instant-admin-version", HeaderValue::from_static(VERSION));
        headers.insert("instant-core-version", HeaderValue::from_static(VERSION));
        headers.insert(
            APP_ID,
            HeaderValue::try_from(&config.app_id).expect("an app id is a UUID, which is ASCII"),
        );
        let mut builder = Client::builder()
            .user_agent(USER_AGENT)
            .default_headers(headers)
            .connect_timeout(config.connect_timeout)
            .pool_idle_timeout(POOL_IDLE_TIMEOUT)
            // A redirect would carry the token to wherever the answer says.
            .redirect(redirect::Policy::none());
        if proxy::is_loopback(&config.url) {
            builder = builder.no_proxy();
        }
        if config.url.scheme() == "http" {
            // No TLS will happen; loading the system's certificates would fail where there are none.
            builder = builder.tls_certs_only([]);
        } else if !config.root_certificates.is_empty() {
            builder = builder.tls_certs_merge(config.root_certificates.iter().cloned());
        }
        let client = builder.build().map_err(|error| {
            let cause = answer::root_cause(&error);
            Error::config(format!("the HTTP client could not be set up: {cause}")).with_source(error)
        })?;
        let shown_url = config.url.as_str().trim_end_matches('/').to_owned();
        let proxy = proxy::of(&config.url);
        Ok(Self { client, shown_url, proxy, config })
    }

    pub(crate) fn app_id(&self) -> &str {
        &self.config.app_id
    }

    pub(crate) fn url(&self) -> &str {
        &self.shown_url
    }

    /// Whether the client was given an admin token.
    pub(crate) fn is_admin(&self) -> bool {
        self.config.admin_token.is_some()
    }

    /// Sends a request, again where that is safe, and returns the body of the successful answer: a JSON object, as
    /// far as its first character tells.
    async fn send(&self, request: &Request<'_>) -> Result<Vec<u8>, Error> {
        retry::with_retries(self.config.retries, request, || async {
            let (response, exchange) = self.open(request).await?;
            let status = response.status();
            let body = answer::read_body(response, exchange.limit).await;
            let mut body = body.map_err(|failure| request.sending.mark(failure.into_error(&exchange)))?;
            if body.starts_with(BYTE_ORDER_MARK) {
                body.drain(..BYTE_ORDER_MARK.len());
            }
            if body.trim_ascii_start().first() == Some(&b'{') {
                return Ok(body);
            }
            let got = format!("{} instead of a JSON object", exchange.describe(&body));
            Err(request.sending.mark(exchange.unexpected(status, &got)))
        })
        .await
    }

    /// Sends a query to a streaming endpoint, again where that is safe, and closes it after the first answer: the rows
    /// as JSON bytes, and what came beside them.
    async fn first_answer(&self, request: &Request<'_>) -> Result<(Vec<u8>, AnswerMeta), Error> {
        retry::with_retries(self.config.retries, request, || async {
            let (response, exchange) = self.open(request).await?;
            live::first_answer(response, &exchange).await.map_err(|failure| match failure {
                LiveFailure::Error(error) => error,
                LiveFailure::Reading(failure) => request.sending.mark(failure.into_error(&exchange)),
            })
        })
        .await
    }

    /// Sends a request once and returns its successful answer, of which the body has yet to come.
    async fn open<'a>(&'a self, request: &Request<'_>) -> Result<(Response, Exchange<'a>), Error> {
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(Error::config(
                "no Tokio runtime is running here; await this inside `#[tokio::main]`, `#[tokio::test]` or \
                 `Runtime::block_on`",
            ));
        }
        let remaining = request.deadline.remaining();
        if remaining.is_zero() {
            return Err(Error::new(ErrorKind::Timeout, request.deadline.message(self.url())));
        }
        let mut url = self.config.url.clone();
        url.path_segments_mut()
            .expect("`parse_url` takes only http and https, which have path segments")
            .pop_if_empty()
            .extend(request.path.split('/').filter(|segment| !segment.is_empty()));
        let (headers, exchange) = self.exchange(request, url.to_string())?;
        url.query_pairs_mut().append_pair("app_id", self.app_id());
        let mut builder =
            self.client.request(request.method.clone(), url).headers(headers).timeout(remaining);
        if let Some(body) = &request.body {
            builder = builder.header(CONTENT_TYPE, "application/json").body(body.clone());
        }
        let response = match builder.send().await {
            Ok(response) => response,
            Err(error) => {
                return Err(request.sending.mark(answer::Failure::Transport(error).into_error(&exchange)));
            }
        };
        if response.status().is_success() {
            return match answer::encoding_error(&response, &exchange) {
                Some(error) => Err(request.sending.mark(error)),
                None => Ok((response, exchange)),
            };
        }
        Err(request.sending.mark(refusal::error_of(response, &exchange).await))
    }

    /// The headers that say who asks, and what errors need to know about the exchange.
    fn exchange(&self, request: &Request<'_>, url: String) -> Result<(HeaderMap, Exchange<'_>), Error> {
        let mut headers = HeaderMap::new();
        let mut secrets = Vec::new();
        let mut shown = None;
        if let (Identity::Admin | Identity::Email(_), Some(token)) =
            (request.identity, &self.config.admin_token)
        {
            let bearer = SecretString::from(format!("Bearer {}", token.text.expose_secret()));
            headers.insert(AUTHORIZATION, secret_header(&bearer, "the admin token")?);
            secrets.push(token.text.clone());
            shown = Some(token.source.shown());
        }
        match request.identity {
            Identity::Admin => {}
            Identity::Email(email) => {
                headers.insert(AS_EMAIL, header(email, "the user's email")?);
            }
            Identity::Token(token) => {
                headers.insert(AS_TOKEN, secret_header(token, "the user's refresh token")?);
                secrets.push(SecretString::clone(token));
                shown = Some("the refresh token that was given to `User::token(..)`");
            }
            Identity::Guest => {
                headers.insert(AS_GUEST, HeaderValue::from_static("true"));
            }
        }
        let exchange = Exchange {
            server: self.url(),
            url,
            proxy: self.proxy.as_deref(),
            deadline: request.deadline,
            connect_timeout: self.config.connect_timeout,
            limit: self.config.response_limit,
            secrets: Secrets::new(secrets),
            token: shown,
            app_id: self.app_id(),
        };
        Ok((headers, exchange))
    }
}

impl TokenSource {
    /// The token, in words.
    fn shown(self) -> &'static str {
        match self {
            Self::Argument => "the admin token that was given to `.admin_token(..)`",
            Self::Environment => "the admin token from the environment variable INSTANT_APP_ADMIN_TOKEN",
        }
    }
}

const APP_ID: HeaderName = HeaderName::from_static("app-id");
const AS_EMAIL: HeaderName = HeaderName::from_static("as-email");
const AS_TOKEN: HeaderName = HeaderName::from_static("as-token");
const AS_GUEST: HeaderName = HeaderName::from_static("as-guest");

fn header(value: &str, what: &str) -> Result<HeaderValue, Error> {
    HeaderValue::from_str(value).map_err(|_| {
        Error::config(format!(
            "{what} has characters that no HTTP header can carry; copy it again, without quotes"
        ))
    })
}

fn secret_header(value: &SecretString, what: &str) -> Result<HeaderValue, Error> {
    let mut header = header(value.expose_secret(), what)?;
    header.set_sensitive(true);
    Ok(header)
}
