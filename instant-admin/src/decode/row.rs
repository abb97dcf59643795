//! Rows: what one entity of an answer decodes to.

use std::fmt::Display;

use serde::de::{DeserializeOwned, Error as _, IgnoredAny, MapAccess};
use serde_json::Value;

use super::own::Misread;
use super::{Context, KeyIn, Linked, Many, One, Segment, describe};
use crate::page::Page;

/// A struct that one entity of an answer decodes to.
/// `include_schema!`, `query!` and `fragment!` write the impls.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a type that rows of an answer decode to",
    label = "not a row type",
    note = "row types are written by `include_schema!`, `query!` and `fragment!`"
)]
pub trait Row: Sized {
    /// The entity's name in the schema, which is empty for the object that holds a whole answer; and the keys of the
    /// columns in the JSON, in the order of the columns.
    const SHAPE: Shape;

    /// What the fields are decoded as.
    #[doc(hidden)]
    type Columns: Record;

    /// The row of its decoded columns.
    #[doc(hidden)]
    fn build(columns: Self::Columns) -> Self;
}

/// The names of a row: [`Row::SHAPE`].
pub type Shape = (&'static str, &'static [&'static str]);

/// All columns of a row.
pub trait Record: Sized {
    /// Reads them from one JSON object, whose keys are `labels`; `None` where the object has no id and needs one.
    ///
    /// A link to an entity that does not exist comes as such an object, and so does an entity that has nothing but links.
    fn read<'de, A: MapAccess<'de>>(
        labels: &'static [&'static str],
        fields: &mut Fields<'_, A>,
    ) -> Result<Option<Self>, A::Error>;
}

/// One column, or a tuple of columns, which may be tuples again.
pub trait Columns: Sized {
    /// How many fields it reads.
    const LEN: usize;
    /// What was read so far.
    type Slots: Default;

    /// Reads the current field, the one of that number.
    fn take<'de, A: MapAccess<'de>>(
        slots: &mut Self::Slots,
        number: usize,
        fields: &mut Fields<'_, A>,
    ) -> Result<(), A::Error>;

    /// The values, once everything was read. `id` is the row's, for messages.
    fn finish<'de, A: MapAccess<'de>>(
        slots: Self::Slots,
        labels: &'static [&'static str],
        id: &dyn Display,
        fields: &mut Fields<'_, A>,
    ) -> Result<Self, A::Error>;
}

/// A value as it was found: `None` where its key was missing, `Some(None)` where it was null.
pub type Slot<T> = Option<Option<T>>;

/// The fields of one JSON object, read in the order in which they arrive.
pub struct Fields<'a, A> {
    access: &'a mut A,
    context: &'a mut Context,
    entity: &'static str,
    current: &'static str,
    /// Where the next key is looked for first: servers send the keys of every row in the same order.
    guess: usize,
}

impl<'a, 'de, A: MapAccess<'de>> Fields<'a, A> {
    pub(crate) fn new(access: &'a mut A, context: &'a mut Context, entity: &'static str) -> Self {
        Self { access, context, entity, current: "", guess: 0 }
    }

