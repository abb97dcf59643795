//! The system catalog: the attributes that every app has from the start, with the ids they have on every server.

use std::sync::LazyLock;

use uuid::Uuid;

use crate::attr::{Attr, Cardinality, Identity, StoredAs};
use crate::value_type::CheckedType;

/// The app that owns the system attributes on every server.
pub const SYSTEM_APP: Uuid = Uuid::from_u128(0xa111_1111_1111_1111_1111_1111_1111_1ca7);

/// The system entities that apps may add their own attributes and links to, and that schemas show.
pub const OPEN_ENTITIES: [&str; 3] = ["$users", "$files", "$streams"];

/// All system entities, with the short names that their ids are made of.
const ENTITIES: [(&str, &str); 10] = [
    ("$users", "us"),
    ("$magicCodes", "mc"),
    ("$userRefreshTokens", "ur"),
    ("$oauthProviders", "op"),
    ("$oauthUserLinks", "ol"),
    ("$oauthClients", "oc"),
    ("$oauthCodes", "co"),
    ("$oauthRedirects", "or"),
    ("$files", "fi"),
    ("$streams", "st"),
];

/// Labels whose short name in an id is not the label in lower case.
const SHORT_LABELS: [(&str, &str); 24] = [
    ("$oauthClient", "oauclient"),
    ("$oauthProvider", "oprovider"),
    ("$stream", "stream"),
    ("$user", "user"),
    ("abortReason", "abrtreasn"),
    ("codeChallenge", "codechall"),
    ("codeChallengeMethod", "cchalmeth"),
    ("content-disposition", "cdisp"),
    ("content-type", "ctype"),
    ("cookieHash", "cookihash"),
    ("discoveryEndpoint", "discovend"),
    ("encryptedClientSecret", "encclisec"),
    ("hashedReconnectToken", "hashretok"),
    ("hashedToken", "hashedtok"),
    ("key-version", "kv"),
    ("linkedGuestUsers", "lgu"),
    ("linkedPrimaryUser", "lpu"),
    ("location-id", "lid"),
    ("redirectTo", "redirecto"),
    ("redirectUrl", "redireurl"),
    ("stateHash", "statehash"),
    ("sub+$oauthProvider", "subprovid"),
    ("useSharedCredentials", "usesharcr"),
    ("userInfo", "usernfo"),
];

/// `U` unique, `I` indexed, `R` required.
const BLOBS: &[(&str, &str, &str, Option<CheckedType>)] = &[
    ("$users", "id", "UI", None),
    ("$users", "email", "UI", Some(CheckedType::String)),
    ("$users", "type", "", Some(CheckedType::String)),
    ("$users", "imageURL", "", Some(CheckedType::String)),
    ("$magicCodes", "id", "UI", None),
    ("$magicCodes", "codeHash", "I", Some(CheckedType::String)),
    ("$magicCodes", "email", "I", Some(CheckedType::String)),
    ("$userRefreshTokens", "id", "UI", None),
    ("$userRefreshTokens", "hashedToken", "UI", Some(CheckedType::String)),
    ("$oauthProviders", "id", "UI", None),
    ("$oauthProviders", "name", "UI", Some(CheckedType::String)),
    ("$oauthUserLinks", "id", "UI", None),
    ("$oauthUserLinks", "sub", "I", Some(CheckedType::String)),
    ("$oauthUserLinks", "sub+$oauthProvider", "UI", Some(CheckedType::String)),
    ("$oauthClients", "id", "UI", None),
    ("$oauthClients", "name", "UI", Some(CheckedType::String)),
    ("$oauthClients", "clientId", "I", None),
    ("$oauthClients", "encryptedClientSecret", "", Some(CheckedType::String)),
    ("$oauthClients", "discoveryEndpoint", "", Some(CheckedType::String)),
    ("$oauthClients", "meta", "", None),
    ("$oauthClients", "redirectTo", "", Some(CheckedType::String)),
    ("$oauthClients", "useSharedCredentials", "", Some(CheckedType::Boolean)),
    ("$oauthCodes", "id", "UI", None),
    ("$oauthCodes", "codeHash", "UI", Some(CheckedType::String)),
    ("$oauthCodes", "codeChallengeMethod", "", Some(CheckedType::String)),
    ("$oauthCodes", "codeChallenge", "", Some(CheckedType::String)),
    ("$oauthCodes", "userInfo", "", None),
    ("$oauthRedirects", "id", "UI", None),
    ("$oauthRedirects", "stateHash", "UI", Some(CheckedType::String)),
    ("$oauthRedirects", "cookieHash", "", Some(CheckedType::String)),
    ("$oauthRedirects", "redirectUrl", "", Some(CheckedType::String)),
    ("$oauthRedirects", "redirectTo", "", Some(CheckedType::String)),
    ("$oauthRedirects", "codeChallengeMethod", "", Some(CheckedType::String)),
    ("$oauthRedirects", "codeChallenge", "", Some(CheckedType::String)),
    ("$files", "id", "UI", None),
    ("$files", "path", "UIR", Some(CheckedType::String)),
    ("$files", "size", "IR", Some(CheckedType::Number)),
    ("$files", "content-type", "I", Some(CheckedType::String)),
    ("$files", "content-disposition", "I", Some(CheckedType::String)),
    ("$files", "location-id", "UIR", Some(CheckedType::String)),
    ("$files", "key-version", "", Some(CheckedType::Number)),
    ("$files", "url", "", Some(CheckedType::String)),
    ("$streams", "id", "UI", None),
    ("$streams", "clientId", "UIR", Some(CheckedType::String)),
    ("$streams", "machineId", "", Some(CheckedType::String)),
    ("$streams", "done", "", Some(CheckedType::Boolean)),
    ("$streams", "size", "", Some(CheckedType::Number)),
    ("$streams", "hashedReconnectToken", "", Some(CheckedType::String)),
    ("$streams", "abortReason", "", Some(CheckedType::String)),
];

