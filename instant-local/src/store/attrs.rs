//! Adds and deletes attributes.

use std::sync::Arc;

use instant_schema::{Attr, Cardinality, Identity, StoredAs, catalog};
use rusqlite::{Connection, params};
use serde_json::{Value, json};
use uuid::Uuid;

use super::catalog::{Place, StoredAttr};
use super::write::WriteTx;
use crate::{ApiError, json};

impl WriteTx<'_> {
    /// Adds an attribute. Adding one again with the same properties does nothing.
    ///
    /// Ids of attributes and of their names are unique over all apps, and stay so after the attribute is deleted.
    ///
    /// # Errors
    ///
    /// Fails with `validation-failed` on a name that is blank or reserved by the system, and on a required attribute of
    /// an entity type that has entities; with `record-not-unique` on a name that is taken; with `sql-raise` when an id
    /// belongs to something else.
    pub fn add_attr(&mut self, mut attr: Attr) -> Result<(), ApiError> {
        "user".clone_into(&mut attr.catalog);
        attr.deletion_marked_at = None;
        attr.metadata = None;
        check_names(&attr)?;
        if attr.required && self.has_any(attr.forward_identity.entity())? {
            let (entity, label) = (attr.forward_identity.entity(), attr.forward_identity.label());
            let message = format!(
                "Can't create attribute `{label}` as required because `{entity}` already have entities"
            );
            return Err(invalid(&attr, &message));
        }
        let is_new = self.is_new_name(&attr, &attr.forward_identity)?;
        if let Some(reverse) = &attr.reverse_identity {
            self.is_new_name(&attr, reverse)?;
            let forward = &attr.forward_identity;
            if (reverse.entity(), reverse.label()) == (forward.entity(), forward.label()) {
                return Err(ApiError::name_taken(reverse.entity(), reverse.label()));
            }
            if reverse.0 == forward.0 {
                return Err(other_attribute(reverse));
            }
        }
        // The official server looks at the attribute only where its name is new, or has the attribute's own id.
        if !is_new && attr.forward_identity.0 != attr.id {
            return Ok(());
        }
        if self.is_stored(&mut attr)? {
            return Ok(());
        }
        check_record(&attr)?;
        let stored = insert(self.conn, self.app().key, attr)?;
        self.know_attr(stored.clone());
        self.fill_nulls_of(&stored)
    }

    /// Whether a name that comes with a new attribute is not this attribute's yet. Fails if its id, or the name itself,
    /// is another attribute's.
    fn is_new_name(&self, attr: &Attr, name: &Identity) -> Result<bool, ApiError> {
        let known = self.catalog().known(attr.id);
        if known.is_some_and(|known| identities(&known.attr).any(|identity| identity == name)) {
            return Ok(false);
        }
        let used = "SELECT 1 FROM attrs WHERE record ->> '$.\"forward-identity\"[0]' = ?1
                    UNION ALL SELECT 1 FROM attrs WHERE record ->> '$.\"reverse-identity\"[0]' = ?1";
        if self.conn.prepare_cached(used)?.exists([name.0.to_string()])? {
            return Err(other_attribute(name));
        }
        match self.catalog().resolve(name.entity(), name.label()) {
            Some(_) => Err(ApiError::name_taken(name.entity(), name.label())),
            None => Ok(true),
        }
    }

    /// Whether the app has an attribute already. Fails if the id is that of a different one, of any app.
    fn is_stored(&self, attr: &mut Attr) -> Result<bool, ApiError> {
        if let Some(known) = self.catalog().known(attr.id) {
            // The types seen are the store's own note, so they do not make a difference.
            attr.inferred_types.clone_from(&known.attr.inferred_types);
            if *known.attr == *attr {
                return Ok(true);
            }
        } else {
            let sql = "SELECT 1 FROM attrs WHERE id = ?1";
            if !self.conn.prepare_cached(sql)?.exists([attr.id.as_bytes()])? {
                return Ok(false);
            }
        }
        let id = attr.id;
        Err(ApiError::sql_raise(&format!(
            "The attribute with id {id} conflicts with an existing attribute with id {id}."
        )))
    }

    /// Deletes an attribute softly: its name is free at once, its triples stay. Does nothing where the app has no such
    /// attribute of its own, or not any more.
    pub fn delete_attr(&mut self, id: Uuid) -> Result<(), ApiError> {
        let Some(old) = self.catalog().attr(id).filter(|stored| !stored.is_system()).cloned() else {
            return Ok(());
        };
        let mut attr = (*old.attr).clone();
        let id_attr = self.catalog().id_attr(old.entity()).map(|id_attr| id_attr.attr.id);
        attr.metadata = Some(json!({ "soft_delete_snapshot": {
            "is_indexed": attr.indexed, "is_required": old.required_flag(), "id_attr_id": id_attr,
        } }));
        let sql = "SELECT strftime('%Y-%m-%dT%H:%M:%SZ', ?1 / 1000, 'unixepoch')";
        attr.deletion_marked_at = Some(self.conn.query_row(sql, [self.now()], |row| row.get(0))?);
        let marked = format!("{id}_deleted$");
        for identity in
            [Some(&mut attr.forward_identity), attr.reverse_identity.as_mut()].into_iter().flatten()
        {
            identity.1.insert_str(0, &marked);
            identity.2.insert_str(0, &marked);
        }
        attr.indexed = false;
        attr.required = false;
        self.replace(&old, attr).map(|_| ())
    }

    /// Adds the types of values to those that the records of their attributes say were written. A value counts as it was
    /// asked for: a link to a lookup is a pair, hence json. The records of the system never change.
    pub fn note_types<'v>(
        &mut self,
        written: impl IntoIterator<Item = (Uuid, &'v Value)>,
    ) -> Result<(), ApiError> {
        for (attr, value) in written {
            let kind = match json::type_name(value) {
                "null" => continue,
                "array" | "object" => "json",
                scalar => scalar,
            };
            let Some(stored) = self.catalog().attr(attr).filter(|stored| !stored.is_system()) else {
                continue;
            };
            let seen = stored.attr.inferred_types.as_deref().unwrap_or_default();
            if seen.iter().any(|seen| seen == kind) {
                continue;
            }
            let mut stored = (**stored).clone();
            Arc::make_mut(&mut stored.attr).inferred_types.get_or_insert_default().push(kind.to_owned());
            self.put_attr(stored)?;
        }
        Ok(())
    }

    /// Writes the new record of an attribute and brings the index of its triples in line. Returns the attribute as it is
    /// stored now.
    pub(super) fn replace(&mut self, old: &StoredAttr, attr: Attr) -> Result<StoredAttr, ApiError> {
        check_record(&attr)?;
        let stored = StoredAttr { attr: Arc::new(attr), ..*old };
        if stored.attr == old.attr {
            return Ok(stored);
        }
        self.put_attr(stored.clone())?;
        let (new, old) = (&stored.attr, &old.attr);
        if (new.unique, new.indexed, new.cardinality, &new.checked_data_type)
            != (old.unique, old.indexed, old.cardinality, &old.checked_data_type)
        {
            self.rank_again(&stored)?;
        }
        Ok(stored)
    }

    pub(super) fn changeable(&self, id: Uuid) -> Result<StoredAttr, ApiError> {
        let stored = self.catalog().attr(id).ok_or_else(|| unknown(id))?;
        if stored.is_system() {
            let message = format!("{} is a system column. It can't be changed.", stored.name());
            return Err(invalid(&stored.attr, &message));
        }
        Ok((**stored).clone())
    }

    /// Whether any triple belongs to the entity type.
    fn has_any(&self, entity_type: &str) -> Result<bool, ApiError> {
        for stored in self.catalog().owned(entity_type) {
            let sql = match stored.place {
                Place::Entities => "SELECT 1 FROM entities WHERE attr = ?1",
                Place::Refs => "SELECT 1 FROM refs WHERE attr = ?1",
                // Values come with an `id` triple; without one, only an index finds them quickly.
                Place::Blobs if stored.is_ranked() => "SELECT 1 FROM blobs WHERE attr = ?1 AND ranked = 1",
                Place::Blobs => continue,
            };
            if self.conn.prepare_cached(sql)?.exists([stored.key])? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Gives a new app its own rows for the attributes of the system catalog.
pub(super) fn install_system(conn: &Connection, app: i64) -> Result<(), ApiError> {
    catalog::attrs().iter().try_for_each(|attr| insert(conn, app, attr.clone()).map(|_| ()))
}

fn insert(conn: &Connection, app: i64, attr: Attr) -> Result<StoredAttr, ApiError> {
    let place = Place::of(&attr);
    let record = serde_json::to_string(&attr).map_err(ApiError::internal)?;
    let sql = "INSERT INTO attrs (app, id, place, record) VALUES (?1, ?2, ?3, ?4)";
    conn.prepare_cached(sql)?.execute(params![app, attr.id.as_bytes(), place.table(), record])?;
    Ok(StoredAttr { attr: Arc::new(attr), place, key: conn.last_insert_rowid() })
}

pub(super) fn identities(attr: &Attr) -> impl Iterator<Item = &Identity> {
    [Some(&attr.forward_identity), attr.reverse_identity.as_ref()].into_iter().flatten()
}

/// Checks that the parts of a record fit together.
fn check_record(attr: &Attr) -> Result<(), ApiError> {
    if attr.required && catalog::is_system_entity(attr.forward_identity.entity()) {
        let message = "You can't create a required system attribute. Make sure it's optional. \
                       Check out the docs to learn more: https://www.instantdb.com/docs/modeling-data#required-constraints";
        return Err(ApiError::validation_with_hint(message, Value::Null));
    }
    let message = match (attr.stored_as, &attr.reverse_identity, attr.cardinality) {
        (StoredAs::Ref, None, _) => "A link needs a `reverse-identity`: its name on the entity it points to.",
        (StoredAs::Blob, Some(_), _) => {
            "Only links have a `reverse-identity`; leave it out, or make `value-type` `ref`."
        }
        (StoredAs::Blob, _, Cardinality::Many) => {
            "An attribute that is not a link has one value: `cardinality` must be `one`."
        }
        _ => return Ok(()),
    };
    Err(invalid(attr, message))
}

fn check_names(attr: &Attr) -> Result<(), ApiError> {
    for identity in identities(attr) {
        let (entity, label) = (identity.entity(), identity.label());
        if entity.trim().is_empty() || label.trim().is_empty() {
            return Err(invalid(attr, "Names of entities and attributes must not be blank."));
        }
        if let Some(refusal) = catalog::refusal(entity, label) {
            return Err(invalid(attr, &refusal));
        }
    }
    Ok(())
}

fn other_attribute(name: &Identity) -> ApiError {
    let (entity, label) = (name.entity(), name.label());
    ApiError::sql_raise(&format!("Another attribute for {entity}.{label} exists with different properties."))
}

fn unknown(id: Uuid) -> ApiError {
    ApiError::sql_raise(&format!("We could not find an attribute with id = '{id}'"))
}

fn invalid(attr: &Attr, message: &str) -> ApiError {
    ApiError::invalid("attributes", serde_json::to_value(attr).unwrap_or_default(), message)
}
