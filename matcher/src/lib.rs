//! The matching engine and its agent.
//!
//! * [`engine`]: books and orders by the rules of docs/matching.md: pure and deterministic;
//! * [`Matcher`]: the engine at work, between the rings of gateways.

mod board;
pub mod configuration;
pub mod engine;
pub mod journal;
mod matcher;
mod outlet;
mod publisher;
mod recovery;
mod router;
mod routes;
mod sequencer;
pub mod snapshot;

pub use board::{Board, Figures, Ticker};
pub use matcher::{Link, Matcher};
pub use recovery::{State, Unsound};
pub use routes::{Routes, Watched};
