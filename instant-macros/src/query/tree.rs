//! A call as it is written: forms, options and conditions, with the place of every token.
//!
//! Reading needs no schema. Each object and list keeps the mistakes in it, and the check reports them when it visits the
//! object or list.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};

use super::member::{Key, List, Object, Value};
use instant_schema::instaql::{MAX_DEPTH, OPTIONS, OptionKey};

/// `posts: { .. }, $users: Card, $$ruleParams: params`
pub(crate) type Roots = Object<Asked>;

/// `$: { .. }, author: {}, title?, ..Card`
pub(crate) type Form = Object<Field>;

/// The value of an entity or link: a form, or a fragment.
pub(crate) struct Asked {
    pub(crate) value: Value,
    /// The value's form; a value without braces is a fragment, or a mistake.
    pub(crate) form: Option<Form>,
}

/// The value of a member of a form.
pub(crate) enum Field {
    /// That of `$`.
    Options(Options),
    Asked(Asked),
}

/// The value of `$`.
pub(crate) struct Options {
    pub(crate) value: Value,
    /// The options, where the value has braces.
    pub(crate) options: Option<Object<OptionValue>>,
}

/// The value of an option, and what is in it where the option has more than a value.
pub(crate) struct OptionValue {
    pub(crate) value: Value,
    pub(crate) inner: OptionInner,
}

pub(crate) enum OptionInner {
    /// `where`
    Filter(Filter),
    /// `order: { createdAt: desc }`
    Order(Object),
    /// `fields: [title, createdAt]`
    Fields(List),
    Nothing,
}

/// The value of `where`, or an element of `and` or `or`.
pub(crate) enum Filter {
    Conditions(Conditions),
    /// `#filter`
    Splice(Value),
    /// Neither; the place.
    Other(Span),
}

/// `{ title: "Hi", views: { $gt: 5 } }`
pub(crate) struct Conditions {
    pub(crate) span: Span,
    pub(crate) members: Object<Compared>,
}

/// The value that an attribute or link is compared with.
pub(crate) struct Compared {
    pub(crate) value: Value,
    pub(crate) inner: ComparedInner,
}

pub(crate) enum ComparedInner {
    /// `{ $gt: 5 }`
    Operators(Object),
    /// `and: [{ .. }, #filter]`
    Filters(List<Filter>),
    Nothing,
}

/// Reads the roots of a query.
pub(crate) fn roots(tokens: TokenStream) -> Roots {
    Object::read(tokens).map(|_, value| Depth(1).asked(value))
}

/// Reads what is between the braces of a form.
pub(crate) fn form(tokens: TokenStream) -> Form {
    Depth(1).form(tokens)
}

/// The number of forms and conditions around the one that is read, with itself. Anything deeper than the limit stays unread:
/// the only thing to report is that it is too deep.
#[derive(Clone, Copy)]
struct Depth(usize);

impl Depth {
    fn inner(self) -> Self {
        Self(self.0 + 1)
    }

    fn is_too_deep(self) -> bool {
        self.0 > MAX_DEPTH
    }

    fn asked(self, value: Value) -> Asked {
        let form = value
            .group(Delimiter::Brace)
            .map(|group| self.form(if self.is_too_deep() { TokenStream::new() } else { group.stream() }));
        Asked { value, form }
    }

    fn form(self, tokens: TokenStream) -> Form {
        Object::read(tokens).map(|key, value| {
            if key.text() == OPTIONS {
                Field::Options(self.inner().options(value))
            } else {
                Field::Asked(self.inner().asked(value))
            }
        })
    }

    fn options(self, value: Value) -> Options {
        let group = value.group(Delimiter::Brace);
        let options =
            group.map(|group| Object::read(group.stream()).map(|key, value| self.option(key, value)));
        Options { value, options }
    }

    fn option(self, key: &Key, value: Value) -> OptionValue {
        let inner = match OptionKey::parse(&key.text()) {
            Some(OptionKey::Where) => OptionInner::Filter(self.filter(&value)),
            Some(OptionKey::Order) => value
                .group(Delimiter::Brace)
                .map_or(OptionInner::Nothing, |group| OptionInner::Order(Object::read(group.stream()))),
            Some(OptionKey::Fields) => value
                .group(Delimiter::Bracket)
                .map_or(OptionInner::Nothing, |group| OptionInner::Fields(List::read(group.stream()))),
            _ => OptionInner::Nothing,
        };
        OptionValue { value, inner }
    }

    fn filter(self, value: &Value) -> Filter {
        match (value.splice(), value.group(Delimiter::Brace)) {
            (Some(splice), _) => Filter::Splice(splice),
            (None, Some(group)) => {
                let tokens = if self.is_too_deep() { TokenStream::new() } else { group.stream() };
                let members = Object::read(tokens).map(|key, value| self.inner().compared(key, value));
                Filter::Conditions(Conditions { span: group.span(), members })
            }
            (None, None) => Filter::Other(value.span),
        }
    }

    fn compared(self, key: &Key, value: Value) -> Compared {
        let is_joint = matches!(key.text().as_str(), "and" | "or");
        let operators = value.group(Delimiter::Brace).filter(|group| is_operators(group));
        let list = value.group(Delimiter::Bracket).filter(|_| is_joint);
        let inner = match (operators, list) {
            (Some(group), _) => ComparedInner::Operators(Object::read(group.stream())),
            (None, Some(group)) => {
                let filters = List::read(group.stream()).map(|element| self.filter(&element));
                ComparedInner::Filters(filters)
            }
            (None, None) => ComparedInner::Nothing,
        };
        Compared { value, inner }
    }
}

/// Whether braces hold operators rather than a Rust block: `{ $gt: 5 }`, and `{ gt: 5 }` by mistake.
fn is_operators(group: &Group) -> bool {
    let tokens: Vec<TokenTree> = group.stream().into_iter().take(3).collect();
    let is = |token: Option<&TokenTree>, letter: char| matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == letter);
    match tokens.as_slice() {
        [] => true,
        [first, ..] if is(Some(first), '$') => true,
        [TokenTree::Ident(_), rest @ ..] => is(rest.first(), ':') && !is(rest.get(1), ':'),
        [TokenTree::Literal(_), rest @ ..] => is(rest.first(), ':'),
        _ => false,
    }
}
