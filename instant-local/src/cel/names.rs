//! The names that rules know without declaring them: variables by kind of rule, and types.

use super::bindings::Variable;
use super::types::Type;

/// The kind of rule an expression is for: it decides which variables there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum RuleKind {
    /// View, delete and field rules: `data auth ruleParams request rateLimit`.
    Read,
    /// Create and update rules, and those of attributes: also `newData`.
    Write,
    /// Link rules: also `newData linkedData actions`.
    Link,
    /// Unlink rules: also `newData linkedData`.
    Unlink,
}

/// The variable of a name, and its type.
pub(super) fn variable(kind: RuleKind, name: &str) -> Option<(Variable, Type)> {
    let object = Type::map(Type::String, Type::Dyn);
    let (variable, of) = match name {
        "data" => (Variable::Data, object),
        "auth" => (Variable::Auth, object),
        "ruleParams" => (Variable::RuleParams, object),
        "request" => (Variable::Request, Type::Request),
        "rateLimit" => {
            let bucket = Type::Bucket(Type::parameter("RateLimitBucket").into());
            (Variable::RateLimit, Type::map(Type::String, bucket))
        }
        "newData" if kind != RuleKind::Read => (Variable::NewData, object),
        "linkedData" if matches!(kind, RuleKind::Link | RuleKind::Unlink) => (Variable::LinkedData, object),
        "actions" if kind == RuleKind::Link => (Variable::Actions, object),
        _ => return None,
    };
    Some((variable, of))
}

/// The type of a name, `int`, and the name by which types are compared.
pub(super) fn type_named(name: &str) -> Option<(&'static str, Type)> {
    Some(match name {
        "bool" => ("bool", Type::Bool),
        "bytes" => ("bytes", Type::Bytes),
        "double" => ("double", Type::Double),
        "dyn" => ("dyn", Type::Dyn),
        "google.protobuf.Duration" => ("google.protobuf.Duration", Type::Duration),
        "google.protobuf.Timestamp" => ("google.protobuf.Timestamp", Type::Timestamp),
        "int" => ("int", Type::Int),
        "list" => ("list", Type::list(Type::Dyn)),
        "map" => ("map", Type::map(Type::Dyn, Type::Dyn)),
        "null_type" => ("null_type", Type::Null),
        "string" => ("string", Type::String),
        "type" => ("type", Type::Type(Type::Dyn.into())),
        "uint" => ("uint", Type::Uint),
        _ => return None,
    })
}

/// The type of a field of `request`.
pub(super) fn request_field(name: &str) -> Option<Type> {
    match name {
        "time" => Some(Type::Timestamp),
        "modifiedFields" => Some(Type::list(Type::String)),
        "ip" | "origin" => Some(Type::String),
        _ => None,
    }
}
