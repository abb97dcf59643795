//! The Rust names of everything a schema names, decided in one place.
//!
//! # Rules
//! - Words are split at case changes and at characters that identifiers cannot hold: `createdAt`, `created-at`
//!   and `created at` are all `created`, `at`. Characters beyond ASCII that identifiers cannot hold are spelled
//!   (`🎉` is `u1f389`); a name with nothing left is `unnamed`.
//! - Attributes, links, rooms and modules are `snake_case`; keywords become raw (`r#type`), and the four that
//!   cannot be raw get an underscore (`self_`).
//! - Entity structs are the singular in `PascalCase` ([`singular::singular`]), with the plural as an alias:
//!   `blogPosts` is `BlogPost` and `BlogPosts`, with `NewBlogPost` beside.
//! - System entities lose their `$`, or where the schema also has that name get `system_`: `$users` is
//!   `users`/`User`, and `system_users`/`SystemUser` beside an entity `users`.
//! - When two names meet, the one that is written in its Rust form keeps it, then the first in the file; the
//!   others are numbered: `createdAt` beside `created_at` is `created_at_2`. Entities try the plural first.

mod singular;
mod spelling;

use std::collections::HashSet;

use indexmap::IndexMap;
use instant_schema::{Entity, Schema};
use proc_macro2::{Ident, Span};
use singular::singular;
use spelling::{capitalise, words};
pub use spelling::{pascal_case, snake_case};

/// Names given by the user: `rename = { $users: accounts, posts.type: kind }`.
#[derive(Debug, Default)]
pub struct Renames {
    /// By the entity's name in the schema.
    entities: IndexMap<String, String>,
    /// By the entity's name and the label of its attribute or link.
    fields: IndexMap<(String, String), String>,
}

impl Renames {
    /// Gives an entity another name, and gives back the one it was given before.
    pub fn rename_entity(&mut self, entity: &str, name: String) -> Option<String> {
        self.entities.insert(entity.to_owned(), name)
    }

    /// Gives an attribute or link another name, and gives back the one it was given before.
    pub fn rename_field(&mut self, entity: &str, label: &str, name: String) -> Option<String> {
        self.fields.insert((entity.to_owned(), label.to_owned()), name)
    }

    /// The name that was given to an entity.
    pub fn entity(&self, entity: &str) -> Option<&str> {
        self.entities.get(entity).map(String::as_str)
    }

    /// The name that was given to an attribute or link.
    pub fn field(&self, entity: &str, label: &str) -> Option<&str> {
        self.fields.get(&(entity.to_owned(), label.to_owned())).map(String::as_str)
    }
}

/// The Rust names of a schema.
#[derive(Debug)]
pub struct Names {
    entities: IndexMap<String, EntityNames>,
    rooms: IndexMap<String, RoomNames>,
}

/// The Rust names of one entity.
#[derive(Debug)]
pub struct EntityNames {
    /// Its module, and the function in `tx`: `posts`.
    pub module: Ident,
    /// Its struct: `Post`.
    pub entity: Ident,
    /// Its own name as a type where that differs from the struct's and is free: `Posts`.
    pub alias: Option<Ident>,
    /// The argument of `create`: `NewPost`.
    pub new: Ident,
    fields: IndexMap<String, Ident>,
}

/// The Rust names of one room type.
#[derive(Debug)]
pub struct RoomNames {
    /// The constant and the module of its topics: `chat`.
    pub room: Ident,
    /// What peers announce: `ChatPresence`.
    pub presence: Ident,
    /// The fields of a presence, by label.
    pub fields: IndexMap<String, Ident>,
    /// By topic.
    pub topics: IndexMap<String, TopicNames>,
}

/// The Rust names of one topic of a room.
#[derive(Debug)]
pub struct TopicNames {
    /// The constant: `emoji`.
    pub topic: Ident,
    /// A message: `ChatEmoji`.
    pub message: Ident,
    /// The fields of a message, by label.
    pub fields: IndexMap<String, Ident>,
}

