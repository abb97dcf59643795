//! An embedded InstantDB backend over SQLite.
