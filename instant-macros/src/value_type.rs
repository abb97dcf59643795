//! What each value type of a schema is in generated Rust: the one table of types, traits and letters.

use instant_schema::ValueType;
use proc_macro2::TokenStream;
use quote::quote;

/// The Rust type of an attribute's values, where the app gave it none: `::std::string::String`.
pub(crate) fn rust_type(value_type: ValueType) -> TokenStream {
    match value_type {
        ValueType::String => quote! { ::std::string::String },
        ValueType::Number => quote! { ::core::primitive::f64 },
        ValueType::Boolean => quote! { ::core::primitive::bool },
        ValueType::Date => quote! { ::instant_admin::Date },
        ValueType::Json => quote! { ::instant_admin::__private::Value },
    }
}

/// What an attribute holds, as `AttributeType::Kind`. `own` is the type that the app gave it.
pub(crate) fn kind(value_type: ValueType, own: Option<&TokenStream>) -> TokenStream {
    match (own, value_type) {
        (Some(own), _) => quote! { ::instant_admin::value::Custom<#own> },
        (None, ValueType::Json) => quote! { ::instant_admin::value::Json },
        (None, ValueType::String | ValueType::Number | ValueType::Boolean | ValueType::Date) => {
            rust_type(value_type)
        }
    }
}

/// The trait of `instant_admin::value` for the values of an attribute, where the app gave it no type.
pub(crate) fn value_trait(value_type: ValueType) -> &'static str {
    match value_type {
        ValueType::String => "StringFor",
        ValueType::Number => "NumberFor",
        ValueType::Boolean => "BooleanFor",
        ValueType::Date => "DateFor",
        ValueType::Json => "JsonFor",
    }
}

/// The letter that stands for a value type in the literal of a schema.
pub(crate) fn letter(value_type: ValueType) -> char {
    match value_type {
        ValueType::String => 's',
        ValueType::Number => 'n',
        ValueType::Boolean => 'b',
        ValueType::Date => 'd',
        ValueType::Json => 'j',
    }
}

/// The value type that a letter stands for, if it stands for one.
pub(crate) fn from_letter(wanted: char) -> Option<ValueType> {
    ValueType::ALL.into_iter().find(|value_type| letter(*value_type) == wanted)
}

/// What the schema says about an attribute, for its documentation: `date, required, indexed`.
pub(crate) fn describe(value_type: ValueType, required: bool, indexed: bool, unique: bool) -> String {
    let mut words = vec![value_type.name()];
    let flags = [(required, "required"), (indexed, "indexed"), (unique, "unique")];
    words.extend(flags.into_iter().filter(|(is_set, _)| *is_set).map(|(_, flag)| flag));
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_type_has_a_letter_of_its_own() {
        for value_type in ValueType::ALL {
            assert_eq!(from_letter(letter(value_type)), Some(value_type));
        }
        assert_eq!(from_letter('x'), None);
    }
}
