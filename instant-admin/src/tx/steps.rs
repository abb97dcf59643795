//! What `transact` takes: anything that turns into steps.

use std::collections::HashSet;

use instant_schema::instaml::{self, Action, Target};
use instant_schema::{Schema, Step};
use serde_json::Value;

use crate::error::{Error, ErrorKind};
use crate::schema::StaticSchema;
use crate::sealed::Generated;
use crate::value::Invalid;

/// The steps of one transaction, in order.
///
/// ```
/// use instant_admin::tx::{self, Steps};
/// use serde_json::json;
/// let id = uuid::Uuid::nil();
/// let steps = Steps::collect((tx::raw("posts", id).update(json!({ "views": 1 })), tx::raw("tags", id).delete()))?;
/// assert_eq!(steps[0].to_json(), json!(["update", "posts", id, { "views": 1 }]));
/// assert_eq!(steps[1].to_json(), json!(["delete", "tags", id]));
/// # Ok::<(), instant_admin::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Steps {
    list: Vec<Step>,
    /// The places of the steps that no compiler has checked.
    untyped: Vec<usize>,
    /// The schemas that the other steps come from.
    schemas: Vec<StaticSchema>,
    errors: Vec<Invalid>,
}

/// What can be sent as a transaction: a step builder, a [`Step`], and tuples, arrays, vectors and `Option`s of
/// them; an iterator through [`steps`].
#[diagnostic::on_unimplemented(
    message = "this is not a transaction step",
    label = "expected a step such as `tx::posts(id).delete()`, or a tuple, array or `Vec` of steps",
    note = "an iterator of steps becomes one with `instant_admin::tx::steps(iterator)`"
)]
pub trait IntoSteps {
    #[doc(hidden)]
    const __GENERATED: Generated;

    /// Adds the steps at the end.
    fn append_to(self, steps: &mut Steps);
}

/// The steps of an iterator, as one argument for `transact`.
pub fn steps<I>(items: I) -> Items<I>
where
    I: IntoIterator,
    I::Item: IntoSteps,
{
    Items(items)
}

/// The steps of an iterator; made by [`steps`].
#[derive(Debug, Clone)]
#[must_use = "steps do nothing until `transact` has them"]
pub struct Items<I>(I);

impl Steps {
    /// All steps, in order. Where one step makes an entity, a later strict one (`update()`, `merge_*`) may write to it.
    /// The error names the entity and attribute of each value that cannot be written as JSON.
    pub fn collect(from: impl IntoSteps) -> Result<Vec<Step>, Error> {
        Self::gather(from).into_checked(None)
    }

    /// All steps as the JSON that `POST /admin/transact` takes. Errors as in [`collect`](Self::collect).
    pub fn to_json(from: impl IntoSteps) -> Result<Value, Error> {
        Ok(Self::collect(from)?.iter().map(Step::to_json).collect())
    }

    /// Adds one step, by names that nothing has checked.
    pub fn push(&mut self, step: Step) {
        self.extend_untyped([step], Vec::new());
    }

    pub(crate) fn gather(from: impl IntoSteps) -> Self {
        let mut steps = Self::default();
        from.append_to(&mut steps);
        steps
    }

    /// The schemas that the typed steps come from, each once.
    pub(crate) fn schemas(&self) -> impl Iterator<Item = StaticSchema> {
        self.schemas.iter().copied()
    }

    fn add_schema(&mut self, schema: StaticSchema) {
        if !self.schemas.contains(&schema) {
            self.schemas.push(schema);
        }
    }

    /// All steps, after a check of the untyped ones against a schema.
    pub(crate) fn into_checked(self, schema: Option<&Schema>) -> Result<Vec<Step>, Error> {
        if let Some(error) = Invalid::into_transaction_error(self.errors) {
            return Err(error);
        }
        let misfits = schema.map(|schema| {
            instaml::check(
                schema,
                self.list.iter().enumerate().filter(|(place, _)| self.untyped.binary_search(place).is_ok()),
            )
        });
        match misfits.unwrap_or_default().as_slice() {
            [] => {
                let mut steps = self.list;
                admit_what_is_made(&mut steps);
                Ok(steps)
            }
            misfits => {
                let all: Vec<String> = misfits.iter().map(ToString::to_string).collect();
                Err(Error::new(ErrorKind::InvalidTransaction, all.join("\n")))
            }
        }
    }

    /// Adds steps of `schema` that were built together, and what was wrong with them.
    pub(super) fn extend(
        &mut self,
        schema: StaticSchema,
        steps: impl IntoIterator<Item = Step>,
        errors: Vec<Invalid>,
    ) {
        self.list.extend(steps);
        self.errors.extend(errors);
        self.add_schema(schema);
    }