    /// Reads a whole row: its id, which is the first of `labels`, and the other columns.
    pub(super) fn row<I, C>(&mut self, labels: &'static [&'static str]) -> Result<Option<(I, C)>, A::Error>
    where
        I: DeserializeOwned + Display,
        C: Columns,
    {
        let (mut id, mut slots): (Option<I>, _) = (None, C::Slots::default());
        while let Some(number) = self.next(labels)? {
            match number {
                0 => id = self.plain()?,
                _ => C::take(&mut slots, number - 1, self)?,
            }
        }
        let Some(id) = id else { return Ok(None) };
        let columns = C::finish(slots, &labels[1..], &id, self)?;
        Ok(Some((id, columns)))
    }

    /// Reads an object without an id of its own.
    pub(super) fn columns<C: Columns>(&mut self, labels: &'static [&'static str]) -> Result<C, A::Error> {
        let mut slots = C::Slots::default();
        while let Some(number) = self.next(labels)? {
            C::take(&mut slots, number, self)?;
        }
        C::finish(slots, labels, &"", self)
    }

    /// Goes to the next field that is one of `names`, and says which. Other fields are skipped.
    fn next(&mut self, names: &'static [&'static str]) -> Result<Option<usize>, A::Error> {
        loop {
            let Some(found) = self.access.next_key_seed(KeyIn { names, guess: self.guess })? else {
                return Ok(None);
            };
            if let Some(index) = found {
                self.guess = index + 1;
                self.current = names[index];
                return Ok(Some(index));
            }
            self.access.next_value::<IgnoredAny>()?;
        }
    }

    /// Reads the value of the current field; null is `None`.
    pub(super) fn plain<T: DeserializeOwned>(&mut self) -> Result<Option<T>, A::Error> {
        self.access.next_value().map_err(|error| self.fail(error))
    }

    /// Reads the value of the current field with `read`; null is `None`.
    pub(super) fn own<T>(
        &mut self,
        read: impl FnOnce(Value) -> Result<T, Misread>,
    ) -> Result<Option<T>, A::Error> {
        let value = self.access.next_value::<Value>().map_err(|error| self.fail(error))?;
        if value.is_null() {
            return Ok(None);
        }
        read(value).map(Some).map_err(|Misread { path, message }| {
            self.context.path.push(Segment::Within(path));
            self.fail(A::Error::custom(message))
        })
    }

    /// Reads a to-one link: an object, a list of at most one, or null.
    pub(super) fn one<R: Row>(&mut self) -> Result<Linked<R>, A::Error> {
        self.access.next_value_seed(One::new(self.context)).map_err(|error| self.fail(error))
    }

    /// Reads a to-many link.
    pub(super) fn many<R: Row>(&mut self) -> Result<Vec<R>, A::Error> {
        self.access.next_value_seed(Many::linked(self.context)).map_err(|error| self.fail(error))
    }

    /// Reads the rows of a root entity, with its cursors where the answer carried them.
    pub(super) fn page<R: Row>(&mut self) -> Result<Page<R>, A::Error> {
        let rows = self.access.next_value_seed(Many::root(self.context)).map_err(|error| self.fail(error))?;
        Ok(Page::new(rows, self.context.meta.take_page(self.current)))
    }

    /// The page of a root entity, which every answer has: one without it is the answer to something else.
    pub(super) fn answered<R>(
        &mut self,
        page: Option<Page<R>>,
        label: &'static str,
    ) -> Result<Page<R>, A::Error> {
        page.ok_or_else(|| {
            let error = A::Error::custom(
                "expected a list of objects, got nothing: the answer lacks what was asked for",
            );
            self.fail_at(label, error)
        })
    }

    /// The count that the answer carried for the root entity `label`, whose rows are not sent.
    pub(super) fn count(&mut self, label: &'static str) -> Result<u64, A::Error> {
        self.context.meta.count(label).ok_or_else(|| {
            let error = A::Error::custom("the answer carries no count for this aggregate");
            self.fail_at(label, error)
        })
    }

    /// Skips the value of the current field.
    pub(super) fn skip(&mut self) -> Result<(), A::Error> {
        self.access.next_value::<IgnoredAny>().map(drop)
    }

    /// The value of an attribute that the schema requires. `id` is the row's, for the message.
    pub(super) fn required<T: DeserializeOwned>(
        &mut self,
        slot: Slot<T>,
        label: &'static str,
        id: &dyn Display,
    ) -> Result<T, A::Error> {
        match slot {
            Some(Some(value)) => Ok(value),
            Some(None) => Err(self.absent::<T>("null", label, id)),
            None => Err(self.absent::<T>("nothing", label, id)),
        }
    }

    /// The value of an optional attribute that the query marked with `!`.
    pub(super) fn asserted<T>(
        &mut self,
        slot: Slot<T>,
        label: &'static str,
        id: &dyn Display,
    ) -> Result<T, A::Error> {
        slot.flatten().ok_or_else(|| {
            let error = A::Error::custom(format_args!(
                "the query says `{label}!`, but `{entity}` {id} has no value; write it without `!` to get an `Option`",
                entity = self.entity
            ));
            self.fail_at(label, error)
        })
    }

    /// The row of a to-one link that the schema requires and the query marked with `!`.
    pub(super) fn required_one<R>(
        &mut self,
        linked: Linked<R>,
        label: &'static str,
        id: &dyn Display,
    ) -> Result<R, A::Error> {
        let entity = self.entity;
        let error = match linked {
            Linked::Row(row) => return Ok(row),
            Linked::None => A::Error::custom(format_args!(
                "the schema requires this link, but `{entity}` {id} has none; write `{label}` without `!` in the \
                 query to get an `Option`"
            )),
            Linked::Dangling => A::Error::custom(format_args!(
                "the schema requires this link, but that of `{entity}` {id} leads to an entity that does not exist; \
                 link it to one that does, or write `{label}` without `!` in the query to get an `Option`"
            )),
        };
        Err(self.fail_at(label, error))
    }

    #[cold]
    fn absent<T: DeserializeOwned>(&mut self, got: &str, label: &'static str, id: &dyn Display) -> A::Error {
        // What `T` expects is only written in its own refusal of a null.
        let refusal = serde_json::from_value::<T>(Value::Null).err().map(|error| describe(&error));
        let expected = refusal.as_deref().and_then(|text| text.strip_suffix(", got null"));
        let error = A::Error::custom(format_args!(
            "{expected}, got {got}: the schema requires `{label}`, but `{entity}` {id} lacks it; write `{label}?` in \
             the query to get an `Option`",
            expected = expected.unwrap_or("expected a value"),
            entity = self.entity
        ));
        self.fail_at(label, error)
    }

    /// Notes where a value was refused. Which entity has it is looked up once it is known that the answer is.
    #[cold]
    fn fail(&mut self, error: A::Error) -> A::Error {
        if !matches!(self.context.path.last(), Some(Segment::Field(_) | Segment::Index(_))) {
            self.context.entity = self.entity;
        }
        self.fail_at(self.current, error)
    }

    #[cold]
    fn fail_at(&mut self, label: &'static str, error: A::Error) -> A::Error {
        self.context.path.push(Segment::Field(label));
        error
    }
}