/// Links that lead to at most one entity and are deleted with it: forward entity and label, reverse
/// entity and label, whether indexed.
const CASCADING_REFS: &[([&str; 4], bool)] = &[
    (["$users", "linkedPrimaryUser", "$users", "linkedGuestUsers"], false),
    (["$userRefreshTokens", "$user", "$users", "$userRefreshTokens"], true),
    (["$oauthUserLinks", "$user", "$users", "$oauthUserLinks"], true),
    (["$oauthUserLinks", "$oauthProvider", "$oauthProviders", "$oauthUserLinks"], true),
    (["$oauthClients", "$oauthProvider", "$oauthProviders", "$oauthClients"], false),
    (["$oauthCodes", "$oauthClient", "$oauthClients", "$oauthCodes"], false),
    (["$oauthRedirects", "$oauthClient", "$oauthClients", "$oauthRedirects"], false),
];

/// Attributes of open entities that schemas do not show.
const HIDDEN: [(&str, &str); 7] = [
    ("$files", "content-type"),
    ("$files", "content-disposition"),
    ("$files", "size"),
    ("$files", "location-id"),
    ("$files", "key-version"),
    ("$streams", "machineId"),
    ("$streams", "hashedReconnectToken"),
];

/// The system entities that only the system creates and fills.
const KEPT_ENTITIES: [&str; 2] = ["$files", "$streams"];

/// The system attributes of these entities that apps may write.
const EDITABLE: [(&str, &str); 3] = [("$files", "id"), ("$files", "path"), ("$streams", "id")];

static ATTRS: LazyLock<Vec<Attr>> = LazyLock::new(build);

/// Returns the records of all system attributes and links. Every app has them, and no app can change them.
///
/// ```
/// use instant_schema::catalog;
///
/// let email = catalog::attr("$users", "email").unwrap();
/// assert_eq!(email.id.to_string(), "96653230-13ff-ffff-a4b4-46010bffffff");
/// assert!(catalog::attrs().contains(email));
/// ```
pub fn attrs() -> &'static [Attr] {
    &ATTRS
}

/// Returns the system attribute or link with this name; a link is found from either side.
pub fn attr(entity: &str, label: &str) -> Option<&'static Attr> {
    attrs().iter().find(|attr| {
        let is_it = |identity: &Identity| identity.entity() == entity && identity.label() == label;
        is_it(&attr.forward_identity) || attr.reverse_identity.as_ref().is_some_and(is_it)
    })
}

/// Whether `entity` is a system entity.
pub fn is_system_entity(entity: &str) -> bool {
    ENTITIES.iter().any(|(name, _)| *name == entity)
}

/// Whether apps may add their own attributes and links to the system entity.
pub fn is_open_entity(entity: &str) -> bool {
    OPEN_ENTITIES.contains(&entity)
}

/// Whether transactions can create entities of this type. Only the system creates files and streams.
pub fn can_be_created(entity: &str) -> bool {
    !KEPT_ENTITIES.contains(&entity)
}

/// Whether a transaction with admin rights can write the attribute or link. It can write everything except what the
/// system keeps about files and streams.
///
/// ```
/// use instant_schema::catalog::is_writable;
///
/// assert!(is_writable("$files", "path") && !is_writable("$files", "url"));
/// assert!(is_writable("$files", "aLabelOfTheApp") && is_writable("$users", "email"));
/// ```
pub fn is_writable(entity: &str, label: &str) -> bool {
    can_be_created(entity) || EDITABLE.contains(&(entity, label)) || attr(entity, label).is_none()
}

