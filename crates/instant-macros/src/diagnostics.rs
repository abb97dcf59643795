//! Collecting mistakes, so that one call reports them all, each at its own token.

use instant_schema::instaql::Breach;
use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

/// The mistakes found so far.
#[derive(Default)]
pub(crate) struct Diagnostics {
    mistakes: Vec<(Span, String)>,
}

impl Diagnostics {
    pub(crate) fn report(&mut self, span: Span, message: impl Into<String>) {
        self.mistakes.push((span, message.into()));
    }

    pub(crate) fn breach(&mut self, span: Span, breach: Breach) {
        self.report(span, breach.message);
    }

    /// Reports what a rule found wrong, if anything.
    pub(crate) fn judge(&mut self, span: Span, judged: Result<(), Breach>) {
        if let Err(breach) = judged {
            self.breach(span, breach);
        }
    }

    /// One `compile_error!` for each, as statements or items.
    pub(crate) fn into_tokens(self) -> TokenStream {
        let mistakes = self.mistakes.into_iter();
        mistakes.map(|(span, message)| quote_spanned!(span=> ::core::compile_error! { #message })).collect()
    }

    /// The messages alone.
    #[cfg(test)]
    pub(crate) fn messages(&self) -> Vec<&str> {
        self.mistakes.iter().map(|(_, message)| message.as_str()).collect()
    }
}
