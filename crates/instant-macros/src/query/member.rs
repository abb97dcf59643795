//! Objects as a user writes them: `key: value, key?: value, #splice, ..spread`.
//!
//! The reader never gives up: what it cannot read is reported and skipped up to the next comma, so that one typo
//! hides no other and an editor always gets an expansion.

use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Span, TokenStream, TokenTree};

use crate::depth;
use crate::diagnostics::Diagnostics;

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
    let mut reader = Reader { tokens: tokens.into_iter().collect(), at: 0 };
    let mut members = Vec::new();
    while !reader.is_done() {
        let member = reader.member(diagnostics);
        let is_half_typed = matches!(
            &member,
            Some(Member::Pair(_, value)) if value.is_missing() || value.group(Delimiter::Brace).is_some()
        );
        members.extend(member);
        if !reader.is_done() && !reader.eat(',') {
            let span = reader.span();
            diagnostics.report(span, "expected `,` before this");
            // A key typed in front of another hides nothing of the other.
            if !(is_half_typed && reader.is_at_key()) {
                reader.skip_to_comma();
                reader.eat(',');
            }
        }
    }
    members
}

/// Splits a list at its commas.
pub(crate) fn elements(tokens: TokenStream) -> Vec<Value> {
    let mut reader = Reader { tokens: tokens.into_iter().collect(), at: 0 };
    let mut elements = Vec::new();
    while !reader.is_done() {
        let span = reader.span();
        let value = reader.value(span);
        if !value.is_missing() {
            elements.push(value);
        }
        reader.eat(',');
    }
    elements
}

/// Reads `title`, `createdAt?`, `"a name"`: an element of a list of names.
pub(crate) fn name(value: &Value) -> Option<Key> {
    let mut reader = Reader { tokens: value.tokens.clone(), at: 0 };
    let mut key = reader.key()?;
    key.marker = reader.marker();
    reader.is_done().then_some(key)
}

struct Reader {
    tokens: Vec<TokenTree>,
    at: usize,
}

impl Reader {
    fn is_done(&self) -> bool {
        self.at >= self.tokens.len()
    }

    fn span(&self) -> Span {
        let token = self.tokens.get(self.at).or_else(|| self.tokens.last());
        token.map_or_else(Span::call_site, TokenTree::span)
    }

    fn punct(&self, ahead: usize) -> Option<&Punct> {
        match self.tokens.get(self.at + ahead) {
            Some(TokenTree::Punct(punct)) => Some(punct),
            _ => None,
        }
    }

    fn is(&self, ahead: usize, letter: char) -> bool {
        self.punct(ahead).is_some_and(|punct| punct.as_char() == letter)
    }

    fn eat(&mut self, letter: char) -> bool {
        let found = self.is(0, letter);
        self.at += usize::from(found);
        found
    }

    fn is_at_key(&self) -> bool {
        self.is(0, '$') || matches!(self.tokens.get(self.at), Some(TokenTree::Ident(_)))
    }

    fn skip_to_comma(&mut self) {
        while !self.is_done() && !self.is(0, ',') {
            self.at += 1;
        }
    }

    fn member(&mut self, diagnostics: &mut Diagnostics) -> Option<Member> {
        let span = self.span();
        if self.eat('#') {
            return Some(Member::Splice(self.value(span)));
        }
        if self.is(0, '.') && self.is(1, '.') {
            self.at += 2;
            return Some(Member::Spread(self.value(span)));
        }
        let Some(mut key) = self.key() else {
            diagnostics.report(span, "expected a name; write one that is no Rust identifier in quotes");
            self.at += 1;
            self.skip_to_comma();
            return None;
        };
        key.marker = self.marker();
        let span = key.span();
        if self.eat(':') {
            return Some(Member::Pair(key, self.value(span)));
        }
        if self.is(0, '=') {
            let message = format!("expected `:` between `{0}` and its value: `{0}: ..`", key.text());
            diagnostics.report(self.span(), message);
            while self.eat('=') {}
            return Some(Member::Pair(key, self.value(span)));
        }
        if let Some(TokenTree::Group(group)) = self.tokens.get(self.at) {
            diagnostics.report(group.span_open(), format!("expected `:` between `{}` and this", key.text()));
            return Some(Member::Pair(key, self.value(span)));
        }
        Some(Member::Pair(key, Value { tokens: Vec::new(), span }))
    }

