//! The tree of an expression as it is written, with its macros expanded.

/// A node of the tree.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// Where it is, for messages: a code point's number in the source.
    pub(super) at: u32,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone)]
pub(super) enum Kind {
    Literal(Literal),
    Name(String),
    /// `operand.field`, or `has(operand.field)`.
    Select {
        operand: Box<Node>,
        field: String,
        is_test: bool,
    },
    Call {
        function: String,
        target: Option<Box<Node>>,
        arguments: Vec<Node>,
    },
    List(Vec<Node>),
    Map(Vec<Entry>),
    Message {
        name: String,
        fields: Vec<(u32, String, Node)>,
    },
    Loop(Box<Loop>),
    /// A part that was refused when it was read.
    Refused,
}

#[derive(Debug, Clone)]
pub(super) enum Literal {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    Text(String),
    Bytes(Vec<u8>),
}

/// An entry of a map literal.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) at: u32,
    pub(super) key: Node,
    pub(super) value: Node,
}

/// What macros become: `variable` goes over `range`; while `condition` holds, `total` becomes `step`; the value is `result`.
#[derive(Debug, Clone)]
pub(super) struct Loop {
    pub(super) variable: String,
    pub(super) range: Node,
    /// The name of the accumulator: one that nobody can write, but for `cel.bind`, where it is the bound name.
    pub(super) total: String,
    pub(super) initial: Node,
    pub(super) condition: Node,
    pub(super) step: Node,
    pub(super) result: Node,
    /// Whether this is a `cel.bind`: `initial` is evaluated when `total` is first read.
    pub(super) is_bind: bool,
}

impl Node {
    pub(super) fn new(at: u32, kind: Kind) -> Self {
        Self { at, kind }
    }

    pub(super) fn name(at: u32, name: &str) -> Self {
        Self::new(at, Kind::Name(name.to_owned()))
    }

    pub(super) fn literal(at: u32, literal: Literal) -> Self {
        Self::new(at, Kind::Literal(literal))
    }

    pub(super) fn call(at: u32, function: &str, arguments: Vec<Node>) -> Self {
        Self::new(at, Kind::Call { function: function.to_owned(), target: None, arguments })
    }
}
