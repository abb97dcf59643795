//! What a server invents, replaced by placeholders, so that two answers can be compared.

use std::collections::{HashMap, HashSet};

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::json::{Json, Number, Object};
use crate::place::{Key, Pattern, Place};
use crate::scan;
use crate::scenario::{Scenario, Shape};

/// Around an invented id that has no number yet: a character that no answer contains.
const MARK: char = '\u{e000}';
/// The ids of the system catalog are computed, hence the same everywhere.
const SYSTEM: [&str; 3] =
    ["96653230-13ff-ffff-", "96653231-03ff-ffff-", "a1111111-1111-1111-1111-111111111ca7"];
/// How far from now a time may be that a server took from its clock.
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// What one run of a scenario has seen so far.
pub struct Shown {
    /// UUIDs that the scenario itself chose.
    written: HashSet<String>,
    /// Six digits that it chose.
    codes: HashSet<String>,
    names: HashMap<String, String>,
    uuids: HashMap<String, usize>,
    transactions: Vec<u64>,
}

impl Shown {
    pub fn new(scenario: &Scenario) -> Self {
        let asked = &scenario.asked;
        let words = asked.split(|c: char| !c.is_alphanumeric() && c != '_');
        Self {
            written: scan::uuids(asked).into_iter().map(|range| asked[range].to_ascii_lowercase()).collect(),
            codes: words.filter(|word| is_code(word)).map(str::to_owned).collect(),
            names: HashMap::new(),
            uuids: HashMap::new(),
            transactions: Vec::new(),
        }
    }

    /// From here on a value is shown by a name, unless the scenario itself chose it, or it has a name.
    pub fn name(&mut self, name: &str, value: &Json) {
        let Some(value) = value.as_text().map(str::to_lowercase) else { return };
        if value.chars().count() >= 4 && !self.written.contains(&value) {
            self.names.entry(value).or_insert_with(|| format!("<{name}>"));
        }
    }

    /// The body of an answer, with its lists without order in one.
    pub fn body(&mut self, body: &Json, shape: &Shape) -> Json {
        let cleaned = self.clean(body, shape, &mut Place::default());
        self.number(cleaned)
    }

    /// The same for a header.
    pub fn text(&mut self, text: &str) -> Json {
        let text = self.cleaned_text(text);
        Json::Text(self.numbered_text(&text))
    }

