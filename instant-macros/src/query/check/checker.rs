//! The state that the checks of all parts of a call share: the schema, the mistakes so far, and the depth.

use instant_schema::instaql::{MARK, MAX_DEPTH};
use instant_schema::rule;
use proc_macro2::{Span, TokenStream};

use crate::depth;
use crate::diagnostics::Diagnostics;
use crate::literal::{Catalog, EntityView};
use crate::query::checked::{Conversion, Expression, Operand};
use crate::query::member::{Mistake, Value};
use crate::tokens;

/// The state of a check.
pub(crate) struct Checker {
    pub(crate) catalog: Catalog,
    pub(crate) diagnostics: Diagnostics,
    /// Whether an editor looks at the expansion: it reads on by itself, also what is half-typed.
    pub(crate) editor: bool,
    /// Whether values have to be literals: in a fragment, which is a constant.
    constant: bool,
    /// How many forms or conditions are around what is checked.
    depth: usize,
}

/// A value, and whether its key has a `?`: then it is an `Option`, and `None` leaves the key out.
#[derive(Clone, Copy)]
pub(crate) struct Site<'a> {
    pub(crate) value: &'a Value,
    pub(crate) optional: bool,
}

impl<'a> Site<'a> {
    /// A value that is always there.
    pub(crate) fn always(value: &'a Value) -> Self {
        Self { value, optional: false }
    }

    pub(crate) fn span(self) -> Span {
        self.value.span
    }
}

impl Checker {
    pub(crate) fn new(literal: &str, editor: bool) -> Self {
        Self {
            catalog: Catalog::new(literal),
            diagnostics: Diagnostics::default(),
            editor,
            constant: false,
            depth: 0,
        }
    }

    /// A check of a fragment, which is a constant.
    pub(crate) fn of_fragment(literal: &str, editor: bool) -> Self {
        Self { constant: true, ..Self::new(literal, editor) }
    }

    /// Reports what was wrong when the tokens were read.
    pub(crate) fn repeat(&mut self, mistakes: &[Mistake]) {
        for Mistake { span, message } in mistakes {
            self.diagnostics.report(*span, message.clone());
        }
    }

    /// Returns the entity that the schema calls `name`, or reports that there is none.
    pub(crate) fn entity(&mut self, name: &str, span: Span) -> Option<EntityView> {
        if let Some(entity) = self.catalog.entity(name) {
            return Some(entity);
        }
        let entities = self.catalog.entities();
        if entities.iter().any(|known| known == name) {
            let message = format!(
                "the schema describes `{name}` in a way that this macro does not know: use one version of \
                 `instant-admin` in all crates of the program"
            );
            self.diagnostics.report(span, message);
        } else {
            let problem = rule::unknown_entity(name, entities.iter().map(String::as_str).collect());
            self.diagnostics.problem(span, problem);
        }
        None
    }

    /// Goes one level deeper, or reports that it is too deep. [`leave`](Self::leave) comes back.
    pub(crate) fn enter(&mut self, span: Span) -> bool {
        if self.depth == MAX_DEPTH {
            self.diagnostics.problem(span, rule::too_deep(MAX_DEPTH));
            return false;
        }
        self.depth += 1;
        true
    }

    pub(crate) fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Checks a Rust expression.
    pub(crate) fn expression(&mut self, site: Site<'_>, conversion: Conversion) -> Operand {
        self.rust(site.value.stream(), site.span(), conversion, site.optional)
    }

    /// Returns a string of the user as an operand.
    pub(crate) fn text(&mut self, text: String, span: Span) -> Operand {
        if text.starts_with(MARK) {
            // It would be taken for the place of a value.
            return self.rust(quote::quote!(#text), span, Conversion::Text, false);
        }
        Operand::Json(text.into())
    }

    fn rust(&mut self, tokens: TokenStream, span: Span, conversion: Conversion, optional: bool) -> Operand {
        if self.constant {
            let message =
                "a fragment is a constant: write a literal here, or put this condition into the query";
            self.diagnostics.report(span, message);
        }
        if tokens.is_empty() {
            self.diagnostics.report(span, "expected a value");
            return Operand::NOTHING;
        }
        // Tokens that are not Rust would hide all other mistakes.
        if !self.editor
            && let Err(error) = depth::expression(tokens.clone())
        {
            self.diagnostics.report(error.span(), format!("expected a Rust expression: {error}"));
            return Operand::NOTHING;
        }
        let tokens = tokens::with_operands_in_parentheses(tokens);
        Operand::Rust(Box::new(Expression { tokens, span, conversion, optional }))
    }

    /// Reports a literal at a key with `?`, which says that the value may be missing.
    pub(crate) fn refuse_optional(&mut self, site: Site<'_>) {
        if site.optional {
            self.diagnostics.report(
                site.span(),
                "a key with `?` takes an `Option` and is left out where that is `None`; this is always there, so write \
                 the key without `?`",
            );
        }
    }

    /// Checks a value that is made at run time and spliced in with `#`.
    pub(crate) fn splice(&mut self, site: Site<'_>, conversion: Conversion, expected: &str) -> Operand {
        if site.value.is_missing() {
            self.diagnostics.report(site.span(), format!("expected {expected}"));
            return Operand::NOTHING;
        }
        self.expression(site, conversion)
    }
}
