//! Objects and lists as a user writes them: `key: value, key?: value, #splice, ..spread`.
//!
//! Reading never gives up: what cannot be read is noted as a mistake and skipped up to the next comma, so that one typo
//! hides no other and an editor always gets an expansion.

mod cursor;

use proc_macro2::{Delimiter, Group, Ident, Literal, Span, TokenStream, TokenTree};

use cursor::Cursor;

/// The members of an object whose values are `V`, and what is wrong between them.
pub(crate) struct Object<V = Value> {
    pub(crate) members: Vec<Member<V>>,
    pub(crate) mistakes: Vec<Mistake>,
}

/// The elements of a list, and what is wrong between them.
pub(crate) struct List<V = Value> {
    pub(crate) elements: Vec<V>,
    pub(crate) mistakes: Vec<Mistake>,
}

/// Something that cannot be read.
pub(crate) struct Mistake {
    pub(crate) span: Span,
    pub(crate) message: String,
}

/// One member of an object.
pub(crate) enum Member<V = Value> {
    /// `key: value`, or a key alone.
    Pair(Key, V),
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

/// The mark after a key.
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

impl Object {
    /// Reads the members of an object.
    pub(crate) fn read(tokens: TokenStream) -> Self {
        let mut cursor = Cursor::new(tokens.into_iter().collect());
        let (mut members, mut mistakes) = (Vec::new(), Vec::new());
        while !cursor.is_done() {
            members.extend(cursor.member(&mut mistakes));
            // A value that is missing is the one mistake there.
            let is_missing = cursor.is_before_pair();
            if !cursor.is_done() && !cursor.eat(',') && !is_missing {
                mistakes.push(Mistake::new(cursor.span(), "expected `,` before this"));
                // A key typed in front of another hides nothing of the other.
                if !cursor.is_at_key() {
                    cursor.skip_to_comma();
                    cursor.eat(',');
                }
            }
        }
        Self { members, mistakes }
    }

    /// Reads on in the values.
    pub(crate) fn map<V>(self, read: impl Fn(&Key, Value) -> V) -> Object<V> {
        let members = self.members.into_iter().map(|member| match member {
            Member::Pair(key, value) => {
                let value = read(&key, value);
                Member::Pair(key, value)
            }
            Member::Splice(value) => Member::Splice(value),
            Member::Spread(value) => Member::Spread(value),
        });
        Object { members: members.collect(), mistakes: self.mistakes }
    }
}

impl<V> Object<V> {
    /// The members that are a key and a value.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&Key, &V)> {
        self.members.iter().filter_map(|member| match member {
            Member::Pair(key, value) => Some((key, value)),
            Member::Splice(_) | Member::Spread(_) => None,
        })
    }
}

impl List {
    /// Reads the elements of a list.
    pub(crate) fn read(tokens: TokenStream) -> Self {
        let mut cursor = Cursor::new(tokens.into_iter().collect());
        let (mut elements, mut mistakes) = (Vec::new(), Vec::new());
        while !cursor.is_done() {
            let span = cursor.span();
            let value = cursor.value(span);
            if !value.is_missing() {
                elements.push(value);
            }
            if !cursor.is_done() && !cursor.eat(',') {
                mistakes.push(Mistake::new(cursor.span(), "expected `,` before this"));
            }
        }
        Self { elements, mistakes }
    }

    /// Reads on in the elements.
    pub(crate) fn map<V>(self, read: impl Fn(Value) -> V) -> List<V> {
        List { elements: self.elements.into_iter().map(read).collect(), mistakes: self.mistakes }
    }
}

impl Mistake {
    pub(crate) fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into() }
    }
}

impl Key {
    /// Reads `title`, `createdAt?`, `"a name"`: an element of a list of names.
    pub(crate) fn of_element(value: &Value) -> Option<Self> {
        let mut cursor = Cursor::new(value.tokens.clone());
        let mut key = cursor.key()?;
        key.marker = cursor.marker();
        cursor.is_done().then_some(key)
    }

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

    /// Returns whether it is a type: `Name`, `module::Name`. With `half_typed`, `module::` counts as one.
    pub(crate) fn is_path(&self, half_typed: bool) -> bool {
        let looks = self.tokens.iter().all(|token| match token {
            TokenTree::Ident(_) => true,
            TokenTree::Punct(punct) => punct.as_char() == ':',
            TokenTree::Group(group) => group.delimiter() == Delimiter::None,
            TokenTree::Literal(_) => false,
        });
        looks && (half_typed || syn::parse2::<syn::TypePath>(self.stream()).is_ok())
    }

    /// Returns the tokens after the `#` of a value that is made at run time: `#filter`, `#order`.
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
