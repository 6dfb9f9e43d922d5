//! The engine by its rules, against its slow twin, and on real order flow.

mod against_twin;
mod amounts;
mod asked;
mod attributes;
mod bound;
mod common;
mod deadlines;
mod digests;
mod flow;
mod interruptions;
mod ledger;
mod limits;
mod lists;
mod market_data;
mod mass;
mod operators;
mod protection;
mod quotes;
mod real_flow;
mod refusals;
mod rules;
mod search;
mod states;
mod stops;
mod trunks;
mod twin;
