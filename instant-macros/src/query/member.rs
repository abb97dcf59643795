//! Objects as a user writes them: `key: value, key?: value, #splice, ..spread`.
//!
//! The reader never gives up: what it cannot read is reported and skipped up to the next comma, so that one typo
//! hides no other and an editor always gets an expansion.

mod reader;

use proc_macro2::{Delimiter, Group, Ident, Literal, Span, TokenStream, TokenTree};

use crate::diagnostics::Diagnostics;
use reader::Reader;

/// One member of an object.
pub(crate) enum Member {
    /// `key: value`, or a key alone.
    Pair(Key, Value),
    /// `#filter`
    Splice(Value),
    /// `..Fragment`
    Spread(Value),
}

/// A key: a name or a dotted path, perhaps with a marker.
#[derive(Clone)]
pub(crate) struct Key {
    /// The names of the path with their places. At least one.
    pub(crate) segments: Vec<(String, Span)>,
    pub(crate) marker: Option<(Marker, Span)>,
}

/// What follows a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Marker {
    /// `?`
    Optional,
    /// `!`
    Required,
}

/// The tokens of a value; none where it is missing.
pub(crate) struct Value {
    pub(crate) tokens: Vec<TokenTree>,
    /// The value's place; the key's where it is missing.
    pub(crate) span: Span,
}

impl Key {
    pub(crate) fn text(&self) -> String {
        let names: Vec<&str> = self.segments.iter().map(|(name, _)| name.as_str()).collect();
        names.join(".")
    }

    pub(crate) fn span(&self) -> Span {
        self.segments.last().map_or_else(Span::call_site, |(_, span)| *span)
    }

    pub(crate) fn is_optional(&self) -> bool {
        matches!(self.marker, Some((Marker::Optional, _)))
    }
}

impl Value {
    pub(crate) fn stream(&self) -> TokenStream {
        self.tokens.iter().cloned().collect()
    }

    pub(crate) fn is_missing(&self) -> bool {
        self.tokens.is_empty()
    }

    /// The value as one group with these delimiters, if it is that and nothing more.
    pub(crate) fn group(&self, delimiter: Delimiter) -> Option<&Group> {
        match self.tokens.as_slice() {
            [TokenTree::Group(group)] if group.delimiter() == delimiter => Some(group),
            _ => None,
        }
    }

    /// Whether it is a type: `Name`, `module::Name`. What an editor has half-typed, as `module::`, is taken for one.
    pub(crate) fn is_path(&self, half_typed: bool) -> bool {
        let looks = self.tokens.iter().all(|token| match token {
            TokenTree::Ident(_) => true,
            TokenTree::Punct(punct) => punct.as_char() == ':',
            TokenTree::Group(group) => group.delimiter() == Delimiter::None,
            TokenTree::Literal(_) => false,
        });
        looks && (half_typed || syn::parse2::<syn::TypePath>(self.stream()).is_ok())
    }

    /// What follows the `#` of a value that is made at run time: `#filter`, `#order`.
    pub(crate) fn splice(&self) -> Option<Self> {
        match self.tokens.as_slice() {
            [TokenTree::Punct(hash), rest @ ..] if hash.as_char() == '#' => {
                let span = rest.first().map_or_else(|| hash.span(), TokenTree::span);
                Some(Self { tokens: rest.to_vec(), span })
            }
            _ => None,
        }
    }

    /// The value as one word, bare or in quotes, without the `r#` of a raw one.
    pub(crate) fn word(&self) -> Option<String> {
        match self.tokens.as_slice() {
            [TokenTree::Ident(word)] => Some(plain(word)),
            [TokenTree::Literal(literal)] => string_of(literal),
            _ => None,
        }
    }
}

/// The name of an identifier without `r#`.
pub(crate) fn plain(ident: &Ident) -> String {
    let text = ident.to_string();
    text.strip_prefix("r#").map_or_else(|| text.clone(), str::to_owned)
}

/// The text of a string literal; `None` for any other literal.
pub(crate) fn string_of(literal: &Literal) -> Option<String> {
    let text = literal.to_string();
    let plain = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    // Nearly every string is plain, the schema's own literal always: to parse those is a third of a call's cost.
    if let Some(plain) = plain.filter(|plain| !plain.contains('\\')) {
        return Some(plain.to_owned());
    }
    (text.starts_with('"') || text.starts_with("r\"") || text.starts_with("r#"))
        .then(|| syn::parse_str::<syn::LitStr>(&text).ok())
        .flatten()
        .map(|literal| literal.value())
}

/// Reads all members of an object.
pub(crate) fn members(tokens: TokenStream, diagnostics: &mut Diagnostics) -> Vec<Member> {
    let mut reader = Reader::new(tokens.into_iter().collect());
    let mut members = Vec::new();
    while !reader.is_done() {
        members.extend(reader.member(diagnostics));
        // A value that is missing is the one mistake there.
        let is_missing = reader.is_before_pair();
        if !reader.is_done() && !reader.eat(',') && !is_missing {
            diagnostics.report(reader.span(), "expected `,` before this");
            // A key typed in front of another hides nothing of the other.
            if !reader.is_at_key() {
                reader.skip_to_comma();
                reader.eat(',');
            }
        }
    }
    members
}

/// Splits a list at its commas.
pub(crate) fn elements(tokens: TokenStream, diagnostics: &mut Diagnostics) -> Vec<Value> {
    let mut reader = Reader::new(tokens.into_iter().collect());
    let mut elements = Vec::new();
    while !reader.is_done() {
        let span = reader.span();
        let value = reader.value(span);
        if !value.is_missing() {
            elements.push(value);
        }
        if !reader.is_done() && !reader.eat(',') {
            diagnostics.report(reader.span(), "expected `,` before this");
        }
    }
    elements
}

/// Reads `title`, `createdAt?`, `"a name"`: an element of a list of names.
pub(crate) fn name(value: &Value) -> Option<Key> {
    let mut reader = Reader::new(value.tokens.clone());
    let mut key = reader.key()?;
    key.marker = reader.marker();
    reader.is_done().then_some(key)
}
