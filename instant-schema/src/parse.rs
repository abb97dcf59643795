//! Reading `instant.schema.json`, the output of `JSON.stringify(schema)`, with the place of every mistake.

use indexmap::IndexMap;
use serde_json::{Map, Value};

use crate::check::check;
use crate::json::{self, Fault, Json, Member, Node, to_map};
use crate::layout::Layout;
use crate::model::{Attribute, Entity, Has, Link, LinkSide, Room, Schema};
use crate::path::Path;
use crate::rule::{self, Place, Position, Problem, Problems};
use crate::value_type::ValueType;

impl Schema {
    /// Reads a schema from the JSON of its file and checks it.
    ///
    /// Takes what the official `parseSchemaFromJSON` takes: `links`, `rooms` and `topics` may be missing, and
    /// `isIndexed` and the `links` of an entity are derived from the rest.
    ///
    /// # Errors
    /// All problems, each with its line and column. Unknown types and wrong names, which the official function ignores,
    /// are problems too.
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
    /// # Ok::<(), instant_schema::Problems>(())
    /// ```
    pub fn from_json(text: &str) -> Result<Self, Problems> {
        match Self::read_text(text) {
            (schema, None) => Ok(schema),
            (_, Some(errors)) => Err(errors),
        }
    }

    /// Reads as much as possible from the bytes of a schema file, and returns the problems beside it. A part with
    /// mistakes is left out or has a harmless value. This is for tools that go on with a broken file, such as editors.
    pub fn read_lossy(bytes: &[u8]) -> (Self, Option<Problems>) {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::read_text(text),
            Err(_) => (Self::default(), Self::from_slice(bytes).err()),
        }
    }

    fn read_text(text: &str) -> (Self, Option<Problems>) {
        let document = match json::read(text) {
            Ok(document) => document,
            Err(fault) => return (Self::default(), placed(text, vec![fault]).err()),
        };
        let mut reader = Reader { faults: document.repeated };
        let schema = reader.schema(&document.root);
        reader.faults.extend(check(&schema).into_iter().map(|(path, problem)| {
            let at = document.root.locate(&path);
            Fault { at, path, problem }
        }));
        (schema, placed(text, reader.faults).err())
    }

    /// Reads a schema from the bytes of its file. Fails as [`from_json`](Self::from_json) does, and where the bytes are
    /// not UTF-8.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, Problems> {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::from_json(text),
            Err(error) => {
                let valid = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
                let fault = Fault { at: valid.len(), path: Path::root(), problem: rule::not_utf8() };
                placed(&valid, vec![fault]).map(|()| Self::default())
            }
        }
    }

    /// Checks a schema that was built in code by the rules for a schema file. The problems have paths, and no lines.
    pub fn check(&self) -> Result<(), Problems> {
        let problems = check(self).into_iter().map(|(path, problem)| in_schema(problem, path, None));
        Problems::check(problems.collect())
    }
}

/// The faults with their lines and columns, in the order of the text.
fn placed(text: &str, mut faults: Vec<Fault>) -> Result<(), Problems> {
    faults.sort_by_key(|fault| fault.at);
    let problems = faults.into_iter().map(|Fault { at, path, problem }| {
        let position = Position::of(text, at);
        in_schema(problem, path, Some(position))
    });
    Problems::check(problems.collect())
}

fn in_schema(problem: Problem, path: Path, position: Option<Position>) -> Problem {
    Problem { place: Place::Schema { path, position }, ..problem }
}

/// Reads as much as it can: what is wrong is noted and replaced by a harmless value.
struct Reader {
    faults: Vec<Fault>,
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
        // Every entity has an `id`. A file may list it all the same, and the server ignores it.
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
        // `isIndexed` repeats `config.indexed`; only its type is checked.
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
        let Json::String(name) = &node.value else {
            self.fault(node.at, path.clone(), rule::value_type_shape(node.kind()));
            return None;
        };
        let value_type = ValueType::from_name(name);
        if value_type.is_none() {
            self.fault(node.at, path.clone(), rule::unknown_value_type(name));
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
            self.link_side(side, &path.key(name))
        };
        let (forward, reverse) = (side("forward"), side("reverse"));
        let layout = Layout::of(to_map(members), is_usual(members, &["forward", "reverse"]));
        Some(Link { forward: forward?, reverse: reverse?, layout })
    }

    fn link_side(&mut self, node: &Node, path: &Path) -> Option<LinkSide> {
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
            Some(_) => Some(self.boolean(members, "required", path)),
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
            let at = node.locate(&Path::of(["has"]));
            self.fault(at, path.key("has"), rule::unknown_cardinality(&name));
        }
        has
    }

    fn cascade(&mut self, members: &[Member], path: &Path) -> bool {
        let Some(node) = find(members, "onDelete") else { return false };
        let problem = match &node.value {
            Json::Null => return false,
            Json::String(name) if name == "cascade" => return true,
            Json::String(name) => rule::unknown_on_delete(name),
            _ => rule::wrong_shape("a string", node.kind(), "\"cascade\", or leave it out"),
        };
        self.fault(node.at, path.key("onDelete"), problem);
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

    /// Reads every member of an object with one function.
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

    /// Like `map`, for a member that may be missing or null.
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

    /// Returns the members of an object. Reports anything else, which has none.
    fn object<'a>(&mut self, node: &'a Node, path: &Path, shape: &str) -> &'a [Member] {
        if let Json::Object(members) = &node.value {
            return members;
        }
        self.fault(node.at, path.clone(), rule::wrong_shape("an object", node.kind(), shape));
        &[]
    }

    /// Reads a boolean; missing and null are false.
    fn boolean(&mut self, members: &[Member], name: &str, path: &Path) -> bool {
        let Some(node) = find(members, name) else { return false };
        match node.value {
            Json::Bool(truth) => truth,
            Json::Null => false,
            _ => {
                let problem = rule::wrong_shape("a boolean", node.kind(), "true or false");
                self.fault(node.at, path.key(name), problem);
                false
            }
        }
    }

    /// Reads a string that must be there.
    fn string(&mut self, parent: &Node, name: &str, path: &Path, example: &str) -> Option<String> {
        let node = self.member(parent, name, path, example)?;
        if let Json::String(text) = &node.value {
            return Some(text.clone());
        }
        self.fault(node.at, path.key(name), rule::wrong_shape("a string", node.kind(), example));
        None
    }

    /// Returns a member that must be there. A parent that is not an object has been reported already.
    fn member<'a>(&mut self, parent: &'a Node, name: &str, path: &Path, example: &str) -> Option<&'a Node> {
        let Json::Object(members) = &parent.value else { return None };
        let member = find(members, name);
        if member.is_none() {
            self.fault(parent.at, path.clone(), rule::missing_member(name, example));
        }
        member
    }

    fn fault(&mut self, at: usize, path: Path, problem: Problem) {
        self.faults.push(Fault { at, path, problem });
    }
}

fn find<'a>(members: &'a [Member], name: &str) -> Option<&'a Node> {
    // The last member with a repeated name counts, as in JavaScript.
    members.iter().rev().find(|member| member.name == name).map(|member| &member.node)
}

/// Whether the members have some of these names, in this order.
fn is_usual(members: &[Member], names: &[&str]) -> bool {
    let mut rest = names.iter();
    members
        .iter()
        .all(|member| !matches!(member.node.value, Json::Null) && rest.any(|name| *name == member.name))
}
