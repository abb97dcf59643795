//! Evaluating a checked expression.

use std::rc::Rc;

use serde_json::Value as Json;

use super::bindings::{Root, Variable};
use super::code::{Bind, Code, Constant, Entry, Loop, Op};
use super::context::Context;
use super::equality::{List, equal};
use super::failure::{ErrorKind, Failure, Fault};
use super::fields;
use super::overload::{Function, Overload};
use super::text;
use super::value::{StoredMap, Value, WeakInt};

/// One evaluation of one expression.
pub(super) struct Evaluator<'a, 'e> {
    pub(super) context: Context<'a, 'e>,
    locals: Vec<Local<'a>>,
}

/// What a macro variable or a bound name stands for.
enum Local<'a> {
    Unset,
    Value(Value<'a>),
    /// The accumulator of a macro after an error that a later element may still make up for.
    Failed(Failure),
    /// A bound expression that was not read yet.
    Lazy(&'a Code),
}

/// The outcome of a condition, as `&&` and `||` see it.
enum Outcome {
    Decided(bool),
    Unknown,
    Failed(Failure),
}

/// The most operands that a function has.
const OPERANDS: usize = 4;

type Evaluated<'a> = Result<Value<'a>, Failure>;

impl<'a, 'e> Evaluator<'a, 'e> {
    pub(super) fn new(context: Context<'a, 'e>, locals: usize) -> Self {
        Self { context, locals: std::iter::repeat_with(|| Local::Unset).take(locals).collect() }
    }

    pub(super) fn evaluate(&mut self, code: &'a Code) -> Evaluated<'a> {
        self.context.budget.spend(1)?;
        match &code.op {
            Op::Constant(constant) => Ok(constant.value()),
            Op::Variable(variable) => self.variable(*variable, code.at),
            Op::Local(local) => self.local(*local, code.at),
            Op::Field { operand, name } => {
                let operand = self.evaluate(operand)?;
                fields::read(&mut self.context, code.at, operand, name)
            }
            Op::Has { operand, name } => {
                let operand = self.evaluate(operand)?;
                fields::has(&mut self.context, code.at, &operand, name)
            }
            Op::And(operands) => self.junction(operands, false),
            Op::Or(operands) => self.junction(operands, true),
            Op::Choose(parts) => self.choose(parts),
            Op::NotFalse(operand) => self.not_false(operand),
            Op::Call { function, overloads, operands } => self.call(code.at, function, overloads, operands),
            Op::List(elements) => self.list(elements),
            Op::Map(entries) => self.map(entries),
            Op::Loop(of) => self.fold(of),
            Op::Bind(bind) => self.bind(bind),
            Op::Append { total, element } => self.append(*total, element),
        }
    }

    fn choose(&mut self, [condition, then, otherwise]: &'a [Code; 3]) -> Evaluated<'a> {
        match self.condition(condition)? {
            Outcome::Decided(true) => self.evaluate(then),
            Outcome::Decided(false) => self.evaluate(otherwise),
            Outcome::Unknown => Ok(Value::Unknown),
            Outcome::Failed(failure) => Err(failure),
        }
    }

    fn not_false(&mut self, operand: &'a Code) -> Evaluated<'a> {
        match self.condition(operand) {
            Ok(Outcome::Decided(value)) => Ok(Value::Bool(value)),
            Ok(_) => Ok(Value::Bool(true)),
            Err(failure) if failure.can_be_absorbed() => Ok(Value::Bool(true)),
            Err(failure) => Err(failure),
        }
    }

    fn list(&mut self, elements: &'a [Code]) -> Evaluated<'a> {
        self.context.budget.produce(elements.len() * size_of::<Value<'_>>())?;
        let mut made = Vec::with_capacity(elements.len());
        for element in elements {
            made.push(self.evaluate(element)?);
        }
        let is_unknown = made.iter().any(|element| matches!(element, Value::Unknown));
        Ok(if is_unknown { Value::Unknown } else { Value::list(made) })
    }

    fn variable(&mut self, variable: Variable, at: u32) -> Evaluated<'a> {
        let bindings = self.context.bindings;
        let stored = |entries, root| Ok(Value::StoredMap(StoredMap { entries, root }));
        let bound = |entries: Option<_>, root| match entries {
            Some(_) => stored(entries, root),
            None => Ok(Value::Unknown),
        };
        match variable {
            Variable::Data => bound(bindings.data, Some(Root::Data)),
            Variable::NewData => bound(bindings.new_data, None),
            Variable::LinkedData => bound(bindings.linked_data, Some(Root::LinkedData)),
            Variable::Actions => bound(bindings.actions, None),
            Variable::Auth => stored(bindings.auth, Some(Root::Auth)),
            Variable::RuleParams => match bindings.rule_params {
                Some(Json::Object(entries)) => stored(Some(entries), None),
                None | Some(Json::Null | Json::Array(_)) => stored(None, None),
                Some(Json::String(_) | Json::Number(_) | Json::Bool(_)) => {
                    let text = "ruleParams must be an object: { \"$$ruleParams\": { \"name\": value } }";
                    Err(Failure::at(at, ErrorKind::InternalError, text))
                }
            },
            Variable::Request => Ok(Value::Request(Rc::new(bindings.request))),
            Variable::RateLimit => Ok(Value::Buckets),
        }
    }

    fn local(&mut self, local: usize, at: u32) -> Evaluated<'a> {
        match &self.locals[local] {
            Local::Value(Value::MissingElement) => {
                Err(Failure::at(at, ErrorKind::InternalError, "Null value"))
            }
            Local::Value(value) => Ok(value.clone()),
            Local::Failed(failure) => Err(failure.clone()),
            Local::Lazy(code) => {
                let value = self.evaluate(code)?;
                self.locals[local] = Local::Value(value.clone());
                Ok(value)
            }
            // The checker gives each local to one macro, which sets it before anything below it is evaluated.
            Local::Unset => Ok(Value::Unknown),
        }
    }

    /// Evaluates a condition. What is no boolean fails here, which `&&` and `||` do not absorb themselves.
    fn condition(&mut self, code: &'a Code) -> Result<Outcome, Failure> {
        match self.evaluate(code) {
            Ok(Value::Bool(value)) => Ok(Outcome::Decided(value)),
            Ok(Value::Unknown) => Ok(Outcome::Unknown),
            Ok(other) => {
                let text = format!("expected boolean value, found: {}", text::plain(&other));
                Err(Failure::at(code.at, ErrorKind::InvalidArgument, text))
            }
            Err(failure) if failure.can_be_absorbed() => Ok(Outcome::Failed(failure)),
            Err(failure) => Err(failure),
        }
    }

    /// `&&` and `||`: the side that equals `deciding` decides, whatever the other is.
    fn junction(&mut self, [left, right]: &'a [Code; 2], deciding: bool) -> Evaluated<'a> {
        let left = self.condition(left)?;
        if matches!(left, Outcome::Decided(value) if value == deciding) {
            return Ok(Value::Bool(deciding));
        }
        match (left, self.condition(right)?) {
            (_, Outcome::Decided(value)) if value == deciding => Ok(Value::Bool(deciding)),
            (Outcome::Unknown, _) | (_, Outcome::Unknown) => Ok(Value::Unknown),
            (Outcome::Failed(failure), _) | (_, Outcome::Failed(failure)) => Err(failure),
            (Outcome::Decided(_), Outcome::Decided(_)) => Ok(Value::Bool(!deciding)),
        }
    }

    fn call(
        &mut self,
        at: u32,
        function: &'static Function,
        overloads: &[&'static Overload],
        operands: &'a [Code],
    ) -> Evaluated<'a> {
        let mut values = [const { Value::Null }; OPERANDS];
        let mut is_unknown = false;
        for (value, operand) in values.iter_mut().zip(operands) {
            *value = self.evaluate(operand)?;
            is_unknown |= matches!(value, Value::Unknown);
        }
        if is_unknown {
            return Ok(Value::Unknown);
        }
        let values = &values[..operands.len().min(OPERANDS)];
        let chosen = overloads.iter().find(|overload| overload.takes(values));
        let done =
            chosen.map_or(Err(Fault::Overload), |overload| (overload.apply)(&mut self.context, values));
        done.map_err(|fault| placed(fault, at, function, overloads, chosen.copied(), values))
    }

    fn map(&mut self, entries: &'a [Entry]) -> Evaluated<'a> {
        self.context.budget.produce(entries.len() * 2 * size_of::<Value<'_>>())?;
        let mut made: Vec<(Value<'a>, Value<'a>)> = Vec::with_capacity(entries.len());
        let mut is_unknown = false;
        for entry in entries {
            let key = self.evaluate(&entry.key)?;
            let value = self.evaluate(&entry.value)?;
            is_unknown |= matches!(key, Value::Unknown) || matches!(value, Value::Unknown);
            for (other, _) in &made {
                let is_same_kind = std::mem::discriminant(other) == std::mem::discriminant(&key);
                if is_same_kind && equal(other, &key, self.context.budget)? {
                    let text = format!("duplicate map key [{}]", text::plain(&key));
                    return Err(Failure::at(entry.at, ErrorKind::DuplicateAttribute, text));
                }
            }
            made.push((key, value));
        }
        Ok(if is_unknown { Value::Unknown } else { Value::Map(Rc::new(made)) })
    }

    fn bind(&mut self, bind: &'a Bind) -> Evaluated<'a> {
        self.locals[bind.local] = Local::Lazy(&bind.value);
        let value = self.evaluate(&bind.body);
        self.locals[bind.local] = Local::Unset;
        value
    }

    fn fold(&mut self, of: &'a Loop) -> Evaluated<'a> {
        let range = self.evaluate(&of.range)?;
        self.locals[of.total] = self.attempt(&of.initial)?;
        match &range {
            Value::Unknown => return Ok(Value::Unknown),
            Value::Map(entries) => {
                for (key, _) in entries.iter() {
                    if !self.step(of, adapted(key))? {
                        break;
                    }
                }
            }
            Value::JsonMap(entries) => {
                for key in entries.keys() {
                    if !self.step(of, Value::text(key))? {
                        break;
                    }
                }
            }
            Value::StoredMap(_) | Value::Buckets => {
                return Err(Failure::Unsupported(
                    "macros cannot go over a stored object: name its keys, ['a', 'b'].all(k, data.meta[k] > 0)".into(),
                ));
            }
            other => match List::of(other) {
                Some(List::Made(elements)) => {
                    for element in elements {
                        if !self.step(of, adapted(element))? {
                            break;
                        }
                    }
                }
                Some(List::Json(elements) | List::Stored(elements)) => {
                    for element in elements {
                        if !self.step(of, Value::element(element))? {
                            break;
                        }
                    }
                }
                None => {
                    let class = text::class(other);
                    let text = format!("expected a list or a map for iteration range but got '{class}'");
                    return Err(Failure::at(of.range.at, ErrorKind::InvalidArgument, text));
                }
            },
        }
        self.locals[of.variable] = Local::Unset;
        let result = self.evaluate(&of.result);
        self.locals[of.total] = Local::Unset;
        result
    }

    /// One element of a macro. Says whether to go on.
    fn step(&mut self, of: &'a Loop, element: Value<'a>) -> Result<bool, Failure> {
        self.locals[of.variable] = Local::Value(element);
        match self.condition(&of.condition)? {
            Outcome::Decided(false) => return Ok(false),
            Outcome::Failed(failure) => return Err(failure),
            Outcome::Decided(true) | Outcome::Unknown => {}
        }
        self.locals[of.total] = self.attempt(&of.step)?;
        Ok(true)
    }

    /// Evaluates the next accumulator: an error is kept, as the next element may make up for it.
    fn attempt(&mut self, code: &'a Code) -> Result<Local<'a>, Failure> {
        match self.evaluate(code) {
            Ok(value) => Ok(Local::Value(value)),
            Err(failure) if failure.can_be_absorbed() => Ok(Local::Failed(failure)),
            Err(failure) => Err(failure),
        }
    }

    fn append(&mut self, total: usize, element: &'a Code) -> Evaluated<'a> {
        if let Local::Failed(failure) = &self.locals[total] {
            return Err(failure.clone());
        }
        let element = self.evaluate(element)?;
        self.context.budget.produce(size_of::<Value<'_>>())?;
        match std::mem::replace(&mut self.locals[total], Local::Unset) {
            Local::Value(Value::List(mut list)) if !matches!(element, Value::Unknown) => {
                // The accumulator was the only holder of its list, so that nothing is copied.
                Rc::make_mut(&mut list).push(element);
                Ok(Value::List(list))
            }
            _ => Ok(Value::Unknown),
        }
    }
}

impl Constant {
    fn value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(*value),
            Self::Int(value) => Value::Int(*value),
            Self::Uint(value) => Value::Uint(*value),
            Self::Double(value) => Value::Double(*value),
            Self::Text(text) => Value::text(text),
            Self::Bytes(bytes) => Value::Bytes(Rc::from(&**bytes)),
            Self::Type(name) => Value::Type(Rc::from(*name)),
        }
    }
}

/// What a macro's variable stands for: integers get the strength back that they lost in a list.
fn adapted<'a>(element: &Value<'a>) -> Value<'a> {
    match element {
        Value::WeakInt(WeakInt::Small(value)) => Value::Int(*value),
        other => other.clone(),
    }
}

/// The failure of a call, with its place.
fn placed(
    fault: Fault,
    at: u32,
    function: &Function,
    open: &[&Overload],
    chosen: Option<&Overload>,
    values: &[Value<'_>],
) -> Failure {
    match fault {
        Fault::Overload => {
            let candidates: Vec<&str> = open.iter().map(|overload| overload.id).collect();
            let text = format!(
                "No matching overload for function '{}'. Overload candidates: {}",
                function.name,
                candidates.join(",")
            );
            Failure::at(at, ErrorKind::OverloadNotFound, text)
        }
        Fault::Error(kind, text) => Failure::at(at, kind, text),
        Fault::Unplaced(text) => {
            Failure::Evaluation { kind: ErrorKind::InternalError, text: format!("evaluation error: {text}") }
        }
        Fault::Failed => {
            let values: Vec<String> = values.iter().map(text::plain).collect();
            let id = chosen.map_or(function.name, |overload| overload.id);
            let text = format!("Function '{id}' failed with arg(s) '{}'", values.join(", "));
            Failure::at(at, ErrorKind::InternalError, text)
        }
        Fault::Other(failure) => *failure,
    }
}
