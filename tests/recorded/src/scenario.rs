//! A recorded scenario: apps, and steps with what the official server answered.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;

use crate::json::{Json, Number, Object, read};
use crate::place::Pattern;

#[derive(Debug)]
pub struct Scenario {
    pub name: String,
    /// The bodies of the requests that make the apps, by the name of the app.
    pub apps: Vec<(String, Json)>,
    pub steps: Vec<Step>,
    /// All that the scenario itself says, as JSON: what is in it was not invented by a server.
    pub asked: String,
}

/// An HTTP request with the answer that was recorded.
#[derive(Debug)]
pub struct Step {
    pub id: String,
    pub app: Option<String>,
    pub caller: Caller,
    pub method: String,
    pub path: String,
    /// On top of those of the app and the caller; `None` takes one away.
    pub headers: Vec<(String, Option<String>)>,
    pub body: Body,
    pub save: Vec<(String, Pattern)>,
    /// Whether the answer is the first event of a stream that answers the query.
    pub stream: bool,
    pub until: Option<Until>,
    pub shape: Shape,
    /// The headers of the answer that were recorded.
    pub record: Option<Vec<String>>,
    /// Whether the official server itself answers now so, now so.
    pub unstable: bool,
    pub expect: Answer,
}

#[derive(Debug)]
pub enum Caller {
    Nobody,
    Admin,
    Guest,
    Email(String),
    Token(String),
}

#[derive(Debug)]
pub enum Body {
    None,
    Json(Json),
    /// Texts, each with how often it is repeated.
    Raw(Vec<(String, usize)>),
}

/// Asks again until all values at the places are among some.
#[derive(Debug)]
pub struct Until {
    pub places: Pattern,
    pub values: Vec<Json>,
    pub seconds: f64,
}

/// How an answer is brought into a form that can be compared.
#[derive(Debug)]
pub struct Shape {
    pub drop: Vec<Pattern>,
    pub mask: Vec<Pattern>,
    pub unordered: Vec<Pattern>,
}

/// What came back.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    Whole {
        status: Number,
        /// The content type, where it is not JSON.
        kind: Option<String>,
        headers: Option<Json>,
        body: Json,
    },
    /// No answer came, and why.
    Failure(String),
}

/// Always without an order: attributes, and what types their values have.
const UNORDERED: [&str; 3] = ["$.attrs", "$.current-attrs", "$..inferred-types"];
/// Never compared.
const DROPPED: [&str; 1] = ["$.transaction.results"];

/// The files below a folder whose names, without `.json` or `.json.gz`, are wanted; in the order of their names.
pub fn files(folder: &Path, wanted: impl Fn(&str) -> bool) -> Result<Vec<PathBuf>, String> {
    let listed = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut found: Vec<PathBuf> = listed.filter_map(|entry| Some(entry.ok()?.path())).collect();
    found.retain(|path| name(path).is_some_and(&wanted));
    found.sort();
    Ok(found)
}

fn name(path: &Path) -> Option<&str> {
    let name = path.file_name()?.to_str()?;
    name.strip_suffix(".gz").unwrap_or(name).strip_suffix(".json")
}

impl Scenario {
    pub fn read(path: &Path) -> Result<Self, String> {
        let at = |wrong: String| format!("{}: {wrong}", path.display());
        let mut bytes = fs::read(path).map_err(|error| at(error.to_string()))?;
        if path.extension().is_some_and(|extension| extension == "gz") {
            let mut unpacked = Vec::new();
            GzDecoder::new(bytes.as_slice())
                .read_to_end(&mut unpacked)
                .map_err(|error| at(error.to_string()))?;
            bytes = unpacked;
        }
        Self::from_json(&read(&bytes).map_err(at)?).map_err(at)
    }

    fn from_json(json: &Json) -> Result<Self, String> {
        let empty = Object::new();
        let apps = json.get("apps").and_then(Json::as_object).unwrap_or(&empty);
        let steps = json.get("steps").and_then(Json::as_list).ok_or("no steps")?;
        let mut asked = Json::Object(apps.clone()).to_string();
        for step in steps {
            let mut step = step.as_object().cloned().ok_or("a step that is no object")?;
            step.shift_remove("expect");
            asked += &Json::Object(step).to_string();
        }
        Ok(Self {
            name: text(json, "name")?,
            apps: apps.iter().map(|(name, app)| (name.clone(), new_app(name, app, apps))).collect(),
            steps: steps.iter().map(Step::from_json).collect::<Result<_, _>>()?,
            asked,
        })
    }
}

/// The body of the request that makes an app. One app can be `like` another: what it does not say is as there.
fn new_app(name: &str, app: &Json, apps: &Object) -> Json {
    let like = app.get("like").and_then(Json::as_text).and_then(|other| apps.get(other));
    let said = |key| app.get(key).or_else(|| like?.get(key)).filter(|value| **value != Json::Null);
    let mut body = Object::new();
    body.insert("title".to_owned(), said("title").cloned().unwrap_or_else(|| Json::text(name)));
    body.extend(said("schema").map(|schema| ("schema".to_owned(), schema.clone())));
    body.extend(said("rules").map(|rules| {
        let code = Object::from_iter([("code".to_owned(), rules.clone())]);
        ("rules".to_owned(), Json::Object(code))
    }));
    Json::Object(body)
}

