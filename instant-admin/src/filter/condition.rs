//! Filters put together at run time, with the names and types of the schema.

use std::marker::PhantomData;

use instant_schema::instaql::Operator;
use serde_json::{Map, Value, json};

use crate::by_fields::by_fields;
use crate::entity::Entity;
use crate::error::Error;
use crate::sealed::Sealed;
use crate::value::{Invalid, ValueError};

/// A filter on entities of type `E` that grows at run time. All its conditions must hold; an empty one lets
/// everything through.
///
/// Each condition stands for itself: two conditions on `comments.text` may be met by two comments. (In one
/// `where` object of a query they would have to be met by the same one.)
///
/// ```
/// # mod schema { instant_admin::schema!(in = crate::schema, {"entities": {"posts": {"attrs": {
/// #     "title": {"valueType": "string", "required": true, "config": {"indexed": true, "unique": false}},
/// #     "views": {"valueType": "number", "required": false, "config": {"indexed": true, "unique": false}}
/// # }}}}); }
/// # fn main() {
/// use instant_admin::Where;
/// use schema::posts;
///
/// let (title, popular) = (Some("%rust%"), true);
/// let mut filter = Where::<schema::Post>::new();
/// if let Some(title) = title {
///     filter.and(posts::title().ilike(title));
/// }
/// if popular {
///     filter.and(posts::views().gt(1000).or(posts::views().is_null(true)));
/// }
/// assert_eq!(
///     filter.to_json().unwrap().to_string(),
///     r#"{"and":[{"title":{"$ilike":"%rust%"}},{"or":[{"views":{"$gt":1000}},{"views":{"$isNull":true}}]}]}"#
/// );
/// # }
/// ```
pub struct Where<E> {
    all: Vec<Condition<E>>,
}

/// A condition on entities of type `E`: one, or several joined with [`or`](Self::or), [`any`](Self::any) and
/// [`all`](Self::all).
#[must_use = "a condition does nothing until a filter has it"]
pub struct Condition<E> {
    node: Node,
    entity: PhantomData<fn() -> E>,
}

/// What is a condition on entities of type `E`: a [`Condition`] or a whole [`Where`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a condition on `{E}`",
    label = "expected a condition on an attribute or link of `{E}`",
    note = "an attribute becomes a condition once it is compared: `posts::published().eq(true)`",
    note = "what is further away is reached through links: `posts::author().dot(users::handle())`"
)]
pub trait IntoCondition<E> {
    #[doc(hidden)]
    const __SEALED: Sealed;

    /// The condition.
    fn into_condition(self) -> Condition<E>;
}

#[derive(Debug, Clone, PartialEq)]
enum Node {
    /// The JSON of one key: `{"views": {"$gt": 5}}`.
    Leaf(Result<Value, Invalid>),
    All(Vec<Node>),
    Any(Vec<Node>),
}

/// What a node comes to once the parts that always or never hold are taken out.
enum Reduced {
    Always,
    Never,
    Depends(Value),
}

impl<E: Entity> Where<E> {
    /// A filter that lets everything through.
    pub const fn new() -> Self {
        Self { all: Vec::new() }
    }

    /// Adds a condition: it must hold too.
    pub fn and(&mut self, condition: impl IntoCondition<E>) -> &mut Self {
        self.all.push(condition.into_condition());
        self
    }

    /// Whether there are no conditions.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The filter as the `where` of a query. The error names the attribute whose value cannot be written as JSON.
    pub fn to_json(&self) -> Result<Value, Error> {
        self.into_condition().to_json()
    }
}

impl<E: Entity> Condition<E> {
    /// One of the two must hold.
    pub fn or(self, other: impl IntoCondition<E>) -> Self {
        Self::any([self, other.into_condition()])
    }

    /// All must hold. Without conditions, everything is let through.
    pub fn all(conditions: impl IntoIterator<Item = Self>) -> Self {
        let mut nodes = Vec::new();
        for condition in conditions {
            match condition.node {
                Node::All(inner) => nodes.extend(inner),
                node => nodes.push(node),
            }
        }
        single(nodes).unwrap_or_else(Node::All).into()
    }

    /// At least one must hold. Without conditions, nothing is let through.
    ///
    /// ```
    /// # mod schema { instant_admin::schema!(in = crate::schema, {"entities": {"posts": {"attrs": {
    /// #     "title": {"valueType": "string", "required": true, "config": {"indexed": true, "unique": false}}
    /// # }}}}); }
    /// # fn main() {
    /// use instant_admin::{Condition, Where};
    /// use schema::posts;
    ///
    /// let words = ["rust", "sql"];
    /// let mut filter = Where::<schema::Post>::new();
    /// filter.and(Condition::any(words.map(|word| posts::title().contains(word))));
    /// # assert_eq!(
    /// #     filter.to_json().unwrap().to_string(),
    /// #     r#"{"or":[{"title":{"$like":"%rust%"}},{"title":{"$like":"%sql%"}}]}"#
    /// # );
    /// # }
    /// ```
    pub fn any(conditions: impl IntoIterator<Item = Self>) -> Self {
        let mut nodes = Vec::new();
        for condition in conditions {
            match condition.node {
                Node::Any(inner) => nodes.extend(inner),
                node => nodes.push(node),
            }
        }
        single(nodes).unwrap_or_else(Node::Any).into()
    }

