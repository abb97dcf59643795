//! Which entity an error is about: an answer that was refused is read again, along the path alone.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::value::RawValue;

use super::Segment;

/// The id of the innermost entity on the path, whose segments come innermost first.
pub(super) fn id(body: &[u8], path: &[Segment]) -> Option<String> {
    let mut value: &RawValue = serde_json::from_slice(body).ok()?;
    let mut id = None;
    for segment in path.iter().rev() {
        value = match segment {
            Segment::Index(index) => *items(value)?.get(*index)?,
            Segment::Field(label) => {
                // A to-one link may come as a list of one.
                let object = if value.get().starts_with('[') { *items(value)?.first()? } else { value };
                let members: HashMap<Cow<'_, str>, &RawValue> = serde_json::from_str(object.get()).ok()?;
                let own = members.get("id").and_then(|id| serde_json::from_str(id.get()).ok());
                id = own.or(id);
                members.get(*label)?
            }
            Segment::Within(_) => break,
        };
    }
    id
}

fn items(list: &RawValue) -> Option<Vec<&RawValue>> {
    serde_json::from_str(list.get()).ok()
}
