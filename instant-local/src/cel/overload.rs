//! The functions and operators of CEL: how they are declared, and which overload takes which values.

use super::context::Context;
use super::failure::Fault;
use super::types::Type;
use super::value::Value;

/// What an overload does. It is called with values of the kinds that it declares.
pub(super) type Apply = for<'a> fn(&mut Context<'a, '_>, &[Value<'a>]) -> Result<Value<'a>, Fault>;

/// A group of declarations: functions by name, each with its overloads in the official order.
pub(super) type Declarations = &'static [(&'static str, &'static [Declaration])];

/// An overload: its official id, its signature (`(int) -> string`, of a method `string.(int) -> string`), what it does.
pub(super) type Declaration = (&'static str, &'static str, Apply);

/// A function or operator.
pub(super) struct Function {
    pub(super) name: &'static str,
    pub(super) overloads: Vec<Overload>,
}

/// One of a function's signatures.
pub(super) struct Overload {
    pub(super) id: &'static str,
    pub(super) is_method: bool,
    /// The types of its operands, a method's target first.
    pub(super) operands: Vec<Type>,
    /// The names of the type parameters in the signature.
    pub(super) parameters: Vec<&'static str>,
    pub(super) result: Type,
    pub(super) apply: Apply,
}

impl Function {
    pub(super) fn read(name: &'static str, overloads: &[Declaration]) -> Self {
        Self { name, overloads: overloads.iter().map(Overload::read).collect() }
    }
}

impl Overload {
    fn read(&(id, signature, apply): &Declaration) -> Self {
        let mut reader = Signature { rest: signature, parameters: Vec::new() };
        let mut operands = Vec::new();
        let is_method = !reader.eat("(");
        if is_method {
            operands.push(reader.of());
            reader.expect(".(");
        }
        while !reader.eat(")") {
            operands.push(reader.of());
            reader.eat(", ");
        }
        reader.expect(" -> ");
        let result = reader.of();
        reader.parameters.sort_unstable();
        Self { id, is_method, operands, parameters: reader.parameters, result, apply }
    }

    /// Whether the overload takes these values.
    pub(super) fn takes(&self, values: &[Value<'_>]) -> bool {
        self.operands.len() == values.len()
            && self.operands.iter().zip(values).all(|(operand, value)| takes(operand, value))
    }
}

fn takes(operand: &Type, value: &Value<'_>) -> bool {
    match operand {
        Type::Bool => matches!(value, Value::Bool(_)),
        Type::Int => matches!(value, Value::Int(_)),
        Type::Uint => matches!(value, Value::Uint(_)),
        Type::Double => matches!(value, Value::Double(_)),
        Type::String => matches!(value, Value::Text(_)),
        Type::Bytes => matches!(value, Value::Bytes(_)),
        Type::Timestamp => matches!(value, Value::Timestamp(_)),
        Type::Duration => matches!(value, Value::Duration(_)),
        Type::Bucket(_) => matches!(value, Value::Bucket(_)),
        Type::List(_) => matches!(value, Value::List(_) | Value::JsonList(_) | Value::StoredList(_)),
        Type::Map(_) => {
            matches!(value, Value::Map(_) | Value::JsonMap(_) | Value::StoredMap(_) | Value::Buckets)
        }
        Type::Dyn | Type::Error | Type::Null | Type::Request | Type::Type(_) | Type::Parameter(_) => true,
    }
}

/// Reads the signatures above. They are written in this crate, and a test reads them all: a mistake in one panics there.
struct Signature {
    rest: &'static str,
    parameters: Vec<&'static str>,
}

impl Signature {
    fn of(&mut self) -> Type {
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        match word {
            "dyn" => Type::Dyn,
            "bool" => Type::Bool,
            "int" => Type::Int,
            "uint" => Type::Uint,
            "double" => Type::Double,
            "string" => Type::String,
            "bytes" => Type::Bytes,
            "timestamp" => Type::Timestamp,
            "duration" => Type::Duration,
            "list" => {
                self.expect("(");
                let element = self.of();
                self.expect(")");
                Type::list(element)
            }
            "map" => {
                self.expect("(");
                let key = self.of();
                self.expect(", ");
                let value = self.of();
                self.expect(")");
                Type::map(key, value)
            }
            "type" => {
                self.expect("(");
                let of = self.of();
                self.expect(")");
                Type::Type(of.into())
            }
            "bucket" => Type::Bucket(self.parameter("RateLimitBucket").into()),
            name => self.parameter(name),
        }
    }

    fn parameter(&mut self, name: &'static str) -> Type {
        if !self.parameters.contains(&name) {
            self.parameters.push(name);
        }
        Type::parameter(name)
    }

    fn eat(&mut self, text: &str) -> bool {
        let Some(rest) = self.rest.strip_prefix(text) else { return false };
        self.rest = rest;
        true
    }

    fn expect(&mut self, text: &str) {
        assert!(self.eat(text), "a signature goes on with {text:?} here: {:?}", self.rest);
    }
}
