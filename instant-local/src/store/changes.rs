//! Announces each commit to the listeners.
//!
//! The writing thread announces a commit once it is durable. It does not wait for listeners: the channel keeps the
//! latest [`KEPT`] commits, and a listener that falls further behind gets the number of commits that it missed.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use uuid::Uuid;

/// A commit: what changed in an app.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Commit {
    /// The app.
    pub app: Uuid,
    /// The id of the transaction, which grows from one to the next. `None` where the commit has none: changes of the
    /// app itself, and changes of attributes by a schema job.
    pub tx_id: Option<i64>,
    /// What changed.
    pub change: Change,
}

/// What a commit changed.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Change {
    /// The app was made.
    Created,
    /// Attributes or triples changed.
    Data(Touched),
    /// The app has other permission rules.
    Rules,
    /// The status of the app changed: active, read-only or disabled.
    Status,
    /// The app was deleted with everything in it.
    Deleted,
}

/// The attributes and triples that a transaction touched.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Touched {
    /// The ids of the attributes that were added, changed or deleted. Any triple of these may have changed.
    pub attrs: BTreeSet<Uuid>,
    /// The triples that were written or removed.
    pub triples: Triples,
}

/// The triples that a transaction wrote or removed.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Triples {
    /// All of them, in the order in which they changed.
    Each(Vec<TouchedTriple>),
    /// Too many to list: any triple of the attributes with these ids may have changed.
    OfAttrs(BTreeSet<Uuid>),
    /// Any triple of the app may have changed: nobody listened when the transaction began.
    Any,
}

/// A triple that was written or removed. A value that replaces another one is two of them, the old one first.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TouchedTriple {
    /// The entity; for a link, the one that owns it.
    pub entity: Uuid,
    /// The id of the attribute.
    pub attr: Uuid,
    /// The value of an attribute that is indexed or unique, and the id of a link's target. `None` for other
    /// attributes: their values are not announced.
    pub value: Option<Value>,
}

impl Default for Triples {
    fn default() -> Self {
        Self::Each(Vec::new())
    }
}

/// A listener to commits, in the order in which they were made; see [`Server::changes`](crate::Server::changes).
#[derive(Debug)]
pub struct Changes(broadcast::Receiver<Arc<Commit>>);

/// What a listener gets.
#[derive(Debug, Clone, PartialEq)]
pub enum Announcement {
    /// A commit.
    Commit(Arc<Commit>),
    /// The listener was too slow, and this number of commits was dropped. Everything that it derived from the data may
    /// be out of date.
    Missed(u64),
}

impl Changes {
    /// Waits for the next commit. Returns `None` once the data is closed.
    ///
    /// Dropping the future loses nothing: the next call returns the same commit.
    pub async fn next(&mut self) -> Option<Announcement> {
        match self.0.recv().await {
            Ok(commit) => Some(Announcement::Commit(commit)),
            Err(RecvError::Lagged(missed)) => Some(Announcement::Missed(missed)),
            Err(RecvError::Closed) => None,
        }
    }
}

/// How many commits are kept for a listener that is busy.
const KEPT: usize = 256;
/// The size in bytes above which the triples of a transaction are not listed. Together with [`KEPT`] it limits the
/// memory of the channel.
const MOST_LISTED: usize = 256 * 1024;

/// Where commits are announced.
pub(super) struct Announcer(broadcast::Sender<Arc<Commit>>);

impl Announcer {
    pub fn new() -> Self {
        Self(broadcast::Sender::new(KEPT))
    }

    pub fn listen(&self) -> Changes {
        Changes(self.0.subscribe())
    }

    /// Whether there is a listener.
    pub fn is_heard(&self) -> bool {
        self.0.receiver_count() > 0
    }

    /// Announces a commit that is durable.
    pub fn announce(&self, app: Uuid, tx_id: Option<i64>, change: Change) {
        if self.is_heard() {
            // An error means that the last listener has just gone.
            let _ = self.0.send(Arc::new(Commit { app, tx_id, change }));
        }
    }
}

/// What a transaction has touched so far.
#[derive(Default)]
pub(super) struct Notes {
    touched: Touched,
    size: usize,
}

impl Notes {
    pub fn attr(&mut self, attr: Uuid) {
        self.touched.attrs.insert(attr);
    }

    pub fn triple(&mut self, entity: Uuid, attr: Uuid, value: Option<&Value>) {
        match &mut self.touched.triples {
            Triples::Each(list) => {
                self.size += size_of::<TouchedTriple>() + value.map_or(0, text_size);
                if self.size <= MOST_LISTED {
                    list.push(TouchedTriple { entity, attr, value: value.cloned() });
                } else {
                    let attrs = list.iter().map(|triple| triple.attr).chain([attr]).collect();
                    self.touched.triples = Triples::OfAttrs(attrs);
                }
            }
            Triples::OfAttrs(attrs) => {
                attrs.insert(attr);
            }
            Triples::Any => {}
        }
    }

    pub fn touched(self) -> Touched {
        self.touched
    }
}

/// About how much text a value holds.
fn text_size(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.len(),
        Value::Array(_) | Value::Object(_) => value.to_string().len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn triples_that_are_too_many_to_list_become_their_attributes() {
        let [a, b] = [Uuid::from_u128(1), Uuid::from_u128(2)];
        let mut notes = Notes::default();
        notes.triple(a, a, Some(&"x".repeat(MOST_LISTED / 2).into()));
        assert!(matches!(&notes.touched.triples, Triples::Each(list) if list.len() == 1));
        notes.triple(a, b, Some(&"x".repeat(MOST_LISTED / 2).into()));
        notes.triple(b, b, None);
        assert_eq!(notes.touched().triples, Triples::OfAttrs(BTreeSet::from([a, b])));
    }
}
