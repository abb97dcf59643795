//! `ref`: the values at the end of a path of links, read for many entities in one statement.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::rc::Rc;

use instant_schema::Direction;
use rusqlite::types::Value as SqlValue;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::error::ApiError;
use crate::store::{Place, ReadTx, id_value, parse};

/// How many values the `ref`s of one request may read.
pub(super) const MOST_VALUES: u64 = 2_000_000;

/// SQLite joins at most 64 tables.
const LONGEST: usize = 60;

/// The values at the end of a path, by the entity where it starts. Entities without a value are left out.
pub(super) type Values = HashMap<Uuid, Vec<Value>>;

/// Reads the values at the end of `path`, one per way that leads there, for entities of one type. `left` is how many more
/// values may be read.
///
/// The path is labels of links, from either side, then the label of an attribute.
///
/// # Errors
///
/// Fails with `record-not-found` on an unknown label, and with `validation-failed` on a path through something that is
/// no link, on one that ends in a link, and where there are too many values.
pub(super) fn values(
    tx: &ReadTx<'_>,
    etype: &str,
    path: &str,
    starts: &[Uuid],
    left: &mut u64,
) -> Result<Values, ApiError> {
    let sql = statement(tx, etype, path)?;
    let starts: Rc<Vec<SqlValue>> =
        Rc::new(starts.iter().map(|id| SqlValue::Blob(id.as_bytes().to_vec())).collect());
    let mut values = Values::with_capacity(starts.len());
    let mut statement = tx.connection().prepare_cached(&sql)?;
    let mut rows = statement.query([starts])?;
    while let Some(row) = rows.next()? {
        *left = left.checked_sub(1).ok_or_else(|| too_many(path))?;
        let value = match row.get_ref(1)? {
            rusqlite::types::ValueRef::Blob(_) => id_value(Uuid::from_bytes(row.get(1)?)),
            text => parse(text.as_str()?)?,
        };
        if !value.is_null() {
            values.entry(Uuid::from_bytes(row.get(0)?)).or_default().push(value);
        }
    }
    Ok(values)
}

/// The statement for a path: from the entities of its parameter to pairs of entity and value.
fn statement(tx: &ReadTx<'_>, etype: &str, path: &str) -> Result<String, ApiError> {
    let labels: Vec<&str> = path.split('.').collect();
    let Some((last, links)) = labels.split_last() else { return Err(unknown(etype, path)) };
    if links.len() > LONGEST {
        let message =
            format!("A path of `ref` may have {LONGEST} links at most, but this one has {}.", links.len());
        return Err(ApiError::invalid("query", Value::Null, message));
    }
    let (mut etype, mut from) = (etype, "start.value".to_owned());
    let mut joins = String::new();
    for (nth, label) in links.iter().enumerate() {
        let (stored, side) = tx.catalog().resolve(etype, label).ok_or_else(|| unknown(etype, label))?;
        if !stored.is_link() {
            let input = serde_json::to_value(&*stored.attr).unwrap_or_default();
            let message = format!("{etype}.{label} needs to be a link");
            return Err(ApiError::invalid("attr", input, message));
        }
        let (near, far, index) = match side {
            Direction::Forward => ("source", "target", ""),
            Direction::Reverse => ("target", "source", " INDEXED BY refs_by_target"),
        };
        let key = stored.key;
        let _ =
            write!(joins, " CROSS JOIN refs l{nth}{index} ON l{nth}.attr = {key} AND l{nth}.{near} = {from}");
        from = format!("l{nth}.{far}");
        etype = stored.target(side);
    }
    let (stored, _) = tx.catalog().resolve(etype, last).ok_or_else(|| unknown(etype, last))?;
    let key = stored.key;
    let (value, join) = match stored.place {
        Place::Entities => {
            ("last.entity", format!("CROSS JOIN entities last ON last.attr = {key} AND last.entity = {from}"))
        }
        Place::Blobs => {
            ("last.value", format!("CROSS JOIN blobs last ON last.entity = {from} AND last.attr = {key}"))
        }
        Place::Refs => return Err(ends_in_link(path, &labels)),
    };
    Ok(format!("SELECT start.value, {value} FROM rarray(?1) start{joins} {join}"))
}

