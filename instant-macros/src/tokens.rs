//! Tokens that come through a `macro_rules!` of the user, as if they had been written in place.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use crate::depth;

/// Takes single tokens out of the invisible groups that `$name:literal` and `$value:expr` put around them.
///
/// Groups of several tokens stay: they say that the tokens are one operand.
pub(crate) fn without_groups_of_one(tokens: TokenStream) -> TokenStream {
    if has_group_of_one(tokens.clone()) { tokens.into_iter().map(opened).collect() } else { tokens }
}

fn has_group_of_one(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => only_token(&group).is_some() || has_group_of_one(group.stream()),
        _ => false,
    })
}

fn opened(token: TokenTree) -> TokenTree {
    let TokenTree::Group(group) = token else { return token };
    if let Some(only) = only_token(&group) {
        return opened(only);
    }
    if !has_group_of_one(group.stream()) {
        return group.into();
    }
    let mut inner = Group::new(group.delimiter(), without_groups_of_one(group.stream()));
    inner.set_span(group.span());
    inner.into()
}

/// Replaces the invisible parentheses around operands by real ones: rustc drops the invisible ones in the output of a
/// macro, and `$value * 2` of `1 + 2` would be 5.
pub(crate) fn with_operands_in_parentheses(tokens: TokenStream) -> TokenStream {
    let parenthesised = |token| {
        let TokenTree::Group(group) = token else { return token };
        let delimiter = match group.delimiter() {
            Delimiter::None if is_operation(group.stream()) => Delimiter::Parenthesis,
            own => own,
        };
        let mut written = Group::new(delimiter, with_operands_in_parentheses(group.stream()));
        written.set_span(group.span());
        written.into()
    };
    let has_group = |token: TokenTree| matches!(token, TokenTree::Group(_));
    if tokens.clone().into_iter().any(has_group) {
        tokens.into_iter().map(parenthesised).collect()
    } else {
        tokens
    }
}

/// Returns whether tokens are an expression that begins or ends with an operand.
fn is_operation(tokens: TokenStream) -> bool {
    use syn::Expr;
    let parsed = depth::expression(tokens);
    matches!(
        parsed,
        Ok(Expr::Assign(_)
            | Expr::Binary(_)
            | Expr::Cast(_)
            | Expr::Closure(_)
            | Expr::Range(_)
            | Expr::Reference(_)
            | Expr::Unary(_))
    )
}

/// The token in an invisible group, if it is one alone.
fn only_token(group: &Group) -> Option<TokenTree> {
    if group.delimiter() != Delimiter::None {
        return None;
    }
    let mut tokens = group.stream().into_iter();
    tokens.next().filter(|_| tokens.next().is_none())
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    fn invisible(tokens: TokenStream) -> TokenTree {
        Group::new(Delimiter::None, tokens).into()
    }

    #[test]
    fn single_tokens_leave_their_invisible_groups_and_operands_stay_together() {
        let (one, two) = (invisible(invisible(quote!("posts")).into()), invisible(quote!(a + b)));
        let found = without_groups_of_one(quote!(#one: { x: [#two * 2, #one] }));
        assert!(!has_group_of_one(found.clone()));
        let expected = quote!("posts": { x: [(a + b) * 2, "posts"] });
        assert_eq!(with_operands_in_parentheses(found).to_string(), expected.to_string());
    }

    #[test]
    fn operands_get_parentheses_and_paths_none() {
        let (sum, path) = (invisible(quote!(a + b)), invisible(quote!(Some::Type)));
        let found = with_operands_in_parentheses(quote!(f(#sum * 2, #path::new())));
        assert_eq!(found.to_string(), quote!(f((a + b) * 2, Some::Type::new())).to_string());
    }
}
