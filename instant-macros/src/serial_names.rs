//! The names under which structs serialise: those of the schema, wherever the user derives serde's traits.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Path, Token};

use crate::row::Field;

/// The names of a struct's fields in its serialised form.
pub(crate) enum SerialNames {
    /// Those of serde or the user: nothing is added.
    Given,
    /// Those of the schema.
    Schema,
    /// Those of the schema, under these conditions of `cfg_attr`.
    SchemaIf(Vec<TokenStream>),
}

impl SerialNames {
    /// The names for a struct with these attributes. A `rename_all` of the user's is what the user wants.
    pub(crate) fn of_attributes(attributes: &TokenStream) -> Self {
        let attributes = Attribute::parse_outer.parse2(attributes.clone()).unwrap_or_default();
        let mut found = Found::default();
        for attribute in &attributes {
            found.look_at(&attribute.meta, None);
        }
        match found {
            Found { renames: true, .. } => Self::Given,
            Found { derives: true, .. } => Self::Schema,
            Found { derives_if, .. } if !derives_if.is_empty() => Self::SchemaIf(derives_if),
            _ => Self::Given,
        }
    }

    /// The names for a struct that derives these traits.
    pub(crate) fn of_derives<'a>(mut derives: impl Iterator<Item = &'a Path>) -> Self {
        if derives.any(is_serde_derive) { Self::Schema } else { Self::Given }
    }

    /// `#[serde(rename = "createdAt")]` for the field `created_at`.
    pub(crate) fn rename(&self, field: &Field) -> Option<TokenStream> {
        let label = &field.label;
        let rename = quote!(serde(rename = #label));
        // Serde takes the `r#` off by itself.
        let is_given = field.name.unraw() == label;
        match self {
            _ if is_given => None,
            Self::Given => None,
            Self::Schema => Some(quote!(#[#rename])),
            Self::SchemaIf(conditions) => Some(quote!(#[cfg_attr(any(#(#conditions),*), #rename)])),
        }
    }
}

/// The attributes of a struct that are about serde.
#[derive(Default)]
struct Found {
    derives: bool,
    derives_if: Vec<TokenStream>,
    renames: bool,
}

impl Found {
    fn look_at(&mut self, meta: &Meta, condition: Option<&TokenStream>) {
        let Meta::List(list) = meta else { return };
        if list.path.is_ident("derive") {
            let paths = Punctuated::<Path, Token![,]>::parse_terminated.parse2(list.tokens.clone());
            if paths.is_ok_and(|paths| paths.iter().any(is_serde_derive)) {
                match condition {
                    None => self.derives = true,
                    Some(condition) => self.derives_if.push(condition.clone()),
                }
            }
        } else if list.path.is_ident("serde") {
            let inner = Punctuated::<Meta, Token![,]>::parse_terminated.parse2(list.tokens.clone());
            let inner = inner.unwrap_or_default();
            self.renames |= inner.iter().any(|inner| inner.path().is_ident("rename_all"));
        } else if list.path.is_ident("cfg_attr") {
            let inner = Punctuated::<Meta, Token![,]>::parse_terminated.parse2(list.tokens.clone());
            let inner = inner.unwrap_or_default();
            let Some(own) = inner.first() else { return };
            let both = condition.map_or_else(|| quote!(#own), |outer| quote!(all(#outer, #own)));
            inner.iter().skip(1).for_each(|inner| self.look_at(inner, Some(&both)));
        }
    }
}

/// Returns whether a derive is serde's. Others with these names, such as rkyv's, do not have serde's attributes.
fn is_serde_derive(path: &Path) -> bool {
    let is_other = path.segments.first().is_some_and(|first| first.ident == "rkyv");
    let named = |last: &syn::PathSegment| last.ident == "Serialize" || last.ident == "Deserialize";
    !is_other && path.segments.last().is_some_and(named)
}

#[cfg(test)]
mod tests {
    use quote::format_ident;

    use super::*;
    use crate::row::Column;

    fn renamed(attributes: &TokenStream, field: &str, label: &str) -> String {
        let name = match field.strip_prefix("r#") {
            Some(raw) => proc_macro2::Ident::new_raw(raw, proc_macro2::Span::call_site()),
            None => format_ident!("{field}"),
        };
        let field = Field::new(&name, label, Column::Count);
        let rename = SerialNames::of_attributes(attributes).rename(&field);
        rename.map(|rename| rename.to_string().replace(' ', "")).unwrap_or_default()
    }

    #[test]
    fn a_field_keeps_the_name_of_the_schema_where_serde_is_derived() {
        let name = |attributes: TokenStream| renamed(&attributes, "created_at", "createdAt");
        let rename = "#[serde(rename=\"createdAt\")]";
        assert_eq!(name(quote!(#[derive(Eq, serde::Serialize)])), rename);
        assert_eq!(name(quote!(#[derive(Deserialize)])), rename);
        assert_eq!(name(quote!(#[derive(Eq)] #[cfg_attr(test, derive(Eq))])), "");
        assert_eq!(name(quote!(#[derive(rkyv::Serialize)])), "");
        assert_eq!(
            name(quote!(#[cfg_attr(feature = "web", derive(serde::Serialize))])),
            "#[cfg_attr(any(feature=\"web\"),serde(rename=\"createdAt\"))]"
        );
        assert_eq!(renamed(&quote!(#[derive(Serialize)]), "r#type", "type"), "");
        assert_eq!(renamed(&quote!(#[derive(Serialize)]), "self_", "self"), "#[serde(rename=\"self\")]");
    }

    #[test]
    fn a_rename_all_of_the_user_wins() {
        let name = |attributes: TokenStream| renamed(&attributes, "created_at", "createdAt");
        assert_eq!(name(quote!(#[derive(Serialize)] #[serde(rename_all = "UPPERCASE")])), "");
        assert_eq!(name(quote!(#[derive(Serialize)] #[serde(rename_all(serialize = "UPPERCASE"))])), "");
        assert_eq!(name(quote!(#[cfg_attr(web, derive(Serialize), serde(rename_all = "UPPERCASE"))])), "");
    }
}
