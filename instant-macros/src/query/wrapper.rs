//! The `query!` and `fragment!` of one schema: macros that know it.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::iter;

use instant_schema::Schema;
use proc_macro2::{Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::{format_ident, quote};

use crate::literal;
use crate::names::Names;

/// The documentation of a schema's `query!`.
const QUERY: &str = "A typed query on this schema: InstaQL that is checked when it is compiled. The answer has exactly its shape.

```text
query! { posts: { $: { where: { views: { $gt: least } }, order: { views: desc }, limit: 10 }, author: {} } }

query! { pub Feed(least: u32) = { posts: { $: { where: { views: { $gt: least } } } } } }
```

The first form is a value for `db.query(..)`, the second a type: `Feed::new(5)`, with `FeedResponse` and `FeedPost`.

A form holds `$: options`, links (`author: {}`; `author!: {}` where the schema requires it), attributes to take \
as optional (`title?`) or as there (`views!`), and a fragment to build on (`..Card`). Options are `where`, `order` \
and `fields`, and at the root `limit`, `first`, `last`, `offset`, `after`, `before`, their inclusive forms, and \
`aggregate: count`. Values are literals or expressions; `key?: option` leaves out what is `None`, and `#filter` \
puts in a `Where`.";

/// The documentation of a schema's `fragment!`.
const FRAGMENT: &str =
    "A row type with a name that any query on the entity can use, checked when it is compiled.

```text
fragment! { pub Card on posts { $: { fields: [title] }, author: {} } }

query! { posts: Card }
query! { posts: { $: { limit: 10 }, ..Card } }
```";

/// The parts of a schema's wrappers.
pub(crate) struct Parts<'a> {
    pub(crate) schema: &'a Schema,
    pub(crate) names: &'a Names,
    /// Which attributes, by entity and label, were given a Rust type by the user.
    pub(crate) has_own_type: &'a dyn Fn(&str, &str) -> bool,
    /// The schema, from which the wrappers get a name that no other schema of the crate has.
    pub(crate) json: &'a str,
    /// The module that they are in: `crate::schema`.
    pub(crate) path: &'a TokenStream,
    /// The path of `instant_admin`, where that is another.
    pub(crate) root: Option<&'a TokenStream>,
    /// Where the user names the schema, for editors.
    pub(crate) place: Span,
}

/// Writes the wrappers.
pub(crate) fn wrappers(parts: &Parts<'_>) -> TokenStream {
    let Parts { schema, names, has_own_type, json, path, root, place } = *parts;
    let hash = name_hash(json, path);
    let literal = literal::encode(schema, names, has_own_type);
    let path = relative_to_its_crate(path);
    // Found through the schema, since the crates that use it may call the SDK something else again.
    let own_root = root;
    let (sdk, path, root) = match root {
        Some(sdk) => {
            let root = quote! { #path::__query::sdk };
            (Some(quote! { pub use #sdk as sdk; }), quote! { #path; #root }, root)
        }
        None => (None, path, quote! { ::instant_admin }),
    };
    let hidden = |name: &str| format_ident!("__instant_{name}_{hash}");
    // Documentation would list the exported names at the root of the user's crate; editors are to offer them.
    let wrapper = |name: &str, docs: &str| {
        let (hidden, inner) = (hidden(name), format_ident!("{name}"));
        quote! {
            #[cfg(not(rust_analyzer))]
            #[doc = #docs]
            #[cfg_attr(doc, doc(hidden))]
            #[macro_export]
            macro_rules! #hidden {
                ($($tokens:tt)*) => { #root::__private::#inner! { #literal (#path) $($tokens)* } };
            }
            #[cfg(rust_analyzer)]
            #[doc = #docs]
            #[macro_export]
            macro_rules! #hidden {
                ($($tokens:tt)*) => { #root::__private::#inner! { editor #literal (#path) $($tokens)* } };
            }
        }
    };
    let (query, fragment) = (wrapper("query", QUERY), wrapper("fragment", FRAGMENT));
    let (hidden_query, hidden_fragment) = (hidden("query"), hidden("fragment"));
    let mut shown = Literal::string(&literal);
    shown.set_span(place);
    // A module of its own, since only around it the condition on rust-analyzer can be allowed.
    quote! {
        #[doc(hidden)]
        #[allow(unexpected_cfgs, missing_docs)]
        pub mod __query {
            #sdk
            #query
            #fragment
            pub use {#hidden_query as query, #hidden_fragment as fragment};
            #[cfg(rust_analyzer)]
            ::instant_admin::__private::editor! { #shown #own_root }
        }
        #[doc(inline)]
        pub use __query::{fragment, query};
    }
}

/// Macros are exported from the crate's root, so two schemas of a crate need two names.
fn name_hash(json: &str, path: &TokenStream) -> String {
    let mut hasher = DefaultHasher::new();
    (json, path.to_string()).hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// `$crate::schema` for `crate::schema`, so that the macro works in other crates.
fn relative_to_its_crate(path: &TokenStream) -> TokenStream {
    let dollar = TokenTree::Punct(Punct::new('$', Spacing::Alone));
    let mut tokens = path.clone().into_iter();
    match tokens.next() {
        Some(TokenTree::Ident(first)) if first == "crate" => {
            let first = TokenTree::Ident(Ident::new("crate", Span::call_site()));
            iter::once(dollar).chain(iter::once(first)).chain(tokens).collect()
        }
        first => first.into_iter().chain(tokens).collect(),
    }
}
