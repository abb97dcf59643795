//! Shared pieces of the workspace tests: starting a backend and a client for it.
