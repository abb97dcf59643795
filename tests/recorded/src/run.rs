//! Runs a scenario against a server, step by step.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderMap};
use tokio::time::{Instant, sleep};

use crate::client::{Client, Failure, Received, Sent};
use crate::fresh::Fresh;
use crate::json::{Json, Object, read};
use crate::scenario::{Answer, Body, Caller, Scenario, Step, Until};
use crate::shown::Shown;

/// Steps without an answer after which a server counts as gone.
const LOST_ALLOWED: usize = 3;
/// Deeper answers, which are echoes of deep requests, are kept as text.
const DEEPEST: usize = 150;
/// Of an answer that is no JSON, this many bytes are compared.
const LONGEST_TEXT: usize = 2000;
/// Created times are whole milliseconds: writes that follow each other at once could tie.
const AFTER_WRITE: Duration = Duration::from_millis(2);
const BEFORE_ASKING_AGAIN: Duration = Duration::from_millis(100);

pub struct Run<'s> {
    scenario: &'s Scenario,
    client: Client,
    fresh: Fresh,
    shown: Shown,
    /// What was saved under a name.
    values: HashMap<String, Json>,
    lost: usize,
}

impl<'s> Run<'s> {
    /// Makes the apps of the scenario.
    pub async fn start(scenario: &'s Scenario, url: &str) -> Result<Self, String> {
        let mut run = Self {
            scenario,
            client: Client::new(url)?,
            fresh: Fresh::new(scenario),
            shown: Shown::new(scenario),
            values: HashMap::new(),
            lost: 0,
        };
        for (name, app) in &run.scenario.apps {
            run.make_app(name, app).await.map_err(|wrong| format!("app {name}: {wrong}"))?;
        }
        Ok(run)
    }

    async fn make_app(&mut self, name: &str, app: &Json) -> Result<(), String> {
        let request = Sent {
            method: "POST".to_owned(),
            path: "/dash/apps/ephemeral".to_owned(),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: Some(app.to_string().into()),
        };
        let answer = self.client.send(&request).await.map_err(|failure| failure.message)?;
        let text = String::from_utf8_lossy(&answer.content);
        let made = read(text.as_bytes()).ok().filter(|_| answer.status == 200);
        let made = made.as_ref().and_then(|made| made.get("app"));
        for key in ["id", "admin-token"] {
            let value =
                made.and_then(|made| made.get(key)).ok_or_else(|| format!("{} {text}", answer.status))?;
            self.keep(&format!("{name}.{key}"), value.clone());
        }
        Ok(())
    }

    fn keep(&mut self, name: &str, value: Json) {
        self.shown.name(name, &value);
        self.values.insert(name.to_owned(), value);
    }

    /// The answer to a step, ready to be compared. An error if the server is gone.
    pub async fn answer(&mut self, step: &Step) -> Result<Answer, String> {
        match self.ask(step).await {
            Ok(answer) => Ok(answer),
            Err(failure) => {
                self.lost += usize::from(failure.lost);
                if self.lost >= LOST_ALLOWED {
                    return Err(format!("step {}: {}", step.id, failure.message));
                }
                Ok(Answer::Failure(failure.message.to_owned()))
            }
        }
    }

    async fn ask(&mut self, step: &Step) -> Result<Answer, Failure> {
        let request = self.request(step);
        let deadline =
            Instant::now() + Duration::from_secs_f64(step.until.as_ref().map_or(0.0, |until| until.seconds));
        let (answer, content) = loop {
            let mut answer = if step.stream {
                self.client.first_event(&request, is_answer).await?
            } else {
                self.client.send(&request).await?
            };
            if let Ok(text) = str::from_utf8(&answer.content) {
                answer.content = self.fresh.read(text).into_bytes();
            }
            let content = decode(&answer);
            let again = step.until.as_ref().is_some_and(|until| !holds(content.as_ref(), until));
            if !again || answer.status != 200 || Instant::now() > deadline {
                break (answer, content);
            }
            sleep(BEFORE_ASKING_AGAIN).await;
        };
        if request.path.starts_with("/admin/transact") || step.stream {
            sleep(AFTER_WRITE).await;
        }
        for (name, path) in &step.save {
            // What was saved under the name before, if anything, stays where the answer has no such value.
            if let Some(value) = content.as_ref().and_then(|content| path.of(content)) {
                self.keep(name, value.clone());
            }
        }
        Ok(self.shaped(step, &answer, content))
    }

