//! Running the forms of a query, level by level.

use instant_schema::instaql::RULE_PARAMS;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::object::{self, Objects, Shape};
use super::parse::parse;
use super::plan::{Page, Plan, Planner};
use super::problem::Query;
use super::tree::{Lists, Nested, Written};
use super::visible::Sight;
use super::walk::Selected;
use super::{Access, Answer, FileUrl, Options, cursor, select, sort};
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
    let sight = match options.access {
        Access::Admin => None,
        Access::Scoped(view) => Some(Sight::of(tx, view)),
    };
    let mut runner = Runner { tx, options, sight, objects: 0 };
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
const DEEPEST: usize = 500;

struct Runner<'a> {
    tx: &'a ReadTx<'a>,
    options: Options<'a>,
    /// What the asker sees; everything where there is none.
    sight: Option<Sight<'a>>,
    /// How many objects the forms before this one have.
    objects: u64,
}

/// The entities of one form, written with all that is below them.
struct Level {
    /// The visible ones, ascending.
    ids: Vec<Uuid>,
    /// Which of them a root form lists, where not all.
    listed: Option<Vec<bool>>,
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
            if let Some(count) = select::count(self.tx, plan)? {
                answer.aggregate.insert(plan.key.clone(), json!({ "count": count }));
            }
            answer.tree.push_str("[]");
            return Ok(());
        }
        let mut level = match &plan.page {
            None => self.listed(plan, select::all(self.tx, plan)?)?,
            Some(page) => {
                let rows = select::page(self.tx, plan, page)?;
                let ids = rows.rows.iter().map(|row| row.position.entity).collect();
                let level = self.listed(plan, ids)?;
                let info = self.page_info(page, &rows, &level)?;
                answer.page_info.insert(plan.key.clone(), info);
                level
            }
        };
        self.objects += level.sizes.iter().sum::<u64>();
        level.written.write_list(&std::mem::take(&mut level.order), &mut answer.tree);
        Ok(())
    }

    /// Reads a root form, with those of these entities that are found by what is visible.
    fn listed(&self, plan: &Plan, mut ids: Vec<Uuid>) -> Result<Level, ApiError> {
        ids.sort_unstable();
        ids.dedup();
        let Some(sight) = &self.sight else { return self.level(plan, &ids) };
        let found = sight.found(plan, ids.clone())?;
        let mut level = self.level(plan, &ids)?;
        let is_found: Vec<bool> = level.ids.iter().map(|id| found.binary_search(id).is_ok()).collect();
        level.order.retain(|index| is_found[*index]);
        level.listed = Some(is_found);
        Ok(level)
    }

    /// The cursors of the first and the last visible row, and whether there are rows beyond.
    fn page_info(&self, page: &Page, rows: &select::PageRows, level: &Level) -> Result<Value, ApiError> {
        let is_visible = |row: &&Selected| match level.ids.binary_search(&row.position.entity) {
            Ok(index) => level.listed.as_ref().is_none_or(|listed| listed[index]),
            Err(_) => false,
        };
        let cursor = |row: Option<&Selected>| {
            let write = |row| cursor::write(self.tx, &page.id_attr, page.order.as_deref(), row);
            row.map_or(Ok(Value::Null), write)
        };
        Ok(json!({
            "start-cursor": cursor(rows.rows.iter().find(is_visible))?,
            "end-cursor": cursor(rows.rows.iter().rfind(is_visible))?,
            "has-next-page?": rows.has_next,
            "has-previous-page?": rows.has_previous,
        }))
    }

    /// Reads the visible ones of these entities, which are ascending and distinct, and what is below them.
    fn level(&self, plan: &Plan, all: &[Uuid]) -> Result<Level, ApiError> {
        let objects = self.objects(plan, all)?;
        let ids: Vec<Uuid> = objects.list.iter().map(|object| object.id).collect();
        let mut sizes = vec![1_u64; ids.len()];
        let mut nested = Vec::with_capacity(plan.children.len());
        for child in &plan.children {
            nested.push(self.nested(child, all, &ids, &mut sizes)?);
        }
        // Checked before the text is written, which may be far longer than what was read.
        check_size(sizes.iter().fold(self.objects, |sum, size| sum.saturating_add(*size)))?;
        let descending = plan.order.as_ref().is_some_and(|order| order.descending);
        let order = sort::order(objects.list.iter().map(|object| &object.key), descending);
        Ok(Level { ids, listed: None, order, sizes, written: Written::of(objects, &nested) })
    }

    /// Reads the entities of a nested form, and adds their number to the sizes of their parents. Rules apply to what is below
    /// hidden parents too, so they are among `all`; `parents` are the visible ones.
    fn nested(
        &self,
        plan: &Plan,
        all: &[Uuid],
        parents: &[Uuid],
        sizes: &mut [u64],
    ) -> Result<Nested, ApiError> {
        let mut pairs =
            if all.is_empty() { Vec::new() } else { select::children(self.tx, plan, all.iter().copied())? };
        let mut ids: Vec<Uuid> = pairs.iter().map(|(_, child)| *child).collect();
        // In the order of the tables, so that their pages are read once and in a row.
        ids.sort_unstable();
        ids.dedup();
        let shown = match &self.sight {
            None => None,
            Some(sight) => {
                let found = sight.pairs(plan, &pairs)?;
                let mut found = found.into_iter();
                pairs.retain(|_| found.next().unwrap_or(false));
                let mut shown = vec![false; parents.len()];
                for (parent, _) in &pairs {
                    if let Ok(parent) = parents.binary_search(parent) {
                        shown[parent] = true;
                    }
                }
                Some(shown)
            }
        };
        let level = self.level(plan, &ids)?;
        let mut places = vec![0; level.order.len()];
        for (place, index) in level.order.iter().enumerate() {
            places[*index] = place;
        }
        // Hidden children are in no level, and hidden parents not among the parents.
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
            shown,
        })
    }

    /// The visible ones of these entities as the form shows them.
    fn objects(&self, plan: &Plan, all: &[Uuid]) -> Result<Objects, ApiError> {
        if all.is_empty() {
            return Ok(Objects::default());
        }
        let catalog = self.tx.catalog();
        let file_url = self.options.file_url.filter(|_| plan.entity == "$files");
        // The url of a file is made of fields that may not be asked for.
        let mut shape = Shape::of(plan, catalog, file_url.is_some());
        let objects = match &self.sight {
            None => shape.read(self.tx, all)?,
            Some(sight) => {
                let visible = sight.entities(&plan.entity, all)?;
                shape.hide(catalog, &plan.entity, |attr| sight.hidden_values(attr, all))?;
                let mut objects = shape.read(self.tx, &visible)?;
                // A link may lead to an id that no entity has; there is nothing to judge, so it is hidden.
                objects.retain_with_members();
                objects
            }
        };
        match file_url {
            None => Ok(objects),
            Some(url) => with_urls(&Shape::of(plan, catalog, false), &objects, url),
        }
    }
}

/// The objects of files as `shape` shows them, with their urls. `whole` are the same with all of their members.
fn with_urls(shape: &Shape<'_>, whole: &Objects, url: &FileUrl<'_>) -> Result<Objects, ApiError> {
    let mut shown = Vec::with_capacity(whole.list.len());
    for object in &whole.list {
        let (id, mut record) = whole.record(object)?;
        if let Some(url) = url(&record) {
            record.insert("url".to_owned(), Value::String(url));
        }
        record.retain(|label, _| shape.shows(label));
        shown.push((id, object.created, record));
    }
    shape.write(shown)
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
