//! Writing a checked call as Rust: the template of its InstaQL, the rows of its answer, and what holds them together.

mod conversion;
mod paths;
mod rows;
mod template;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use super::checked::{Fragment, Query, Rows, WrittenForm};
use super::item::{FragmentItem, Head, QueryItem};
use super::member::plain;
use paths::Paths;
use rows::{Declaration, Structs};
#[cfg(test)]
pub(crate) use template::Hole;
pub(crate) use template::Template;

/// Where the code is used.
pub(crate) struct Place {
    paths: Paths,
    /// Whether an editor looks at the expansion.
    editor: bool,
}

impl Place {
    /// Code beside the schema whose module is `schema`.
    pub(crate) fn new(schema: TokenStream, editor: bool) -> Self {
        Self { paths: Paths::new(schema), editor }
    }

    /// The place of calls about a value of the user's: its own, where errors are to point. Editors would take the calls
    /// for the value.
    fn at(&self, value: Span) -> Span {
        if self.editor { Span::call_site() } else { value }
    }

    /// The place of items that come with the one whose name is there. Editors would take them for the name.
    fn beside(&self, name: &Ident) -> Span {
        if self.editor { Span::call_site() } else { Span::call_site().located_at(name.span()) }
    }

    /// `<Card as Fragment<crate::schema::Post>>`
    fn fragment(&self, Fragment { on, path, span }: &Fragment) -> TokenStream {
        let on = self.paths.entity(on);
        quote_spanned!(self.at(*span)=> <#path as ::instant_admin::Fragment<#on>>)
    }
}

/// Writes the expression form: `match (least,) { (v0,) => { struct Post { .. } .. Prepared::__new(..) } }`.
pub(crate) fn expression(query: &Query, mistakes: &TokenStream, place: &Place) -> TokenStream {
    let template = Template::of_query(query, place);
    let structs = Structs::of_query(query, "", Span::call_site(), place);
    let declared = structs.declared(&Declaration::local());
    let prepared = template.prepared(&structs.response(), place);
    // Mistakes come after the values: editors find a value by how much text there is before it.
    template.evaluated(&quote!(#mistakes #declared #prepared), place)
}

/// Writes a query with a name: `pub Feed(take: u32) = { .. }` -> `pub struct FeedPost { .. } pub struct FeedResponse { .. }
/// pub struct Feed(Prepared<FeedResponse>); impl Feed { pub fn new(take: u32) -> Self { .. } } impl Query for Feed { .. }`.
pub(crate) fn query_item(
    item: QueryItem,
    query: &Query,
    mistakes: &TokenStream,
    place: &Place,
) -> TokenStream {
    let QueryItem { head: Head { docs, attributes, visibility }, name, generics, params, .. } = item;
    let span = place.beside(&name);
    let template = Template::of_query(query, place);
    let structs = Structs::of_query(query, &plain(&name), span, place);
    let declaration = Declaration { attributes, fields: visibility.clone(), visibility };
    let (declared, response) = (structs.declared(&declaration), structs.response());
    let evaluated = template.evaluated(&template.prepared(&response, place), place);
    let visibility = &declaration.visibility;
    // A query without values can be a constant.
    let is_constant = template.holes.is_empty() && generics.is_empty() && params.is_empty() && !place.editor;
    let constant = is_constant.then(|| quote!(const));
    // Wholly at the name: a lint or an error on it, such as a name that is taken, is about the query. The query comes
    // first, so that this is the first error.
    quote_spanned! {span=>
        #docs
        #[derive(::core::fmt::Debug, ::core::clone::Clone)]
        #visibility struct #name(::instant_admin::query::Prepared<#response>);
        #declared
        impl #name {
            /// The query with these values.
            #[allow(dead_code, clippy::new_without_default, clippy::needless_pass_by_value)]
            #visibility #constant fn new #generics(#params) -> Self {
                Self(#evaluated)
            }
            /// The query as InstaQL. It fails where a value cannot be sent, such as a number that is not finite.
            #[allow(dead_code)]
            #visibility fn instaql(
                &self,
            ) -> ::core::result::Result<::instant_admin::__private::Value, ::instant_admin::Error> {
                self.0.instaql()
            }
        }
        impl ::instant_admin::Query for #name {
            type Response = #response;
            fn instaql(&self) -> ::core::result::Result<::instant_admin::__private::Value, ::instant_admin::Error> {
                self.0.instaql()
            }
            fn schema(&self) -> ::core::option::Option<::instant_admin::schema::StaticSchema> {
                ::instant_admin::Query::schema(&self.0)
            }
            fn decode_with(
                body: &[u8],
                meta: ::instant_admin::__private::AnswerMeta,
            ) -> ::core::result::Result<Self::Response, ::instant_admin::Error> {
                <::instant_admin::query::Prepared<#response> as ::instant_admin::Query>::decode_with(body, meta)
            }
        }
        #mistakes
    }
}