    fn shaped(&mut self, step: &Step, answer: &Received, content: Option<Json>) -> Answer {
        let kind = header(&answer.headers, CONTENT_TYPE.as_str()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        let is_event = step.stream && kind == "text/event-stream";
        let body = match content {
            Some(Json::Object(members)) if is_event => Json::Object(event(members)),
            Some(content) => content,
            None => {
                let start = &answer.content[..answer.content.len().min(LONGEST_TEXT)];
                Json::text(String::from_utf8_lossy(start))
            }
        };
        let headers = step.record.as_ref().map(|names| {
            let values = names.iter().map(|name| {
                let value = header(&answer.headers, name).map_or(Json::Null, |value| self.shown.text(&value));
                (name.clone(), value)
            });
            Json::Object(values.collect())
        });
        Answer::Whole {
            status: crate::json::Number::new(answer.status.to_string()),
            kind: (!is_event && kind != "application/json")
                .then(|| if kind.is_empty() { "none" } else { kind }.to_owned()),
            headers,
            body: self.shown.body(&body, &step.shape),
        }
    }

    fn request(&self, step: &Step) -> Sent {
        let body = match &step.body {
            Body::None => None,
            Body::Json(body) => Some(self.filled(body).to_string()),
            Body::Raw(parts) => {
                Some(parts.iter().map(|(text, times)| self.filled_text(text).repeat(*times)).collect())
            }
        };
        Sent {
            method: step.method.clone(),
            path: self.fresh.sent(&self.filled_text(&step.path)),
            headers: self.headers(step),
            body: body.map(|body| Bytes::from(self.fresh.sent(&body))),
        }
    }

    fn headers(&self, step: &Step) -> Vec<(String, String)> {
        let app = step.app.as_deref().unwrap_or_default();
        let mut headers: Vec<(&str, String)> = Vec::new();
        if step.app.is_some() {
            headers.push(("app-id", format!("${{{app}.id}}")));
        }
        if matches!(step.caller, Caller::Admin | Caller::Email(_)) {
            headers.push(("authorization", format!("Bearer ${{{app}.admin-token}}")));
        }
        match &step.caller {
            Caller::Guest => headers.push(("as-guest", "true".to_owned())),
            Caller::Email(email) => headers.push(("as-email", email.clone())),
            Caller::Token(token) => headers.push(("as-token", token.clone())),
            Caller::Nobody | Caller::Admin => {}
        }
        if matches!(step.body, Body::Json(_)) {
            headers.push(("content-type", "application/json".to_owned()));
        }
        for (name, value) in &step.headers {
            headers.retain(|(known, _)| known != name);
            headers.extend(value.iter().map(|value| (name.as_str(), value.clone())));
        }
        headers.into_iter().map(|(name, value)| (name.to_owned(), self.filled_text(&value))).collect()
    }

    /// Every `${name}` replaced by what was saved under the name; a text that is nothing else by the value itself.
    fn filled(&self, value: &Json) -> Json {
        match value {
            Json::Text(text) => {
                let name = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
                match name.filter(|name| !name.is_empty() && !name.contains('}')) {
                    Some(name) => self.saved(name),
                    None => Json::Text(self.filled_text(text)),
                }
            }
            Json::List(items) => Json::List(items.iter().map(|item| self.filled(item)).collect()),
            Json::Object(members) => {
                Json::Object(members.iter().map(|(key, value)| (key.clone(), self.filled(value))).collect())
            }
            other => other.clone(),
        }
    }

    fn filled_text(&self, text: &str) -> String {
        let mut parts = text.split("${");
        let mut made = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            match part.split_once('}').filter(|(name, _)| !name.is_empty()) {
                Some((name, rest)) => made += &(self.saved(name).plain() + rest),
                None => made += &["${", part].concat(),
            }
        }
        made
    }

    /// What an earlier answer did not have is asked for as `unsaved:name`.
    fn saved(&self, name: &str) -> Json {
        self.values.get(name).cloned().unwrap_or_else(|| Json::Text(format!("unsaved:{name}")))
    }
}

/// What is recorded of an event of a stream.
fn event(members: Object) -> Object {
    let kept = ["op", "result", "result-meta", "status", "type", "message", "hint"];
    members.into_iter().filter(|(key, _)| kept.contains(&key.as_str())).collect()
}

/// The value, where the answer is JSON that is not absurdly deep.
fn decode(answer: &Received) -> Option<Json> {
    let kind = header(&answer.headers, CONTENT_TYPE.as_str())?;
    let is_json = ["application/json", "text/event-stream"].iter().any(|json| kind.starts_with(json));
    read(&answer.content).ok().filter(|content| is_json && content.depth() <= DEEPEST)
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn is_answer(data: &[u8]) -> bool {
    let op = read(data).ok().and_then(|event| event.get("op").map(Json::plain));
    op.is_some_and(|op| op == "add-query-ok" || op == "error")
}

fn holds(content: Option<&Json>, until: &Until) -> bool {
    let found = content.map(|content| until.places.all(content)).unwrap_or_default();
    !found.is_empty() && found.iter().all(|value| until.values.contains(value))
}
