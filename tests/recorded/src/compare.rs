//! The differences between a recorded answer and another one, each with its class and place.

use std::fmt::{self, Display, Formatter};

use crate::gaps::gaps;
use crate::inner::without_inner;
use crate::json::{Json, Object};
use crate::pairing::{Pairing, blind};
use crate::place::{Key, Pattern, Place};
use crate::scenario::{Answer, Step};

/// Shown for what one side does not have.
const ABSENT: &str = "<absent>";
/// The longest body that is shown with a wrong status.
const LONGEST_BODY: usize = 400;

#[derive(Debug)]
pub struct Difference {
    pub class: Class,
    pub path: String,
    pub recorded: Json,
    pub got: Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    Status,
    ErrorType,
    Message,
    Hint,
    Data,
    Order,
}

impl Display for Class {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Status => "status",
            Self::ErrorType => "error type",
            Self::Message => "message",
            Self::Hint => "hint",
            Self::Data => "data",
            Self::Order => "order",
        })
    }
}

/// Compares the answers to one step. The pairing is that of the steps before, and learns from a step without differences.
pub fn compare(step: &Step, got: &Answer, pairing: &mut Pairing) -> Vec<Difference> {
    let recorded = &step.expect;
    let wrong_status =
        |recorded| vec![Difference { class: Class::Status, path: "$".to_owned(), recorded, got: short(got) }];
    // Where the official server fails, any answer but a failure is right.
    if is_fault(recorded) {
        return if is_fault(got) || matches!(got, Answer::Failure(_)) {
            wrong_status(Json::text("any answer below 500"))
        } else {
            Vec::new()
        };
    }
    let (
        Answer::Whole { status, kind, headers, body },
        Answer::Whole { status: other_status, kind: other_kind, headers: other_headers, body: other_body },
    ) = (recorded, got)
    else {
        return if recorded == got { Vec::new() } else { wrong_status(short(recorded)) };
    };
    if status != other_status {
        return wrong_status(short(recorded));
    }
    let (body, other_body) = without_inner(body, other_body);
    let is_refusal = body.get("op").is_some() || status.as_whole().is_some_and(|status| status >= 400);
    let mut differ = Differ {
        pairing: pairing.clone(),
        found: Vec::new(),
        unordered: &step.shape.unordered,
        is_error: is_refusal && body.get("message").is_some(),
    };
    let text = |kind: &Option<String>| kind.clone().map_or(Json::Null, Json::Text);
    let (kind, other_kind) = (text(kind), text(other_kind));
    differ.walk_member("content-type", &kind, &other_kind);
    let (headers, other_headers) =
        (headers.as_ref().unwrap_or(&Json::Null), other_headers.as_ref().unwrap_or(&Json::Null));
    differ.walk_member("headers", headers, other_headers);
    differ.walk(&body, &other_body, &mut Place::default());
    if differ.found.is_empty() {
        *pairing = differ.pairing;
    }
    differ.found
}

/// An answer with a status of 500 or above, also where it is an event of a stream that is a 200 itself.
fn is_fault(answer: &Answer) -> bool {
    let Answer::Whole { status, body, .. } = answer else { return false };
    let of_event = body.get("op").and_then(|_| body.get("status")).and_then(Json::as_number);
    of_event.unwrap_or(status).as_whole().is_some_and(|status| status >= 500)
}

