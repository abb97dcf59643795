//! Reading the text of an expression, with the official messages for what is malformed.
//!
//! The grammar and its recovery from errors are those of the crate `cel`, which come from the same source as the official
//! parser's. Macros are expanded here.

use std::thread;

use cel::Env;
use cel::common::ast::{EntryExpr, Expr, IdedEntryExpr, IdedExpr, LiteralValue, SourceInfo};

use super::macros;
use super::messages;
use super::syntax::{Entry, Kind, Literal, Node};

/// The longest expression, in code points.
const LONGEST: usize = 100_000;
/// The deepest nesting, of brackets, and of links in a chain `a.b.c` or `a + b + c`.
const DEEPEST: u16 = 250;
/// The most code points that the parser may look ahead for signs of numbers. It cannot tell `-(1)` from `(-1)`, and so reads on to
/// the end for each.
const LOOKAHEAD: usize = 50_000_000;
/// The stack of the thread that reads an expression: the parser calls itself for each bracket, of which it takes few, and
/// for each link of a chain `a.b.c`, of which there can be one for two bytes.
const STACK: usize = 64 << 20;
const STACK_OF_A_BYTE: usize = 2 << 10;

/// A message and where it belongs.
pub(super) type Issue = (u32, String);

/// Does work that calls itself as deeply as an expression can be nested, on a stack that is large enough.
pub(super) fn on_large_stack<T: Send>(
    source: &str,
    work: impl FnOnce() -> Result<T, Vec<String>> + Send,
) -> Result<T, Vec<String>> {
    // What is longer is refused before it is read.
    let size = STACK + STACK_OF_A_BYTE * source.len().min(4 * LONGEST);
    let done = thread::scope(|scope| {
        let thread = thread::Builder::new().name("cel".into()).stack_size(size).spawn_scoped(scope, work);
        thread.map(thread::ScopedJoinHandle::join)
    });
    match done {
        Ok(Ok(done)) => done,
        // No thread to be had, or a fault of the parser's: the rule is refused, nothing else suffers.
        Ok(Err(_)) | Err(_) => Err(vec!["There was an unexpected error evaluating the rules".into()]),
    }
}

/// Reads an expression. Fails with the messages, in the order of the text.
pub(super) fn parse(source: &str) -> Result<Node, Vec<String>> {
    let (tree, places, infinities) = read(source)?;
    let mut reader = Reader { places: &places, infinities, issues: Vec::new(), depth: 0 };
    let node = reader.node(tree)?;
    if reader.issues.is_empty() { Ok(node) } else { Err(in_order(reader.issues)) }
}

/// Calls `found` for each name that an expression uses, macro variables included.
pub(super) fn names(source: &str, mut found: impl FnMut(&str)) -> Result<(), Vec<String>> {
    let (tree, ..) = read(source)?;
    let mut open = vec![&tree];
    while let Some(node) = open.pop() {
        match &node.expr {
            Expr::Ident(name) => found(name),
            Expr::Call(call) => open.extend(call.target.as_deref().into_iter().chain(&call.args)),
            Expr::Select(select) => open.push(&select.operand),
            Expr::List(list) => open.extend(&list.elements),
            Expr::Map(map) => open.extend(map.entries.iter().flat_map(parts)),
            Expr::Struct(message) => open.extend(message.entries.iter().flat_map(parts)),
            Expr::Comprehension(_) | Expr::Literal(_) | Expr::Unspecified => {}
        }
    }
    Ok(())
}

fn parts(entry: &IdedEntryExpr) -> Vec<&IdedExpr> {
    match &entry.expr {
        EntryExpr::MapEntry(entry) => vec![&entry.key, &entry.value],
        EntryExpr::StructField(field) => vec![&field.value],
    }
}

/// Messages in the order of the text.
pub(super) fn in_order(mut issues: Vec<Issue>) -> Vec<String> {
    issues.sort_by_key(|(at, _)| *at);
    issues.into_iter().map(|(_, message)| message).collect()
}

/// Reads the tree, and where number literals are too large for a double: those are infinite.
fn read(source: &str) -> Result<(IdedExpr, SourceInfo, Vec<u32>), Vec<String>> {
    let length = source.chars().count();
    if length > LONGEST {
        return Err(vec![format!(
            "expression code point size exceeds limit: size: {length}, limit {LONGEST}"
        )]);
    }
    if signs(source) * length > LOOKAHEAD {
        return Err(vec![
            "The expression has too many negative numbers for its length. Write it in several rules.".into(),
        ]);
    }
    let env = Env::default().with_optional_support(false);
    let read = |source: &str| {
        let parsed = env.parser().max_recursion_depth(DEEPEST - 1).parse_with_source_info(source);
        let said = |errors: cel::ParseErrors| errors.errors.into_iter().map(|error| (error.pos, error.msg));
        parsed.map_err(|errors| said(errors).collect::<Vec<_>>())
    };
    let errors = match read(source) {
        Ok((tree, places)) => return Ok((tree, places, Vec::new())),
        Err(errors) => errors,
    };
    if let Some((patched, infinities)) = messages::without_infinities(source, &errors) {
        return match read(&patched) {
            Ok((tree, places)) => Ok((tree, places, infinities)),
            Err(errors) => Err(messages::official(&patched, errors)),
        };
    }
    Err(messages::official(source, errors))
}

