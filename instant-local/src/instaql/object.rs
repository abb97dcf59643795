//! The objects of entities as JSON text, put together from the stored texts of their values.

use std::collections::HashSet;
use std::ops::Range;
use std::rc::Rc;

use instant_schema::CheckedType;
use instant_schema::instaql::SERVER_CREATED_AT;
use rusqlite::types::Value as SqlValue;
use rusqlite::{Row, Rows};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::plan::Plan;
use super::sort::Key;
use super::sql::id_blob;
use crate::store::{AttrCatalog, Place, ReadTx, StoredAttr, parse};
use crate::{ApiError, json};

/// What the objects of one form show, and what they are sorted by.
pub(super) struct Shape<'p> {
    id_attr: Option<i64>,
    /// The attributes with one value, by their keys.
    columns: Vec<Column>,
    /// Whether every value of the entity type is shown.
    complete: bool,
    /// The label to sort by; `None` for the time of creation.
    order: Option<&'p str>,
    order_is_date: bool,
    fields: Option<&'p [String]>,
    /// The keys of the nested forms. Where one is also the label of a link, the objects replace its id.
    nested: Vec<&'p str>,
}

struct Column {
    attr: i64,
    place: Place,
    label: Label,
    /// The entities that do not show it.
    hidden: HashSet<Uuid>,
}

/// A label of an object, and its part in the form.
struct Label {
    /// `,"label":`
    head: String,
    /// Whether objects are sorted by it.
    orders: bool,
    /// The nested form that replaces it.
    nested: Option<usize>,
}

/// The objects of one form, in the order of their ids.
#[derive(Default)]
pub(super) struct Objects {
    pub list: Vec<Object>,
    /// The members of all objects, with a comma before each.
    text: String,
    replaced: Vec<Replaced>,
}

/// One entity as its form shows it.
pub(super) struct Object {
    pub id: Uuid,
    /// The time of its `id` triple, if it has one.
    pub created: Option<i64>,
    /// What it is sorted by.
    pub key: Key,
    members: Range<usize>,
    replaced: Range<usize>,
}

/// A member that the objects of a nested form replace.
pub(super) struct Replaced {
    pub member: Range<usize>,
    /// The nested form, by index.
    pub nested: usize,
}

impl<'p> Shape<'p> {
    /// The shape that a form asks for, or with all attributes where it is `whole`.
    pub fn of(plan: &'p Plan, catalog: &AttrCatalog, whole: bool) -> Self {
        let order = plan.order.as_ref().map(|order| order.label.as_str());
        let order = order.filter(|label| *label != SERVER_CREATED_AT);
        let is_date = |stored: &StoredAttr| stored.checked_type() == Some(CheckedType::Date);
        let order_attr = order.and_then(|label| catalog.forward(&plan.entity, label));
        let mut shape = Self {
            id_attr: catalog.id_attr(&plan.entity).map(|stored| stored.key),
            columns: Vec::new(),
            complete: true,
            order,
            order_is_date: order_attr.is_some_and(|stored| is_date(stored)),
            fields: plan.fields.as_deref().filter(|_| !whole),
            nested: plan.children.iter().map(|child| child.key.as_str()).collect(),
        };
        for stored in catalog.owned(&plan.entity).filter(|stored| stored.is_one()) {
            match stored.place {
                Place::Entities => {}
                place if shape.shows(stored.label()) => {
                    let label = shape.label(stored.label());
                    shape.columns.push(Column { attr: stored.key, place, label, hidden: HashSet::new() });
                }
                Place::Blobs => shape.complete = false,
                Place::Refs => {}
            }
        }
        shape.columns.sort_unstable_by_key(|column| column.attr);
        shape
    }

    /// Whether the form shows this label.
    pub fn shows(&self, label: &str) -> bool {
        label == "id" || self.fields.is_none_or(|fields| fields.iter().any(|field| field == label))
    }

    fn label(&self, label: &str) -> Label {
        Label {
            head: head(label),
            orders: self.order == Some(label),
            nested: self.nested.iter().position(|key| *key == label),
        }
    }

