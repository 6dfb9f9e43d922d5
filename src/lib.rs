//! The Penstock command: configuration, command line, and what wires the crates together.

pub mod admin;
pub mod check;
pub mod cli;
pub mod client;
pub mod config;
pub mod demo;
pub mod journal;
pub mod metrics;
pub mod order;
pub mod password;
pub mod refused;
pub mod rings;
pub mod serve;
pub mod top;
pub mod venue;
mod words;