    fn marker(&mut self) -> Option<(Marker, Span)> {
        let span = self.span();
        if self.eat('?') {
            Some((Marker::Optional, span))
        } else if self.eat('!') {
            Some((Marker::Required, span))
        } else {
            None
        }
    }

    fn key(&mut self) -> Option<Key> {
        let mut segments = self.segment()?;
        // `a.` is kept as a path with an empty end, for completion at that place.
        while self.is(0, '.') && !self.is(1, '.') {
            let dot = self.span();
            self.at += 1;
            match self.segment() {
                Some(more) => segments.extend(more),
                None => segments.push((String::new(), dot)),
            }
        }
        Some(Key { segments, marker: None })
    }

    /// One name; several where a string holds a path.
    fn segment(&mut self) -> Option<Vec<(String, Span)>> {
        let start = self.at;
        let mut dollars = String::new();
        let span = self.span();
        while self.eat('$') {
            dollars.push('$');
        }
        match self.tokens.get(self.at) {
            Some(TokenTree::Ident(ident)) => {
                // The place of the word alone, even behind `$`: editors look for the word.
                let name = (format!("{dollars}{}", plain(ident)), ident.span());
                self.at += 1;
                Some(vec![name])
            }
            Some(TokenTree::Literal(literal)) if dollars.is_empty() => {
                let (text, span) = (string_of(literal)?, literal.span());
                self.at += 1;
                Some(text.split('.').map(|name| (name.to_owned(), span)).collect())
            }
            // `$crate` comes as one identifier; a lone `$` holds the options.
            _ if !dollars.is_empty() => Some(vec![(dollars, span)]),
            _ => {
                self.at = start;
                None
            }
        }
    }

    /// The tokens up to the comma that ends the value. A comma inside `<..>` or between `|..|` ends none, which only
    /// a real parser can tell, so one is asked where such characters occur.
    fn value(&mut self, key: Span) -> Value {
        let start = self.at;
        if self.is_braces_before_a_key() {
            self.at += 1;
        } else {
            self.skip_to_comma();
        }
        let first_end = self.at;
        let tricky = |tokens: &[TokenTree]| {
            tokens
                .iter()
                .any(|token| matches!(token, TokenTree::Punct(punct) if "<|".contains(punct.as_char())))
        };
        while tricky(&self.tokens[start..self.at]) && !self.parses(start) && !self.is_done() {
            self.at += 1;
            self.skip_to_comma();
        }
        if self.is_done() && !self.parses(start) && tricky(&self.tokens[start..first_end]) {
            self.at = first_end;
        }
        let tokens = self.tokens[start..self.at].to_vec();
        let span = match tokens.as_slice() {
            [] => key,
            [only] => only.span(),
            [first, .., last] => first.span().join(last.span()).unwrap_or_else(|| first.span()),
        };
        Value { tokens, span }
    }

    /// Whether here are braces whose comma was forgotten: what begins with a name goes on no block of Rust.
    fn is_braces_before_a_key(&self) -> bool {
        let braces = matches!(
            self.tokens.get(self.at),
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace
        );
        braces
            && match self.tokens.get(self.at + 1) {
                Some(TokenTree::Ident(word)) => word != "as",
                _ => self.is(1, '$'),
            }
    }

    fn parses(&self, start: usize) -> bool {
        depth::expression(self.tokens[start..self.at].iter().cloned().collect()).is_ok()
    }
}