    /// Leaves out what `hidden` names for an attribute: the entities that do not show it.
    pub fn hide(
        &mut self,
        catalog: &AttrCatalog,
        entity: &str,
        mut hidden: impl FnMut(&StoredAttr) -> Result<HashSet<Uuid>, ApiError>,
    ) -> Result<(), ApiError> {
        for stored in catalog.owned(entity) {
            if let Ok(index) = self.columns.binary_search_by_key(&stored.key, |column| column.attr) {
                self.columns[index].hidden = hidden(stored)?;
            }
        }
        Ok(())
    }

    /// The attribute with this key, if an entity shows it.
    fn column(&self, attr: i64, entity: &Uuid) -> Option<&Column> {
        let index = self.columns.binary_search_by_key(&attr, |column| column.attr).ok()?;
        let column = &self.columns[index];
        (column.hidden.is_empty() || !column.hidden.contains(entity)).then_some(column)
    }

    fn attrs(&self, place: Place) -> String {
        let attrs = self.columns.iter().filter(|column| column.place == place);
        attrs.map(|column| column.attr.to_string()).collect::<Vec<_>>().join(",")
    }

    /// Whether any of its columns are there.
    fn has(&self, place: Place) -> bool {
        self.columns.iter().any(|column| column.place == place)
    }

    /// Reads the objects of `ids`, which are in order and distinct: one statement for each table.
    pub fn read(&self, tx: &ReadTx<'_>, ids: &[Uuid]) -> Result<Objects, ApiError> {
        let wanted: Rc<Vec<SqlValue>> = Rc::new(ids.iter().copied().map(id_blob).collect());
        let conn = tx.connection();
        // CROSS JOIN keeps SQLite from putting the table first, so rows come in the order of `ids`.
        let mut entities = conn.prepare_cached(
            "SELECT found.entity, found.created FROM rarray(?1) wanted
             CROSS JOIN entities found ON found.attr = ?2 AND found.entity = wanted.value",
        )?;
        let some = if self.complete {
            String::new()
        } else {
            format!(" AND found.attr IN ({})", self.attrs(Place::Blobs))
        };
        let blobs = self.has(Place::Blobs).then(|| {
            conn.prepare_cached(&format!(
                "SELECT found.entity, found.attr, found.value FROM rarray(?1) wanted
                 CROSS JOIN blobs found ON found.entity = wanted.value{some}"
            ))
        });
        let refs = self.has(Place::Refs).then(|| {
            conn.prepare_cached(&format!(
                "SELECT found.source, found.attr, found.target FROM rarray(?1) wanted
                 CROSS JOIN refs found ON found.attr IN ({}) AND found.source = wanted.value",
                self.attrs(Place::Refs)
            ))
        });
        let (mut blobs, mut refs) = (blobs.transpose()?, refs.transpose()?);
        let mut entities = entities.query((Rc::clone(&wanted), self.id_attr))?;
        let mut blobs = blobs.as_mut().map(|blobs| blobs.query([Rc::clone(&wanted)])).transpose()?;
        let mut refs = refs.as_mut().map(|refs| refs.query([wanted])).transpose()?;
        let (mut entity, mut value, mut link) = (entities.next()?, next(&mut blobs)?, next(&mut refs)?);
        let is_of = |row: &Row<'_>, id: &Uuid| {
            Ok::<_, ApiError>(row.get_ref(0)?.as_blob().map_err(ApiError::internal)? == id.as_bytes())
        };
        let mut objects = Objects::with_capacity(ids.len());
        let id_label = self.label("id");
        let mut buffer = [0; QUOTED];
        for id in ids {
            let mut created = None;
            if let Some(row) = entity
                && is_of(row, id)?
            {
                created = Some(row.get(1)?);
                entity = entities.next()?;
            }
            objects.begin(self, *id, created);
            if created.is_some() {
                objects.member(self, &id_label, quoted(*id, &mut buffer))?;
            }
            while let Some(row) = value {
                if !is_of(row, id)? {
                    break;
                }
                if let Some(column) = self.column(row.get(1)?, id) {
                    let text = row.get_ref(2)?.as_str()?;
                    objects.member(self, &column.label, text)?;
                }
                value = next(&mut blobs)?;
            }
            while let Some(row) = link {
                if !is_of(row, id)? {
                    break;
                }
                if let Some(column) = self.column(row.get(1)?, id) {
                    let target = Uuid::from_bytes(row.get(2)?);
                    objects.member(self, &column.label, quoted(target, &mut buffer))?;
                }
                link = next(&mut refs)?;
            }
            objects.end();
        }
        if entity.is_some() || value.is_some() || link.is_some() {
            return Err(ApiError::internal("rows of entities came in another order than asked for"));
        }
        Ok(objects)
    }

    /// Writes the objects of records, in the order of their ids.
    pub fn write(
        &self,
        records: impl IntoIterator<Item = (Uuid, Option<i64>, Map<String, Value>)>,
    ) -> Result<Objects, ApiError> {
        let mut objects = Objects::default();
        for (id, created, record) in records {
            objects.begin(self, id, created);
            for (label, value) in record {
                objects.member(self, &self.label(&label), &json::write(&value))?;
            }
            objects.end();
        }
        Ok(objects)
    }
}

