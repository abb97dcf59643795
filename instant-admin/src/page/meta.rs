//! What streaming endpoints send beside the rows: cursors and counts, by root entity.

use std::collections::HashMap;
use std::ops::Deref;

use serde::Deserialize;

use super::PageInfo;
use super::cursor::Cursor;

/// The answer to a query given as JSON, with the cursors and counts that came beside it. `with_page_info()` asks for
/// it.
///
/// It derefs to the answer itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer<T> {
    answer: T,
    meta: AnswerMeta,
}

/// The cursors and counts of an answer. Generated code hands them to its decoder.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(from = "Wire")]
pub struct AnswerMeta {
    page_info: HashMap<String, PageInfo>,
    counts: HashMap<String, u64>,
}

/// [`AnswerMeta`] as servers write it.
#[derive(Deserialize)]
struct Wire {
    #[serde(rename = "page-info", alias = "pageInfo", default)]
    page_info: HashMap<String, WireInfo>,
    #[serde(default)]
    aggregate: HashMap<String, WireCounts>,
}

#[derive(Deserialize)]
struct WireInfo {
    #[serde(rename = "start-cursor", alias = "startCursor")]
    start_cursor: Option<Cursor>,
    #[serde(rename = "end-cursor", alias = "endCursor")]
    end_cursor: Option<Cursor>,
    #[serde(rename = "has-next-page?", alias = "hasNextPage", default)]
    has_next_page: bool,
    #[serde(rename = "has-previous-page?", alias = "hasPreviousPage", default)]
    has_previous_page: bool,
}

#[derive(Deserialize)]
struct WireCounts {
    count: u64,
}

impl<T> Answer<T> {
    pub(crate) fn new(answer: T, meta: AnswerMeta) -> Self {
        Self { answer, meta }
    }

    /// Returns the cursors of the root entity `root`; `None` unless it has an option that pages.
    pub fn page_info(&self, root: &str) -> Option<&PageInfo> {
        self.meta.page_info(root)
    }

    /// Returns how many entities of the root `root` match; `None` unless the query asks for their count.
    pub fn count(&self, root: &str) -> Option<u64> {
        self.meta.count(root)
    }

    /// The answer alone.
    pub fn into_inner(self) -> T {
        self.answer
    }
}

impl<T> Deref for Answer<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.answer
    }
}

impl AnswerMeta {
    pub(crate) fn page_info(&self, root: &str) -> Option<&PageInfo> {
        self.page_info.get(root)
    }

    pub(crate) fn take_page(&mut self, root: &str) -> Option<PageInfo> {
        self.page_info.remove(root)
    }

    pub(crate) fn count(&self, root: &str) -> Option<u64> {
        self.counts.get(root).copied()
    }
}

impl From<Wire> for AnswerMeta {
    fn from(wire: Wire) -> Self {
        Self {
            page_info: wire.page_info.into_iter().map(|(root, info)| (root, info.into())).collect(),
            counts: wire.aggregate.into_iter().map(|(root, counts)| (root, counts.count)).collect(),
        }
    }
}

impl From<WireInfo> for PageInfo {
    fn from(wire: WireInfo) -> Self {
        let WireInfo { start_cursor, end_cursor, has_next_page, has_previous_page } = wire;
        Self { start_cursor, end_cursor, has_next_page, has_previous_page }
    }
}
