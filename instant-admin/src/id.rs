//! Typed entity ids.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

use instant_schema::parse_id;
use serde::de::{Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// The id of an entity of type `E`: a UUID that cannot be mistaken for the id of another type.
///
/// ```
/// use instant_admin::Id;
/// # struct Post;
/// let id = Id::<Post>::new();
/// let same: Id<Post> = id.to_string().parse().unwrap();
/// assert_eq!(id, same);
/// assert!("not-a-uuid".parse::<Id<Post>>().is_err());
/// ```
pub struct Id<E> {
    uuid: Uuid,
    entity: PhantomData<fn() -> E>,
}

/// A text that is not a UUID where an [`Id`] was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseIdError {
    given: String,
}

impl<E> Id<E> {
    /// A new random id.
    #[expect(clippy::new_without_default, reason = "every call gives another id")]
    pub fn new() -> Self {
        Uuid::new_v4().into()
    }

    /// The id with the type taken off.
    pub const fn uuid(self) -> Uuid {
        self.uuid
    }
}

impl<E> From<Uuid> for Id<E> {
    fn from(uuid: Uuid) -> Self {
        Self { uuid, entity: PhantomData }
    }
}

impl<E> From<Id<E>> for Uuid {
    fn from(id: Id<E>) -> Self {
        id.uuid
    }
}

impl<E> FromStr for Id<E> {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        parse_id(text).map(Self::from).ok_or_else(|| ParseIdError { given: text.chars().take(64).collect() })
    }
}

impl fmt::Display for ParseIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is not an id: expected a UUID such as 67e55044-10b1-426f-9247-bb680e5fe0c8",
            self.given
        )
    }
}

impl std::error::Error for ParseIdError {}

impl<E> fmt::Display for Id<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.uuid.fmt(f)
    }
}

impl<E> fmt::Debug for Id<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Id({})", self.uuid)
    }
}

impl<E> Serialize for Id<E> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.uuid.serialize(serializer)
    }
}

impl<'de, E> Deserialize<'de> for Id<E> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            return Uuid::deserialize(deserializer).map(Self::from);
        }
        deserializer.deserialize_str(IdVisitor).map(Self::from)
    }
}

/// Reads an id's text, as [`FromStr`] does.
struct IdVisitor;

impl Visitor<'_> for IdVisitor {
    type Value = Uuid;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an id: a UUID such as 67e55044-10b1-426f-9247-bb680e5fe0c8")
    }

    fn visit_str<Err: serde::de::Error>(self, text: &str) -> Result<Uuid, Err> {
        parse_id(text).ok_or_else(|| Err::invalid_value(Unexpected::Str(text), &self))
    }
}

// By hand, since a derive would ask the same of `E`.
impl<E> Clone for Id<E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for Id<E> {}

impl<E> PartialEq for Id<E> {
    fn eq(&self, other: &Self) -> bool {
        self.uuid == other.uuid
    }
}

impl<E> Eq for Id<E> {}

impl<E> PartialOrd for Id<E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> Ord for Id<E> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.uuid.cmp(&other.uuid)
    }
}

impl<E> Hash for Id<E> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.uuid.hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Post;

    #[test]
    fn ids_print_parse_and_travel_as_hyphenated_uuids() {
        let id: Id<Post> = "67e55044-10b1-426f-9247-bb680e5fe0c8".parse().unwrap();
        assert_eq!(id.to_string(), "67e55044-10b1-426f-9247-bb680e5fe0c8");
        assert_eq!(serde_json::to_string(&id).unwrap(), r#""67e55044-10b1-426f-9247-bb680e5fe0c8""#);
        assert_eq!(serde_json::from_value::<Id<Post>>(serde_json::json!(id)).unwrap(), id);
        assert_eq!(format!("{id:?}"), "Id(67e55044-10b1-426f-9247-bb680e5fe0c8)");
    }

    #[test]
    fn serde_and_parse_take_the_same_texts() {
        let shouted = "67E55044-10B1-426F-9247-BB680E5FE0C8";
        let parsed: Id<Post> = shouted.parse().unwrap();
        assert_eq!(serde_json::from_value::<Id<Post>>(serde_json::json!(shouted)).unwrap(), parsed);
        let refused = serde_json::from_str::<Id<Post>>("5").unwrap_err().to_string();
        assert!(refused.contains("expected an id: a UUID such as 67e55044-"), "{refused}");
    }

    #[test]
    fn what_the_server_would_refuse_does_not_parse() {
        for text in ["", "67e5504410b1426f9247bb680e5fe0c8", "{67e55044-10b1-426f-9247-bb680e5fe0c8}", "x"] {
            assert!(text.parse::<Id<Post>>().is_err(), "{text}");
            assert!(serde_json::from_value::<Id<Post>>(serde_json::json!(text)).is_err(), "{text}");
        }
        let error = "né".parse::<Id<Post>>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "`né` is not an id: expected a UUID such as 67e55044-10b1-426f-9247-bb680e5fe0c8"
        );
    }
}
