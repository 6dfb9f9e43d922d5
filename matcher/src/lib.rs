//! The matching engine and its agent.
//!
//! * [`engine`]: books and orders by the rules of docs/matching.md: pure and deterministic.

pub mod engine;