impl Step {
    fn from_json(json: &Json) -> Result<Self, String> {
        let id = text(json, "id")?;
        Self::with_id(id.clone(), json).map_err(|wrong| format!("step {id}: {wrong}"))
    }

    fn with_id(id: String, json: &Json) -> Result<Self, String> {
        if json.get("method").is_none() {
            return Err(
                "not an HTTP request: live steps (`open`, `to`, `close`, `pause`) cannot be replayed yet"
                    .to_owned(),
            );
        }
        Ok(Self {
            id,
            app: json.get("app").and_then(Json::as_text).map(str::to_owned),
            caller: Caller::from_json(json.get("as"))?,
            method: text(json, "method")?,
            path: text(json, "path")?,
            headers: members(json, "headers")
                .map(|(name, value)| (name.clone(), (*value != Json::Null).then(|| value.plain())))
                .collect(),
            body: Body::from_json(json)?,
            save: members(json, "save")
                .map(|(name, path)| Ok((name.clone(), Pattern::read(&path.plain())?)))
                .collect::<Result<_, String>>()?,
            stream: json.get("stream") == Some(&Json::Bool(true)),
            until: json.get("until").map(Until::from_json).transpose()?,
            shape: Shape::from_json(json)?,
            record: json
                .get("record")
                .and_then(Json::as_list)
                .map(|names| names.iter().map(Json::plain).collect()),
            unstable: json.get("unstable").is_some_and(|value| *value != Json::Bool(false)),
            expect: Answer::from_json(json.get("expect").ok_or("no answer is recorded")?)?,
        })
    }
}

impl Caller {
    fn from_json(json: Option<&Json>) -> Result<Self, String> {
        let Some(json) = json else { return Ok(Self::Nobody) };
        let given = |kind| json.get(kind).map(Json::plain);
        match json.as_text() {
            Some("admin") => Ok(Self::Admin),
            Some("guest") => Ok(Self::Guest),
            Some("none") => Ok(Self::Nobody),
            _ => {
                let user = given("email").map(Self::Email).or_else(|| given("token").map(Self::Token));
                user.ok_or_else(|| format!("an unknown caller: {json}"))
            }
        }
    }
}

impl Body {
    fn from_json(json: &Json) -> Result<Self, String> {
        match json.get("raw") {
            None => Ok(json.get("body").map_or(Self::None, |body| Self::Json(body.clone()))),
            Some(Json::Text(text)) => Ok(Self::Raw(vec![(text.clone(), 1)])),
            Some(parts) => {
                let part = |part: &Json| {
                    let [Json::Text(text), Json::Number(times)] = part.as_list()? else { return None };
                    Some((text.clone(), usize::try_from(times.as_whole()?).ok()?))
                };
                let parts = parts.as_list().and_then(|parts| parts.iter().map(part).collect());
                parts.map(Self::Raw).ok_or_else(|| "`raw` is a text or a list of `[text, times]`".to_owned())
            }
        }
    }
}

impl Until {
    fn from_json(json: &Json) -> Result<Self, String> {
        Ok(Self {
            places: Pattern::read(&text(json, "path")?)?,
            values: json.get("in").and_then(Json::as_list).ok_or("`until` without `in`")?.to_vec(),
            seconds: json.get("seconds").and_then(Json::as_number).map_or(0.0, Number::as_seconds),
        })
    }
}

impl Shape {
    fn from_json(step: &Json) -> Result<Self, String> {
        let patterns = |key, always: &[&str]| {
            let own = step.get(key).and_then(Json::as_list).unwrap_or_default();
            let own = own.iter().map(|pattern| Pattern::read(&pattern.plain()));
            always.iter().map(|pattern| Pattern::read(pattern)).chain(own).collect::<Result<Vec<_>, _>>()
        };
        Ok(Self {
            drop: patterns("drop", &DROPPED)?,
            mask: patterns("mask", &[])?,
            unordered: patterns("unordered", &UNORDERED)?,
        })
    }
}

impl Answer {
    fn from_json(json: &Json) -> Result<Self, String> {
        if let Some(failure) = json.get("failure") {
            return Ok(Self::Failure(failure.plain()));
        }
        if json.get("messages").is_some() {
            return Err("the recorded messages of sockets cannot be compared yet".to_owned());
        }
        Ok(Self::Whole {
            status: json.get("status").and_then(Json::as_number).ok_or("an answer without a status")?.clone(),
            kind: json.get("type").map(Json::plain),
            headers: json.get("headers").cloned(),
            body: json.get("body").cloned().unwrap_or(Json::Null),
        })
    }
}

fn text(json: &Json, key: &str) -> Result<String, String> {
    json.get(key).and_then(Json::as_text).map(str::to_owned).ok_or_else(|| format!("no text `{key}`"))
}

fn members<'j>(json: &'j Json, key: &str) -> impl Iterator<Item = (&'j String, &'j Json)> {
    json.get(key).and_then(Json::as_object).into_iter().flatten()
}
