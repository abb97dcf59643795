//! Fragments: row types that carry the form which selects them.

use serde_json::Value;

use super::template::{self, Hole};
use crate::decode::Row;
use crate::value::ValueError;

/// A type whose rows carry the query that selects them: what `fragment!` makes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a fragment",
    label = "expected a fragment",
    note = "`fragment! {{ pub Name on <entity> {{ .. }} }}` makes one and says which entity it is on"
)]
pub trait Form: Row {
    /// The type itself. Generated rows name it through this trait, so that a type which is not a fragment is reported as that.
    type Row: Row;

    /// The form as InstaQL: `{"$":{"fields":["handle"]}}`, a template like that of a query.
    const FORM: &'static str;

    /// The fragments that the form holds, which fill its template.
    fn parts() -> Vec<Hole> {
        Vec::new()
    }
}

/// A fragment on the entity `E`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a fragment on the entity of `{E}`",
    label = "expected a fragment on the entity of `{E}`",
    note = "`fragment! {{ pub Name on <entity> {{ .. }} }}` makes one and says which entity it is on"
)]
pub trait Fragment<E>: Form {
    /// The type itself, as in [`Form`].
    #[doc(hidden)]
    type Row: Row;

    /// Returns the form as InstaQL.
    #[doc(hidden)]
    fn form() -> Result<Value, ValueError> {
        let mut form =
            serde_json::from_str(Self::FORM).map_err(|error| ValueError::new(error.to_string()))?;
        template::fill_form(&mut form, &Self::parts()).map_err(|error| ValueError::new(error.to_string()))?;
        Ok(form)
    }
}
