//! Procedural macros of the InstantDB SDK. Use them through `instant_admin`.