impl Names {
    /// Names everything in `schema`.
    pub fn new(schema: &Schema, renames: &Renames) -> Self {
        let given: Vec<(&String, String)> = schema
            .entities
            .keys()
            .map(|name| {
                let given = renames.entity(name).map(str::to_owned);
                (name, given.unwrap_or_else(|| visible_name(schema, name)))
            })
            .collect();
        // Modules and types share a namespace: a name without case, such as `名前`, is the same as both. A module
        // named like a crate would make that crate's name ambiguous where the schema is.
        let mut types = Pool::with(["tx", "rooms", "__types", "instant_admin", "core", "std", "alloc"]);
        let modules = types.claim_all(given.iter().map(|(name, given)| (name.as_str(), snake_case(given))));
        let structs = claim_structs(&mut types, &given);
        let aliases: Vec<Option<String>> = given
            .iter()
            .map(|(_, given)| Some(pascal_case(given)).filter(|alias| types.take(alias)))
            .collect();
        let news: Vec<String> = structs.iter().map(|name| types.claim(format!("New{name}"), "")).collect();

        let entities = given
            .iter()
            .zip(modules)
            .zip(structs.iter().zip(aliases).zip(news))
            .map(|(((name, _), module), ((entity, alias), new))| {
                let names = EntityNames {
                    module: ident(&module),
                    entity: ident(entity),
                    alias: alias.as_deref().map(ident),
                    new: ident(&new),
                    fields: fields_of(schema, name, renames),
                };
                ((*name).clone(), names)
            })
            .collect();
        Self { entities, rooms: rooms_of(schema) }
    }

    /// The names of that entity. It must be one of the schema's: the caller looked it up there.
    pub fn entity(&self, name: &str) -> &EntityNames {
        &self.entities[name]
    }

    /// The names of that room type, which must be one of the schema's.
    pub fn room(&self, room: &str) -> &RoomNames {
        &self.rooms[room]
    }
}

impl EntityNames {
    /// The struct field, method and function name of an attribute (`id` too) or link of this entity.
    pub fn field(&self, label: &str) -> &Ident {
        &self.fields[label]
    }
}

/// `prefix` and a field's name in one identifier: `link_author`, `merge_type` for the field `r#type`.
pub fn prefixed(prefix: &str, field: &Ident) -> String {
    let field = field.to_string();
    format!("{prefix}{}", field.strip_prefix("r#").unwrap_or(&field))
}

/// What the struct of a link's rows adds to the name of its parent's: `Comment` for `comments`.
pub fn row_name(label: &str) -> String {
    pascal_case(&singular(label))
}

/// The keywords that have no raw form.
const NEVER_RAW: [&str; 4] = ["self", "Self", "super", "crate"];

/// The other keywords of Rust, those of all editions together: the edition that an identifier is read in is the
/// user's, and a raw identifier is right in each.
const KEYWORDS: [&str; 48] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
    "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait",
    "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Returns whether a word is a keyword of Rust, in whatever edition.
pub fn is_keyword(word: &str) -> bool {
    NEVER_RAW.contains(&word) || KEYWORDS.contains(&word)
}

/// Makes an identifier of a name: a raw one of a keyword, and one with an underscore of a keyword that has no raw form.
pub fn ident(name: &str) -> Ident {
    if NEVER_RAW.contains(&name) {
        Ident::new(&format!("{name}_"), Span::call_site())
    } else if KEYWORDS.contains(&name) {
        Ident::new_raw(name, Span::call_site())
    } else {
        Ident::new(name, Span::call_site())
    }
}

/// The name an entity is known by in Rust: without `$`, unless another entity has that name.
fn visible_name(schema: &Schema, name: &str) -> String {
    match name.strip_prefix('$') {
        Some(bare) if schema.entities.contains_key(bare) => format!("system_{bare}"),
        Some(bare) => bare.to_owned(),
        None => name.to_owned(),
    }
}

fn claim_structs(types: &mut Pool, given: &[(&String, String)]) -> Vec<String> {
    let mut structs = vec![None; given.len()];
    // Entities named in the singular come first, so that `post` beside `posts` is the `Post`.
    for own_name_only in [true, false] {
        for (slot, (_, given)) in structs.iter_mut().zip(given).filter(|(slot, _)| slot.is_none()) {
            let mut words = words(given);
            let plural = capitalise(&words);
            if let Some(last) = words.last_mut() {
                *last = singular(last);
            }
            let singular = capitalise(&words);
            if own_name_only && singular != plural {
                continue;
            }
            let free = [singular, plural.clone()].into_iter().find(|name| types.take(name));
            *slot = Some(free.unwrap_or_else(|| types.claim(plural, "")));
        }
    }
    structs.into_iter().flatten().collect()
}