/// An answer without the details of its body.
fn short(answer: &Answer) -> Json {
    let members = match answer {
        Answer::Failure(failure) => vec![("failure", Json::text(failure))],
        Answer::Whole { status, body, .. } => {
            let kept = |key: &&String| *key == "type" || *key == "message";
            let error: Object = body
                .as_object()
                .into_iter()
                .flatten()
                .filter(|(key, _)| kept(key))
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect();
            let body = if error.is_empty() { body.clone() } else { Json::Object(error) };
            let text = body.to_string();
            let body = match text.char_indices().nth(LONGEST_BODY) {
                Some((end, _)) => Json::Text(format!("{}…", &text[..end])),
                None => body,
            };
            vec![("status", Json::Number(status.clone())), ("body", body)]
        }
    };
    Json::Object(members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

struct Differ<'p> {
    pairing: Pairing,
    found: Vec<Difference>,
    unordered: &'p [Pattern],
    is_error: bool,
}

impl Differ<'_> {
    fn walk_member(&mut self, name: &'static str, ours: &Json, theirs: &Json) {
        Place::default().inside(Key::Name(name), |place| self.walk(ours, theirs, place));
    }

    fn walk<'j>(&mut self, ours: &'j Json, theirs: &'j Json, place: &mut Place<'j>) {
        match (ours, theirs) {
            (Json::Object(ours), Json::Object(theirs)) => self.walk_objects(ours, theirs, place),
            (Json::List(ours), Json::List(theirs)) => self.walk_lists(ours, theirs, place),
            (Json::Text(one), Json::Text(other)) if self.pairing.pairs(one, other) => {}
            (Json::Text(_), Json::Text(_)) => self.report(place, ours, theirs),
            _ if ours == theirs => {}
            _ => self.report(place, ours, theirs),
        }
    }

    fn walk_objects<'j>(&mut self, ours: &'j Object, theirs: &'j Object, place: &mut Place<'j>) {
        let absent = Json::text(ABSENT);
        let others = theirs.keys().filter(|key| !ours.contains_key(*key));
        // A trace is there only where tracing is on.
        for key in ours.keys().chain(others).filter(|key| *key != "trace-id") {
            place.inside(Key::Name(key), |place| match (ours.get(key), theirs.get(key)) {
                (Some(one), Some(other)) => self.walk(one, other, place),
                (one, other) => self.report(place, one.unwrap_or(&absent), other.unwrap_or(&absent)),
            });
        }
    }

    fn walk_lists<'j>(&mut self, ours: &'j [Json], theirs: &'j [Json], place: &mut Place<'j>) {
        let (mut ours, mut theirs) = (Item::list(ours), Item::list(theirs));
        if self.unordered.iter().any(|pattern| pattern.fits(place)) {
            self.take_pairs(&mut ours, &mut theirs);
            ours.sort_by(|one, other| one.blind.cmp(&other.blind));
            theirs.sort_by(|one, other| one.blind.cmp(&other.blind));
        }
        let blind = |items: &[Item<'_>]| items.iter().map(|item| item.blind.clone()).collect::<Vec<_>>();
        let (left, right) = (blind(&ours), blind(&theirs));
        if left == right {
            for (n, (one, other)) in ours.iter().zip(&theirs).enumerate() {
                place.inside(Key::Index(n), |place| self.walk(one.value, other.value, place));
            }
            return;
        }
        let sorted = |texts: &[String]| {
            let mut texts = texts.to_vec();
            texts.sort_unstable();
            texts
        };
        if sorted(&left) == sorted(&right) {
            let list = |items: &[Item<'_>]| Json::List(items.iter().map(|item| item.value.clone()).collect());
            self.report_as(Some(Class::Order), place, &list(&ours), &list(&theirs));
            return;
        }
        let absent = Json::text(ABSENT);
        for (here, there) in gaps(&left, &right) {
            for n in 0..here.len().max(there.len()) {
                let (one, other) = (ours[here.clone()].get(n), theirs[there.clone()].get(n));
                // What only the other run has is told where it would come next.
                let index = if one.is_some() { here.start + n } else { here.end };
                place.inside(Key::Index(index), |place| match (one, other) {
                    (Some(one), Some(other)) => self.walk(one.value, other.value, place),
                    (one, other) => {
                        let value = |item: Option<&Item<'j>>| item.map_or(&absent, |item| item.value).clone();
                        self.report(place, &value(one), &value(other));
                    }
                });
            }
        }
    }

    /// Takes out of two lists without an order what they have in common.
    fn take_pairs(&mut self, ours: &mut Vec<Item<'_>>, theirs: &mut Vec<Item<'_>>) {
        ours.retain(|one| {
            let partner = theirs.iter().position(|other| {
                if one.blind != other.blind {
                    return false;
                }
                let mut trial = Differ {
                    pairing: self.pairing.clone(),
                    found: Vec::new(),
                    unordered: self.unordered,
                    is_error: false,
                };
                trial.walk(one.value, other.value, &mut Place::default());
                if trial.found.is_empty() {
                    self.pairing = trial.pairing;
                    return true;
                }
                false
            });
            partner.map(|n| theirs.remove(n)).is_none()
        });
    }

    fn report(&mut self, place: &Place<'_>, ours: &Json, theirs: &Json) {
        self.report_as(None, place, ours, theirs);
    }

    fn report_as(&mut self, class: Option<Class>, place: &Place<'_>, ours: &Json, theirs: &Json) {
        let class = class.unwrap_or_else(|| match place.keys().first() {
            Some(Key::Name("type")) if self.is_error => Class::ErrorType,
            Some(Key::Name("message")) if self.is_error => Class::Message,
            Some(Key::Name("hint")) if self.is_error => Class::Hint,
            _ => Class::Data,
        });
        self.found.push(Difference {
            class,
            path: place.to_string(),
            recorded: ours.clone(),
            got: theirs.clone(),
        });
    }
}

/// An item of a list, and what it is apart from invented ids.
struct Item<'j> {
    value: &'j Json,
    blind: String,
}

impl<'j> Item<'j> {
    fn list(items: &'j [Json]) -> Vec<Self> {
        items.iter().map(|value| Self { value, blind: blind(&format!("{value:#}")) }).collect()
    }
}
