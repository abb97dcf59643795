//! The `instant-local` program.

fn main() {}
