//! Why an evaluation has no value.

use crate::error::ApiError;

/// Why an evaluation has no value.
#[derive(Debug, Clone)]
pub(crate) enum Failure {
    /// An error of CEL: `permission-evaluation-failed`.
    Evaluation {
        /// Its code, the error's `type`.
        kind: ErrorKind,
        /// What the check endpoints show in place of "You may have a typo", with the position.
        text: String,
    },
    /// What the official server answers with status 500 and an empty body: a stored list or map used in a way that it
    /// does not implement, or a value that has no JSON form. The text says what to write instead.
    Unsupported(String),
    /// The rule costs more than its budget. The text says so.
    TooCostly(String),
    /// The host refused: an exhausted rate limit, a `ref` of an unknown attribute.
    Host(ApiError),
}

impl Failure {
    /// Whether `&&`, `||` and macros go on after the failure, as the other side may decide.
    pub(super) fn can_be_absorbed(&self) -> bool {
        matches!(self, Self::Evaluation { .. } | Self::Host(_))
    }

    /// An error of CEL at an offset of the source.
    pub(super) fn at(offset: u32, kind: ErrorKind, text: impl AsRef<str>) -> Self {
        let text = format!("evaluation error at <input>:{offset}: {}", text.as_ref());
        Self::Evaluation { kind, text }
    }
}

/// What a function says of a failure; the call adds where.
#[derive(Debug)]
pub(super) enum Fault {
    /// The arguments fit no overload.
    Overload,
    /// An error at the call.
    Error(ErrorKind, String),
    /// An error that the official server tells without its place.
    Unplaced(String),
    /// An error that the official server tells by function and arguments only.
    Failed,
    /// All else.
    Other(Box<Failure>),
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        Self::Other(Box::new(failure))
    }
}

/// The code of an error of CEL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErrorKind {
    /// An operand or argument of the wrong kind.
    OverloadNotFound,
    /// A field of null or of a scalar, a missing key.
    AttributeNotFound,
    /// A non-boolean where a condition must be, a macro over a non-list, a bad regular expression.
    InvalidArgument,
    /// Beyond the end of a list.
    IndexOutOfBounds,
    /// Integer division by zero.
    DivideByZero,
    /// An integer beyond 64 bits.
    NumericOverflow,
    /// A key twice in a map literal.
    DuplicateAttribute,
    /// A text that does not parse.
    BadFormat,
    /// An unbound variable, and the rest.
    InternalError,
}

impl ErrorKind {
    /// The code as it is written on the wire.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::OverloadNotFound => "OVERLOAD_NOT_FOUND",
            Self::AttributeNotFound => "ATTRIBUTE_NOT_FOUND",
            Self::InvalidArgument => "INVALID_ARGUMENT",
            Self::IndexOutOfBounds => "INDEX_OUT_OF_BOUNDS",
            Self::DivideByZero => "DIVIDE_BY_ZERO",
            Self::NumericOverflow => "NUMERIC_OVERFLOW",
            Self::DuplicateAttribute => "DUPLICATE_ATTRIBUTE",
            Self::BadFormat => "BAD_FORMAT",
            Self::InternalError => "INTERNAL_ERROR",
        }
    }
}
