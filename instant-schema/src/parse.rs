//! Reading `instant.schema.json`: what `JSON.stringify(schema)` prints, with every mistake pointed at.

use indexmap::IndexMap;
use serde_json::{Map, Value};

use crate::check::check;
use crate::error::{Position, SchemaErrors, SchemaProblem};
use crate::json::{self, Fault, Json, Member, Node, to_map};
use crate::layout::Layout;
use crate::model::{Attribute, Entity, Has, Link, LinkSide, Room, Schema, ValueType};
use crate::path::Path;
use crate::suggest;

/// Names that other schema languages use, and what they are here.
const FOREIGN_TYPES: [(&str, &[&str]); 5] = [
    ("string", &["str", "text", "varchar", "uuid", "enum", "id"]),
    ("number", &["int", "integer", "float", "double", "decimal", "bigint", "real", "num"]),
    ("boolean", &["bool"]),
    ("date", &["datetime", "timestamp", "timestamptz", "time", "instant"]),
    ("json", &["any", "jsonb", "object", "array", "map", "list", "unknown"]),
];

impl Schema {
    /// Reads a schema from the JSON of its file and checks it.
    ///
    /// Takes what the official `parseSchemaFromJSON` takes: `links`, `rooms` and `topics` may be missing,
    /// `isIndexed` and an entity's `links` are derived from the rest. Names and types that it would pass
    /// over in silence are problems here. The error holds all of them, each with its place in the file.
    ///
    /// ```
    /// use instant_schema::Schema;
    ///
    /// let schema = Schema::from_json(
    ///     r#"{"entities": {"posts": {"attrs": {"title": {"valueType": "string", "required": true}}}}}"#,
    /// )?;
    /// assert!(schema.attribute("posts", "title").unwrap().required);
    ///
    /// let errors = Schema::from_json(r#"{"entities": {"posts": {"attrs": {"views": {"valueType": "int"}}}}}"#)
    ///     .unwrap_err();
    /// assert_eq!(
    ///     errors.to_string(),
    ///     "line 1, column 58: at `entities.posts.attrs.views.valueType`: unknown value type `int`: write \
    ///      `number`. The value types are `string`, `number`, `boolean`, `date`, `json`"
    /// );
    /// # Ok::<(), instant_schema::SchemaErrors>(())
    /// ```
    pub fn from_json(text: &str) -> Result<Self, SchemaErrors> {
        match Self::read_text(text) {
            (schema, None) => Ok(schema),
            (_, Some(errors)) => Err(errors),
        }
    }

    /// Reads as much as it can from the bytes of a schema file: what has mistakes is left out, or at a harmless
    /// value, beside all the errors. For tools that go on with a broken file, as editors make them.
    pub fn read_lossy(bytes: &[u8]) -> (Self, Option<SchemaErrors>) {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::read_text(text),
            Err(_) => (Self::default(), Self::from_slice(bytes).err()),
        }
    }

    fn read_text(text: &str) -> (Self, Option<SchemaErrors>) {
        let document = match json::read(text) {
            Ok(document) => document,
            Err(fault) => return (Self::default(), Some(errors(text, vec![fault]))),
        };
        let mut reader = Reader { faults: document.repeated, is_lenient: false };
        let schema = reader.schema(&document.root);
        reader.faults.extend(check(&schema).into_iter().map(|(path, message)| {
            let at = document.root.locate(&path);
            Fault { at, path, message }
        }));
        let errors = (!reader.faults.is_empty()).then(|| errors(text, reader.faults));
        (schema, errors)
    }

    /// Reads a schema from the bytes of its file; bytes that are not UTF-8 are an error like any other.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, SchemaErrors> {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::from_json(text),
            Err(error) => {
                let valid = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
                let message = "this byte is not UTF-8: save the file as UTF-8".to_owned();
                Err(errors(&valid, vec![Fault { at: valid.len(), path: Path::root(), message }]))
            }
        }
    }

    /// Reads a schema as a server takes it when it is pushed: an unknown value type means that no type is
    /// enforced, and no rule beyond the shape is checked (the plan has its own errors).
    pub fn from_pushed(schema: &Value) -> Result<Self, SchemaErrors> {
        let text = schema.to_string();
        let document = json::read(&text).map_err(|fault| errors(&text, vec![fault]))?;
        let mut reader = Reader { faults: document.repeated, is_lenient: true };
        let schema = reader.schema(&document.root);
        if reader.faults.is_empty() { Ok(schema) } else { Err(errors(&text, reader.faults)) }
    }

    /// Checks a schema that was built in code, as reading its file would.
    pub fn check(&self) -> Result<(), SchemaErrors> {
        let problems: Vec<_> = check(self)
            .into_iter()
            .map(|(path, message)| SchemaProblem { path, position: None, message })
            .collect();
        if problems.is_empty() { Ok(()) } else { Err(SchemaErrors::new(problems)) }
    }
}

