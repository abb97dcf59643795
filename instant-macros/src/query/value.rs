//! Values of conditions: literals go into the template, expressions become values that fill it.

use instant_schema::instaql::{End, Operand, Operator, ResolvedPath, ValueKind, judge};
use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use serde_json::Value as Json;

use super::member::{self, Value, string_of};
use super::plan::{Fit, Plan};
use crate::fits::Fits;
use crate::literal::{AttributeView, EntityView};

/// What a condition compares.
pub(crate) type Subject<'l> = ResolvedPath<'l, EntityView>;

/// A literal as a user writes it.
pub(crate) enum Literal {
    Text(String),
    Number(serde_json::Number),
    Boolean(bool),
    Null,
}

impl Literal {
    /// The literal that these tokens are, if they are one.
    pub(crate) fn of(tokens: &[TokenTree]) -> Option<Self> {
        match tokens {
            [TokenTree::Group(group)] if group.delimiter() == Delimiter::None => {
                Self::of(&group.stream().into_iter().collect::<Vec<_>>())
            }
            [TokenTree::Literal(literal)] => {
                string_of(literal).map(Self::Text).or_else(|| Self::number(&literal.to_string()))
            }
            [TokenTree::Punct(minus), TokenTree::Literal(literal)] if minus.as_char() == '-' => {
                Self::number(&format!("-{literal}"))
            }
            [TokenTree::Ident(word)] => match word.to_string().as_str() {
                "true" => Some(Self::Boolean(true)),
                "false" => Some(Self::Boolean(false)),
                "null" => Some(Self::Null),
                _ => None,
            },
            _ => None,
        }
    }

    /// A number without a type suffix; JSON and Rust write these alike but for underscores.
    fn number(text: &str) -> Option<Self> {
        serde_json::from_str(text.replace('_', "").as_str()).ok().map(Self::Number)
    }

    pub(crate) fn kind(&self) -> ValueKind {
        match self {
            Self::Text(_) => ValueKind::Text,
            Self::Number(_) => ValueKind::Number,
            Self::Boolean(_) => ValueKind::Boolean,
            Self::Null => ValueKind::Null,
        }
    }
}

/// What makes JSON of one value that a subject is compared with.
fn one(plan: &Plan, subject: &Subject<'_>) -> Fit {
    Fit::operand(&match &subject.end {
        End::Ids(of) => Fits::id_of(&plan.entity_type(of)),
        End::Values(_) => plan.fits(&subject.on, attribute(subject)),
    })
}

/// What makes JSON of several.
fn several(plan: &Plan, subject: &Subject<'_>) -> Fit {
    match &subject.end {
        End::Ids(of) => {
            let id = Ident::new("id", Span::call_site());
            let field = subject.on.link(subject.name).map_or(&id, |link| &link.field);
            Fit::list(&plan.marker(&subject.on, field), &plan.id_type(of))
        }
        End::Values(_) => {
            let attribute = attribute(subject);
            Fit::list(&plan.marker(&subject.on, &attribute.field), &plan.kind(&subject.on, attribute))
        }
    }
}

fn attribute<'s>(subject: &'s Subject<'_>) -> &'s AttributeView {
    subject.on.attribute(subject.name).expect("only attributes hold values")
}

/// Reads the operand of a condition. `optional`: it is an `Option`, and `None` leaves the condition out.
pub(crate) fn operand(
    plan: &mut Plan,
    subject: &Subject<'_>,
    operator: Option<Operator>,
    value: &Value,
    optional: bool,
    path: &str,
) -> Json {
    match (operator.map(Operator::operand), operator) {
        (Some(Operand::List), Some(operator)) => list(plan, subject, operator, value, optional, path),
        (Some(Operand::Boolean), Some(operator)) => {
            scalar_of(plan, subject, operator, Fit::flag(), value, optional, path)
        }
        (Some(Operand::Pattern), Some(operator)) => {
            let fit = one(plan, subject);
            scalar_of(plan, subject, operator, fit, value, optional, path)
        }
        _ => compared(plan, subject, value, optional, path),
    }
}