impl Objects {
    fn with_capacity(objects: usize) -> Self {
        Self {
            list: Vec::with_capacity(objects),
            text: String::with_capacity(objects * 128),
            replaced: Vec::new(),
        }
    }

    /// The members of an object, with a comma before each.
    pub fn members(&self, object: &Object) -> &str {
        &self.text[object.members.clone()]
    }

    /// The members of an object that nested forms replace, as ranges of [`members`](Self::members).
    pub fn replaced(&self, object: &Object) -> &[Replaced] {
        &self.replaced[object.replaced.clone()]
    }

    /// The texts of all objects and where each has its members; fit for those without nested forms.
    pub fn into_members(self) -> (String, Vec<Range<usize>>) {
        (self.text, self.list.into_iter().map(|object| object.members).collect())
    }

    /// Drops the objects without members.
    pub fn retain_with_members(&mut self) {
        self.list.retain(|object| !object.members.is_empty());
    }

    /// The object as a record, for whoever needs its values.
    pub fn record(&self, object: &Object) -> Result<(Uuid, Map<String, Value>), ApiError> {
        let members = self.members(object);
        let text = format!("{{{}}}", members.strip_prefix(',').unwrap_or(members));
        match parse(&text)? {
            Value::Object(record) => Ok((object.id, record)),
            _ => Err(ApiError::internal("the text of an object is not an object")),
        }
    }

    fn begin(&mut self, shape: &Shape<'_>, id: Uuid, created: Option<i64>) {
        let key = if shape.order.is_none() { Key::of_time(created) } else { Key::Nothing };
        let (start, replaced) = (self.text.len(), self.replaced.len());
        let object = Object { id, created, key, members: start..start, replaced: replaced..replaced };
        self.list.push(object);
    }

    fn member(&mut self, shape: &Shape<'_>, label: &Label, value: &str) -> Result<(), ApiError> {
        let start = self.text.len();
        self.text.push_str(&label.head);
        self.text.push_str(value);
        if let (true, Some(object)) = (label.orders, self.list.last_mut()) {
            object.key = Key::of_value(&parse(value)?, shape.order_is_date);
        }
        if let (Some(nested), Some(object)) = (label.nested, self.list.last()) {
            let at = object.members.start;
            self.replaced.push(Replaced { member: start - at..self.text.len() - at, nested });
        }
        Ok(())
    }

    fn end(&mut self) {
        let (text, replaced) = (self.text.len(), self.replaced.len());
        if let Some(object) = self.list.last_mut() {
            object.members.end = text;
            object.replaced.end = replaced;
        }
    }
}

/// The next row of a statement, where there is one to run.
fn next<'r>(rows: &'r mut Option<Rows<'_>>) -> rusqlite::Result<Option<&'r Row<'r>>> {
    rows.as_mut().map_or(Ok(None), Rows::next)
}

/// The length of an id as JSON.
const QUOTED: usize = 38;

/// Writes an id as JSON into the buffer.
fn quoted(id: Uuid, buffer: &mut [u8; QUOTED]) -> &str {
    buffer[0] = b'"';
    buffer[QUOTED - 1] = b'"';
    id.hyphenated().encode_lower(&mut buffer[1..QUOTED - 1]);
    std::str::from_utf8(buffer).expect("an id is ASCII")
}

/// `,"label":`
pub(super) fn head(label: &str) -> String {
    format!(",{}:", Value::from(label))
}
