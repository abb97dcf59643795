//! The static types of expressions, and which type fits where.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// The static type of an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::enum_variant_names, reason = "`Type` is a type of CEL")]
pub(super) enum Type {
    /// Anything.
    Dyn,
    /// The type of what was already refused: fits everywhere, so that one mistake gives one message.
    Error,
    Null,
    Bool,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    Timestamp,
    Duration,
    /// The message `request`.
    Request,
    List(Arc<Type>),
    Map(Arc<(Type, Type)>),
    /// A bucket of `rateLimit`; its parameter comes from the official declaration and has no meaning.
    Bucket(Arc<Type>),
    /// The type of a type.
    Type(Arc<Type>),
    Parameter(Parameter),
}

/// A type parameter: of a declaration (`A`), or one that is inferred (`%A0`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Parameter {
    prefix: &'static str,
    /// Its number among all that were made; none in a declaration.
    number: Option<u32>,
}

/// The most nodes of one type. Types of nested binds can double at each level: what is larger is `dyn`.
const LARGEST_TYPE: usize = 500;

impl Type {
    pub(super) fn list(element: Type) -> Self {
        if element.size() > LARGEST_TYPE { Self::Dyn } else { Self::List(Arc::new(element)) }
    }

    pub(super) fn map(key: Type, value: Type) -> Self {
        let too_large = key.size() + value.size() > LARGEST_TYPE;
        if too_large { Self::Dyn } else { Self::Map(Arc::new((key, value))) }
    }

    /// A parameter in a declaration.
    pub(super) fn parameter(name: &'static str) -> Self {
        Self::Parameter(Parameter { prefix: name, number: None })
    }

    /// Whether the type fits everywhere.
    pub(super) fn is_open(&self) -> bool {
        matches!(self, Self::Dyn | Self::Error)
    }

    fn size(&self) -> usize {
        1 + match self {
            Self::List(inner) | Self::Bucket(inner) | Self::Type(inner) => inner.size(),
            Self::Map(entry) => entry.0.size() + entry.1.size(),
            _ => 0,
        }
    }

    /// Whether the type says as much as `other` or less, by using `dyn` or parameters.
    fn is_as_general_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Dyn | Self::Parameter(_), _) => true,
            (_, Self::Dyn | Self::Parameter(_)) => false,
            (Self::List(a), Self::List(b))
            | (Self::Bucket(a), Self::Bucket(b))
            | (Self::Type(a), Self::Type(b)) => a.is_as_general_as(b),
            (Self::Map(a), Self::Map(b)) => a.0.is_as_general_as(&b.0) && a.1.is_as_general_as(&b.1),
            (a, b) => a == b,
        }
    }

    /// The more general of two types of which one fits the other.
    pub(super) fn more_general(self, other: Self) -> Self {
        if self.is_as_general_as(&other) { self } else { other }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dyn => "dyn",
            Self::Error => "*error*",
            Self::Null => "null",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Uint => "uint",
            Self::Double => "double",
            Self::String => "string",
            Self::Bytes => "bytes",
            Self::Timestamp => "google.protobuf.Timestamp",
            Self::Duration => "google.protobuf.Duration",
            Self::Request => "request",
            Self::List(element) => return write!(f, "list({element})"),
            Self::Map(entry) => return write!(f, "map({}, {})", entry.0, entry.1),
            Self::Bucket(parameter) => return write!(f, "RateLimitBucket({parameter})"),
            Self::Type(of) => return write!(f, "type({of})"),
            Self::Parameter(Parameter { prefix, number: Some(number) }) => {
                return write!(f, "%{prefix}{number}");
            }
            Self::Parameter(Parameter { prefix, number: None }) => prefix,
        })
    }
}

/// The steps of inference that one expression may take, far beyond what an honest one needs.
const MOST_STEPS: u32 = 3_000_000;

/// What is known of the type parameters of one expression.
#[derive(Debug, Default)]
pub(super) struct Inference {
    known: HashMap<u32, Type>,
    /// What `known` held before each change, so that a candidate that does not fit leaves no trace.
    undo: Vec<(u32, Option<Type>)>,
    parameters: u32,
    steps: u32,
}

impl Inference {
    /// A new parameter, named after `prefix`.
    pub(super) fn fresh(&mut self, prefix: &'static str) -> Type {
        self.parameters += 1;
        Type::Parameter(Parameter { prefix, number: Some(self.parameters - 1) })
    }

