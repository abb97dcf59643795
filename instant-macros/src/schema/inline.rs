//! JSON written as tokens in `schema! { .. }`, with the tokens' places for what is wrong with it.

use instant_schema::Schema;
use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use syn::Lit;

use super::source::describe;

/// Reads the members of a schema object. Gives what could be read and all problems, at their tokens.
pub fn read(members: TokenStream) -> (Schema, Vec<syn::Error>) {
    let mut text = Text::default();
    text.push("{", Span::call_site());
    text.append(members);
    text.push("}", Span::call_site());
    if !text.errors.is_empty() {
        return (Schema::default(), text.errors);
    }
    let (schema, errors) = Schema::read_lossy(text.json.as_bytes());
    let problems = errors.iter().flatten();
    let problems = problems.map(|problem| {
        let column = problem.place.position().map_or(1, |position| position.column);
        syn::Error::new(text.span_at(column - 1), describe(problem))
    });
    (schema, problems.collect())
}

/// One line of JSON, and which token each part of it comes from.
#[derive(Default)]
struct Text {
    json: String,
    characters: usize,
    /// Where each token begins, in characters.
    tokens: Vec<(usize, Span)>,
    errors: Vec<syn::Error>,
}

impl Text {
    fn push(&mut self, json: &str, span: Span) {
        self.tokens.push((self.characters, span));
        self.json.push_str(json);
        self.characters += json.chars().count();
    }

    /// Writes a word that must not run into the next: `1 2` is not 12.
    fn word(&mut self, json: &str, span: Span) {
        self.push(&format!("{json} "), span);
    }

    fn append(&mut self, tokens: TokenStream) {
        for token in tokens {
            let span = token.span();
            match token {
                TokenTree::Group(group) => {
                    let (open, close) = match group.delimiter() {
                        Delimiter::Brace => ("{", "}"),
                        Delimiter::Bracket => ("[", "]"),
                        Delimiter::Parenthesis => {
                            self.fail(span, "JSON has no parentheses: write `{ .. }` or `[ .. ]`");
                            continue;
                        }
                        Delimiter::None => ("", ""),
                    };
                    self.push(open, group.span_open());
                    self.append(group.stream());
                    self.push(close, group.span_close());
                }
                TokenTree::Ident(word) => match word.to_string().as_str() {
                    word @ ("true" | "false" | "null") => self.word(word, span),
                    word => self.fail(span, &format!("names are strings in JSON: write \"{word}\"")),
                },
                TokenTree::Punct(punct) => match punct.as_char() {
                    mark @ (':' | ',' | '-') => self.push(mark.encode_utf8(&mut [0; 4]), span),
                    mark => self.fail(span, &format!("`{mark}` is not part of JSON: remove it")),
                },
                TokenTree::Literal(literal) => match Lit::new(literal) {
                    Lit::Str(text) => self.word(&serde_json::Value::String(text.value()).to_string(), span),
                    Lit::Int(number) => self.word(number.base10_digits(), span),
                    Lit::Float(number) => self.word(number.base10_digits(), span),
                    _ => self.fail(span, "JSON has strings, numbers, booleans and null: write one of them"),
                },
            }
        }
    }

    fn fail(&mut self, span: Span, message: &str) {
        self.errors.push(syn::Error::new(span, message));
    }

    fn span_at(&self, character: usize) -> Span {
        let next = self.tokens.partition_point(|(start, _)| *start <= character);
        self.tokens[..next].last().map_or_else(Span::call_site, |(_, span)| *span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(tokens: &str) -> Vec<(String, usize)> {
        let (_, errors) = read(tokens.parse().unwrap());
        errors.iter().map(|error| (error.to_string(), error.span().start().column)).collect()
    }

    #[test]
    fn json_tokens_are_read_as_json() {
        let (schema, errors) = read(
            r#""entities": {"posts": {"attrs": {"title": {"valueType": "string", "required": true}}}}"#
                .parse()
                .unwrap(),
        );
        assert!(errors.is_empty());
        assert!(schema.attribute("posts", "title").unwrap().required);
    }

    #[test]
    fn problems_are_at_their_tokens() {
        let found = problems(r#""entities": {"posts": {"attrs": {"title": {"valueType": "strin"}}}}"#);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].1, 56, "{}", found[0].0);
        assert!(found[0].0.contains("did you mean `string`"), "{}", found[0].0);
    }

    #[test]
    fn what_is_no_json_is_refused_at_its_token() {
        assert_eq!(
            problems(r#""entities": {posts: 'a'}"#),
            [
                ("names are strings in JSON: write \"posts\"".to_owned(), 13),
                ("JSON has strings, numbers, booleans and null: write one of them".to_owned(), 20),
            ]
        );
        assert_eq!(problems(r#""entities": {}, "links": 1 2"#)[0].1, 27);
        assert_eq!(problems("\"\u{feff}\": 5, \"\u{feff}\": tru")[0].1, 13);
    }
}
