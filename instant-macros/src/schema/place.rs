//! Whether a schema is in the module that its macros think it is in: `in`, or `crate::schema`.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

use super::options::Options;

/// Fails, at the `in` argument where there is one, if its module is not this one.
///
/// Only the compiler knows which module this is, so the check is one for the compiler. Without it, the only errors would be
/// about paths in queries that lead nowhere, and they do not mention `in`.
pub fn check(options: &Options) -> TokenStream {
    let path = options.module();
    let given = quote!(#path).to_string().replace(' ', "");
    let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    let written = options.module_span();
    let span = written.unwrap_or_else(Span::call_site);
    if path.leading_colon.is_some() || names.first().is_none_or(|first| first != "crate") {
        let message = format!("`in` takes a path from the root of the crate: `crate::..`, not `{given}`");
        return quote_spanned!(span=> ::core::compile_error! { #message });
    }
    let expected = names[1..].join("::");
    let said = match written {
        Some(_) => format!("`in` says that the schema is in `{given}`"),
        None => format!("without `in` the schema is taken to be in `{given}`"),
    };
    let message = format!("{said}, but it is in `");
    let remedy = "`: write `in = crate::..`, the path of that module with `crate` for its first name";
    quote_spanned! {span=>
        const _: () = ::core::assert!(
            ::instant_admin::__private::is_module(::core::module_path!(), #expected),
            ::core::concat!(#message, ::core::module_path!(), #remedy)
        );
    }
}
