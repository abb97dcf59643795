//! A cursor over tokens that finds where a member, its key and its value begin and end.

use proc_macro2::{Delimiter, Punct, Spacing, Span, TokenTree};

use super::{Key, Marker, Member, Mistake, Value, plain, string_of};
use crate::depth;
use crate::names::is_keyword;
use instant_schema::instaql::OPTIONS;

/// Tokens and how far they have been read.
pub(super) struct Cursor {
    tokens: Vec<TokenTree>,
    at: usize,
}

impl Cursor {
    pub(super) fn new(tokens: Vec<TokenTree>) -> Self {
        Self { tokens, at: 0 }
    }

    pub(super) fn is_done(&self) -> bool {
        self.at >= self.tokens.len()
    }

    pub(super) fn span(&self) -> Span {
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

    pub(super) fn eat(&mut self, letter: char) -> bool {
        let found = self.is(0, letter);
        self.at += usize::from(found);
        found
    }

    pub(super) fn is_at_key(&self) -> bool {
        self.is(0, '$') || matches!(self.tokens.get(self.at), Some(TokenTree::Ident(_)))
    }

    pub(super) fn skip_to_comma(&mut self) {
        while !self.is_done() && !self.is(0, ',') {
            self.at += 1;
        }
    }

    pub(super) fn member(&mut self, mistakes: &mut Vec<Mistake>) -> Option<Member> {
        let span = self.span();
        if self.eat('#') {
            return Some(Member::Splice(self.value(span)));
        }
        if self.is(0, '.') && self.is(1, '.') {
            self.at += 2;
            return Some(Member::Spread(self.value(span)));
        }
        if let Some(span) = self.eat_dollar_of_a_macro() {
            let message = "in a `macro_rules!` write the `$` of the options in quotes: `\"$\": { .. }`";
            mistakes.push(Mistake::new(span, message));
            let key = Key { segments: vec![(OPTIONS.to_owned(), span)], marker: None };
            return Some(Member::Pair(key, self.value(span)));
        }
        let Some(mut key) = self.key() else {
            mistakes.push(Mistake::new(
                span,
                "expected a name; write one that is not a Rust identifier in quotes",
            ));
            self.at += 1;
            self.skip_to_comma();
            return None;
        };
        key.marker = self.marker();
        let span = key.span();
        if self.eat(':') {
            let value =
                if self.is_before_pair() { Value { tokens: Vec::new(), span } } else { self.value(span) };
            return Some(Member::Pair(key, value));
        }
        if self.is(0, '=') {
            let message = format!("expected `:` between `{0}` and its value: `{0}: ..`", key.text());
            mistakes.push(Mistake::new(self.span(), message));
            while self.eat('=') {}
            return Some(Member::Pair(key, self.value(span)));
        }
        if let Some(TokenTree::Group(group)) = self.tokens.get(self.at) {
            let message = format!("expected `:` between `{}` and this", key.text());
            mistakes.push(Mistake::new(group.span_open(), message));
            return Some(Member::Pair(key, self.value(span)));
        }
        Some(Member::Pair(key, Value { tokens: Vec::new(), span }))
    }

    /// Eats what a `macro_rules!` makes of `$:`, which it takes for a variable without a name.
    fn eat_dollar_of_a_macro(&mut self) -> Option<Span> {
        let is_nameless = |token: &TokenTree| matches!(token, TokenTree::Ident(name) if name.to_string().ends_with("<!dummy!>"));
        let at = self.at + usize::from(self.is(0, '$'));
        let span = self.tokens.get(at).filter(|token| is_nameless(token))?.span();
        self.at = at + 1;
        Some(span)
    }

    pub(super) fn marker(&mut self) -> Option<(Marker, Span)> {
        let span = self.span();
        if self.eat('?') {
            Some((Marker::Optional, span))
        } else if self.eat('!') {
            Some((Marker::Required, span))
        } else {
            None
        }
    }

    pub(super) fn key(&mut self) -> Option<Key> {
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
    pub(super) fn value(&mut self, key: Span) -> Value {
        let start = self.at;
        if self.is_braces_before_a_key() {
            self.at += 1;
        } else {
            self.skip_operands();
        }
        let first_end = self.at;
        let tricky = |tokens: &[TokenTree]| {
            tokens
                .iter()
                .any(|token| matches!(token, TokenTree::Punct(punct) if "<|".contains(punct.as_char())))
        };
        while tricky(&self.tokens[start..self.at]) && !self.parses(start) && !self.is_done() {
            self.at += 1;
            self.skip_operands();
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

    /// Goes to the comma, or to where one was forgotten.
    fn skip_operands(&mut self) {
        let start = self.at;
        let ends_here = |cursor: &Self| cursor.is(0, ',') || cursor.at > start && cursor.is_behind_operand();
        while !self.is_done() && !ends_here(self) {
            self.at += 1;
        }
    }

    /// Whether a key here follows the end of a value: no expression of Rust has a name right behind an operand.
    fn is_behind_operand(&self) -> bool {
        let could_begin = match &self.tokens[self.at] {
            TokenTree::Ident(word) => !is_keyword(&word.to_string()) || self.is_pair(),
            _ => self.is(0, '$'),
        };
        could_begin
            && match &self.tokens[self.at - 1] {
                TokenTree::Ident(word) => !is_keyword(&word.to_string()) && !self.is_lifetime(self.at - 1),
                TokenTree::Literal(_) | TokenTree::Group(_) => true,
                TokenTree::Punct(_) => false,
            }
    }

    fn is_lifetime(&self, at: usize) -> bool {
        matches!(at.checked_sub(1).map(|at| &self.tokens[at]), Some(TokenTree::Punct(tick)) if tick.as_char() == '\'')
    }

    /// Whether a key and its colon are here: `views:`, `author.handle?:`. A path of Rust has two colons.
    fn is_pair(&self) -> bool {
        let is_name = |ahead: usize| matches!(self.tokens.get(self.at + ahead), Some(TokenTree::Ident(_)));
        let mut ahead = 1;
        while is_name(ahead - 1) && self.is(ahead, '.') && is_name(ahead + 1) {
            ahead += 2;
        }
        ahead += usize::from(self.is(ahead, '?') || self.is(ahead, '!'));
        is_name(0)
            && self
                .punct(ahead)
                .is_some_and(|colon| colon.as_char() == ':' && colon.spacing() == Spacing::Alone)
    }

    /// Whether the next pair follows a colon at once, so that the value is missing.
    pub(super) fn is_before_pair(&self) -> bool {
        self.at.checked_sub(1).is_some_and(|before| {
            matches!(&self.tokens[before], TokenTree::Punct(colon) if colon.as_char() == ':')
                && self.is_pair()
        })
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
