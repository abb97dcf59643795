//! The type checker: it resolves names and overloads, and says what fits nowhere, in the official words.

use super::code::{Bind, Code, Constant, Entry, Loop, Op};
use super::functions::function;
use super::macros::TOTAL;
use super::names::{RuleKind, request_field, type_named, variable};
use super::overload::{Function, Overload};
use super::parse::{Issue, in_order};
use super::syntax::{self, Kind, Literal, Node};
use super::types::{Inference, Type};

/// Checks an expression. Fails with the messages, in the order of the text.
pub(super) fn check(node: &Node, kind: RuleKind) -> Result<Checked, Vec<String>> {
    let mut checker =
        Checker { kind, inference: Inference::default(), issues: Vec::new(), scope: Vec::new(), locals: 0 };
    let (_, code) = checker.node(node);
    if checker.inference.is_exhausted() {
        return Err(vec![
            "The types of the expression are too complex. Write it in several simpler rules.".into(),
        ]);
    }
    if checker.issues.is_empty() {
        Ok(Checked { code, locals: checker.locals })
    } else {
        Err(in_order(checker.issues))
    }
}

/// A checked expression, and how many local variables it has.
pub(super) struct Checked {
    pub(super) code: Code,
    pub(super) locals: usize,
}

struct Checker {
    kind: RuleKind,
    inference: Inference,
    issues: Vec<Issue>,
    /// The macro variables and bound names around the node that is checked, the innermost last.
    scope: Vec<(String, Type, usize)>,
    locals: usize,
}

impl Checker {
    fn refuse(&mut self, at: u32, message: String) -> Type {
        self.issues.push((at, message));
        Type::Error
    }

    fn undeclared(&mut self, at: u32, name: &str) -> Type {
        self.refuse(at, format!("undeclared reference to '{name}' (in container '')"))
    }

    fn node(&mut self, node: &Node) -> (Type, Code) {
        let at = node.at;
        let (of, op) = match &node.kind {
            Kind::Literal(literal) => constant(literal),
            Kind::Name(name) => self.name(name).unwrap_or_else(|| {
                let of = self.undeclared(at, name.strip_prefix('.').unwrap_or(name));
                (of, nothing())
            }),
            Kind::Select { operand, field, is_test } => return self.select(node, operand, field, *is_test),
            Kind::Call { function, target, arguments } => {
                self.call(at, function, target.as_deref(), arguments)
            }
            Kind::List(elements) => {
                let mut shared = None;
                let mut codes = Vec::with_capacity(elements.len());
                for element in elements {
                    let (of, code) = self.node(element);
                    shared = Some(self.join(shared, of));
                    codes.push(code);
                }
                let element = shared.unwrap_or_else(|| self.inference.fresh("elem"));
                (Type::list(element), Op::List(codes.into()))
            }
            Kind::Map(entries) => self.map(entries),
            Kind::Message { name, fields } => self.message(at, name, fields),
            Kind::Loop(of) if of.is_bind => self.bind(of),
            Kind::Loop(of) => self.fold(of),
            Kind::Refused => (Type::Error, nothing()),
        };
        (of, Code { at, op })
    }

    /// What a name stands for. Names with a dot before them are never local.
    fn name(&self, name: &str) -> Option<(Type, Op)> {
        let global = name.strip_prefix('.');
        if global.is_none()
            && let Some((_, of, local)) = self.scope.iter().rev().find(|(local, ..)| local == name)
        {
            return Some((of.clone(), Op::Local(*local)));
        }
        let name = global.unwrap_or(name);
        if let Some((variable, of)) = variable(self.kind, name) {
            return Some((of, Op::Variable(variable)));
        }
        let (name, of) = type_named(name)?;
        Some((Type::Type(of.into()), Op::Constant(Constant::Type(name))))
    }

    fn select(&mut self, node: &Node, operand: &Node, field: &str, is_test: bool) -> (Type, Code) {
        let at = node.at;
        if let Some(name) = qualified(node)
            && let Some((of, op)) = self.name(&name)
        {
            if is_test {
                self.refuse(at, "expression does not select a field".into());
                return (Type::Bool, Code { at, op: nothing() });
            }
            return (of, Code { at, op });
        }
        let (of, operand) = self.node(operand);
        let of = self.field(at, &of, field);
        let (operand, name) = (Box::new(operand), field.into());
        if is_test {
            (Type::Bool, Code { at, op: Op::Has { operand, name } })
        } else {
            (of, Code { at, op: Op::Field { operand, name } })
        }
    }

    fn field(&mut self, at: u32, of: &Type, field: &str) -> Type {
        match self.inference.specialize(of) {
            Type::Dyn | Type::Error => Type::Dyn,
            Type::Map(entry) => entry.1.clone(),
            Type::Request => {
                request_field(field).unwrap_or_else(|| self.refuse(at, format!("undefined field '{field}'")))
            }
            parameter @ Type::Parameter(_) => {
                self.inference.fit(&[Type::Dyn], &[parameter]);
                Type::Dyn
            }
            other => self.refuse(at, format!("type '{other}' does not support field selection")),
        }
    }

