//! A checked expression, ready to be evaluated.

use super::bindings::Variable;
use super::overload::{Function, Overload};

/// A node of a checked expression.
pub(super) struct Code {
    /// Where it is in the source, in code points.
    pub(super) at: u32,
    pub(super) op: Op,
}

pub(super) enum Op {
    Constant(Constant),
    Variable(Variable),
    /// A macro's variable or a bound name, by its number in the program.
    Local(usize),
    Field {
        operand: Box<Code>,
        name: Box<str>,
    },
    Has {
        operand: Box<Code>,
        name: Box<str>,
    },
    And(Box<[Code; 2]>),
    Or(Box<[Code; 2]>),
    /// `a ? b : c`
    Choose(Box<[Code; 3]>),
    /// Whether the operand is anything but false, an error included.
    NotFalse(Box<Code>),
    Call {
        function: &'static Function,
        overloads: Box<[&'static Overload]>,
        operands: Box<[Code]>,
    },
    List(Box<[Code]>),
    Map(Box<[Entry]>),
    Loop(Box<Loop>),
    /// `cel.bind`
    Bind(Box<Bind>),
    /// Adds an element to the list that a macro makes, in place.
    Append {
        total: usize,
        element: Box<Code>,
    },
}

pub(super) enum Constant {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    Text(Box<str>),
    Bytes(Box<[u8]>),
    Type(&'static str),
}

/// An entry of a map literal.
pub(super) struct Entry {
    pub(super) at: u32,
    pub(super) key: Code,
    pub(super) value: Code,
}

pub(super) struct Loop {
    pub(super) variable: usize,
    pub(super) range: Code,
    pub(super) total: usize,
    pub(super) initial: Code,
    pub(super) condition: Code,
    pub(super) step: Code,
    pub(super) result: Code,
}

pub(super) struct Bind {
    pub(super) local: usize,
    pub(super) value: Code,
    pub(super) body: Code,
}

impl Op {
    /// The nodes directly below.
    pub(super) fn parts(&self) -> Vec<&Code> {
        match self {
            Self::Constant(_) | Self::Variable(_) | Self::Local(_) => Vec::new(),
            Self::Field { operand, .. } | Self::Has { operand, .. } | Self::NotFalse(operand) => {
                vec![operand]
            }
            Self::And(operands) | Self::Or(operands) => operands.iter().collect(),
            Self::Choose(operands) => operands.iter().collect(),
            Self::Call { operands, .. } => operands.iter().collect(),
            Self::List(elements) => elements.iter().collect(),
            Self::Map(entries) => entries.iter().flat_map(|entry| [&entry.key, &entry.value]).collect(),
            Self::Loop(of) => vec![&of.range, &of.initial, &of.condition, &of.step, &of.result],
            Self::Bind(bind) => vec![&bind.value, &bind.body],
            Self::Append { element, .. } => vec![element],
        }
    }
}
