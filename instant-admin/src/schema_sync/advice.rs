//! What to do where the server lacks an index, a type or a uniqueness that the schema has.

use instant_schema::{Attribute, Schema};

use crate::error::Error;

/// Adds to a refusal that the schema has what the server lacks, and how to bring it there. Only a push changes
/// attributes that exist: it has to look at all values.
pub(super) fn advise(schema: &Schema, refused: Error) -> Error {
    let Some((name, wanted)) = difference(schema, refused.message()) else { return refused };
    refused.advising(&format!(
        "the schema has `{name}` as {wanted}, the server does not: push the schema with `db.push_schema()`"
    ))
}

/// The attribute that a refusal is about and what it is in the schema, if that is what the server misses.
fn difference(schema: &Schema, message: &str) -> Option<(String, String)> {
    if let Some((label, entity)) = split_after(message, ": ").split_once(" is not a unique attribute on ") {
        let attribute = schema.attribute(entity, label)?;
        return attribute.unique.then(|| (format!("{entity}.{label}"), "unique".to_owned()));
    }
    let (name, rest) = match message.rsplit_once("The `") {
        Some((_, rest)) => rest.split_once("` attribute ")?,
        // ``Only indexed attrs can check for `nil` in `$in`. users.bio is not indexed.``
        None => {
            message.rsplit_once(". ")?.1.split_once(" is not indexed").map(|(name, _)| (name, "indexed"))?
        }
    };
    let is_about = |words: &[&str]| words.iter().any(|word| rest.contains(word));
    let attribute = find(schema, name)?;
    let kind = attribute.value_type.name();
    let (index, types) = (is_about(&["indexed"]), is_about(&["enforced type", "typed"]));
    let lacks_index = index && attribute.indexed;
    let lacks_type = types && kind != "json";
    (lacks_index || lacks_type).then(|| {
        (name.to_owned(), if attribute.indexed { format!("an indexed {kind}") } else { format!("a {kind}") })
    })
}

fn split_after<'a>(text: &'a str, mark: &str) -> &'a str {
    text.split_once(mark).map_or(text, |(_, rest)| rest)
}

/// The attribute `entity.label`, where both may have dots in them.
fn find<'a>(schema: &'a Schema, name: &str) -> Option<&'a Attribute> {
    name.match_indices('.').find_map(|(at, _)| schema.attribute(&name[..at], &name[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_lacks_of_the_schema_is_named() {
        let schema = Schema::from_json(
            r#"{"entities":{"posts":{"attrs":{
                "slug":{"valueType":"string","config":{"indexed":true,"unique":true}},
                "views":{"valueType":"number","config":{"indexed":true}},
                "a.b":{"valueType":"string"}}}}}"#,
        )
        .unwrap();
        for (message, expected) in [
            (
                "Validation failed for lookup: slug is not a unique attribute on posts",
                Some("posts.slug as unique"),
            ),
            ("Validation failed for lookup: views is not a unique attribute on posts", None),
            (
                "Validation failed for query: The `posts.views` attribute must be indexed to use comparison operators.",
                Some("posts.views as an indexed number"),
            ),
            (
                "Validation failed for query: The `posts.views` attribute is not indexed. Only indexed and typed \
                 attributes can be used to order by.",
                Some("posts.views as an indexed number"),
            ),
            (
                "Validation failed for query: The `posts.a.b` attribute must have an enforced type to use comparison operators.",
                Some("posts.a.b as a string"),
            ),
            (
                "Validation failed for query: Only indexed attrs can check for `nil` in `$in`. posts.views is not indexed.",
                Some("posts.views as an indexed number"),
            ),
            (
                "Validation failed for query: The `posts.a.b` attribute must be indexed to use comparison operators.",
                None,
            ),
            ("The `posts.nope` attribute is not indexed.", None),
            ("", None),
        ] {
            let found = difference(&schema, message).map(|(name, wanted)| format!("{name} as {wanted}"));
            assert_eq!(found.as_deref(), expected, "{message}");
        }
    }
}