/// Writes a fragment: `pub Card on posts { .. }` -> `pub struct Card { .. } impl Form for Card { const FORM: .. }
/// impl Fragment<crate::schema::Post> for Card {}`.
pub(crate) fn fragment_item(
    item: FragmentItem,
    form: &WrittenForm,
    mistakes: &TokenStream,
    place: &Place,
) -> TokenStream {
    let FragmentItem { head: Head { docs, attributes, visibility }, name, .. } = item;
    let wanted = plain(&name);
    let template = Template::of_fragment(form, &wanted, place);
    let mut structs = Structs::of_fragment(form, &wanted, place.beside(&name), place);
    let declaration = Declaration { attributes, fields: visibility.clone(), visibility };
    let declared = structs.declared_as(&name, &docs, &declaration);
    // A fragment without a struct of its own is a mistake.
    if !matches!(form.rows, Rows::Struct(_)) {
        return mistakes.clone();
    }
    let (on, json) = (place.paths.entity(&form.entity), template.json.to_string());
    let parts = (!template.holes.is_empty()).then(|| {
        let parts = template.parts();
        let parts = template.evaluated(&quote!(::std::vec::Vec::from([#parts])), place);
        quote! {
            fn parts() -> ::std::vec::Vec<::instant_admin::__private::Hole> {
                #parts
            }
        }
    });
    let ends = end_of_fragment(&name, &template, place);
    // Wholly at the name, where messages that list what a type is a fragment on show it.
    let is_fragment =
        quote_spanned!(name.span()=> impl ::instant_admin::Fragment<#on> for #name { type Row = Self; });
    quote! {
        #mistakes
        #declared
        impl ::instant_admin::__private::Form for #name {
            type Row = Self;
            const FORM: &'static str = #json;
            #parts
        }
        #is_fragment
        #ends
    }
}

/// `impl<L: Level + NotLast> EndsFrom<On<L>> for Card where Handle: EndsFrom<L::Below> {}`, and for each fragment inside the
/// demand that it comes to an end.
fn end_of_fragment(name: &Ident, template: &Template, place: &Place) -> TokenStream {
    let levels = quote!(::instant_admin::__private::levels);
    let inner: Vec<&Fragment> = template.fragments().collect();
    if inner.is_empty() {
        return quote!(impl<L> #levels::EndsFrom<#levels::On<L>> for #name {});
    }
    let paths = inner.iter().map(|fragment| &fragment.path);
    // By their trait, so that a type that is not a fragment is reported as that alone.
    let demands = inner.iter().map(|fragment| {
        let row = place.fragment(fragment);
        quote_spanned!(place.at(fragment.span)=> const _: fn() = #levels::ends::<#row::Row>;)
    });
    // At the name, where the compiler's notes show it.
    let is_level = quote_spanned! {name.span()=>
        impl<L: ::instant_admin::__private::levels::Level + ::instant_admin::__private::levels::NotLast>
            ::instant_admin::__private::levels::EndsFrom<::instant_admin::__private::levels::On<L>> for #name
        where #(#paths: ::instant_admin::__private::levels::EndsFrom<L::Below>),* {}
    };
    quote!(#is_level #(#demands)*)
}
