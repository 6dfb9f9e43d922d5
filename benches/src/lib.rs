//! The harness for latency engineers: what is measured stands beside its floor and its peers, interleaved in one
//! run, with the environment it was measured in.

pub mod binary;
pub mod environment;
pub mod fix;
pub mod floor;
pub mod hops;
pub mod load;
pub mod table;
pub mod timetable;