    /// As [`extend`](Self::extend), for steps by names that nothing has checked.
    pub(super) fn extend_untyped(&mut self, steps: impl IntoIterator<Item = Step>, errors: Vec<Invalid>) {
        let first = self.list.len();
        self.list.extend(steps);
        self.errors.extend(errors);
        self.untyped.extend(first..self.list.len());
    }
}

/// Lets strict steps meet entities that an earlier step of the transaction makes. The server judges existence by the
/// state before the transaction and would refuse them.
fn admit_what_is_made(steps: &mut [Step]) {
    let is_strict = |step: &Step| {
        let Step { action, .. } = step;
        matches!(
            action,
            Action::Update { upsert: Some(false), .. } | Action::Merge { upsert: Some(false), .. }
        )
    };
    // What is made after the last strict step is met by none.
    let Some(last) = steps.iter().rposition(is_strict) else { return };
    let key = |entity: &str, target: &Target| (entity.to_owned(), target.to_json().to_string());
    let mut made = HashSet::new();
    for Step { entity, target, action, .. } in &mut steps[..=last] {
        match action {
            Action::Create(_) => {
                made.insert(key(entity, target));
            }
            Action::Update { upsert, .. } | Action::Merge { upsert, .. } => {
                if *upsert != Some(false) {
                    made.insert(key(entity, target));
                } else if !made.is_empty() && made.contains(&key(entity, target)) {
                    *upsert = Some(true);
                }
            }
            Action::Link(_) | Action::Unlink(_) | Action::Delete | Action::RuleParams(_) => {}
        }
    }
}

#[diagnostic::do_not_recommend]
impl IntoSteps for Step {
    const __GENERATED: Generated = Generated;

    fn append_to(self, steps: &mut Steps) {
        steps.push(self);
    }
}

#[diagnostic::do_not_recommend]
impl IntoSteps for Steps {
    const __GENERATED: Generated = Generated;

    fn append_to(self, steps: &mut Steps) {
        let first = steps.list.len();
        steps.untyped.extend(self.untyped.iter().map(|place| first + place));
        steps.list.extend(self.list);
        steps.errors.extend(self.errors);
        self.schemas.into_iter().for_each(|schema| steps.add_schema(schema));
    }
}

#[diagnostic::do_not_recommend]
impl IntoSteps for () {
    const __GENERATED: Generated = Generated;

    fn append_to(self, _: &mut Steps) {}
}

#[diagnostic::do_not_recommend]
impl<T: IntoSteps> IntoSteps for Option<T> {
    const __GENERATED: Generated = Generated;

    fn append_to(self, steps: &mut Steps) {
        if let Some(step) = self {
            step.append_to(steps);
        }
    }
}

#[diagnostic::do_not_recommend]
impl<T: IntoSteps> IntoSteps for Vec<T> {
    const __GENERATED: Generated = Generated;

    fn append_to(self, steps: &mut Steps) {
        Items(self).append_to(steps);
    }
}

#[diagnostic::do_not_recommend]
impl<T: IntoSteps, const N: usize> IntoSteps for [T; N] {
    const __GENERATED: Generated = Generated;

    fn append_to(self, steps: &mut Steps) {
        Items(self).append_to(steps);
    }
}

#[diagnostic::do_not_recommend]
impl<T: IntoSteps + Clone> IntoSteps for &[T] {
    const __GENERATED: Generated = Generated;

    fn append_to(self, steps: &mut Steps) {
        Items(self.iter().cloned()).append_to(steps);
    }
}

#[diagnostic::do_not_recommend]
impl<I> IntoSteps for Items<I>
where
    I: IntoIterator,
    I::Item: IntoSteps,
{
    const __GENERATED: Generated = Generated;

    fn append_to(self, steps: &mut Steps) {
        for item in self.0 {
            item.append_to(steps);
        }
    }
}

macro_rules! tuples {
    ($($name:ident)*) => {
        #[diagnostic::do_not_recommend]
        impl<$($name: IntoSteps),*> IntoSteps for ($($name,)*) {
            const __GENERATED: Generated = Generated;

            fn append_to(self, steps: &mut Steps) {
                #[allow(non_snake_case, reason = "type parameters serve as names of the parts")]
                let ($($name,)*) = self;
                $($name.append_to(steps);)*
            }
        }
    };
}

tuples!(A);
tuples!(A B);
tuples!(A B C);
tuples!(A B C D);
tuples!(A B C D E);
tuples!(A B C D E F);
tuples!(A B C D E F G);
tuples!(A B C D E F G H);
tuples!(A B C D E F G H I);
tuples!(A B C D E F G H I J);
tuples!(A B C D E F G H I J K);
tuples!(A B C D E F G H I J K L);