    /// The condition as the `where` of a query. The error names the attribute whose value cannot be written as JSON.
    pub fn to_json(&self) -> Result<Value, Error> {
        Ok(match self.node.reduce().map_err(Invalid::into_query_error)? {
            Reduced::Always => Value::Object(Map::new()),
            Reduced::Never => never(),
            Reduced::Depends(json) => json,
        })
    }

    /// One operator on what is at `path`; none for equality.
    pub(crate) fn leaf(path: &str, operator: Option<Operator>, operand: Result<Value, ValueError>) -> Self {
        let json = operand.map(|operand| match operator {
            Some(operator) => json!({ path: { operator.name(): operand } }),
            None => json!({ path: operand }),
        });
        Node::Leaf(json.map_err(|error| error.at(E::NAME, path))).into()
    }

    /// `$in` on what is at `path`.
    pub(crate) fn list(path: &str, values: Result<Vec<Value>, ValueError>) -> Self {
        Self::leaf(path, Some(Operator::In), values.map(Value::Array))
    }
}

impl Node {
    fn reduce(&self) -> Result<Reduced, Invalid> {
        match self {
            Self::Leaf(json) => json.clone().map(Reduced::Depends),
            Self::All(nodes) => {
                let mut parts = Vec::new();
                for node in nodes {
                    match node.reduce()? {
                        Reduced::Always => {}
                        Reduced::Never => return Ok(Reduced::Never),
                        Reduced::Depends(json) => parts.push(json),
                    }
                }
                Ok(if parts.is_empty() { Reduced::Always } else { Reduced::Depends(one_or("and", parts)) })
            }
            Self::Any(nodes) => {
                let mut parts = Vec::new();
                for node in nodes {
                    match node.reduce()? {
                        Reduced::Always => return Ok(Reduced::Always),
                        Reduced::Never => {}
                        Reduced::Depends(json) => parts.push(json),
                    }
                }
                Ok(if parts.is_empty() { Reduced::Never } else { Reduced::Depends(one_or("or", parts)) })
            }
        }
    }
}

/// The only node, or all nodes back.
fn single(mut nodes: Vec<Node>) -> Result<Node, Vec<Node>> {
    if nodes.len() == 1 { Ok(nodes.remove(0)) } else { Err(nodes) }
}

fn one_or(key: &str, mut parts: Vec<Value>) -> Value {
    if parts.len() == 1 { parts.remove(0) } else { json!({ key: parts }) }
}

/// What no entity meets.
fn never() -> Value {
    json!({ "id": { Operator::In.name(): [] } })
}

impl<E> From<Node> for Condition<E> {
    fn from(node: Node) -> Self {
        Self { node, entity: PhantomData }
    }
}

#[diagnostic::do_not_recommend]
impl<E> IntoCondition<E> for Condition<E> {
    const __SEALED: Sealed = Sealed;

    fn into_condition(self) -> Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<E> IntoCondition<E> for &Condition<E> {
    const __SEALED: Sealed = Sealed;

    fn into_condition(self) -> Condition<E> {
        self.clone()
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity> IntoCondition<E> for Where<E> {
    const __SEALED: Sealed = Sealed;

    fn into_condition(self) -> Condition<E> {
        Condition::all(self.all)
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity> IntoCondition<E> for &Where<E> {
    const __SEALED: Sealed = Sealed;

    fn into_condition(self) -> Condition<E> {
        self.clone().into_condition()
    }
}

impl<E: Entity> From<Where<E>> for Condition<E> {
    fn from(filter: Where<E>) -> Self {
        filter.into_condition()
    }
}

impl<E> Default for Where<E> {
    fn default() -> Self {
        Self { all: Vec::new() }
    }
}

impl<E: Entity> FromIterator<Condition<E>> for Where<E> {
    fn from_iter<I: IntoIterator<Item = Condition<E>>>(conditions: I) -> Self {
        Self { all: conditions.into_iter().collect() }
    }
}

by_fields!(Where[E] { all }: Clone);
by_fields!(Condition[E] { node; entity }: Clone);

impl<E> std::fmt::Debug for Where<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(&self.all).finish()
    }
}

impl<E> std::fmt::Debug for Condition<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.node.fmt(f)
    }
}