/// Whether users and guests may also write the system attribute or link, where the rules allow it.
pub fn is_open_to_users(entity: &str, label: &str) -> bool {
    EDITABLE.contains(&(entity, label)) || (entity, label) == ("$users", "id")
}

/// Whether schemas leave the attribute out: internal entities, and internal attributes of open ones.
/// Query results contain those of open entities.
pub fn is_hidden(attr: &Attr) -> bool {
    let (entity, label) = (attr.forward_identity.entity(), attr.forward_identity.label());
    HIDDEN.contains(&(entity, label)) || (attr.catalog == "system" && !is_open_entity(entity))
}

/// Returns why a server refuses to create an attribute or link with this name: a system attribute has the name, or
/// apps cannot add to the entity. Returns `None` where the server accepts it.
///
/// ```
/// use instant_schema::catalog::refusal;
///
/// assert_eq!(refusal("$users", "nickname"), None);
/// let why = refusal("$moop", "x").unwrap();
/// assert_eq!(why, "$ is reserved for system tables. You can't create $moop");
/// ```
pub fn refusal(entity: &str, label: &str) -> Option<String> {
    if attr(entity, label).is_some() {
        return Some(format!("{entity}.{label} is a system column and it already exists."));
    }
    (entity.starts_with('$') && !is_open_entity(entity))
        .then(|| format!("$ is reserved for system tables. You can't create {entity}"))
}

fn build() -> Vec<Attr> {
    let blobs = BLOBS.iter().map(|(entity, label, flags, checked)| Attr {
        unique: flags.contains('U'),
        indexed: flags.contains('I'),
        required: flags.contains('R'),
        checked_data_type: *checked,
        ..record(entity, label)
    });
    let refs = CASCADING_REFS.iter().map(|([entity, label, far_entity, far_label], indexed)| Attr {
        // Every server has one of them as a value.
        stored_as: match (*entity, *label) {
            ("$oauthUserLinks", "$oauthProvider") => StoredAs::Blob,
            _ => StoredAs::Ref,
        },
        reverse_identity: Some(identity(far_entity, far_label)),
        indexed: *indexed,
        on_delete: Some("cascade".to_owned()),
        ..record(entity, label)
    });
    let stream_files = Attr {
        stored_as: StoredAs::Ref,
        cardinality: Cardinality::Many,
        reverse_identity: Some(identity("$files", "$stream")),
        unique: true,
        on_delete_reverse: Some("cascade".to_owned()),
        ..record("$streams", "$files")
    };
    blobs.chain(refs).chain([stream_files]).collect()
}

fn record(entity: &str, label: &str) -> Attr {
    Attr {
        id: system_id("at", entity, label),
        forward_identity: identity(entity, label),
        catalog: "system".to_owned(),
        inferred_types: Some(vec![inferred_type(entity, label).to_owned()]),
        ..Attr::blob(entity, label)
    }
}

/// What every server says was written to a system attribute, whatever its type is.
fn inferred_type(entity: &str, label: &str) -> &'static str {
    if (entity, label) == ("$oauthClients", "meta") { "json" } else { "string" }
}

fn identity(entity: &str, label: &str) -> Identity {
    Identity(system_id("id", entity, label), entity.to_owned(), label.to_owned())
}

/// The id that every server gives a system attribute (`at`) or identity (`id`): both halves spell text.
fn system_id(kind: &str, entity: &str, label: &str) -> Uuid {
    let short = |table: &'static [(&str, &'static str)], name: &str| {
        table.iter().find(|(long, _)| *long == name).map(|(_, short)| *short)
    };
    let entity = short(&ENTITIES, entity).unwrap_or_default();
    let label = short(&ENTITIES, label)
        .or_else(|| short(&SHORT_LABELS, label))
        .map_or_else(|| label.to_lowercase(), str::to_owned);
    Uuid::from_u64_pair(spell(&format!("system{kind}")), spell(&format!("{entity}/{label}")))
}

