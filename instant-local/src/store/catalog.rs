//! The attributes of an app, found by id and by name.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use indexmap::IndexMap;
use instant_schema::{Attr, Cardinality, CheckedType, Direction, StoredAs, catalog};
use rusqlite::{Connection, Row};
use uuid::Uuid;

use crate::ApiError;

/// All attributes of an app at one moment, those of the system catalog included.
#[derive(Debug, Clone, Default)]
pub struct AttrCatalog {
    /// In the order in which they were added; deleted ones too.
    attrs: Vec<Arc<StoredAttr>>,
    by_id: HashMap<Uuid, usize>,
    by_name: HashMap<String, IndexMap<String, (usize, Direction)>>,
}

/// An attribute and where the store keeps its triples.
#[derive(Debug, Clone)]
pub struct StoredAttr {
    /// The record, as on the wire. All apps share those of the system catalog.
    pub attr: Arc<Attr>,
    /// Where its triples are.
    pub place: Place,
    pub(crate) key: i64,
}

/// Where the triples of an attribute are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// The `id` triples of an entity type.
    Entities,
    /// JSON values, one for each entity.
    Blobs,
    /// Links.
    Refs,
}

impl AttrCatalog {
    /// Returns the attribute with an id, unless it was deleted.
    pub fn attr(&self, id: Uuid) -> Option<&Arc<StoredAttr>> {
        self.known(id).filter(|stored| !stored.is_deleted())
    }

    /// Returns the attribute or link that `entity` has under `label`, and the side from which `entity` sees it.
    pub fn resolve(&self, entity: &str, label: &str) -> Option<(&Arc<StoredAttr>, Direction)> {
        let (index, direction) = self.by_name.get(entity)?.get(label)?;
        Some((&self.attrs[*index], *direction))
    }

    /// The attribute or link that `entity` owns under `label`.
    pub fn forward(&self, entity: &str, label: &str) -> Option<&Arc<StoredAttr>> {
        match self.resolve(entity, label)? {
            (stored, Direction::Forward) => Some(stored),
            (_, Direction::Reverse) => None,
        }
    }

    /// The link that ends at `entity` under `label`.
    pub fn reverse(&self, entity: &str, label: &str) -> Option<&Arc<StoredAttr>> {
        match self.resolve(entity, label)? {
            (stored, Direction::Reverse) => Some(stored),
            (_, Direction::Forward) => None,
        }
    }

    /// The `id` attribute of an entity type: where its entities are listed.
    pub fn id_attr(&self, entity: &str) -> Option<&Arc<StoredAttr>> {
        self.forward(entity, "id").filter(|stored| stored.place == Place::Entities)
    }

    /// What an entity type owns, in the order in which it was added.
    pub fn owned<'a>(&'a self, entity: &str) -> impl Iterator<Item = &'a Arc<StoredAttr>> + use<'a> {
        self.sides(entity, Direction::Forward)
    }

    /// The links that end at an entity type.
    pub fn pointing_at<'a>(&'a self, entity: &str) -> impl Iterator<Item = &'a Arc<StoredAttr>> + use<'a> {
        self.sides(entity, Direction::Reverse)
    }

    /// All attributes that are not deleted, system ones first.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<StoredAttr>> {
        self.attrs.iter().filter(|stored| !stored.is_deleted())
    }

    /// The attributes that were deleted.
    pub fn deleted(&self) -> impl Iterator<Item = &Arc<StoredAttr>> {
        self.attrs.iter().filter(|stored| stored.is_deleted())
    }

    /// How many attributes there are, deleted ones included.
    pub(crate) fn len(&self) -> usize {
        self.attrs.len()
    }

    /// Returns the attribute with an id, deleted or not.
    pub(crate) fn known(&self, id: Uuid) -> Option<&Arc<StoredAttr>> {
        self.by_id.get(&id).map(|index| &self.attrs[*index])
    }

    /// Adds an attribute, or replaces the one with its id.
    pub(super) fn put(&mut self, stored: StoredAttr) {
        if let Some(index) = self.by_id.get(&stored.attr.id).copied() {
            let is_named_as_before = self.attrs[index].is_named_as(&stored);
            self.attrs[index] = Arc::new(stored);
            // Most changes are notes of types that were seen.
            if !is_named_as_before {
                self.by_name.clear();
                (0..self.attrs.len()).for_each(|index| self.name(index));
            }
        } else {
            let index = self.attrs.len();
            self.by_id.insert(stored.attr.id, index);
            self.attrs.push(Arc::new(stored));
            self.name(index);
        }
    }

    pub(super) fn load(conn: &Connection, app: i64) -> Result<Self, ApiError> {
        let sql = "SELECT key, place, record FROM attrs WHERE app = ?1 ORDER BY key";
        let mut statement = conn.prepare_cached(sql)?;
        let mut rows = statement.query([app])?;
        let mut catalog = Self::default();
        while let Some(row) = rows.next()? {
            catalog.put(StoredAttr::from_row(row)?);
        }
        Ok(catalog)
    }

    fn sides<'a>(
        &'a self,
        entity: &str,
        side: Direction,
    ) -> impl Iterator<Item = &'a Arc<StoredAttr>> + use<'a> {
        let labels = self.by_name.get(entity).into_iter().flat_map(IndexMap::values);
        labels.filter(move |(_, direction)| *direction == side).map(|(index, _)| &self.attrs[*index])
    }

    fn name(&mut self, index: usize) {
        let stored = &self.attrs[index];
        if stored.is_deleted() {
            return;
        }
        let forward = Some((&stored.attr.forward_identity, Direction::Forward));
        let reverse = stored.attr.reverse_identity.as_ref().map(|identity| (identity, Direction::Reverse));
        for (identity, direction) in forward.into_iter().chain(reverse) {
            let labels = self.by_name.entry(identity.entity().to_owned()).or_default();
            // A link from an entity type to itself under one label reads forward.
            labels.entry(identity.label().to_owned()).or_insert((index, direction));
        }
    }
}