fn errors(text: &str, mut faults: Vec<Fault>) -> SchemaErrors {
    faults.sort_by_key(|fault| fault.at);
    let problems = faults.into_iter().map(|Fault { at, path, message }| SchemaProblem {
        path,
        position: Some(Position::of(text, at)),
        message,
    });
    SchemaErrors::new(problems.collect())
}

/// Reads as much as it can: what is wrong is noted and left at a harmless value.
struct Reader {
    faults: Vec<Fault>,
    /// Whether unknown value types stand for json.
    is_lenient: bool,
}

impl Reader {
    fn schema(&mut self, root: &Node) -> Schema {
        let path = Path::root();
        let shape = r#"a schema: {"entities": {..}, "links": {..}, "rooms": {..}}"#;
        let members = self.object(root, &path, shape);
        let entities = self
            .member(root, "entities", &path, r#"{"posts": {"attrs": {..}}}"#)
            .map(|entities| self.map(entities, &path.key("entities"), Self::entity));
        let links = self.optional_map(members, "links", &path, Self::link);
        let rooms = self.optional_map(members, "rooms", &path, Self::room);
        Schema {
            entities: entities.unwrap_or_default(),
            links: links.unwrap_or_default().into_iter().filter_map(|(k, v)| Some((k, v?))).collect(),
            rooms: rooms.unwrap_or_default(),
        }
    }

    fn entity(&mut self, node: &Node, path: &Path) -> Entity {
        let members = self.object(node, path, r#"an entity: {"attrs": {..}}"#);
        let Some(attrs) = self.member(node, "attrs", path, "{}") else { return Entity::default() };
        let mut attributes = self.map(attrs, &path.key("attrs"), Self::attribute);
        // Every entity has an `id`; a file may still list it, and the server passes over it.
        let lists_id = attributes.shift_remove("id").is_some();
        let layout = match &attrs.value {
            Json::Object(members) if lists_id => Layout::of(to_map(members), false),
            _ => Layout::default(),
        };
        let link_order = match find(members, "links") {
            Some(Node { value: Json::Object(members), .. }) => Layout::of(to_map(members), false),
            _ => Layout::default(),
        };
        Entity { attributes, layout, link_order }
    }

    fn attribute(&mut self, node: &Node, path: &Path) -> Attribute {
        let members = self.object(node, path, r#"an attribute: {"valueType": "string", ..}"#);
        let value_type = self
            .member(node, "valueType", path, r#""string""#)
            .and_then(|value_type| self.value_type(value_type, &path.key("valueType")))
            .unwrap_or(ValueType::Json);
        let config = match find(members, "config") {
            Some(config) if !matches!(config.value, Json::Null) => {
                self.object(config, &path.key("config"), r#"{"indexed": false, "unique": false}"#)
            }
            _ => &[],
        };
        let config_path = path.key("config");
        // It only repeats `config.indexed`, but a wrong type is still a mistake.
        self.boolean(members, "isIndexed", path);
        Attribute {
            value_type,
            required: self.boolean(members, "required", path),
            indexed: self.boolean(config, "indexed", &config_path),
            unique: self.boolean(config, "unique", &config_path),
            metadata: self.metadata(members, path),
        }
    }

    fn value_type(&mut self, node: &Node, path: &Path) -> Option<ValueType> {
        let names = ValueType::ALL.map(ValueType::name);
        let all = suggest::list(names);
        let Json::String(name) = &node.value else {
            let message = format!("expected a value type, got {}: write one of {all}", node.kind());
            self.fault(node.at, path.clone(), message);
            return None;
        };
        let value_type = ValueType::from_name(name);
        if value_type.is_none() && !self.is_lenient {
            let lower = name.to_lowercase();
            let foreign = FOREIGN_TYPES.iter().find(|(_, names)| names.contains(&lower.as_str()));
            let advice = match (foreign, suggest::closest(name, names)) {
                (Some((meant, _)), _) => format!("write `{meant}`. The"),
                (None, Some(meant)) => format!("did you mean `{meant}`? The"),
                (None, None) => "the".to_owned(),
            };
            let message = format!("unknown value type `{name}`: {advice} value types are {all}");
            self.fault(node.at, path.clone(), message);
        }
        value_type
    }

    fn metadata(&mut self, members: &[Member], path: &Path) -> Map<String, Value> {
        match find(members, "metadata") {
            None | Some(Node { value: Json::Null, .. }) => Map::new(),
            Some(node) => to_map(self.object(node, &path.key("metadata"), "{}")),
        }
    }

    fn link(&mut self, node: &Node, path: &Path) -> Option<Link> {
        let shape = r#"a link: {"forward": {"on", "has", "label"}, "reverse": {"on", "has", "label"}}"#;
        let members = self.object(node, path, shape);
        let mut side = |name: &str| {
            let example = r#"{"on": "posts", "has": "many", "label": "comments"}"#;
            let side = self.member(node, name, path, example)?;
            self.link_side(side, &path.key(name), name == "forward")
        };
        let (forward, reverse) = (side("forward"), side("reverse"));
        let layout = Layout::of(to_map(members), is_usual(members, &["forward", "reverse"]));
        Some(Link { forward: forward?, reverse: reverse?, layout })
    }

    fn link_side(&mut self, node: &Node, path: &Path, is_forward: bool) -> Option<LinkSide> {
        let shape = r#"one side of a link: {"on": "posts", "has": "many", "label": "comments"}"#;
        let members = self.object(node, path, shape);
        if !matches!(node.value, Json::Object(_)) {
            return None;
        }
        let on = self.string(node, "on", path, r#""posts""#);
        let has = self.has(node, path);
        let label = self.string(node, "label", path, r#""comments""#);
        let required = match find(members, "required") {
            None | Some(Node { value: Json::Null, .. }) => None,
            Some(required) => {
                let truth = self.boolean(members, "required", path);
                if truth && !is_forward {
                    let message = "only the forward side of a link can be required: remove `required`, or swap \
                                   `forward` and `reverse`";
                    self.fault(required.at, path.key("required"), message.to_owned());
                }
                Some(truth)
            }
        };
        let cascade = self.cascade(members, path);
        let usual = ["on", "has", "label", "required", "onDelete"];
        let layout = Layout::of(to_map(members), is_usual(members, &usual));
        Some(LinkSide { on: on?, has: has?, label: label?, required, cascade, layout })
    }

    fn has(&mut self, node: &Node, path: &Path) -> Option<Has> {
        let name = self.string(node, "has", path, r#""one" or "many""#)?;
        let has = [Has::One, Has::Many].into_iter().find(|has| has.name() == name);
        if has.is_none() {
            let path = path.key("has");
            let message = format!("`{name}` is no cardinality: write `one` or `many`");
            self.fault(node.locate(&Path::of(["has"])), path, message);
        }
        has
    }

    fn cascade(&mut self, members: &[Member], path: &Path) -> bool {
        let Some(node) = find(members, "onDelete") else { return false };
        let message = match &node.value {
            Json::Null => return false,
            Json::String(name) if name == "cascade" => return true,
            Json::String(name) => format!("`{name}` is no `onDelete`: write `cascade`, or leave it out"),
            _ => format!("expected a string, got {}: write \"cascade\", or leave it out", node.kind()),
        };
        self.fault(node.at, path.key("onDelete"), message);
        false
    }

    fn room(&mut self, node: &Node, path: &Path) -> Room {
        let members = self.object(node, path, r#"a room: {"presence": {"attrs": {..}}, "topics": {..}}"#);
        let presence = self
            .member(node, "presence", path, r#"{"attrs": {}}"#)
            .map(|presence| self.entity(presence, &path.key("presence")));
        let topics = self.optional_map(members, "topics", path, Self::entity);
        let layout = Layout::of(to_map(members), is_usual(members, &["presence", "topics"]));
        Room { presence: presence.unwrap_or_default(), topics, layout }
    }

    /// Every member of an object read alike.
    fn map<T>(
        &mut self,
        node: &Node,
        path: &Path,
        read: fn(&mut Self, &Node, &Path) -> T,
    ) -> IndexMap<String, T> {
        let members = self.object(node, path, "{..}");
        members
            .iter()
            .map(|Member { name, node, .. }| (name.clone(), read(self, node, &path.key(name))))
            .collect()
    }

    /// As `map`, of a member that may be missing or null.
    fn optional_map<T>(
        &mut self,
        members: &[Member],
        name: &str,
        path: &Path,
        read: fn(&mut Self, &Node, &Path) -> T,
    ) -> Option<IndexMap<String, T>> {
        let node = find(members, name).filter(|node| !matches!(node.value, Json::Null))?;
        Some(self.map(node, &path.key(name), read))
    }

    /// The members of an object; of anything else none, and a note of what to write.
    fn object<'a>(&mut self, node: &'a Node, path: &Path, shape: &str) -> &'a [Member] {
        if let Json::Object(members) = &node.value {
            return members;
        }
        let message = format!("expected an object, got {}: write {shape}", node.kind());
        self.fault(node.at, path.clone(), message);
        &[]
    }

    /// A boolean; missing and null are false.
    fn boolean(&mut self, members: &[Member], name: &str, path: &Path) -> bool {
        let Some(node) = find(members, name) else { return false };
        match node.value {
            Json::Bool(truth) => truth,
            Json::Null => false,
            _ => {
                let message = format!("expected a boolean, got {}: write true or false", node.kind());
                self.fault(node.at, path.key(name), message);
                false
            }
        }
    }

    /// A string that must be there.
    fn string(&mut self, parent: &Node, name: &str, path: &Path, example: &str) -> Option<String> {
        let node = self.member(parent, name, path, example)?;
        if let Json::String(text) = &node.value {
            return Some(text.clone());
        }
        let message = format!("expected a string, got {}: write {example}", node.kind());
        self.fault(node.at, path.key(name), message);
        None
    }

    /// A member that must be there. Of what is no object nothing is said: that is a mistake of its own.
    fn member<'a>(&mut self, parent: &'a Node, name: &str, path: &Path, example: &str) -> Option<&'a Node> {
        let Json::Object(members) = &parent.value else { return None };
        let member = find(members, name);
        if member.is_none() {
            let message = format!("`{name}` is missing: add {name:?}: {example}");
            self.fault(parent.at, path.clone(), message);
        }
        member
    }

    fn fault(&mut self, at: usize, path: Path, message: String) {
        self.faults.push(Fault { at, path, message });
    }
}

fn find<'a>(members: &'a [Member], name: &str) -> Option<&'a Node> {
    // Of a repeated name the last one counts, as in JavaScript.
    members.iter().rev().find(|member| member.name == name).map(|member| &member.node)
}

/// Whether the members are some of these names, in this order.
fn is_usual(members: &[Member], names: &[&str]) -> bool {
    let mut rest = names.iter();
    members
        .iter()
        .all(|member| !matches!(member.node.value, Json::Null) && rest.any(|name| *name == member.name))
}
