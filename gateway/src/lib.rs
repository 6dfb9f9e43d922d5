//! Order gateways: where clients' connections end and the venue's rings begin.
//!
//! [`worker::Worker`] is the one loop: connections from a [`transport`], sessions on them, requests into the
//! command ring of a matcher, its events back into reports. Read it first; everything else is a room beside it.

pub mod auth;
pub mod binary;
pub mod board;
pub mod config;
pub mod control;
mod definitions;
pub mod dialect;
mod entry;
pub mod feed;
mod figures;
pub mod gate;
mod gathering;
pub mod link;
mod links;
mod log_budget;
mod market;
mod parties;
mod places;
mod pressure;
pub mod session_store;
pub mod throttle;
pub mod transport;
mod turns;
pub mod worker;
