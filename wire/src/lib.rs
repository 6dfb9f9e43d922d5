//! The protocols of Penstock, sans-IO: bytes and time in, bytes and typed messages out.
//!
//! Layers, lowest first:
//!
//! * [`types`]: units and identifiers, each a type of its own;
//! * [`decimal`], [`instrument`]: where decimals of the outside meet integer ticks and lots;
//! * [`reject`]: the one catalogue of reasons for saying no;
//! * [`command`] and [`event`]: what stands in the rings between gateways and matchers;
//! * [`feed`]: what stands in the log of public market data;
//! * [`fix`]: FIX tag=value: framing, codec and the session machine of both sides;
//! * [`sbe`]: the binary protocol's messages;
//! * [`sequenced`]: a session's numbered messages, which [`soup`], SoupBinTCP, replays on a connection and [`mold`],
//!   MoldUDP64, publishes in datagrams;
//! * [`traffic`]: what kinds of messages there are, for those who count them.
//!
//! There are no sockets and no clocks in this crate, and nothing allocates per message.

pub mod command;
pub mod decimal;
pub mod durable;
pub mod event;
pub mod feed;
pub mod fix;
pub mod instrument;
pub mod limits;
pub mod mold;
pub mod reject;
pub mod sbe;
pub mod sequenced;
pub mod soup;
pub mod traffic;
pub mod types;
