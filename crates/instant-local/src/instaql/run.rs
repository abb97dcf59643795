//! Running the forms of a query, level by level, and putting the tree together.

use std::cmp::Ordering;
use std::collections::HashMap;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::object::{self, Object};
use super::plan::{Plan, Planner};
use super::problem::Query;
use super::select::{self, Selected};
use super::sort::{self, Rank};
use super::{Access, Answer, Options, form};
use crate::ApiError;
use crate::store::ReadTx;

/// Runs an InstaQL query on a snapshot of an app.
///
/// The number of statements depends on the number of forms in the query, not on how many entities it finds.
///
/// Fails with `validation-failed` where the query is wrong: the hint has the query, what was expected, and where.
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// use instant_local::{Store, instaql, store::NewApp};
/// use serde_json::json;
///
/// let store = Store::in_memory()?;
/// let app = store.create_app(NewApp::new("Empty")).await?;
/// let query = json!({ "$users": { "$": { "where": { "email": "a@b.c" } } } });
/// let answer = store.read(app.id, move |tx| instaql::run(tx, &query, instaql::Options::admin())).await?;
/// assert_eq!(answer.tree["$users"], json!([]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
pub fn run(tx: &ReadTx<'_>, query: &Value, options: Options<'_>) -> Result<Answer, ApiError> {
    let query = without_rule_params(query);
    let forms = form::parse(&query)?;
    let planner = Planner { catalog: tx.catalog(), query: Query(&query), access: &options.access };
    let plans = planner.roots(forms)?;
    let runner = Runner { tx, options };
    let mut answer = Answer::default();
    let mut objects = 0;
    for plan in &plans {
        runner.root(plan, &mut answer, &mut objects)?;
    }
    Ok(answer)
}

/// How many objects a tree may have. One entity may appear in it many times, below many parents.
const MOST_OBJECTS: u64 = 5_000_000;

struct Runner<'a> {
    tx: &'a ReadTx<'a>,
    options: Options<'a>,
}

/// An entity of one form, with all that is below it.
struct Node {
    rank: Rank,
    value: Value,
    /// How many objects it consists of.
    size: u64,
}

