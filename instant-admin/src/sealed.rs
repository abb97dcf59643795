//! What keeps traits from being implemented outside this crate, and outside generated code.

/// The type of a constant that every impl of a sealed trait has. Other crates cannot name it.
#[derive(Debug, Clone, Copy)]
pub struct Sealed;

/// The same for traits that generated code implements, which finds it in `__private`.
#[derive(Debug, Clone, Copy)]
pub struct Generated;