fn fields_of(schema: &Schema, entity: &str, renames: &Renames) -> IndexMap<String, Ident> {
    let attributes = schema.entities[entity].attributes.keys().map(String::as_str);
    let links = schema.links_of(entity).map(|link| link.label());
    let labels = ["id"].into_iter().chain(attributes).chain(links);
    // What is renamed is written as the user wants it.
    name_fields(labels.map(|label| (label, renames.field(entity, label).unwrap_or(label))))
}

fn rooms_of(schema: &Schema) -> IndexMap<String, RoomNames> {
    // The module of a room's topics shares its namespace with the payloads.
    let mut types = Pool::with([]);
    let rooms = types.claim_all(schema.rooms.keys().map(|name| (name.as_str(), snake_case(name))));
    schema
        .rooms
        .iter()
        .zip(rooms)
        .map(|((name, room), ident_name)| {
            let fields = |entity: &Entity| {
                name_fields(entity.attributes.keys().map(|label| (label.as_str(), label.as_str())))
            };
            let presence = types.claim(format!("{}Presence", pascal_case(name)), "");
            let topics = room.topics.iter().flatten();
            let constants =
                Pool::with([]).claim_all(topics.clone().map(|(name, _)| (name.as_str(), snake_case(name))));
            let topics = topics.zip(constants).map(|((topic, message), constant)| {
                let names = TopicNames {
                    topic: ident(&constant),
                    message: ident(&types.claim(format!("{}{}", pascal_case(name), pascal_case(topic)), "")),
                    fields: fields(message),
                };
                (topic.clone(), names)
            });
            let topics = topics.collect();
            let names = RoomNames {
                room: ident(&ident_name),
                presence: ident(&presence),
                fields: fields(&room.presence),
                topics,
            };
            (name.clone(), names)
        })
        .collect()
}

/// Names fields given as (label, what their names are made of).
fn name_fields<'a>(labels: impl Iterator<Item = (&'a str, &'a str)>) -> IndexMap<String, Ident> {
    let labels: Vec<_> = labels.collect();
    let names = Pool::with([]).claim_all(labels.iter().map(|(_, written)| (*written, snake_case(written))));
    labels.iter().map(|(label, _)| (*label).to_owned()).zip(names.iter().map(|name| ident(name))).collect()
}

/// The names already given away in one namespace.
struct Pool(HashSet<String>);

impl Pool {
    fn with<const N: usize>(reserved: [&str; N]) -> Self {
        Self(reserved.into_iter().map(str::to_owned).collect())
    }

    /// Takes `name` if it is free.
    fn take(&mut self, name: &str) -> bool {
        self.0.insert(ident(name).to_string())
    }

    /// Takes `name`, numbered where it is taken.
    fn claim(&mut self, name: String, separator: &str) -> String {
        if self.take(&name) {
            return name;
        }
        let mut numbered = (2..).map(|number| format!("{name}{separator}{number}"));
        numbered.find(|name| self.take(name)).expect("there are more numbers than names")
    }