impl Runner<'_> {
    fn root(&self, plan: &Plan, answer: &mut Answer, objects: &mut u64) -> Result<(), ApiError> {
        if plan.count {
            let count = select::count(self.tx, plan)?;
            answer.aggregate.insert(plan.key.clone(), json!({ "count": count }));
            answer.tree.insert(plan.key.clone(), Value::Array(Vec::new()));
            return Ok(());
        }
        let selection = select::roots(self.tx, plan)?;
        let mut nodes = self.nodes(plan, selection.rows.iter().map(|row| row.entity).collect())?;
        if plan.page.is_some() {
            let visible: Vec<&Selected> =
                selection.rows.iter().filter(|row| nodes.contains_key(&row.entity)).collect();
            let cursor = |row: Option<&&Selected>| row.map_or(Ok(Value::Null), |row| row.cursor(plan));
            let info = json!({
                "start-cursor": cursor(visible.first())?,
                "end-cursor": cursor(visible.last())?,
                "has-next-page?": selection.has_next,
                "has-previous-page?": selection.has_previous,
            });
            answer.page_info.insert(plan.key.clone(), info);
        }
        *objects = nodes.values().fold(*objects, |sum, node| sum.saturating_add(node.size));
        check_size(*objects)?;
        let mut nodes: Vec<Node> = nodes.drain().map(|(_, node)| node).collect();
        nodes.sort_unstable_by(|a, b| compare(plan, &a.rank, &b.rank));
        answer.tree.insert(plan.key.clone(), nodes.into_iter().map(|node| node.value).collect());
        Ok(())
    }

    /// The visible ones of these entities, with what is below them.
    fn nodes(&self, plan: &Plan, ids: Vec<Uuid>) -> Result<HashMap<Uuid, Node>, ApiError> {
        let objects = self.objects(plan, ids)?;
        let mut nodes: HashMap<Uuid, Node> = objects
            .into_iter()
            .map(|(id, object)| {
                let rank = sort::rank(self.tx.catalog(), &plan.entity, plan.order.as_ref(), id, &object);
                (id, Node { rank, value: Value::Object(object.record), size: 1 })
            })
            .collect();
        for child in &plan.children {
            self.attach(child, &mut nodes)?;
        }
        Ok(nodes)
    }

    /// Puts the entities of a nested form under its key in each parent.
    fn attach(&self, plan: &Plan, parents: &mut HashMap<Uuid, Node>) -> Result<(), ApiError> {
        let pairs = if parents.is_empty() {
            Vec::new()
        } else {
            select::children(self.tx, plan, parents.keys().copied())?
        };
        let children = self.nodes(plan, pairs.iter().map(|(_, child)| *child).collect())?;
        let mut lists: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
        for (parent, child) in pairs.into_iter().filter(|(_, child)| children.contains_key(child)) {
            lists.entry(parent).or_default().push(child);
        }
        let singular =
            self.options.inference && plan.link.as_ref().is_some_and(|(link, side)| link.is_singular(*side));
        let scoped = matches!(self.options.access, Access::Scoped(_));
        let size = |id: &Uuid| children.get(id).map_or(0, |child| child.size);
        // Before anything is copied: a child that many parents share counts for each.
        let total = lists.values().flatten().fold(0_u64, |sum, id| sum.saturating_add(size(id)));
        check_size(total)?;
        for (id, parent) in parents {
            let Value::Object(record) = &mut parent.value else { continue };
            let mut list = lists.remove(id).unwrap_or_default();
            if scoped && list.is_empty() {
                record.shift_remove(&plan.key);
                continue;
            }
            list.sort_unstable_by(|a, b| compare(plan, &children[a].rank, &children[b].rank));
            let value = if singular {
                list.first().map_or(Value::Null, |only| children[only].value.clone())
            } else {
                list.iter().map(|child| children[child].value.clone()).collect()
            };
            parent.size = list.iter().fold(parent.size, |sum, child| sum.saturating_add(size(child)));
            record.insert(plan.key.clone(), value);
        }
        Ok(())
    }

    /// The visible ones of these entities as the form shows them.
    fn objects(&self, plan: &Plan, ids: Vec<Uuid>) -> Result<HashMap<Uuid, Object>, ApiError> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let is_file = plan.entity == "$files";
        let shown = |label: &str| {
            label == "id"
                || plan.fields.as_ref().is_none_or(|fields| fields.iter().any(|field| field == label))
        };
        // Views judge whole records, and a file's url is made of fields that may not be asked for.
        let whole = is_file || matches!(self.options.access, Access::Scoped(_));
        let mut objects = object::read(self.tx, &plan.entity, ids, |label| whole || shown(label))?;
        if let Access::Scoped(view) = self.options.access {
            // A link may lead to what is no entity; a view has nothing to judge there, so it is hidden.
            let known = objects.iter_mut().filter(|(_, object)| !object.record.is_empty());
            let records = known.map(|(id, object)| (*id, std::mem::take(&mut object.record))).collect();
            let visible = view.filter(self.tx, &plan.entity, records)?;
            let created = |id: &Uuid| objects.get(id).and_then(|object| object.created);
            objects = visible
                .into_iter()
                .map(|(id, record)| (id, Object { created: created(&id), record }))
                .collect();
        }
        if whole {
            for object in objects.values_mut() {
                if let Some(url) =
                    self.options.file_url.filter(|_| is_file).and_then(|url| url(&object.record))
                {
                    object.record.insert("url".to_owned(), Value::String(url));
                }
                object.record.retain(|label, _| shown(label));
            }
        }
        Ok(objects)
    }
}

fn compare(plan: &Plan, a: &Rank, b: &Rank) -> Ordering {
    let ascending = a.compare(b);
    if plan.order.as_ref().is_some_and(|order| order.descending) { ascending.reverse() } else { ascending }
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

/// Parameters for rules are no part of what is asked.
fn without_rule_params(query: &Value) -> Value {
    match query {
        Value::Object(forms) => {
            let forms = forms.iter().filter(|(key, _)| *key != "$$ruleParams");
            Value::Object(forms.map(|(key, form)| (key.clone(), form.clone())).collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}
