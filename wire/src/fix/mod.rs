//! FIX tag=value, both directions and both roles, sans-IO.
//!
//! Read in this order:
//!
//! * [`version`]: which FIX a session speaks;
//! * [`frame`]: where a message begins and ends in a stream of bytes;
//! * [`message`]: its header in place, its fields one after the other; `walk`: a stretch of it in one walk, each field
//!   judged; [`places`]: messages that need no walk; `scan`: what all three ask of every byte;
//! * [`value`]: numbers and timestamps; [`encode`]: their writers;
//! * [`order`]: requests, typed and checked; [`report`]: the answers; [`mass`], [`mass_status`]: those about many orders; [`list`]: those about
//!   lists of orders; [`positions`]: what accounts have;
//! * [`replay`]: reports asked for again by their own numbers; [`news`]: what all clients hear of;
//!   [`throttle`]: how much a session may send, told and asked for;
//! * [`dictionary`]: messages, fields, groups and codes of each version;
//! * [`session`]: the session layer's machine; [`store`]: what it keeps for resend requests.

pub mod dictionary;
pub mod encode;
pub mod frame;
pub mod list;
pub mod market;
pub mod mass;
pub mod mass_status;
pub mod message;
pub mod news;
pub mod order;
pub mod places;
pub mod positions;
pub mod refusal;
pub mod replay;
pub mod report;
mod scan;
pub mod session;
pub mod store;
pub mod throttle;
pub mod value;
pub mod version;
mod walk;

/// Ends every field.
pub const SOH: u8 = 1;
