//! A call after its check against the schema: what is sent and what comes back, with every name resolved.
//!
//! A call with mistakes is kept without the wrong parts, so that there is always something to expand.

use proc_macro2::{Ident, Span, TokenStream};
use serde_json::Value as Json;

use instant_schema::instaql::OptionKey;

use super::member::Marker;
use crate::literal::{AttributeView, EntityView, LinkView};

/// A query: what is asked of each root entity, in the order of the source.
pub(crate) struct Query {
    pub(crate) roots: Vec<Root>,
}

pub(crate) enum Root {
    /// An entity, by its name in the schema.
    Entity(String, Form),
    /// `$$ruleParams`
    RuleParams(Operand),
}

/// The form of an entity or link.
pub(crate) enum Form {
    Fragment(Fragment),
    Written(WrittenForm),
}

/// A form that is written out.
pub(crate) struct WrittenForm {
    pub(crate) entity: EntityView,
    pub(crate) parts: Vec<FormPart>,
    pub(crate) rows: Rows,
}

pub(crate) enum FormPart {
    Options(Vec<(OptionKey, OptionPart)>),
    Link(Box<LinkForm>),
}

/// A fragment that is used: `Card`.
#[derive(Clone)]
pub(crate) struct Fragment {
    pub(crate) on: EntityView,
    pub(crate) path: TokenStream,
    pub(crate) span: Span,
}

/// `author: { .. }`
pub(crate) struct LinkForm {
    pub(crate) link: LinkView,
    /// Whether `!` says that it is there.
    pub(crate) asserted: bool,
    pub(crate) form: Form,
}

/// The rows of a form.
pub(crate) enum Rows {
    /// Entities as they are.
    Entity,
    /// A struct of these attributes and the form's links.
    Struct(Vec<(AttributeView, Option<Marker>)>),
    /// Those of a fragment.
    Fragment(Fragment),
    /// None, but their number.
    Count,
}

pub(crate) enum OptionPart {
    Filter(Filter),
    /// `order: { label: direction }`
    Order(Option<(String, Operand)>),
    Operand(Operand),
}

/// A filter, or several that hold together.
pub(crate) enum Filter {
    Spliced(Operand),
    Conditions(Vec<Condition>),
    /// A mistake in the place of a filter.
    Missing,
}

pub(crate) enum Condition {
    /// `author.handle: value` or `views: { $gt: value }`
    Compared {
        path: String,
        operator: Option<String>,
        operand: Operand,
    },
    /// `or: [..]`
    Joined(String, Vec<Filter>),
    Spliced(Operand),
}

/// A value that is sent.
pub(crate) enum Operand {
    Json(Json),
    List(Vec<Operand>),
    Rust(Box<Expression>),
}

/// A Rust expression of the user, and what turns it into a part of the query.
pub(crate) struct Expression {
    pub(crate) tokens: TokenStream,
    pub(crate) span: Span,
    pub(crate) conversion: Conversion,
    /// Whether the expression is an `Option` whose `None` leaves the part out.
    pub(crate) optional: bool,
}

/// How an expression becomes JSON: which types it can have.
#[derive(Clone)]
pub(crate) enum Conversion {
    /// A value of an attribute.
    Value(EntityView, AttributeView),
    /// Several of them.
    Values(EntityView, AttributeView),
    /// The id of such an entity.
    Id(EntityView),
    /// Several of them, for the attribute or link `field` of `on`.
    Ids {
        on: EntityView,
        field: Ident,
        of: EntityView,
    },
    /// A string, whatever it looks like.
    Text,
    Flag,
    PageSize,
    Offset,
    Cursor,
    Filter(EntityView),
    Order(EntityView),
    Direction,
    RuleParams,
}

impl Form {
    /// The entity whose rows the form asks for.
    pub(crate) fn entity(&self) -> &EntityView {
        match self {
            Self::Fragment(fragment) => &fragment.on,
            Self::Written(form) => &form.entity,
        }
    }
}

impl Operand {
    /// The operand in the place of a mistake.
    pub(crate) const NOTHING: Self = Self::Json(Json::Null);
}