fn unknown(etype: &str, label: &str) -> ApiError {
    ApiError::record_not_found("attr", vec![json!(etype), json!(label)])
}

/// The official server looks for the value of a link, and says so in terms of its own query.
fn ends_in_link(path: &str, labels: &[&str]) -> ApiError {
    let last = labels.last().copied().unwrap_or(path);
    let at: Vec<&str> = labels.iter().copied().chain(["where", "$"]).collect();
    let message = format!("Expected {last} to be a uuid, got \"?_value-0\"");
    ApiError::validation(
        "query",
        Value::Null,
        vec![json!({ "expected": "uuid?", "in": at, "message": message })],
    )
}

fn too_many(path: &str) -> ApiError {
    let message = format!(
        "The rules of one request may read {MOST_VALUES} values, those of a transaction half as many. These read more, the \
         last of them through `ref('{path}')`. Ask for fewer entities, \
         or write a rule that follows links to fewer values."
    );
    ApiError::rule_too_costly(message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{NewApp, Store, Triple, WriteTx};

    fn id(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    /// A user, 1, with the guests 2 and 3, of whom 3 has no email.
    async fn users() -> (Store, Uuid) {
        let store = Store::in_memory().unwrap();
        let app = store.create_app(NewApp::new("users")).await.unwrap().id;
        let write = |tx: &mut WriteTx<'_>| {
            let catalog = tx.catalog().clone();
            let triple = |entity, label: &str, value: Value| {
                let attr = catalog.forward("$users", label).unwrap().attr.id;
                Triple { entity: id(entity), attr, value }
            };
            let mut triples: Vec<Triple> = (1..=3).map(|user| triple(user, "id", json!(id(user)))).collect();
            triples.extend([
                triple(1, "email", json!("one@b.co")),
                triple(2, "email", json!("two@b.co")),
                triple(2, "linkedPrimaryUser", json!(id(1))),
                triple(3, "linkedPrimaryUser", json!(id(1))),
            ]);
            tx.add(triples)
        };
        store.write(app, write).await.unwrap();
        (store, app)
    }

    /// The values at the end of a path that begins at users 1 and 2.
    async fn at(path: &'static str, most: u64) -> Result<Values, ApiError> {
        let (store, app) = users().await;
        let read = move |tx: &ReadTx<'_>| {
            let mut left = most;
            values(tx, "$users", path, &[id(1), id(2)], &mut left)
        };
        store.read(app, read).await
    }

    #[tokio::test]
    async fn a_path_gives_one_value_for_each_way_that_ends_in_one() {
        let emails = at("linkedGuestUsers.email", 9).await.unwrap();
        assert_eq!(emails, Values::from([(id(1), vec![json!("two@b.co")])]));
        let back = at("linkedGuestUsers.linkedPrimaryUser.email", 9).await.unwrap();
        assert_eq!(back, Values::from([(id(1), vec![json!("one@b.co"), json!("one@b.co")])]));
        let own = at("email", 9).await.unwrap();
        let expected = [(id(1), vec![json!("one@b.co")]), (id(2), vec![json!("two@b.co")])];
        assert_eq!(own, Values::from(expected));
    }

    #[tokio::test]
    async fn a_path_must_lead_through_links_to_an_attribute() {
        let error = async |path| at(path, 9).await.unwrap_err();
        assert_eq!(error("zippy.email").await.hint()["args"], json!(["$users", "zippy"]));
        assert_eq!(error("linkedPrimaryUser.").await.hint()["args"], json!(["$users", ""]));
        let message = "Validation failed for attr: $users.email needs to be a link";
        assert_eq!(error("email.id").await.message(), message);
        let message =
            "Validation failed for query: Expected linkedPrimaryUser to be a uuid, got \"?_value-0\"";
        assert_eq!(error("linkedPrimaryUser").await.message(), message);
    }

    #[tokio::test]
    async fn a_rule_that_reads_too_much_is_stopped() {
        assert_eq!(at("linkedGuestUsers.id", 2).await.unwrap()[&id(1)].len(), 2);
        let error = at("linkedGuestUsers.id", 1).await.unwrap_err();
        assert_eq!(error.kind(), "permission-evaluation-failed");
        assert!(error.message().contains("through `ref('linkedGuestUsers.id')`"), "{}", error.message());
    }
}
