//! A compiled expression.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::bindings::{Bindings, Host, Root, Variable};
use super::budget::Budget;
use super::check::check;
use super::code::{Code, Constant, Op};
use super::context::{Context, Fetches};
use super::evaluate::Evaluator;
use super::failure::{ErrorKind, Failure};
use super::names::RuleKind;
use super::parse::{self, in_order, on_large_stack};
use super::pattern::Patterns;
use super::value::Value;

/// An expression, ready to be evaluated many times.
pub(crate) struct Program {
    code: Code,
    locals: usize,
    patterns: Patterns,
    references: Vec<Reference>,
    keys: BTreeMap<Variable, Keys>,
    /// Whether it both fetches with `ref` and takes tokens with `limit`.
    fetches_and_limits: bool,
}

/// A `ref` with a constant path.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Reference {
    /// The variable that it is called on.
    pub(crate) root: Root,
    /// The path, without the `$user.` of `auth`.
    pub(crate) path: String,
}

/// Which keys of a variable an expression reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Keys {
    /// Any: the variable is used as a whole, or with a computed key.
    All,
    /// These. `ref` needs `id`, which is then among them.
    Only(BTreeSet<String>),
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Program")
            .field("references", &self.references)
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}

impl Program {
    /// Parses and checks `source`. Fails with the official messages of the parser or the type checker, in the order of the
    /// text.
    pub(crate) fn compile(source: &str, kind: RuleKind) -> Result<Self, Vec<String>> {
        on_large_stack(source, || {
            let checked = check(&parse::parse(source)?, kind)?;
            let mut program = Self {
                code: checked.code,
                locals: checked.locals,
                patterns: Patterns::default(),
                references: Vec::new(),
                keys: BTreeMap::new(),
                fetches_and_limits: false,
            };
            program.note_uses();
            Ok(program)
        })
    }

    /// What is checked at a push only: the argument of `auth.ref`, and the names of rate limits.
    pub(crate) fn push_errors(&self, has_bucket: &dyn Fn(&str) -> bool) -> Vec<String> {
        let mut issues = Vec::new();
        for code in self.nodes() {
            let Op::Call { function, operands, .. } = &code.op else { continue };
            match (function.name, &**operands) {
                ("ref", [target, path])
                    if is_variable(target, Variable::Auth)
                        && !text_of(path).is_some_and(|path| path.starts_with("$user.")) =>
                {
                    issues.push((path.at, "auth.ref arg must start with `$user.`".to_owned()));
                }
                ("limit", [bucket, ..]) => {
                    if let Some(name) = bucket_name(bucket)
                        && !has_bucket(name)
                    {
                        let text = "is not a valid rate limit config. It should be defined in the `$rateLimits` key.";
                        issues.push((code.at, format!("`{name}` {text}")));
                    }
                }
                _ => {}
            }
        }
        in_order(issues)
    }

    /// The `ref`s with a constant path, each once, so that a caller can fetch them for many entities at once.
    pub(crate) fn references(&self) -> &[Reference] {
        &self.references
    }

    /// Which keys of a variable the expression reads, so that a caller need not load the others.
    pub(crate) fn keys(&self, variable: Variable) -> Keys {
        self.keys.get(&variable).cloned().unwrap_or(Keys::Only(BTreeSet::new()))
    }

