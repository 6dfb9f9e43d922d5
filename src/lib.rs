//! The Penstock command: configuration, command line, and what wires the crates together.

pub mod config;