    fn call(&mut self, at: u32, name: &str, target: Option<&Node>, arguments: &[Node]) -> (Type, Op) {
        let (mut types, mut operands): (Vec<_>, Vec<_>) =
            arguments.iter().map(|argument| self.node(argument)).unzip();
        let mut is_method = false;
        let declared = match target {
            None => function(name.strip_prefix('.').unwrap_or(name)),
            Some(target) => {
                let namespaced = qualified(target).and_then(|namespace| {
                    function(&format!("{}.{name}", namespace.strip_prefix('.').unwrap_or(&namespace)))
                });
                if namespaced.is_none() {
                    is_method = true;
                    let (of, code) = self.node(target);
                    types.insert(0, of);
                    operands.insert(0, code);
                }
                namespaced.or_else(|| function(name))
            }
        };
        let Some(declared) = declared else {
            return (self.undeclared(at, name.strip_prefix('.').unwrap_or(name)), nothing());
        };
        let (of, overloads) = self.resolve(at, declared, is_method, &types);
        if overloads.is_empty() {
            return (of, nothing());
        }
        (of, operation(declared, overloads, arguments, operands))
    }

    /// Finds the overloads that the types leave open, and the type of the result.
    fn resolve(
        &mut self,
        at: u32,
        function: &'static Function,
        is_method: bool,
        types: &[Type],
    ) -> (Type, Vec<&'static Overload>) {
        let mut open = Vec::new();
        let mut excluded = Vec::new();
        let mut result: Option<Type> = None;
        for overload in function.overloads.iter().filter(|overload| overload.is_method == is_method) {
            let mut instance = overload.operands.clone();
            instance.push(overload.result.clone());
            if !overload.parameters.is_empty() {
                instance = self.inference.instance(&overload.parameters, &instance);
            }
            let of = instance.pop().unwrap_or(Type::Error);
            if !self.inference.fit(types, &instance) {
                excluded.push(instance);
                continue;
            }
            open.push(overload);
            let of = self.inference.specialize(&of);
            result = Some(match result {
                None => of,
                Some(first) if first == Type::Dyn || first == of => first,
                Some(_) => Type::Dyn,
            });
        }
        let Some(of) = result else {
            let given = self.signature(types, is_method);
            let candidates: Vec<String> =
                excluded.iter().map(|candidate| self.signature(candidate, is_method)).collect();
            let candidates = match candidates.len() {
                0 => String::new(),
                _ => format!(" (candidates: {})", candidates.join(",")),
            };
            let name = function.name;
            let message = format!("found no matching overload for '{name}' applied to '{given}'{candidates}");
            return (self.refuse(at, message), open);
        };
        (of, open)
    }

    fn signature(&mut self, types: &[Type], is_method: bool) -> String {
        let mut texts: Vec<String> =
            types.iter().map(|of| self.inference.specialize(of).to_string()).collect();
        if is_method && !texts.is_empty() {
            let target = texts.remove(0);
            return format!("{target}.({})", texts.join(", "));
        }
        format!("({})", texts.join(", "))
    }

    fn map(&mut self, entries: &[syntax::Entry]) -> (Type, Op) {
        let (mut keys, mut values) = (None, None);
        let mut codes = Vec::with_capacity(entries.len());
        for entry in entries {
            let (of, key) = self.node(&entry.key);
            keys = Some(self.join(keys, of));
            let (of, value) = self.node(&entry.value);
            values = Some(self.join(values, of));
            codes.push(Entry { at: entry.at, key, value });
        }
        let key = keys.unwrap_or_else(|| self.inference.fresh("key"));
        let value = values.unwrap_or_else(|| self.inference.fresh("value"));
        (Type::map(key, value), Op::Map(codes.into()))
    }

    /// The type of elements that have one type so far, and the next one another.
    fn join(&mut self, so_far: Option<Type>, next: Type) -> Type {
        match so_far {
            None => next,
            Some(first) if self.inference.fit(std::slice::from_ref(&first), std::slice::from_ref(&next)) => {
                first.more_general(next)
            }
            Some(_) => Type::Dyn,
        }
    }

    /// Refuses `name{field: ..}`: rules have no message that can be made.
    fn message(&mut self, at: u32, name: &str, fields: &[(u32, String, Node)]) -> (Type, Op) {
        match self.name(name) {
            None => self.undeclared(at, name),
            Some((Type::Type(of), _)) => self.refuse(at, format!("'{of}' is not a message type")),
            Some((of, _)) => self.refuse(at, format!("'{of}' is not a type")),
        };
        for (at, field, value) in fields {
            self.node(value);
            self.refuse(*at, format!("Message type resolution failure while referencing field '{field}'."));
        }
        (Type::Error, nothing())
    }

