//! Where the SDK is: `::instant_admin`, or wherever the option `crate` says.

use proc_macro2::{Group, TokenStream, TokenTree};

/// Writes `root` wherever `expansion` says `::instant_admin`.
pub(crate) fn rooted(expansion: TokenStream, root: Option<&TokenStream>) -> TokenStream {
    match root {
        Some(root) => replaced(expansion, root),
        None => expansion,
    }
}

fn replaced(tokens: TokenStream, root: &TokenStream) -> TokenStream {
    let mut written: Vec<TokenTree> = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), replaced(group.stream(), root));
                inner.set_span(group.span());
                written.push(inner.into());
            }
            TokenTree::Ident(name) if name == "instant_admin" && ends_in_colons(&written) => {
                written.truncate(written.len() - 2);
                written.extend(root.clone());
            }
            other => written.push(other),
        }
    }
    written.into_iter().collect()
}

fn ends_in_colons(tokens: &[TokenTree]) -> bool {
    let is_colon = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ':');
    matches!(tokens, [.., first, second] if is_colon(first) && is_colon(second))
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn only_absolute_paths_are_led_elsewhere() {
        let expansion =
            quote! { fn f(id: ::instant_admin::Id<E>) { instant_admin::g(&[::instant_admin::H]) } };
        let expected = quote! { fn f(id: ::sdk::instant::Id<E>) { instant_admin::g(&[::sdk::instant::H]) } };
        assert_eq!(
            rooted(expansion.clone(), Some(&quote!(::sdk::instant))).to_string(),
            expected.to_string()
        );
        assert_eq!(rooted(expansion.clone(), None).to_string(), expansion.to_string());
    }
}