/// A value of the subject's own type.
fn compared(plan: &mut Plan, subject: &Subject<'_>, value: &Value, optional: bool, path: &str) -> Json {
    let literal = Literal::of(&value.tokens);
    let kind = match &literal {
        Some(literal) => literal.kind(),
        None if value.group(Delimiter::Bracket).is_some() => ValueKind::List,
        None => {
            let fit = one(plan, subject);
            return fill(plan, fit, value, optional, path);
        }
    };
    let judged = judge::operand(&subject.subject(), None, kind).and_then(|()| match &literal {
        Some(Literal::Text(text)) => judge::text(&subject.subject(), text),
        _ => Ok(()),
    });
    match judged {
        Ok(()) => refuse_optional(plan, value.span, optional),
        Err(breach) => plan.diagnostics.breach(value.span, breach),
    }
    match literal {
        Some(Literal::Text(text)) => plan.text(text, value.span, path),
        Some(Literal::Number(number)) => Json::Number(number),
        Some(Literal::Boolean(value)) => Json::Bool(value),
        Some(Literal::Null) | None => Json::Null,
    }
}

/// The operand of `$in`.
fn list(
    plan: &mut Plan,
    subject: &Subject<'_>,
    operator: Operator,
    value: &Value,
    optional: bool,
    path: &str,
) -> Json {
    if let Some(literal) = Literal::of(&value.tokens) {
        let judged = judge::operand(&subject.subject(), Some(operator), literal.kind());
        plan.diagnostics.judge(value.span, judged);
        return Json::Null;
    }
    let Some(group) = value.group(Delimiter::Bracket).filter(|group| !repeats(group.stream())) else {
        let fit = several(plan, subject);
        return fill(plan, fit, value, optional, path);
    };
    refuse_optional(plan, value.span, optional);
    let elements = member::elements(group.stream(), &mut plan.diagnostics);
    let element = |element: &Value| match Literal::of(&element.tokens) {
        Some(Literal::Null) => {
            let judged = judge::element(&subject.subject(), ValueKind::Null);
            plan.diagnostics.judge(element.span, judged);
            Json::Null
        }
        _ => compared(plan, subject, element, false, path),
    };
    Json::Array(elements.iter().map(element).collect())
}

/// The operand of an operator that takes one type whatever the subject's is.
fn scalar_of(
    plan: &mut Plan,
    subject: &Subject<'_>,
    operator: Operator,
    fit: Fit,
    value: &Value,
    optional: bool,
    path: &str,
) -> Json {
    let Some(literal) = Literal::of(&value.tokens) else {
        return fill(plan, fit, value, optional, path);
    };
    match judge::operand(&subject.subject(), Some(operator), literal.kind()) {
        Ok(()) => refuse_optional(plan, value.span, optional),
        Err(breach) => plan.diagnostics.breach(value.span, breach),
    }
    match literal {
        Literal::Text(text) => plan.text(text, value.span, path),
        Literal::Boolean(value) => Json::Bool(value),
        Literal::Number(_) | Literal::Null => Json::Null,
    }
}

fn fill(plan: &mut Plan, fit: Fit, value: &Value, optional: bool, path: &str) -> Json {
    plan.fill(value.stream(), value.span, fit, optional, path.to_owned())
}

/// `key?: "literal"` says that the literal may be missing, which it cannot.
pub(crate) fn refuse_optional(plan: &mut Plan, span: Span, optional: bool) {
    if optional {
        plan.diagnostics.report(
            span,
            "a key with `?` takes an `Option` and is left out where that is `None`; this is always there, so write \
             the key without `?`",
        );
    }
}

/// Whether `[value; count]` is meant.
fn repeats(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ';'))
}
