//! Pages: the rows of a root entity, and the cursors before and after them.

mod cursor;
mod meta;

use std::ops::{Deref, DerefMut};
use std::{slice, vec};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use cursor::{Cursor, ParseCursorError};
pub use meta::Answer;
#[doc(hidden)]
pub use meta::AnswerMeta;

/// The rows of one root entity of a query, in the order the query asked for.
///
/// It derefs to a slice and iterates like one. [`retain`](Self::retain) and [`pop`](Self::pop) take rows out;
/// [`into_vec`](Self::into_vec) returns them as a `Vec`. A `Vec` becomes a page with `from`, for tests of code that
/// takes answers.
///
/// serde writes a page as the list of its rows, and reads one, without cursors, from such a list.
///
/// ```
/// use instant_admin::Page;
///
/// let mut page = Page::from(vec!["b", "d", "c", "a"]);
/// page.sort_unstable();
/// assert_eq!(page.pop(), Some("d"));
/// assert_eq!(page, ["a", "b", "c"]);
/// let (shortest, count) = (page.iter().min_by_key(|title| title.len()), page.len());
/// assert_eq!((shortest, count), (Some(&"a"), 3));
/// let titles: Vec<&str> = page.into_vec();
/// # assert_eq!(titles.len(), 3);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Page<R> {
    rows: Vec<R>,
    info: Option<PageInfo>,
}

/// Where a page begins and ends, and whether there is more on either side.
///
/// An empty page has no cursors. serde writes and reads the names in camel case, `startCursor`, as the other Instant
/// SDKs have them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PageInfo {
    /// The first row's cursor, for `before`.
    pub start_cursor: Option<Cursor>,
    /// The last row's cursor, for `after`.
    pub end_cursor: Option<Cursor>,
    /// Whether rows follow this page.
    pub has_next_page: bool,
    /// Whether rows precede this page.
    pub has_previous_page: bool,
}

impl PageInfo {
    /// Whether the page has no rows: only then it has no cursors.
    pub(crate) fn is_empty(&self) -> bool {
        self.start_cursor.is_none() && self.end_cursor.is_none()
    }
}

impl<R> Page<R> {
    pub(crate) fn new(rows: Vec<R>, info: Option<PageInfo>) -> Self {
        Self { rows, info }
    }

    /// Returns the cursors; `None` unless the query was sent with `with_page_info()` and has an option that pages.
    pub fn page_info(&self) -> Option<&PageInfo> {
        self.info.as_ref()
    }

    /// Keeps the rows for which `keep` returns true, in their order.
    ///
    /// ```
    /// # use instant_admin::Page;
    /// let mut page = Page::from(vec![1, 2, 3, 4]);
    /// page.retain(|number| number % 2 == 0);
    /// assert_eq!(page, [2, 4]);
    /// ```
    pub fn retain(&mut self, keep: impl FnMut(&R) -> bool) {
        self.rows.retain(keep);
    }

    /// Takes the last row out; `None` where there is none.
    pub fn pop(&mut self) -> Option<R> {
        self.rows.pop()
    }

    /// The rows alone.
    pub fn into_vec(self) -> Vec<R> {
        self.rows
    }

    /// The rows, and what [`page_info`](Self::page_info) returns.
    pub fn into_parts(self) -> (Vec<R>, Option<PageInfo>) {
        (self.rows, self.info)
    }
}

impl<R> Default for Page<R> {
    fn default() -> Self {
        Self { rows: Vec::new(), info: None }
    }
}

impl<R> Deref for Page<R> {
    type Target = [R];

    fn deref(&self) -> &[R] {
        &self.rows
    }
}

impl<R> DerefMut for Page<R> {
    fn deref_mut(&mut self) -> &mut [R] {
        &mut self.rows
    }
}

impl<R> AsRef<[R]> for Page<R> {
    fn as_ref(&self) -> &[R] {
        &self.rows
    }
}

impl<R> IntoIterator for Page<R> {
    type Item = R;
    type IntoIter = vec::IntoIter<R>;

    fn into_iter(self) -> Self::IntoIter {
        self.rows.into_iter()
    }
}

impl<'a, R> IntoIterator for &'a Page<R> {
    type Item = &'a R;
    type IntoIter = slice::Iter<'a, R>;

    fn into_iter(self) -> Self::IntoIter {
        self.rows.iter()
    }
}

impl<'a, R> IntoIterator for &'a mut Page<R> {
    type Item = &'a mut R;
    type IntoIter = slice::IterMut<'a, R>;

    fn into_iter(self) -> Self::IntoIter {
        self.rows.iter_mut()
    }
}

macro_rules! compares_with {
    ($([$($generics:tt)*] $list:ty),*) => {$(
        /// By the rows alone.
        impl<R: PartialEq<S>, S $($generics)*> PartialEq<$list> for Page<R> {
            fn eq(&self, other: &$list) -> bool {
                self.rows[..] == other[..]
            }
        }
    )*};
}

compares_with!([] Vec<S>, [] [S], [] &[S], [, const N: usize] [S; N]);

impl<R> From<Page<R>> for Vec<R> {
    fn from(page: Page<R>) -> Self {
        page.rows
    }
}

/// A page without cursors.
impl<R> From<Vec<R>> for Page<R> {
    fn from(rows: Vec<R>) -> Self {
        Self { rows, info: None }
    }
}

/// A page without cursors.
impl<R> FromIterator<R> for Page<R> {
    fn from_iter<I: IntoIterator<Item = R>>(rows: I) -> Self {
        Vec::from_iter(rows).into()
    }
}

/// As the list of its rows.
impl<R: Serialize> Serialize for Page<R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.rows.serialize(serializer)
    }
}

/// From a list of rows; without cursors.
impl<'de, R: Deserialize<'de>> Deserialize<'de> for Page<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Self::from)
    }
}