    /// Evaluates the expression.
    pub(crate) fn evaluate<'a>(
        &'a self,
        bindings: &Bindings<'a>,
        host: &'a dyn Host,
        budget: &mut Budget,
    ) -> Result<Value<'a>, Failure> {
        let mut fetches = Fetches::of(self.fetches_and_limits);
        loop {
            let context = Context { bindings, host, budget, patterns: &self.patterns, fetches: &mut fetches };
            let value = Evaluator::new(context, self.locals).evaluate(&self.code)?;
            if !matches!(value, Value::Unknown) {
                return Ok(value);
            }
            if !fetches.advance() {
                let text = "Tried to evaluate a cel program that used unknown variables".to_owned();
                return Err(Failure::Evaluation { kind: ErrorKind::InternalError, text });
            }
        }
    }

    fn note_uses(&mut self) {
        let mut references = BTreeSet::new();
        let mut keys: BTreeMap<Variable, Keys> = BTreeMap::new();
        let mut patterns = Patterns::default();
        let (mut fetches, mut limits) = (false, false);
        // The nodes of variables of which a known key is read, by address.
        let mut is_read_by_key: BTreeSet<*const Code> = BTreeSet::new();
        for code in self.nodes() {
            let (target, key) = match &code.op {
                Op::Field { operand, name } => (&**operand, Some(&**name)),
                // The answer does not depend on the keys.
                Op::Has { operand, .. } => (&**operand, None),
                Op::Call { function, operands, .. } => match (function.name, &**operands) {
                    ("_[_]", [target, key]) if text_of(key).is_some() => (target, text_of(key)),
                    ("ref", [target, path]) => {
                        fetches = true;
                        if let (Some(root), Some(path)) = (root_of(target), text_of(path)) {
                            let path = match root {
                                Root::Auth => path.strip_prefix("$user.").unwrap_or(path),
                                Root::Data | Root::LinkedData => path,
                            };
                            references.insert(Reference { root, path: path.to_owned() });
                        }
                        (target, Some("id"))
                    }
                    ("matches", [_, pattern]) => {
                        if let Some(pattern) = text_of(pattern) {
                            patterns.add(pattern);
                        }
                        continue;
                    }
                    ("limit", _) => {
                        limits = true;
                        continue;
                    }
                    _ => continue,
                },
                _ => continue,
            };
            if let Op::Variable(variable) = target.op {
                is_read_by_key.insert(target);
                let known = keys.entry(variable).or_insert_with(|| Keys::Only(BTreeSet::new()));
                if let (Keys::Only(known), Some(key)) = (known, key) {
                    known.insert(key.to_owned());
                }
            }
        }
        for code in self.nodes() {
            if let Op::Variable(variable) = code.op
                && !is_read_by_key.contains(&std::ptr::from_ref(code))
            {
                keys.insert(variable, Keys::All);
            }
        }
        self.references = references.into_iter().collect();
        self.keys = keys;
        self.patterns = patterns;
        self.fetches_and_limits = fetches && limits;
    }

    /// All nodes, in no order.
    fn nodes(&self) -> impl Iterator<Item = &Code> {
        let mut open = vec![&self.code];
        std::iter::from_fn(move || {
            let next = open.pop()?;
            open.extend(next.op.parts());
            Some(next)
        })
    }
}

fn is_variable(code: &Code, variable: Variable) -> bool {
    matches!(code.op, Op::Variable(found) if found == variable)
}

fn root_of(code: &Code) -> Option<Root> {
    match code.op {
        Op::Variable(Variable::Data) => Some(Root::Data),
        Op::Variable(Variable::LinkedData) => Some(Root::LinkedData),
        Op::Variable(Variable::Auth) => Some(Root::Auth),
        _ => None,
    }
}

fn text_of(code: &Code) -> Option<&str> {
    match &code.op {
        Op::Constant(Constant::Text(text)) => Some(text),
        _ => None,
    }
}

/// The constant name in `rateLimit.name` or `rateLimit['name']`.
fn bucket_name(code: &Code) -> Option<&str> {
    match &code.op {
        Op::Field { operand, name } if is_variable(operand, Variable::RateLimit) => Some(name),
        Op::Call { operands, .. } => match &**operands {
            [target, key] if is_variable(target, Variable::RateLimit) => text_of(key),
            _ => None,
        },
        _ => None,
    }
}

/// All names that `source` uses as identifiers, macro variables included: which binds a rule needs. Fails with the messages
/// of the parser.
pub(crate) fn identifiers(source: &str) -> Result<BTreeSet<String>, Vec<String>> {
    on_large_stack(source, || {
        let mut found = BTreeSet::new();
        parse::names(source, |name| {
            found.insert(name.to_owned());
        })?;
        Ok(found)
    })
}
