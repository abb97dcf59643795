//! Fragments: row types that carry the form which selects them.

use serde_json::Value;

use instant_schema::instaql::MAX_DEPTH;

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
    /// The type itself. Generated rows name it by this, so that the error for what is no fragment says so.
    type Row: Row;

    /// The form as InstaQL: `{"$":{"fields":["handle"]}}`, a template like that of a query.
    const FORM: &'static str;

    /// The fragments that the form holds, which fill its template. `depth` is how deep in others this one is.
    fn parts(depth: usize) -> Vec<Hole> {
        let _ = depth;
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

    /// The form as InstaQL. It fails where fragments hold each other in a circle.
    #[doc(hidden)]
    fn form(depth: usize) -> Result<Value, ValueError> {
        if depth > MAX_DEPTH {
            return Err(ValueError::new(format!(
                "fragments are nested more than {MAX_DEPTH} deep: one of them holds itself"
            )));
        }
        let parts = Self::parts(depth);
        // A circle is reported without the long way to it.
        if let Some(why) = parts.iter().find_map(Hole::refusal) {
            return Err(ValueError::new(why));
        }
        let mut form =
            serde_json::from_str(Self::FORM).map_err(|error| ValueError::new(error.to_string()))?;
        template::fill_form(&mut form, &parts).map_err(|error| ValueError::new(error.to_string()))?;
        Ok(form)
    }
}