    /// New parameters in place of those of a declaration, in the order of their names in `names`.
    pub(super) fn instance(&mut self, names: &[&'static str], types: &[Type]) -> Vec<Type> {
        let fresh: Vec<Type> = names.iter().map(|name| self.fresh(name)).collect();
        types.iter().map(|of| replace(of, names, &fresh)).collect()
    }

    /// Whether the expression is too complex to be checked in reasonable time. What was found then is of no use.
    pub(super) fn is_exhausted(&self) -> bool {
        self.steps > MOST_STEPS
    }

    /// Whether values of the types `from` fit the types `to`, learning what that says of the parameters.
    pub(super) fn fit(&mut self, from: &[Type], to: &[Type]) -> bool {
        self.undo.clear();
        let fits = from.len() == to.len() && from.iter().zip(to).all(|(from, to)| self.fits(from, to));
        if !fits {
            while let Some((number, before)) = self.undo.pop() {
                match before {
                    Some(before) => self.known.insert(number, before),
                    None => self.known.remove(&number),
                };
            }
        }
        fits
    }

    fn fits(&mut self, from: &Type, to: &Type) -> bool {
        self.steps += 1;
        if self.is_exhausted() {
            return true;
        }
        if from == to {
            return true;
        }
        if let Type::Parameter(Parameter { number: Some(number), .. }) = to {
            match self.known.get(number).cloned() {
                Some(known) => {
                    if !self.fits(from, &known) {
                        return false;
                    }
                    self.learn(*number, from.clone().more_general(known));
                    return true;
                }
                None if self.learn(*number, from.clone()) => return true,
                None => {}
            }
        }
        if let Type::Parameter(Parameter { number: Some(number), .. }) = from {
            match self.known.get(number).cloned() {
                Some(known) => {
                    if !self.fits(&known, to) {
                        return false;
                    }
                    self.learn(*number, known.more_general(to.clone()));
                    return true;
                }
                None if self.learn(*number, to.clone()) => return true,
                None => {}
            }
        }
        match (from, to) {
            (a, b) if a.is_open() || b.is_open() => true,
            (Type::Null, other) | (other, Type::Null) => {
                matches!(other, Type::Bucket(_) | Type::Request | Type::Duration | Type::Timestamp)
            }
            (Type::Type(_), Type::Type(_)) => true,
            (Type::List(a), Type::List(b)) | (Type::Bucket(a), Type::Bucket(b)) => self.fits(a, b),
            (Type::Map(a), Type::Map(b)) => self.fits(&a.0, &b.0) && self.fits(&a.1, &b.1),
            _ => false,
        }
    }

    /// Notes what a parameter stands for, unless it would contain itself.
    fn learn(&mut self, number: u32, value: Type) -> bool {
        if self.mentions(&value, number) {
            return false;
        }
        let before = self.known.insert(number, value);
        self.undo.push((number, before));
        true
    }

    fn mentions(&mut self, within: &Type, parameter: u32) -> bool {
        self.steps += 1;
        if self.is_exhausted() {
            return true;
        }
        match within {
            Type::Parameter(Parameter { number: Some(number), .. }) => {
                *number == parameter
                    || self.known.get(number).cloned().is_some_and(|known| self.mentions(&known, parameter))
            }
            Type::List(inner) | Type::Bucket(inner) | Type::Type(inner) => self.mentions(inner, parameter),
            Type::Map(entry) => self.mentions(&entry.0, parameter) || self.mentions(&entry.1, parameter),
            _ => false,
        }
    }

    /// The type with what is known in place of its parameters.
    pub(super) fn specialize(&mut self, of: &Type) -> Type {
        self.steps += 1;
        if self.is_exhausted() {
            return Type::Dyn;
        }
        match of {
            Type::Parameter(Parameter { number: Some(number), .. }) => {
                match self.known.get(number).cloned() {
                    Some(known) => self.specialize(&known),
                    None => of.clone(),
                }
            }
            Type::List(element) => Type::list(self.specialize(element)),
            Type::Map(entry) => {
                let key = self.specialize(&entry.0);
                Type::map(key, self.specialize(&entry.1))
            }
            Type::Bucket(inner) => Type::Bucket(Arc::new(self.specialize(inner))),
            Type::Type(inner) => Type::Type(Arc::new(self.specialize(inner))),
            other => other.clone(),
        }
    }
}

fn replace(of: &Type, names: &[&'static str], by: &[Type]) -> Type {
    match of {
        Type::Parameter(parameter) => {
            let place = names.iter().position(|name| *name == parameter.prefix);
            place.map_or_else(|| of.clone(), |place| by[place].clone())
        }
        Type::List(element) => Type::list(replace(element, names, by)),
        Type::Map(entry) => Type::map(replace(&entry.0, names, by), replace(&entry.1, names, by)),
        Type::Bucket(inner) => Type::Bucket(Arc::new(replace(inner, names, by))),
        Type::Type(inner) => Type::Type(Arc::new(replace(inner, names, by))),
        other => other.clone(),
    }
}
