//! Running the forms of a query, level by level.

use std::collections::BTreeMap;

use instant_schema::instaql::RULE_PARAMS;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::object::{self, Objects, Shape};
use super::parse::parse;
use super::plan::{Plan, Planner};
use super::problem::Query;
use super::tree::{Lists, Nested, Written};
use super::walk::Selected;
use super::{Access, Answer, Options, select, sort};
use crate::ApiError;
use crate::store::ReadTx;

/// Runs an InstaQL query on a snapshot of an app.
///
/// The number of statements depends on the number of forms in the query, not on how many entities it finds.
///
/// # Errors
///
/// Fails with `validation-failed` where the query is wrong; the hint has the query, what was expected, and where. Fails
/// with `timeout` where it takes longer than a read may take.
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// use instant_local::instaql;
/// use instant_local::store::{NewApp, Store};
/// use serde_json::json;
///
/// let store = Store::in_memory()?;
/// let app = store.create_app(NewApp::new("Empty")).await?;
/// let query = json!({ "$users": { "$": { "where": { "email": "a@b.c" } } } });
/// let answer = store.read(app.id, move |tx| instaql::run(tx, &query, instaql::Options::admin())).await?;
/// assert_eq!(answer.tree, r#"{"$users":[]}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
pub fn run(tx: &ReadTx<'_>, query: &Value, options: Options<'_>) -> Result<Answer, ApiError> {
    if nests_deeper_than(query, DEEPEST) {
        // The query is not echoed: code that walks it could run out of stack.
        let message = format!("The query is nested more than {DEEPEST} levels deep.");
        return Err(ApiError::invalid("query", Value::Null, message));
    }
    let query = without_rule_params(query);
    let forms = parse(&query)?;
    let planner = Planner { catalog: tx.catalog(), query: Query(&query), access: &options.access };
    let plans = planner.roots(forms)?;
    let mut runner = Runner { tx, options, objects: 0 };
    let mut answer = Answer::default();
    for plan in &plans {
        runner.root(plan, &mut answer)?;
    }
    answer.tree = match answer.tree.strip_prefix(',') {
        Some(members) => format!("{{{members}}}"),
        None => "{}".to_owned(),
    };
    Ok(answer)
}

/// How many objects a tree may have. One entity may appear in it many times, below many parents.
const MOST_OBJECTS: u64 = 5_000_000;

/// How deep the JSON of a query may be: forms, and conditions in the deepest of them.
const DEEPEST: usize = 300;

struct Runner<'a> {
    tx: &'a ReadTx<'a>,
    options: Options<'a>,
    /// How many objects the forms before this one have.
    objects: u64,
}

/// The entities of one form, written with all that is below them.
struct Level {
    /// The visible ones, ascending.
    ids: Vec<Uuid>,
    /// Their indexes, in the order of the form.
    order: Vec<usize>,
    /// How many objects each of them is, with all that is below it.
    sizes: Vec<u64>,
    written: Written,
}