    /// Takes a name for each of (name as written, its Rust form), those written in their Rust form first.
    fn claim_all<'a>(&mut self, wanted: impl Iterator<Item = (&'a str, String)>) -> Vec<String> {
        let wanted: Vec<_> = wanted.collect();
        let mut claimed = vec![None; wanted.len()];
        for as_written in [true, false] {
            for (slot, (written, name)) in claimed.iter_mut().zip(&wanted) {
                if (written == name) == as_written {
                    *slot = Some(self.claim(name.clone(), "_"));
                }
            }
        }
        claimed.into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(entities: &[(&str, &[&str])]) -> Schema {
        let mut attribute = instant_schema::Attribute::new(instant_schema::ValueType::String);
        attribute.required = false;
        let mut schema = Schema::default();
        for (name, labels) in entities {
            let attributes = labels.iter().map(|label| ((*label).to_owned(), attribute.clone())).collect();
            let mut entity = Entity::default();
            entity.attributes = attributes;
            schema.entities.insert((*name).to_owned(), entity);
        }
        schema
    }

    fn of(schema: &Schema, entity: &str) -> (String, String, Option<String>, String) {
        let names = Names::new(schema, &Renames::default());
        let names = names.entity(entity);
        let alias = names.alias.as_ref().map(ToString::to_string);
        (names.module.to_string(), names.entity.to_string(), alias, names.new.to_string())
    }

    fn four(
        module: &str,
        entity: &str,
        alias: Option<&str>,
        new: &str,
    ) -> (String, String, Option<String>, String) {
        (module.to_owned(), entity.to_owned(), alias.map(str::to_owned), new.to_owned())
    }

    #[test]
    fn keywords_become_raw_and_those_that_cannot_get_an_underscore() {
        assert_eq!(ident("type").to_string(), "r#type");
        assert_eq!(ident("self").to_string(), "self_");
        assert_eq!(ident("Self").to_string(), "Self_");
        assert_eq!(ident("gen").to_string(), "r#gen");
    }

    #[test]
    fn entities_get_a_singular_struct_and_a_plural_alias() {
        let schema = schema(&[("blogPosts", &[]), ("$users", &[]), ("status", &[])]);
        assert_eq!(
            of(&schema, "blogPosts"),
            four("blog_posts", "BlogPost", Some("BlogPosts"), "NewBlogPost")
        );
        assert_eq!(of(&schema, "$users"), four("users", "User", Some("Users"), "NewUser"));
        assert_eq!(of(&schema, "status"), four("status", "Status", None, "NewStatus"));
    }

    #[test]
    fn system_entities_step_back_from_the_users_own() {
        let schema = schema(&[("$users", &[]), ("users", &[])]);
        assert_eq!(of(&schema, "users"), four("users", "User", Some("Users"), "NewUser"));
        assert_eq!(
            of(&schema, "$users"),
            four("system_users", "SystemUser", Some("SystemUsers"), "NewSystemUser")
        );
    }

    #[test]
    fn entities_that_meet_are_told_apart_whatever_their_order() {
        let schema = schema(&[("posts", &[]), ("post", &[]), ("newPosts", &[]), ("tx", &[]), ("Posts", &[])]);
        assert_eq!(of(&schema, "post"), four("post", "Post", None, "NewPost2"));
        assert_eq!(of(&schema, "posts"), four("posts", "Posts", None, "NewPosts2"));
        assert_eq!(of(&schema, "newPosts"), four("new_posts", "NewPost", Some("NewPosts"), "NewNewPost"));
        assert_eq!(of(&schema, "tx"), four("tx_2", "Tx", None, "NewTx"));
        assert_eq!(of(&schema, "Posts").0, "posts_2");
    }

    #[test]
    fn a_name_without_case_is_its_modules_and_its_struct_is_numbered() {
        let schema = schema(&[("名前", &[]), ("2fa", &[]), ("404s", &[])]);
        assert_eq!(of(&schema, "名前"), four("名前", "名前2", None, "New名前2"));
        assert_eq!(of(&schema, "2fa"), four("_2fa", "_2fa2", None, "New_2fa2"));
        assert_eq!(of(&schema, "404s"), four("_404s", "_404", None, "New_404"));
    }

    #[test]
    fn labels_that_meet_are_numbered_and_the_rust_spelling_wins() {
        let schema = schema(&[("posts", &["createdAt", "created_at", "Id", "type", "self", "self_"])]);
        let names = Names::new(&schema, &Renames::default());
        let field = |label| names.entity("posts").field(label).to_string();
        assert_eq!(field("created_at"), "created_at");
        assert_eq!(field("createdAt"), "created_at_2");
        assert_eq!((field("id"), field("Id")), ("id".into(), "id_2".into()));
        assert_eq!(field("type"), "r#type");
        assert_eq!((field("self"), field("self_")), ("self_".into(), "self_2".into()));
    }

    #[test]
    fn renames_replace_the_name_before_anything_is_derived_from_it() {
        let schema = schema(&[("$users", &["type", "kind_2"])]);
        let mut renames = Renames::default();
        renames.rename_entity("$users", "accounts".to_owned());
        renames.rename_field("$users", "type", "kind".to_owned());
        let names = Names::new(&schema, &renames);
        assert_eq!(names.entity("$users").field("type").to_string(), "kind");
        assert_eq!(names.entity("$users").entity.to_string(), "Account");
        assert_eq!(names.entity("$users").module.to_string(), "accounts");
    }
}
