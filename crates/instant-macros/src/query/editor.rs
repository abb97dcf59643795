//! What editors see of a call: field accesses with the user's own places, so that completion, hover and go-to work
//! on names inside `query!`.
//!
//! Only rust-analyzer compiles them. The fields are those of the structs in the schema's `__editor` module.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use super::plan::Plan;
use crate::literal::EntityView;
use crate::names;

/// An expression of an entity's struct for editors.
pub(crate) struct Place(TokenStream);

impl Place {
    /// An entity.
    pub(crate) fn of(plan: &Plan, entity: &EntityView) -> Self {
        let (schema, name) = (&plan.schema, &entity.type_name);
        Self(quote!(::instant_admin::__private::shown::<#schema::__editor::#name>()))
    }

    /// Everything that can stand at the root.
    pub(crate) fn root(plan: &Plan) -> Self {
        let schema = &plan.schema;
        Self(quote!(::instant_admin::__private::shown::<#schema::__editor::Root>()))
    }

    /// Shows a field that exists, and goes on from it.
    pub(crate) fn field(&self, plan: &mut Plan, field: &Ident, span: Span) -> Self {
        let base = &self.0;
        let mut field = field.clone();
        field.set_span(span);
        let access = quote_spanned!(span=> #base.#field);
        plan.editor.push(quote!(let _ = &#access;));
        Self(access)
    }

    /// Shows a name that may be incomplete or wrong: this is where completion is asked for.
    pub(crate) fn name(&self, plan: &mut Plan, name: &str, span: Span) {
        let base = &self.0;
        let word = name.trim_start_matches('$');
        if word.is_empty() {
            plan.editor.push(quote_spanned!(span=> #base.;));
        } else if syn::parse_str::<Ident>(word).is_ok() {
            self.field(plan, &names::ident(word), span);
        }
    }
}

/// Shows an operator.
pub(crate) fn operator(plan: &mut Plan, spelling: &str, span: Span) {
    Place(quote!(::instant_admin::__private::shown::<::instant_admin::__private::Operators>()))
        .name(plan, spelling, span);
}

/// Shows an option.
pub(crate) fn option(plan: &mut Plan, name: &str, span: Span) {
    Place(quote!(::instant_admin::__private::shown::<::instant_admin::__private::Options>()))
        .name(plan, name, span);
}

/// The block of all accesses of a call.
pub(crate) fn block(plan: &mut Plan) -> TokenStream {
    let accesses = std::mem::take(&mut plan.editor);
    let function = format_ident!("shown");
    quote! {
        #[allow(unexpected_cfgs)]
        const _: () = {
            #[cfg(rust_analyzer)]
            #[allow(warnings)]
            fn #function() { #(#accesses)* }
        };
    }
}
