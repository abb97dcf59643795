//! Macros: `has`, `all`, `exists`, `exists_one`, `map`, `filter`, `cel.bind`, `math.greatest` and `math.least`.

use super::syntax::{Kind, Literal, Loop, Node};

/// The accumulator of a loop, which no expression can name.
pub(super) const TOTAL: &str = "@result";

/// Expands a call that is a macro. Gives the call back if it is none, or else what it becomes or why it is refused: a
/// message and its place.
pub(super) fn expand(
    at: u32,
    function: &str,
    target: Option<Node>,
    arguments: Vec<Node>,
) -> Result<Node, (u32, String)> {
    let namespace = match &target {
        Some(Node { kind: Kind::Name(name), .. }) => name.as_str(),
        _ => "",
    };
    match (function, target.is_some(), arguments.len()) {
        ("has", false, 1) => return has(at, arguments),
        ("all" | "exists" | "exists_one" | "filter", true, 2) | ("map", true, 2 | 3) => {
            if let Some(range) = target {
                return fold(at, function, range, arguments);
            }
        }
        ("bind", true, 3) if namespace == "cel" => return bind(at, arguments),
        ("greatest", true, _) if namespace == "math" => {
            return extreme(at, "math.greatest()", "math.@max", target, arguments);
        }
        ("least", true, _) if namespace == "math" => {
            return extreme(at, "math.least()", "math.@min", target, arguments);
        }
        _ => {
            let target = target.map(Box::new);
            return Ok(Node::new(at, Kind::Call { function: function.to_owned(), target, arguments }));
        }
    }
    Ok(Node::new(at, Kind::Refused))
}

fn has(at: u32, arguments: Vec<Node>) -> Result<Node, (u32, String)> {
    match arguments.into_iter().next().map(|argument| argument.kind) {
        Some(Kind::Select { operand, field, .. }) => {
            Ok(Node::new(at, Kind::Select { operand, field, is_test: true }))
        }
        _ => Err((at, "invalid argument to has() macro".into())),
    }
}

fn fold(at: u32, function: &str, range: Node, arguments: Vec<Node>) -> Result<Node, (u32, String)> {
    let mut arguments = arguments.into_iter();
    let (Some(first), Some(second)) = (arguments.next(), arguments.next()) else {
        return Ok(Node::new(at, Kind::Refused));
    };
    let Kind::Name(variable) = &first.kind else {
        let text = if function == "map" {
            "argument is not an identifier"
        } else {
            "The argument must be a simple name"
        };
        return Err((first.at, text.into()));
    };
    let variable = variable.clone();
    let total = || Node::name(at, TOTAL);
    let int = |value| Node::literal(at, Literal::Int(value));
    let truth = |value| Node::literal(at, Literal::Bool(value));
    let append = |element| {
        let list = Node::new(at, Kind::List(vec![element]));
        Node::call(at, "_+_", vec![total(), list])
    };
    let when = |condition, step| Node::call(at, "_?_:_", vec![condition, step, total()]);
    let unless_false = |of| Node::call(at, "@not_strictly_false", vec![of]);
    let empty = Node::new(at, Kind::List(Vec::new()));
    let (initial, condition, step, result) = match (function, arguments.next()) {
        ("all", _) => {
            let step = Node::call(at, "_&&_", vec![total(), second]);
            (truth(true), unless_false(total()), step, total())
        }
        ("exists", _) => {
            let step = Node::call(at, "_||_", vec![total(), second]);
            (truth(false), unless_false(Node::call(at, "!_", vec![total()])), step, total())
        }
        ("exists_one", _) => {
            let step = when(second, Node::call(at, "_+_", vec![total(), int(1)]));
            (int(0), truth(true), step, Node::call(at, "_==_", vec![total(), int(1)]))
        }
        ("filter", _) => (empty, truth(true), when(second, append(first)), total()),
        (_, Some(third)) => (empty, truth(true), when(second, append(third)), total()),
        (_, None) => (empty, truth(true), append(second), total()),
    };
    let total = TOTAL.to_owned();
    let of = Loop { variable, range, total, initial, condition, step, result, is_bind: false };
    Ok(Node::new(at, Kind::Loop(Box::new(of))))
}

fn bind(at: u32, arguments: Vec<Node>) -> Result<Node, (u32, String)> {
    let mut arguments = arguments.into_iter();
    let (Some(name), Some(initial), Some(result)) = (arguments.next(), arguments.next(), arguments.next())
    else {
        return Ok(Node::new(at, Kind::Refused));
    };
    let Kind::Name(total) = name.kind else {
        return Err((name.at, "cel.bind() variable name must be a simple identifier".into()));
    };
    Ok(Node::new(
        at,
        Kind::Loop(Box::new(Loop {
            variable: "#unused".into(),
            range: Node::new(at, Kind::List(Vec::new())),
            initial,
            condition: Node::literal(at, Literal::Bool(false)),
            step: Node::name(at, &total),
            total,
            result,
            is_bind: true,
        })),
    ))
}

fn extreme(
    at: u32,
    macro_name: &str,
    function: &str,
    target: Option<Node>,
    arguments: Vec<Node>,
) -> Result<Node, (u32, String)> {
    let checked = |arguments: &[Node]| match arguments.iter().find(|argument| !may_be_number(argument)) {
        Some(wrong) => Err((wrong.at, format!("{macro_name} simple literal arguments must be numeric"))),
        None => Ok(()),
    };
    match arguments.as_slice() {
        [] => {
            let at = target.map_or(at, |target| target.at);
            return Err((at, format!("{macro_name} requires at least one argument")));
        }
        [Node { kind: Kind::List(elements), .. }] if !elements.is_empty() => checked(elements)?,
        [single] if !may_be_number(single) => {
            return Err((single.at, format!("{macro_name} invalid single argument value")));
        }
        [_] => {}
        several => checked(several)?,
    }
    if arguments.len() <= 2 {
        return Ok(Node::call(at, function, arguments));
    }
    Ok(Node::call(at, function, vec![Node::new(at, Kind::List(arguments))]))
}

fn may_be_number(node: &Node) -> bool {
    match &node.kind {
        Kind::Literal(literal) => matches!(literal, Literal::Int(_) | Literal::Uint(_) | Literal::Double(_)),
        Kind::List(_) | Kind::Map(_) | Kind::Message { .. } => false,
        _ => true,
    }
}
