//! Impls for types whose parameters are only names: a derive would ask the same traits of the parameters.

/// Implements traits by the fields of a type: `by_fields!(Lookup[E] { attribute, value; entity }: Clone, PartialEq)`. What
/// stands behind the semicolon is the phantom. `Copy` brings `Clone` along.
macro_rules! by_fields {
    ($type:ident $parameters:tt $fields:tt: $($trait:ident),+) => {
        $($crate::by_fields::by_fields!(@ $trait $type $parameters $fields);)+
    };
    (@ Clone $type:ident [$($parameter:ident),+] { $($field:ident),* $(; $phantom:ident)? }) => {
        impl<$($parameter),+> Clone for $type<$($parameter),+> {
            fn clone(&self) -> Self {
                Self { $($field: self.$field.clone(),)* $($phantom: ::std::marker::PhantomData)? }
            }
        }
    };
    (@ PartialEq $type:ident [$($parameter:ident),+] { $($field:ident),* $(; $phantom:ident)? }) => {
        impl<$($parameter),+> PartialEq for $type<$($parameter),+> {
            fn eq(&self, other: &Self) -> bool {
                true $(&& self.$field == other.$field)*
            }
        }
    };
    (@ Eq $type:ident [$($parameter:ident),+] $fields:tt) => {
        impl<$($parameter),+> Eq for $type<$($parameter),+> {}
    };
    (@ Copy $type:ident [$($parameter:ident),+] $fields:tt) => {
        impl<$($parameter),+> Copy for $type<$($parameter),+> {}

        impl<$($parameter),+> Clone for $type<$($parameter),+> {
            fn clone(&self) -> Self {
                *self
            }
        }
    };
}

pub(crate) use by_fields;
