//! Values of conditions: literals are checked here, expressions by the compiler.

use instant_schema::instaql::{End, Operand as Takes, Operator, ResolvedPath, ValueKind, judge};
use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};

use super::checker::{Checker, Site};
use crate::literal::{AttributeView, EntityView};
use crate::query::checked::{Conversion, Operand};
use crate::query::member::{List, Value, string_of};

/// The attribute or link that a condition compares.
pub(super) type Subject<'l> = ResolvedPath<'l, EntityView>;

/// A literal as a user writes it.
pub(super) enum Literal {
    Text(String),
    Number(serde_json::Number),
    Boolean(bool),
    Null,
}

impl Literal {
    /// Reads the literal that these tokens are, if they are one.
    pub(super) fn of(tokens: &[TokenTree]) -> Option<Self> {
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

    /// Reads a number without a type suffix, which JSON and Rust write in the same way but for underscores.
    fn number(text: &str) -> Option<Self> {
        serde_json::from_str(text.replace('_', "").as_str()).ok().map(Self::Number)
    }

    pub(super) fn kind(&self) -> ValueKind {
        match self {
            Self::Text(_) => ValueKind::Text,
            Self::Number(_) => ValueKind::Number,
            Self::Boolean(_) => ValueKind::Boolean,
            Self::Null => ValueKind::Null,
        }
    }
}

/// The conversion of an expression that the subject is compared with.
fn one_value(subject: &Subject<'_>) -> Conversion {
    match &subject.end {
        End::Ids(of) => Conversion::Id(of.clone()),
        End::Values(_) => Conversion::Value(subject.on.clone(), attribute(subject).clone()),
    }
}

/// The conversion of an expression with all values that the subject may have.
fn list_of_values(subject: &Subject<'_>) -> Conversion {
    match &subject.end {
        End::Ids(of) => {
            let link = subject.on.link(subject.name);
            let field = link.map_or_else(|| Ident::new("id", Span::call_site()), |link| link.field.clone());
            Conversion::Ids { on: subject.on.clone(), field, of: of.clone() }
        }
        End::Values(_) => Conversion::Values(subject.on.clone(), attribute(subject).clone()),
    }
}

fn attribute<'s>(subject: &'s Subject<'_>) -> &'s AttributeView {
    subject.on.attribute(subject.name).expect("only attributes hold values")
}

impl Checker {
    /// Checks what a subject is compared with by `operator`, or without one.
    pub(super) fn operand(
        &mut self,
        subject: &Subject<'_>,
        operator: Option<Operator>,
        site: Site<'_>,
    ) -> Operand {
        let Some(operator) = operator else { return self.compared(subject, site) };
        match operator.operand() {
            Takes::Value => self.compared(subject, site),
            Takes::List => self.list(subject, operator, site),
            Takes::Boolean => self.fixed(subject, operator, Conversion::Flag, site),
            Takes::Pattern => self.fixed(subject, operator, one_value(subject), site),
        }
    }

    /// A value of the subject's own type.
    fn compared(&mut self, subject: &Subject<'_>, site: Site<'_>) -> Operand {
        let literal = Literal::of(&site.value.tokens);
        let kind = match &literal {
            Some(literal) => literal.kind(),
            None if site.value.group(Delimiter::Bracket).is_some() => ValueKind::List,
            None => return self.expression(site, one_value(subject)),
        };
        let judged = judge::operand(&subject.subject(), None, kind).and_then(|()| match &literal {
            Some(Literal::Text(text)) => judge::text(&subject.subject(), text),
            _ => Ok(()),
        });
        match judged {
            Ok(()) => self.refuse_optional(site),
            Err(problem) => self.diagnostics.problem(site.span(), problem),
        }
        match literal {
            Some(Literal::Text(text)) => self.text(text, site.span()),
            Some(Literal::Number(number)) => Operand::Json(number.into()),
            Some(Literal::Boolean(value)) => Operand::Json(value.into()),
            Some(Literal::Null) | None => Operand::NOTHING,
        }
    }

    /// The operand of `$in`.
    fn list(&mut self, subject: &Subject<'_>, operator: Operator, site: Site<'_>) -> Operand {
        if let Some(literal) = Literal::of(&site.value.tokens) {
            let judged = judge::operand(&subject.subject(), Some(operator), literal.kind());
            self.diagnostics.judge(site.span(), judged);
            return Operand::NOTHING;
        }
        let group = site.value.group(Delimiter::Bracket).filter(|group| !repeats(group.stream()));
        let Some(group) = group else { return self.expression(site, list_of_values(subject)) };
        self.refuse_optional(site);
        let List { elements, mistakes } = List::read(group.stream());
        self.repeat(&mistakes);
        Operand::List(elements.iter().map(|element| self.element(subject, element)).collect())
    }

    fn element(&mut self, subject: &Subject<'_>, element: &Value) -> Operand {
        if let Some(Literal::Null) = Literal::of(&element.tokens) {
            let judged = judge::element(&subject.subject(), ValueKind::Null);
            self.diagnostics.judge(element.span, judged);
            return Operand::NOTHING;
        }
        self.compared(subject, Site::always(element))
    }

    /// The operand of an operator that takes one type, whatever the subject's is.
    fn fixed(
        &mut self,
        subject: &Subject<'_>,
        operator: Operator,
        conversion: Conversion,
        site: Site<'_>,
    ) -> Operand {
        let Some(literal) = Literal::of(&site.value.tokens) else {
            return self.expression(site, conversion);
        };
        match judge::operand(&subject.subject(), Some(operator), literal.kind()) {
            Ok(()) => self.refuse_optional(site),
            Err(problem) => self.diagnostics.problem(site.span(), problem),
        }
        match literal {
            Literal::Text(text) => self.text(text, site.span()),
            Literal::Boolean(value) => Operand::Json(value.into()),
            Literal::Number(_) | Literal::Null => Operand::NOTHING,
        }
    }
}

/// Returns whether `[value; count]` is meant.
fn repeats(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ';'))
}
