//! MoldUDP64, sans-IO: numbered messages in datagrams, sent once to many on two lines, with a server that gives again
//! what was lost. The rules are those of Nasdaq's specification ("MoldUDP64 Protocol Specification V 1.00").
//!
//! Read in this order:
//!
//! * [`packet`]: downstream packets and request packets;
//! * [`publisher`]: makes downstream packets of a session's messages ([`crate::sequenced::Messages`]);
//! * [`rerequest`]: answers request packets from the same messages;
//! * [`receiver`]: puts two lines and the answers together into one sequence, and says when it cannot.

mod early;
pub mod packet;
pub mod publisher;
pub mod receiver;
pub mod rerequest;

pub use packet::Malformed;
pub use publisher::Publisher;
pub use receiver::Receiver;
pub use rerequest::Answer;

#[cfg(test)]
mod tests;
