//! Collecting mistakes, so that one call reports them all, each at its own token.

use instant_schema::{Problem, Rule};
use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

/// The mistakes found so far.
#[derive(Default)]
pub(crate) struct Diagnostics {
    /// Each with the rule it breaks; syntax has none.
    mistakes: Vec<(Span, String, Option<Rule>)>,
}

impl Diagnostics {
    pub(crate) fn report(&mut self, span: Span, message: impl Into<String>) {
        self.mistakes.push((span, message.into(), None));
    }

    pub(crate) fn problem(&mut self, span: Span, problem: Problem) {
        self.mistakes.push((span, problem.message, Some(problem.rule)));
    }

    /// Returns the value that a rule accepted, or reports the problem at `span`.
    pub(crate) fn judge<T>(&mut self, span: Span, judged: Result<T, Problem>) -> Option<T> {
        judged.map_err(|problem| self.problem(span, problem)).ok()
    }

    /// One `compile_error!` for each, as statements or items.
    pub(crate) fn into_tokens(self) -> TokenStream {
        let mistakes = self.mistakes.into_iter();
        mistakes
            .map(|(span, message, _)| quote_spanned!(span=> ::core::compile_error! { #message }))
            .collect()
    }

    /// The messages alone.
    #[cfg(test)]
    pub(crate) fn messages(&self) -> Vec<&str> {
        self.mistakes.iter().map(|(_, message, _)| message.as_str()).collect()
    }

    /// Everything that was reported: the broken rule, the message, and the place.
    #[cfg(test)]
    pub(crate) fn mistakes(&self) -> Vec<(Option<Rule>, &str, Span)> {
        self.mistakes.iter().map(|(span, message, rule)| (*rule, message.as_str(), *span)).collect()
    }
}

/// Where tokens begin; the whole call where there are none.
pub(crate) fn first_span(tokens: &TokenStream) -> Span {
    tokens.clone().into_iter().next().map_or_else(Span::call_site, |token| token.span())
}
