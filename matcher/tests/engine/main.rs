//! The engine by its rules, against its slow twin, and on real order flow.

mod against_twin;
mod attributes;
mod common;
mod digests;
mod flow;
mod ledger;
mod mass;
mod operators;
mod protection;
mod quotes;
mod real_flow;
mod rules;
mod states;
mod stops;
mod twin;
