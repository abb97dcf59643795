//! Running the forms of a query, level by level, and putting the tree together.

use std::collections::HashMap;

use instant_schema::instaql::RULE_PARAMS;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::object::{self, Object};
use super::parse::parse;
use super::plan::{Plan, Planner};
use super::problem::Query;
use super::select::{self, Selected};
use super::sort::{self, Rank};
use super::{Access, Answer, Options};
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
/// use instant_local::instaql;
/// use instant_local::store::{NewApp, Store};
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
    if nests_deeper_than(query, DEEPEST) {
        // Not echoed: whoever walks it next may run out of stack.
        let message = format!("The query is nested more than {DEEPEST} levels deep.");
        return Err(ApiError::invalid("query", Value::Null, message));
    }
    let query = without_rule_params(query);
    let forms = parse(&query)?;
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

/// How deep a query may be as JSON: forms, and conditions in the deepest of them.
const DEEPEST: usize = 300;

struct Runner<'a> {
    tx: &'a ReadTx<'a>,
    options: Options<'a>,
}

/// The entities of one form, and what is below them.
struct Level<'p> {
    plan: &'p Plan,
    nodes: HashMap<Uuid, Node>,
    children: Vec<Branch<'p>>,
}

/// An entity as its form shows it.
struct Node {
    rank: Rank,
    record: Map<String, Value>,
    /// How many objects it becomes with all that is below it.
    size: u64,
}

/// The entities of a nested form, and whose children they are.
struct Branch<'p> {
    level: Level<'p>,
    /// For each parent its children in order.
    lists: HashMap<Uuid, Vec<Uuid>>,
    /// Whether a parent has one object or null, not a list.
    singular: bool,
    /// Whether a parent without children lacks the key.
    hides_empty: bool,
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
        let level = self.level(plan, selection.rows.iter().map(|row| row.entity).collect())?;
        if plan.page.is_some() {
            let is_visible = |row: &&Selected| level.nodes.contains_key(&row.entity);
            let visible: Vec<&Selected> = selection.rows.iter().filter(is_visible).collect();
            let cursor = |row: Option<&&Selected>| row.map_or(Ok(Value::Null), |row| row.cursor(plan));
            let info = json!({
                "start-cursor": cursor(visible.first())?,
                "end-cursor": cursor(visible.last())?,
                "has-next-page?": selection.has_next,
                "has-previous-page?": selection.has_previous,
            });
            answer.page_info.insert(plan.key.clone(), info);
        }
        *objects = level.nodes.values().fold(*objects, |sum, node| sum.saturating_add(node.size));
        check_size(*objects)?;
        let list = level.sorted(level.nodes.keys().copied().collect());
        answer.tree.insert(plan.key.clone(), list.iter().map(|id| level.object(*id)).collect());
        Ok(())
    }

    /// Reads the visible ones of these entities, and what is below them.
    fn level<'p>(&self, plan: &'p Plan, ids: Vec<Uuid>) -> Result<Level<'p>, ApiError> {
        let nodes = self.objects(plan, ids)?.into_iter().map(|(id, object)| {
            let rank = sort::rank(self.tx.catalog(), &plan.entity, plan.order.as_ref(), id, &object);
            (id, Node { rank, record: object.record, size: 1 })
        });
        let mut nodes: HashMap<Uuid, Node> = nodes.collect();
        let mut children = Vec::with_capacity(plan.children.len());
        for child in &plan.children {
            let branch = self.branch(child, nodes.keys().copied())?;
            for (parent, list) in &branch.lists {
                let size = list.iter().fold(0_u64, |sum, id| sum.saturating_add(branch.level.nodes[id].size));
                if let Some(parent) = nodes.get_mut(parent) {
                    parent.size = parent.size.saturating_add(size);
                }
            }
            children.push(branch);
        }
        Ok(Level { plan, nodes, children })
    }

    fn branch<'p>(
        &self,
        plan: &'p Plan,
        parents: impl ExactSizeIterator<Item = Uuid>,
    ) -> Result<Branch<'p>, ApiError> {
        let pairs = if parents.len() == 0 { Vec::new() } else { select::children(self.tx, plan, parents)? };
        let level = self.level(plan, pairs.iter().map(|(_, child)| *child).collect())?;
        let mut lists: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
        for (parent, child) in pairs.into_iter().filter(|(_, child)| level.nodes.contains_key(child)) {
            lists.entry(parent).or_default().push(child);
        }
        for list in lists.values_mut() {
            *list = level.sorted(std::mem::take(list));
        }
        let singular = plan.link.as_ref().is_some_and(|(link, side)| link.is_singular(*side));
        Ok(Branch {
            level,
            lists,
            singular: singular && self.options.inference,
            hides_empty: matches!(self.options.access, Access::Scoped(_)),
        })
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

impl Level<'_> {
    fn sorted(&self, mut ids: Vec<Uuid>) -> Vec<Uuid> {
        let descending = self.plan.order.as_ref().is_some_and(|order| order.descending);
        ids.sort_unstable_by(|a, b| {
            let ascending = self.nodes[a].rank.compare(&self.nodes[b].rank);
            if descending { ascending.reverse() } else { ascending }
        });
        ids
    }

    /// An entity with all that is below it.
    fn object(&self, id: Uuid) -> Value {
        let mut record = self.nodes[&id].record.clone();
        for branch in &self.children {
            let key = &branch.level.plan.key;
            let list = branch.lists.get(&id).map_or(&[][..], Vec::as_slice);
            let mut objects = list.iter().map(|child| branch.level.object(*child));
            if list.is_empty() && branch.hides_empty {
                // The raw id that a link to one leaves in the record is hidden with it.
                record.shift_remove(key);
            } else if branch.singular {
                record.insert(key.clone(), objects.next().unwrap_or_default());
            } else {
                record.insert(key.clone(), objects.collect());
            }
        }
        Value::Object(record)
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

/// Parameters for rules are no part of what is asked.
fn without_rule_params(query: &Value) -> Value {
    match query {
        Value::Object(forms) => {
            let forms = forms.iter().filter(|(key, _)| *key != RULE_PARAMS);
            Value::Object(forms.map(|(key, form)| (key.clone(), form.clone())).collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}
