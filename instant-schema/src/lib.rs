//! The language of InstantDB as data: schemas, queries, transactions, and every rule about them.
//!
//! The crate does no I/O and has no async code. The macros, the runtime and the embedded backend build on it, so that
//! each rule is written once.

pub mod attr;
pub mod catalog;
mod check;
pub mod date;
mod id;
pub mod instaml;
pub mod instaql;
mod json;
pub mod layout;
pub mod model;
mod operator;
mod option;
mod parse;
pub mod path;
pub mod plan;
mod plan_json;
mod pushed;
mod records;
pub mod rule;
pub mod suggest;
mod union;
mod value_type;
mod write;

pub use attr::{Attr, AttrUpdate, Cardinality, Identity, StoredAs};
pub use id::{parse_id, parse_id_value};
pub use instaml::{Action, Step, Target};
pub use model::{Attribute, Direction, Entity, Has, Link, LinkRef, LinkSide, Room, Schema};
pub use path::{Path, Segment};
pub use rule::{Place, Position, Problem, Problems, Rule};
pub use union::Conflict;
pub use value_type::{CheckedType, ValueType};