impl StoredAttr {
    /// Whether both are found under the same names.
    fn is_named_as(&self, other: &Self) -> bool {
        let names = |stored: &Self| {
            let attr = &stored.attr;
            (attr.forward_identity.clone(), attr.reverse_identity.clone(), stored.is_deleted())
        };
        names(self) == names(other)
    }

    /// The entity type that owns it.
    pub fn entity(&self) -> &str {
        self.attr.forward_identity.entity()
    }

    /// Its label on that entity type.
    pub fn label(&self) -> &str {
        self.attr.forward_identity.label()
    }

    /// `users.email`: how messages name it.
    pub fn name(&self) -> String {
        format!("{}.{}", self.entity(), self.label())
    }

    /// Whether it is a link.
    pub fn is_link(&self) -> bool {
        self.attr.stored_as == StoredAs::Ref
    }

    /// Whether an entity has at most one value.
    pub fn is_one(&self) -> bool {
        self.attr.cardinality == Cardinality::One
    }

    /// Whether a link leads to at most one entity from that side.
    pub fn is_singular(&self, side: Direction) -> bool {
        match side {
            Direction::Forward => self.is_one(),
            Direction::Reverse => self.attr.unique,
        }
    }

    /// For a link: the entity type at the other end, seen from `side`.
    pub fn target(&self, side: Direction) -> &str {
        match (side, &self.attr.reverse_identity) {
            (Direction::Forward, Some(reverse)) => reverse.entity(),
            _ => self.entity(),
        }
    }

    /// The enforced type, if it has one.
    pub fn checked_type(&self) -> Option<CheckedType> {
        self.attr.checked_data_type
    }

    /// Whether every entity must have a value. `None` where nobody ever said so, as for the `id` that comes with an entity.
    pub(crate) fn required_flag(&self) -> Option<bool> {
        (self.attr.required || self.label() != "id").then_some(self.attr.required)
    }

    /// Whether it belongs to the system catalog.
    pub fn is_system(&self) -> bool {
        self.attr.catalog == "system"
    }

    /// Whether it was deleted. Its triples are kept.
    pub fn is_deleted(&self) -> bool {
        self.attr.deletion_marked_at.is_some()
    }

    /// Whether its values have sort keys and an index.
    pub(crate) fn is_ranked(&self) -> bool {
        self.place == Place::Blobs && (self.attr.indexed || self.attr.unique)
    }

    /// Whether entities without a value get an explicit null.
    pub(crate) fn fills_nulls(&self) -> bool {
        self.place == Place::Blobs && self.attr.indexed && !self.is_system() && !self.is_deleted()
    }

    fn from_row(row: &Row<'_>) -> Result<Self, ApiError> {
        Self::from_columns(row.get(0)?, &row.get::<_, String>(1)?, &row.get::<_, String>(2)?)
    }

    pub(super) fn from_columns(key: i64, place: &str, record: &str) -> Result<Self, ApiError> {
        let place = Place::from_table(place)
            .ok_or_else(|| ApiError::internal(format!("an attribute in {place:?}")))?;
        Ok(Self { key, place, attr: shared(serde_json::from_str(record).map_err(ApiError::damaged)?) })
    }
}

/// The records of the system catalog by their ids, which every app has rows for.
static SYSTEM: LazyLock<HashMap<Uuid, Arc<Attr>>> =
    LazyLock::new(|| catalog::attrs().iter().map(|attr| (attr.id, Arc::new(attr.clone()))).collect());

/// Returns the one copy in memory of a record of the system catalog, whatever the file says of it: it may be of an
/// earlier version of this program. Other records are kept as they are.
fn shared(attr: Attr) -> Arc<Attr> {
    SYSTEM.get(&attr.id).map_or_else(|| Arc::new(attr), Arc::clone)
}

impl Place {
    /// Where the triples of a new attribute belong.
    pub(super) fn of(attr: &Attr) -> Self {
        match attr.stored_as {
            StoredAs::Ref => Self::Refs,
            StoredAs::Blob if attr.forward_identity.label() == "id" => Self::Entities,
            StoredAs::Blob => Self::Blobs,
        }
    }

    pub(super) fn table(self) -> &'static str {
        match self {
            Self::Entities => "entities",
            Self::Blobs => "blobs",
            Self::Refs => "refs",
        }
    }

    fn from_table(table: &str) -> Option<Self> {
        [Self::Entities, Self::Blobs, Self::Refs].into_iter().find(|place| place.table() == table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{NewApp, ReadTx, Store};

    #[tokio::test]
    async fn apps_share_the_records_of_the_system_catalog() {
        let store = Store::in_memory().unwrap();
        let mut attrs = Vec::new();
        for title in ["one", "two"] {
            let app = store.create_app(NewApp::new(title)).await.unwrap();
            let read = |tx: &ReadTx<'_>| {
                Ok(tx.catalog().iter().map(|stored| Arc::clone(&stored.attr)).collect::<Vec<_>>())
            };
            attrs.push(store.read(app.id, read).await.unwrap());
        }
        let [one, two] = &attrs[..] else { unreachable!("two apps were read") };
        assert_eq!(one.len(), catalog::attrs().len());
        assert!(one.iter().zip(two).all(|(one, two)| Arc::ptr_eq(one, two)));
    }
}