/// Packs up to twelve letters at five bits each, and fills the rest with ones.
fn spell(text: &str) -> u64 {
    // The order of the last letters is the server's.
    const LETTERS: &str = "abcdefghijklmnopqrstuvwxzy/";
    let filler = std::iter::repeat(0b11111);
    let codes = text.chars().map(|c| LETTERS.find(c).map_or(0b11111, |code| code as u64));
    let sixty_bits = codes.chain(filler).take(12).fold(0, |bits, code| bits << 5 | code);
    sixty_bits << 4 | 0b1111
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_are_those_of_every_server() {
        for (entity, label, low_half) in [
            ("$users", "id", "a4b4-81ffffffffff"),
            ("$users", "email", "a4b4-46010bffffff"),
            ("$users", "type", "a4b5-3cbc9fffffff"),
            ("$users", "imageURL", "a4b4-8600c4a457ff"),
            ("$users", "linkedPrimaryUser", "a4b4-b7d3ffffffff"),
            ("$files", "id", "2a34-81ffffffffff"),
            ("$files", "path", "2a34-f04cffffffff"),
            ("$files", "size", "2a35-24609fffffff"),
            ("$files", "content-type", "2a34-29e5e4ffffff"),
            ("$files", "content-disposition", "2a34-21a24fffffff"),
            ("$files", "location-id", "2a34-b40fffffffff"),
            ("$files", "key-version", "2a34-aaffffffffff"),
            ("$files", "url", "2a35-48afffffffff"),
            ("$streams", "id", "94f4-81ffffffffff"),
            ("$streams", "clientId", "94f4-25a08d9a07ff"),
            ("$streams", "$files", "94f4-547fffffffff"),
            ("$streams", "done", "94f4-37349fffffff"),
            ("$streams", "size", "94f5-24609fffffff"),
            ("$streams", "abortReason", "94f4-00c6712024df"),
            ("$streams", "machineId", "94f4-c008e869103f"),
            ("$streams", "hashedReconnectToken", "94f4-7048f124dcaf"),
        ] {
            let attr = attr(entity, label).unwrap();
            assert_eq!(attr.id.to_string(), format!("96653230-13ff-ffff-{low_half}"), "{entity}.{label}");
            let ident = attr.forward_identity.0.to_string();
            assert_eq!(ident, format!("96653231-03ff-ffff-{low_half}"), "{entity}.{label}");
        }
        let guests = attr("$users", "linkedGuestUsers").unwrap().reverse_identity.as_ref().unwrap();
        assert_eq!(guests.0.to_string(), "96653231-03ff-ffff-a4b4-b353ffffffff");
    }

    #[test]
    fn every_name_can_be_spelt_and_no_id_is_used_twice() {
        let mut ids = HashSet::new();
        for attr in attrs() {
            assert!(ids.insert(attr.id), "{:?}", attr.forward_identity);
            for Identity(id, entity, label) in attr.reverse_identity.iter().chain([&attr.forward_identity]) {
                assert!(ids.insert(*id), "{entity}.{label}");
                assert!(is_system_entity(entity), "{entity}");
            }
        }
        assert_eq!(attrs().len(), 57);
    }

    #[test]
    fn of_what_schemas_show_the_system_keeps_files_and_streams_to_itself() {
        let kept: Vec<_> = attrs()
            .iter()
            .filter(|attr| !is_hidden(attr))
            .map(|attr| (attr.forward_identity.entity(), attr.forward_identity.label()))
            .filter(|(entity, label)| !is_writable(entity, label))
            .map(|(entity, label)| format!("{entity}.{label}"))
            .collect();
        assert_eq!(
            kept,
            [
                "$files.url",
                "$streams.clientId",
                "$streams.done",
                "$streams.size",
                "$streams.abortReason",
                "$streams.$files"
            ]
        );
        assert!(!is_writable("$files", "$stream"), "a link is kept from both sides");
        assert!(can_be_created("$users") && can_be_created("posts") && !can_be_created("$files"));
        let open: Vec<_> = attrs()
            .iter()
            .map(|attr| (attr.forward_identity.entity(), attr.forward_identity.label()))
            .filter(|(entity, label)| is_open_to_users(entity, label))
            .collect();
        assert_eq!(open, [("$users", "id"), ("$files", "id"), ("$files", "path"), ("$streams", "id")]);
    }

    #[test]
    fn schemas_show_only_what_apps_can_use() {
        let shown: Vec<_> = attrs()
            .iter()
            .filter(|attr| !is_hidden(attr))
            .map(|attr| format!("{}.{}", attr.forward_identity.entity(), attr.forward_identity.label()))
            .collect();
        assert_eq!(
            shown,
            [
                "$users.id",
                "$users.email",
                "$users.type",
                "$users.imageURL",
                "$files.id",
                "$files.path",
                "$files.url",
                "$streams.id",
                "$streams.clientId",
                "$streams.done",
                "$streams.size",
                "$streams.abortReason",
                "$users.linkedPrimaryUser",
                "$streams.$files",
            ]
        );
    }
}
