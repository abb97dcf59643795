//! How an expression of the user becomes JSON: through a trait that says which types fit, and a function of the runtime
//! that checks the value. The trait is called in the open so that an error shows it alone, at the expression.

use instant_schema::ValueType;
use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::paths::Paths;
use crate::fits::Fits;
use crate::literal::EntityView;
use crate::query::checked::Conversion;

/// The functions that an expression goes through: `function(path, method(expression))`.
pub(super) struct Calls {
    /// Of a trait: `StringFor::<posts::title>::into_value`.
    pub(super) method: TokenStream,
    /// Of `instant_admin::__private`.
    pub(super) function: &'static str,
}

/// Names the functions of a conversion.
pub(super) fn calls(conversion: &Conversion, paths: &Paths) -> Calls {
    let list = |on: &EntityView, field: &Ident, kind: TokenStream| {
        let marker = paths.marker(on, field);
        quote!(::instant_admin::value::IntoValues::<#marker, #kind>::into_values)
    };
    let (method, function) = match conversion {
        Conversion::Value(on, attribute) => (paths.fits(on, attribute).conversion(), "operand"),
        Conversion::Id(of) => (Fits::id_of(&paths.entity(of)).conversion(), "operand"),
        Conversion::Text => (Fits::of(ValueType::String, None, &quote!(())).conversion(), "operand"),
        Conversion::Values(on, attribute) => (list(on, &attribute.field, paths.kind(on, attribute)), "list"),
        Conversion::Ids { on, field, of } => (list(on, field, paths.id(of)), "list"),
        Conversion::Flag => (quote!(::instant_admin::query::operand::Flag::into_bool), "flag"),
        Conversion::PageSize => (quote!(::instant_admin::query::operand::RowCount::row_count), "page_size"),
        Conversion::Offset => (quote!(::instant_admin::query::operand::RowCount::row_count), "offset"),
        Conversion::Cursor => (quote!(::instant_admin::query::operand::IntoCursor::into_cursor), "cursor"),
        Conversion::Filter(on) => {
            let entity = paths.entity(on);
            (quote!(::instant_admin::query::operand::IntoFilter::<#entity>::into_filter), "filter")
        }
        Conversion::Order(on) => {
            let entity = paths.entity(on);
            (quote!(::instant_admin::query::operand::IntoOrder::<#entity>::into_order), "given")
        }
        Conversion::Direction => {
            (quote!(::instant_admin::query::operand::IntoDirection::into_direction), "given")
        }
        Conversion::RuleParams => (quote!(::instant_admin::value::RuleParams::rule_params), "rule_params"),
    };
    Calls { method, function }
}