    fn fold(&mut self, of: &syntax::Loop) -> (Type, Op) {
        let (range_type, range) = self.node(&of.range);
        let (total_type, initial) = self.node(&of.initial);
        let element = self.element(&range_type, of.range.at);
        let total = self.enter(&of.total, total_type.clone());
        let variable = self.enter(&of.variable, element);
        let (condition_type, condition) = self.node(&of.condition);
        self.must_be(&Type::Bool, &condition_type, of.condition.at);
        let (step_type, step) = self.node(&of.step);
        self.must_be(&total_type, &step_type, of.step.at);
        self.scope.pop();
        let (result_type, result) = self.node(&of.result);
        self.scope.pop();
        let code = Loop { variable, range, total, initial, condition, step, result };
        (self.inference.specialize(&result_type), Op::Loop(Box::new(code)))
    }

    fn bind(&mut self, of: &syntax::Loop) -> (Type, Op) {
        // The official server makes a loop over an empty list of it. Its types are numbered as there.
        self.inference.fresh("elem");
        let (value_type, value) = self.node(&of.initial);
        let local = self.enter(&of.total, value_type);
        let (body_type, body) = self.node(&of.result);
        self.scope.pop();
        let code = Bind { local, value, body };
        (self.inference.specialize(&body_type), Op::Bind(Box::new(code)))
    }

    fn enter(&mut self, name: &str, of: Type) -> usize {
        self.locals += 1;
        self.scope.push((name.to_owned(), of, self.locals - 1));
        self.locals - 1
    }

    /// The type of what a macro goes over.
    fn element(&mut self, range: &Type, at: u32) -> Type {
        match self.inference.specialize(range) {
            Type::List(element) => (*element).clone(),
            Type::Map(entry) => entry.0.clone(),
            Type::Dyn | Type::Error => Type::Dyn,
            parameter @ Type::Parameter(_) => {
                self.inference.fit(&[Type::Dyn], &[parameter]);
                Type::Dyn
            }
            other => {
                self.refuse(
                    at,
                    format!(
                        "expression of type '{other}' cannot be range of a comprehension (must be list, map, or \
                         dynamic)"
                    ),
                );
                Type::Dyn
            }
        }
    }

    fn must_be(&mut self, expected: &Type, found: &Type, at: u32) {
        if !self.inference.fit(std::slice::from_ref(expected), std::slice::from_ref(found)) {
            self.refuse(at, format!("expected type '{expected}' but found '{found}'"));
        }
    }
}

/// The code of a call: some operators do not evaluate all their operands.
fn operation(
    function: &'static Function,
    overloads: Vec<&'static Overload>,
    arguments: &[Node],
    operands: Vec<Code>,
) -> Op {
    // The numbers of operands are those of the overloads.
    match function.name {
        "_&&_" => <[Code; 2]>::try_from(operands).map_or_else(|_| nothing(), |parts| Op::And(parts.into())),
        "_||_" => <[Code; 2]>::try_from(operands).map_or_else(|_| nothing(), |parts| Op::Or(parts.into())),
        "_?_:_" => {
            <[Code; 3]>::try_from(operands).map_or_else(|_| nothing(), |parts| Op::Choose(parts.into()))
        }
        "@not_strictly_false" => {
            operands.into_iter().next().map_or_else(nothing, |operand| Op::NotFalse(Box::new(operand)))
        }
        "_+_" if is_append(arguments) => append(operands),
        _ => Op::Call { function, overloads: overloads.into(), operands: operands.into() },
    }
}

/// What a macro adds to its list: one element, in place.
fn append(operands: Vec<Code>) -> Op {
    let mut operands = operands.into_iter();
    match (operands.next().map(|total| total.op), operands.next().map(|list| list.op)) {
        (Some(Op::Local(total)), Some(Op::List(elements))) => match Vec::from(elements).pop() {
            Some(element) => Op::Append { total, element: Box::new(element) },
            None => nothing(),
        },
        _ => nothing(),
    }
}

/// Stands for what was refused. It is never evaluated.
fn nothing() -> Op {
    Op::Constant(Constant::Null)
}

fn constant(literal: &Literal) -> (Type, Op) {
    let (of, constant) = match literal {
        Literal::Null => (Type::Null, Constant::Null),
        Literal::Bool(value) => (Type::Bool, Constant::Bool(*value)),
        Literal::Int(value) => (Type::Int, Constant::Int(*value)),
        Literal::Uint(value) => (Type::Uint, Constant::Uint(*value)),
        Literal::Double(value) => (Type::Double, Constant::Double(*value)),
        Literal::Text(text) => (Type::String, Constant::Text(text.as_str().into())),
        Literal::Bytes(bytes) => (Type::Bytes, Constant::Bytes(bytes.as_slice().into())),
    };
    (of, Op::Constant(constant))
}

/// The name that a chain of fields spells: `google.protobuf.Timestamp`.
fn qualified(node: &Node) -> Option<String> {
    match &node.kind {
        Kind::Name(name) => Some(name.clone()),
        Kind::Select { operand, field, .. } => Some(format!("{}.{field}", qualified(operand)?)),
        _ => None,
    }
}

/// Whether the operands are a macro's own list and the one element that it adds.
fn is_append(arguments: &[Node]) -> bool {
    matches!(
        arguments,
        [Node { kind: Kind::Name(total), .. }, Node { kind: Kind::List(added), .. }]
            if total == TOTAL && added.len() == 1
    )
}