impl Runner<'_> {
    fn root(&mut self, plan: &Plan, answer: &mut Answer) -> Result<(), ApiError> {
        answer.tree.push_str(&object::head(&plan.key));
        if plan.count {
            let count = select::count(self.tx, plan)?;
            answer.aggregate.insert(plan.key.clone(), json!({ "count": count }));
            answer.tree.push_str("[]");
            return Ok(());
        }
        let level = match &plan.page {
            None => self.level(plan, select::all(self.tx, plan)?)?,
            Some(page) => {
                let page = select::page(self.tx, plan, page)?;
                let ids = page.rows.iter().map(|row| row.position.entity).collect();
                let level = self.level(plan, ids)?;
                let info = self.page_info(plan, &page, &level)?;
                answer.page_info.insert(plan.key.clone(), info);
                level
            }
        };
        self.objects += level.sizes.iter().sum::<u64>();
        level.written.write_list(&level.order, &mut answer.tree);
        Ok(())
    }

    /// The cursors of the first and the last visible row, and whether there are rows beyond.
    fn page_info(&self, plan: &Plan, page: &select::PageRows, level: &Level) -> Result<Value, ApiError> {
        let is_visible = |row: &&Selected| level.ids.binary_search(&row.position.entity).is_ok();
        let cursor =
            |row: Option<&Selected>| row.map_or(Ok(Value::Null), |row| select::cursor(self.tx, plan, row));
        Ok(json!({
            "start-cursor": cursor(page.rows.iter().find(is_visible))?,
            "end-cursor": cursor(page.rows.iter().rfind(is_visible))?,
            "has-next-page?": page.has_next,
            "has-previous-page?": page.has_previous,
        }))
    }

    /// Reads the visible ones of these entities and what is below them.
    fn level(&self, plan: &Plan, ids: Vec<Uuid>) -> Result<Level, ApiError> {
        let objects = self.objects(plan, ids)?;
        let ids: Vec<Uuid> = objects.list.iter().map(|object| object.id).collect();
        let mut sizes = vec![1_u64; ids.len()];
        let mut nested = Vec::with_capacity(plan.children.len());
        for child in &plan.children {
            nested.push(self.nested(child, &ids, &mut sizes)?);
        }
        // Checked before the text is written, which may be far longer than what was read.
        check_size(sizes.iter().fold(self.objects, |sum, size| sum.saturating_add(*size)))?;
        let descending = plan.order.as_ref().is_some_and(|order| order.descending);
        let order = sort::order(objects.list.iter().map(|object| &object.key), descending);
        Ok(Level { ids, order, sizes, written: Written::of(objects, &nested) })
    }

    /// Reads the entities of a nested form, and adds their number to the sizes of their parents.
    fn nested(&self, plan: &Plan, parents: &[Uuid], sizes: &mut [u64]) -> Result<Nested, ApiError> {
        let mut pairs = if parents.is_empty() {
            Vec::new()
        } else {
            select::children(self.tx, plan, parents.iter().copied())?
        };
        let level = self.level(plan, pairs.iter().map(|(_, child)| *child).collect())?;
        let mut places = vec![0; level.order.len()];
        for (place, index) in level.order.iter().enumerate() {
            places[*index] = place;
        }
        // Hidden children are in no level.
        let mut children: Vec<(usize, usize)> = pairs
            .drain(..)
            .filter_map(|(parent, child)| {
                let child = level.ids.binary_search(&child).ok()?;
                Some((parents.binary_search(&parent).ok()?, places[child]))
            })
            .collect();
        children.sort_unstable();
        let children = children.into_iter().map(|(parent, place)| (parent, level.order[place]));
        let lists = Lists::of_pairs(parents.len(), children);
        for (parent, size) in sizes.iter_mut().enumerate() {
            for child in lists.of(parent) {
                *size = size.saturating_add(level.sizes[*child]);
            }
        }
        let singular = plan.link.as_ref().is_some_and(|(link, side)| link.is_singular(*side));
        Ok(Nested {
            head: object::head(&plan.key),
            written: level.written,
            lists,
            singular: singular && self.options.inference,
            hides_empty: matches!(self.options.access, Access::Scoped(_)),
        })
    }

    /// The visible ones of these entities as the form shows them.
    fn objects(&self, plan: &Plan, mut ids: Vec<Uuid>) -> Result<Objects, ApiError> {
        if ids.is_empty() {
            return Ok(Objects::default());
        }
        // In the order of the tables, so that their pages are read once and in a row.
        ids.sort_unstable();
        ids.dedup();
        let catalog = self.tx.catalog();
        let shape = Shape::of(plan, catalog, false);
        let file_url = self.options.file_url.filter(|_| plan.entity == "$files");
        let view = match self.options.access {
            Access::Admin => None,
            Access::Scoped(view) => Some(view),
        };
        if view.is_none() && file_url.is_none() {
            return shape.read(self.tx, &ids);
        }
        // Views judge whole records, and the url of a file is made of fields that may not be asked for.
        let whole = Shape::of(plan, catalog, true).read(self.tx, &ids)?;
        let mut records =
            whole.list.iter().map(|object| whole.record(object)).collect::<Result<Vec<_>, _>>()?;
        if let Some(view) = view {
            // A link may lead to an id that no entity has; a view has nothing to judge there, so it is hidden.
            records.retain(|(_, record)| !record.is_empty());
            records = view.filter(self.tx, &plan.entity, records)?;
        }
        let visible: BTreeMap<Uuid, Map<String, Value>> = records.into_iter().collect();
        let shown = visible.into_iter().map(|(id, mut record)| {
            if let Some(url) = file_url.and_then(|url| url(&record)) {
                record.insert("url".to_owned(), Value::String(url));
            }
            record.retain(|label, _| shape.shows(label));
            let known = whole.list.binary_search_by_key(&id, |object| object.id).ok();
            (id, known.and_then(|index| whole.list[index].created), record)
        });
        shape.write(shown)
    }
}

fn check_size(objects: u64) -> Result<(), ApiError> {
    if objects <= MOST_OBJECTS {
        return Ok(());
    }
    let message = format!(
        "The result would have more than {MOST_OBJECTS} objects. Narrow it with `where` or `limit`, or nest fewer links."
    );
    Err(ApiError::invalid("query", Value::Null, message))
}

fn nests_deeper_than(query: &Value, most: usize) -> bool {
    let mut rest = vec![(query, 1)];
    while let Some((value, depth)) = rest.pop() {
        if depth > most {
            return true;
        }
        match value {
            Value::Array(items) => rest.extend(items.iter().map(|item| (item, depth + 1))),
            Value::Object(members) => rest.extend(members.values().map(|member| (member, depth + 1))),
            _ => {}
        }
    }
    false
}

/// The query without the parameters for rules, which ask for nothing.
fn without_rule_params(query: &Value) -> Value {
    match query {
        Value::Object(forms) => {
            let forms = forms.iter().filter(|(key, _)| *key != RULE_PARAMS);
            Value::Object(forms.map(|(key, form)| (key.clone(), form.clone())).collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}