    fn clean<'j>(&mut self, value: &'j Json, shape: &Shape, place: &mut Place<'j>) -> Json {
        let fits =
            |patterns: &[Pattern], place: &Place<'_>| patterns.iter().any(|pattern| pattern.fits(place));
        if fits(&shape.mask, place) {
            return Json::text("<masked>");
        }
        match value {
            Json::Object(members) => {
                let mut kept = Object::new();
                for (key, value) in members {
                    place.inside(Key::Name(key), |place| {
                        if !fits(&shape.drop, place) {
                            kept.insert(self.cleaned_text(key), self.clean(value, shape, place));
                        }
                    });
                }
                Json::Object(kept)
            }
            Json::List(items) => {
                let each = items.iter().enumerate();
                let mut found: Vec<Json> = each
                    .map(|(n, item)| place.inside(Key::Index(n), |place| self.clean(item, shape, place)))
                    .collect();
                if fits(&shape.unordered, place) {
                    found.sort_by_cached_key(blind);
                }
                Json::List(found)
            }
            Json::Null => Json::Null,
            scalar => match place.name().and_then(by_key) {
                Some(placeholder) => Json::text(placeholder),
                None => self.scalar(scalar, place),
            },
        }
    }

    fn scalar(&mut self, value: &Json, place: &Place<'_>) -> Json {
        match value {
            Json::Number(number) => self.number_at(number, place).map_or_else(|| value.clone(), Json::Text),
            Json::Text(text) => match place.name() {
                Some("url") if text.starts_with("http") => Json::text("<url>"),
                Some("code")
                    if is_code(text) && !self.codes.contains(text) && !self.names.contains_key(text) =>
                {
                    Json::text("<code>")
                }
                _ => Json::Text(self.cleaned_text(text)),
            },
            _ => value.clone(),
        }
    }

    /// The placeholder of a number that a server counted or took from its clock.
    fn number_at(&mut self, number: &Number, place: &Place<'_>) -> Option<String> {
        let number = number.as_whole()?;
        match place.keys() {
            [.., Key::Name("tx-id")] | [.., Key::Name("transaction"), Key::Name("id")] => {
                Some(self.transaction(number))
            }
            [.., Key::Name("processed-tx-id")] => {
                let reached = self.transactions.iter().filter(|known| **known <= number).count();
                let between = if self.transactions.contains(&number) { "" } else { "+" };
                Some(format!("<tx:{reached}{between}>"))
            }
            _ => is_near_millis(number).then(|| "<now>".to_owned()),
        }
    }

    fn transaction(&mut self, number: u64) -> String {
        if let Some(at) = self.transactions.iter().position(|known| *known == number) {
            return format!("<tx:{}>", at + 1);
        }
        if self.transactions.last().is_some_and(|last| number < *last) {
            return "<tx:backwards>".to_owned();
        }
        self.transactions.push(number);
        format!("<tx:{}>", self.transactions.len())
    }

    fn cleaned_text(&self, text: &str) -> String {
        if let Some(name) = self.names.get(&text.to_lowercase()) {
            return name.clone();
        }
        // Nothing that is searched for is shorter.
        if text.len() < 13 {
            return text.to_owned();
        }
        let text = scan::replace(text, &scan::uuids(text), |uuid| self.cleaned_uuid(uuid));
        let text = scan::replace(&text, &scan::times(&text), |time| cleaned_time(time).to_owned());
        let text = scan::replace(&text, &scan::millis(&text), |millis| {
            let near = millis.parse().is_ok_and(is_near_millis);
            if near { "<now>".to_owned() } else { millis.to_owned() }
        });
        let text = scan::replace(&text, &scan::hashes(&text), |_| "<hash>".to_owned());
        scan::replace(&text, &scan::origins(&text), |_| "<origin>".to_owned())
    }

    fn cleaned_uuid(&self, uuid: &str) -> String {
        let lower = uuid.to_ascii_lowercase();
        if let Some(name) = self.names.get(&lower) {
            return name.clone();
        }
        if self.written.contains(&lower) || SYSTEM.iter().any(|system| lower.starts_with(system)) {
            return uuid.to_owned();
        }
        format!("{MARK}{lower}{MARK}")
    }

    /// Gives invented ids their numbers, in an order that no server decides: by name of the member, then by position.
    fn number(&mut self, value: Json) -> Json {
        match value {
            Json::Object(members) => {
                let mut order: Vec<usize> = (0..members.len()).collect();
                let keys: Vec<String> = members.keys().map(|key| without_marks(key)).collect();
                order.sort_by_key(|n| &keys[*n]);
                let mut members: Vec<(String, Json)> = members.into_iter().collect();
                for n in order {
                    let (key, value) = &mut members[n];
                    *key = self.numbered_text(key);
                    *value = self.number(std::mem::replace(value, Json::Null));
                }
                Json::Object(members.into_iter().collect())
            }
            Json::List(items) => Json::List(items.into_iter().map(|item| self.number(item)).collect()),
            Json::Text(text) => Json::Text(self.numbered_text(&text)),
            other => other,
        }
    }

    fn numbered_text(&mut self, text: &str) -> String {
        if !text.contains(MARK) {
            return text.to_owned();
        }
        let part = |(n, part): (usize, &str)| {
            // Marks come in pairs: what is between two is an id.
            if n % 2 == 0 {
                return part.to_owned();
            }
            let next = self.uuids.len() + 1;
            format!("<uuid:{}>", self.uuids.entry(part.to_owned()).or_insert(next))
        };
        text.split(MARK).enumerate().map(part).collect()
    }
}

/// A value as a text to sort by, blind to invented ids.
fn blind(value: &Json) -> String {
    without_marks(&value.as_text().map_or_else(|| format!("{value:#}"), str::to_owned))
}

fn without_marks(text: &str) -> String {
    let part = |(n, part)| if n % 2 == 0 { part } else { "<uuid>" };
    text.split(MARK).enumerate().map(part).collect()
}

fn by_key(key: &str) -> Option<&'static str> {
    Some(match key {
        "trace-id" => "<trace>",
        "debug-uri" => "<debug-uri>",
        "instance-id" => "<instance>",
        "expires_ms" => "<now+14d>",
        "retry-after" => "<seconds>",
        "isn" | "processed-isn" => "<isn>",
        _ => return None,
    })
}

fn is_code(text: &str) -> bool {
    text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn cleaned_time(text: &str) -> &str {
    // There is no 24:00 and no 30th of February here.
    let time = text.trim_end_matches('Z').parse::<DateTime>().and_then(|time| time.to_zoned(TimeZone::UTC));
    match time.is_ok_and(|time| is_near(time.timestamp())) {
        true if text.contains('.') => "<time.fraction>",
        true => "<time>",
        false => text,
    }
}

fn is_near_millis(millis: u64) -> bool {
    i64::try_from(millis).is_ok_and(|millis| Timestamp::from_millisecond(millis).is_ok_and(is_near))
}

fn is_near(time: Timestamp) -> bool {
    time.duration_since(Timestamp::now()).abs() < HOUR
}