/// How many numbers have a sign of their own.
fn signs(source: &str) -> usize {
    let is_sign = |(at, _): &(usize, &str)| {
        let before = source[..*at].chars().rev().find(|c| !c.is_whitespace());
        let after = source[at + 1..].chars().find(|c| !c.is_whitespace());
        after.is_some_and(|c| c.is_ascii_digit() || c == '.')
            && before.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, ')' | ']' | '}' | '\'' | '"' | '_'))
    };
    source.match_indices('-').filter(is_sign).count()
}

/// Makes our tree of the parser's, and expands macros on the way.
struct Reader<'s> {
    places: &'s SourceInfo,
    infinities: Vec<u32>,
    issues: Vec<Issue>,
    depth: u16,
}

impl Reader<'_> {
    fn at(&self, id: u64) -> u32 {
        self.places.offset_for(id).map_or(0, |(start, _)| start)
    }

    fn node(&mut self, tree: IdedExpr) -> Result<Node, Vec<String>> {
        let at = self.at(tree.id);
        let kind = match tree.expr {
            Expr::Literal(literal) => Kind::Literal(self.literal(at, literal)),
            Expr::Ident(name) => Kind::Name(name),
            Expr::Select(select) => {
                let operand = Box::new(self.deeper(|reader| reader.node(*select.operand))?);
                Kind::Select { operand, field: select.field, is_test: false }
            }
            Expr::Call(call) => {
                // As the official server counts: operators and methods, but not those that are balanced or repeated.
                let is_link = match call.func_name.as_str() {
                    "_&&_" | "_||_" | "!_" | "-_" => false,
                    name => call.target.is_some() || name.starts_with(['_', '@']),
                };
                let read = |reader: &mut Self| {
                    let target = call.target.map(|target| reader.node(*target)).transpose()?;
                    let arguments = reader.nodes(call.args)?;
                    Ok((target, arguments))
                };
                let (target, arguments) = if is_link { self.deeper(read)? } else { read(self)? };
                if arguments.iter().any(|argument| matches!(argument.kind, Kind::Refused)) {
                    return Ok(Node::new(at, Kind::Refused));
                }
                match macros::expand(at, &call.func_name, target, arguments) {
                    Ok(node) => return Ok(node),
                    Err(issue) => {
                        self.issues.push(issue);
                        Kind::Refused
                    }
                }
            }
            Expr::List(list) => Kind::List(self.nodes(list.elements)?),
            Expr::Map(map) => {
                let mut entries = Vec::with_capacity(map.entries.len());
                for entry in map.entries {
                    let at = self.at(entry.id);
                    if let EntryExpr::MapEntry(entry) = entry.expr {
                        entries.push(Entry {
                            at,
                            key: self.node(entry.key)?,
                            value: self.node(entry.value)?,
                        });
                    }
                }
                Kind::Map(entries)
            }
            Expr::Struct(message) => {
                let mut fields = Vec::with_capacity(message.entries.len());
                for entry in message.entries {
                    let at = self.at(entry.id);
                    if let EntryExpr::StructField(field) = entry.expr {
                        fields.push((at, field.field, self.node(field.value)?));
                    }
                }
                Kind::Message { name: message.type_name, fields }
            }
            // The parser was given no macros to expand.
            Expr::Comprehension(_) | Expr::Unspecified => Kind::Refused,
        };
        Ok(Node::new(at, kind))
    }

    fn nodes(&mut self, trees: Vec<IdedExpr>) -> Result<Vec<Node>, Vec<String>> {
        trees.into_iter().map(|tree| self.node(tree)).collect()
    }

    fn deeper<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Vec<String>>,
    ) -> Result<T, Vec<String>> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(vec![messages::too_deep()]);
        }
        let done = read(self);
        self.depth -= 1;
        done
    }

    fn literal(&self, at: u32, literal: LiteralValue) -> Literal {
        match literal {
            LiteralValue::Null => Literal::Null,
            LiteralValue::Boolean(value) => Literal::Bool(value.into_inner()),
            LiteralValue::Int(value) => Literal::Int(value.into_inner()),
            LiteralValue::UInt(value) => Literal::Uint(value.into_inner()),
            LiteralValue::Double(value) if self.infinities.contains(&at) => {
                Literal::Double(f64::INFINITY.copysign(value.into_inner()))
            }
            LiteralValue::Double(value) => Literal::Double(value.into_inner()),
            LiteralValue::String(value) => Literal::Text(value.into_inner()),
            LiteralValue::Bytes(value) => Literal::Bytes(value.into_inner()),
        }
    }
}
