//! Starts the embedded backend and runs the main job against it.

fn main() {}
