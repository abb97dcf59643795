//! Reading a schema as a server does when it is pushed: what is missing or unknown has a meaning, and only nonsense is
//! refused.

use indexmap::IndexMap;
use serde_json::{Map, Value};

use crate::model::{Attribute, Entity, Has, Link, LinkSide, Schema};
use crate::path::Path;
use crate::rule::{self, Place, Problem, Problems};
use crate::value_type::ValueType;

impl Schema {
    /// Reads a schema as a server does when it is pushed. Only what a plan needs is read, hence no rooms; an unknown or
    /// missing value type means that no type is enforced. Names are not checked: making and applying a plan does that.
    ///
    /// Other than in a schema from a file, `id` is among the attributes of an entity that lists it, since an entity
    /// without any attribute is not made.
    ///
    /// # Errors
    /// All places where the shape is wrong, with their paths.
    ///
    /// ```
    /// use instant_schema::{Schema, ValueType};
    /// use serde_json::json;
    ///
    /// let pushed = json!({ "entities": { "posts": { "attrs": { "body": { "valueType": "text" } } } } });
    /// let schema = Schema::from_pushed(&pushed)?;
    /// assert_eq!(schema.attribute("posts", "body").unwrap().value_type, ValueType::Json);
    /// # Ok::<(), instant_schema::Problems>(())
    /// ```
    pub fn from_pushed(schema: &Value) -> Result<Self, Problems> {
        let mut reader = Reader::default();
        let schema = reader.schema(schema);
        Problems::check(reader.problems).map(|()| schema)
    }
}

/// Reads as much as it can, and notes what is wrong.
#[derive(Default)]
struct Reader {
    problems: Vec<Problem>,
}

impl Reader {
    fn schema(&mut self, schema: &Value) -> Schema {
        let root = Path::root();
        let shape = r#"a schema: {"entities": {..}, "links": {..}}"#;
        let Some(members) = self.object(schema, &root, shape) else { return Schema::default() };
        let entities = self.map(members, "entities", &root, Self::entity);
        let links = self.map(members, "links", &root, Self::link);
        Schema { entities, links, rooms: IndexMap::new() }
    }

    fn entity(&mut self, entity: &Value, path: &Path) -> Option<Entity> {
        let members = self.object(entity, path, r#"an entity: {"attrs": {..}}"#)?;
        let attributes = self.map(members, "attrs", path, Self::attribute);
        Some(Entity { attributes, ..Entity::default() })
    }

    fn attribute(&mut self, attribute: &Value, path: &Path) -> Option<Attribute> {
        let members = self.object(attribute, path, r#"an attribute: {"valueType": "string", ..}"#)?;
        let value_type = members.get("valueType").and_then(Value::as_str).and_then(ValueType::from_name);
        let is_on = |flag: &str| {
            let value = members.get("config").and_then(|config| config.get(flag));
            value.is_some_and(|value| !matches!(value, Value::Null | Value::Bool(false)))
        };
        Some(Attribute {
            required: members.get("required") == Some(&Value::Bool(true)),
            indexed: is_on("indexed"),
            unique: is_on("unique"),
            ..Attribute::new(value_type.unwrap_or(ValueType::Json))
        })
    }

    fn link(&mut self, link: &Value, path: &Path) -> Option<Link> {
        let shape = r#"a link: {"forward": {"on", "has", "label"}, "reverse": {"on", "has", "label"}}"#;
        let members = self.object(link, path, shape)?;
        let (forward, reverse) = (self.side(members, "forward", path), self.side(members, "reverse", path));
        Some(Link::new(forward?, reverse?))
    }

    fn side(&mut self, link: &Map<String, Value>, name: &str, path: &Path) -> Option<LinkSide> {
        let example = r#"{"on": "posts", "has": "many", "label": "comments"}"#;
        let Some(side) = link.get(name) else {
            self.wrong(path, rule::missing_member(name, example));
            return None;
        };
        let path = path.key(name);
        let side = self.object(side, &path, example)?;
        let on = self.text(side, "on", &path, r#""posts""#);
        let has = self.has(side, &path);
        let label = self.text(side, "label", &path, r#""comments""#);
        let cascade = self.cascade(side, &path);
        let required = side.get("required").map(|required| *required == Value::Bool(true));
        Some(LinkSide { required, cascade, ..LinkSide::new(on?, has?, label?) })
    }

    fn has(&mut self, side: &Map<String, Value>, path: &Path) -> Option<Has> {
        let name = self.text(side, "has", path, r#""one" or "many""#)?;
        let has = [Has::One, Has::Many].into_iter().find(|has| has.name() == name);
        if has.is_none() {
            self.wrong(&path.key("has"), rule::unknown_cardinality(name));
        }
        has
    }

    fn cascade(&mut self, side: &Map<String, Value>, path: &Path) -> bool {
        let problem = match side.get("onDelete") {
            None | Some(Value::Null) => return false,
            Some(Value::String(name)) if name == "cascade" => return true,
            Some(Value::String(name)) => rule::unknown_on_delete(name),
            Some(other) => rule::wrong_shape("a string", kind(other), "\"cascade\", or leave it out"),
        };
        self.wrong(&path.key("onDelete"), problem);
        false
    }

    /// Reads every member of an object that may be missing or null.
    fn map<T>(
        &mut self,
        parent: &Map<String, Value>,
        name: &str,
        path: &Path,
        read: fn(&mut Self, &Value, &Path) -> Option<T>,
    ) -> IndexMap<String, T> {
        let Some(node) = parent.get(name).filter(|node| !node.is_null()) else { return IndexMap::new() };
        let path = path.key(name);
        let members = self.object(node, &path, "{..}").into_iter().flatten();
        members.filter_map(|(name, node)| Some((name.clone(), read(self, node, &path.key(name))?))).collect()
    }

    fn object<'v>(&mut self, node: &'v Value, path: &Path, shape: &str) -> Option<&'v Map<String, Value>> {
        let members = node.as_object();
        if members.is_none() {
            self.wrong(path, rule::wrong_shape("an object", kind(node), shape));
        }
        members
    }

    /// Reads a string that must be there.
    fn text<'v>(
        &mut self,
        parent: &'v Map<String, Value>,
        name: &str,
        path: &Path,
        example: &str,
    ) -> Option<&'v str> {
        match parent.get(name) {
            Some(Value::String(text)) => return Some(text),
            Some(other) => self.wrong(&path.key(name), rule::wrong_shape("a string", kind(other), example)),
            None => self.wrong(path, rule::missing_member(name, example)),
        }
        None
    }

    fn wrong(&mut self, path: &Path, problem: Problem) {
        // The text is not the caller's, so that lines and columns would mean nothing.
        self.problems
            .push(Problem { place: Place::Schema { path: path.clone(), position: None }, ..problem });
    }
}

/// The kind of a value, for messages.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
