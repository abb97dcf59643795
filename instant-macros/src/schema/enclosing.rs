//! Whether a macro call is inside a function, read from the source file of the call.
//!
//! The compiler does not tell a macro what encloses its call. Without this, a schema in a function would give an error
//! for each `super::..` of the generated modules, and none of them says what is wrong.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Whether the current call of `name!` is in the body of a function.
///
/// Tokens of a file have no positions here, so the answer is about all calls of `name!` in the file. It is `false` where
/// one of them is not in a function, where there is none, and where the compiler does not say which file it is.
pub fn is_in_function(name: &str) -> bool {
    if !proc_macro::is_available() {
        return false;
    }
    let file = proc_macro::Span::call_site().local_file();
    let text = file.and_then(|file| std::fs::read_to_string(file).ok());
    text.is_some_and(|text| are_in_functions(&text, name))
}

fn are_in_functions(text: &str, name: &str) -> bool {
    let Ok(tokens) = text.trim_start_matches('\u{feff}').parse() else { return false };
    let mut calls = Vec::new();
    find_calls(tokens, name, false, &mut calls);
    !calls.is_empty() && calls.iter().all(|inside| *inside)
}

/// Adds, for each call of `name!` in `tokens`, whether it is in a function, given that `tokens` are or are not.
fn find_calls(tokens: TokenStream, name: &str, inside: bool, calls: &mut Vec<bool>) {
    let mut declares_function = false;
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(word) if word == "fn" => declares_function = true,
            TokenTree::Ident(word) if word == name => {
                if matches!(tokens.peek(), Some(TokenTree::Punct(mark)) if mark.as_char() == '!') {
                    calls.push(inside);
                }
            }
            TokenTree::Punct(mark) if mark.as_char() == ';' => declares_function = false,
            TokenTree::Group(group) => {
                let is_block = group.delimiter() == Delimiter::Brace;
                find_calls(group.stream(), name, inside || (is_block && declares_function), calls);
                declares_function &= !is_block;
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::are_in_functions;

    #[test]
    fn calls_in_the_bodies_of_functions_are_found() {
        for text in [
            "fn main() { schema!({}); }",
            "impl A { fn f(&self) -> [u8; 2] where A: B { if true { m::schema! {} } } }",
            "mod a { pub async fn f<T>() { mod schema { schema!({}); } } }",
        ] {
            assert!(are_in_functions(text, "schema"), "{text}");
        }
    }

    #[test]
    fn calls_elsewhere_are_not() {
        for text in [
            "mod schema { instant_admin::schema!({}); } fn main() { query!(); }",
            "fn f(); mod schema { schema!({}); }",
            "type F = fn(u8); mod schema { schema!({}); }",
            "fn f() { schema!({}) } mod other { schema!({}); }",
            "fn f() { let schema = 1; include_schema!(\"a\"); }",
            "not rust \"",
        ] {
            assert!(!are_in_functions(text, "schema"), "{text}");
        }
    }
}
