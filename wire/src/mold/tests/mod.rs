//! Tests by rule; publisher, network, re-request server and receiver together in [`network`].

mod network;
mod packets;
mod publishing;
mod receiving;
mod rerequests;

use super::{publisher, receiver::Delivery, rerequest::Refused, *};
use crate::{
    limits::*,
    sequenced::{
        Messages, SessionName,
        tests::{Kept, NOON, SECOND, name, said},
    },
    types::Nanos,
};

/// A packet of messages `numbers` of `kept`.
pub(super) fn of(kept: &Kept, numbers: std::ops::Range<u64>) -> Vec<u8> {
    let mut packet = Vec::new();
    let count = packet::pack(kept, numbers.start, numbers.end, MOLD_PACKET_BYTES_MAX, &mut packet);
    assert_eq!(u64::from(count), numbers.end - numbers.start, "they fit");
    packet
}

/// The number of the first message of a packet, and how many it has.
pub(super) fn range(packet: &[u8]) -> (u64, u16) {
    let downstream = packet::downstream(packet).unwrap();
    match downstream.body {
        packet::Body::Messages(blocks) => (downstream.number, blocks.number_of_messages()),
        packet::Body::Heartbeat => (downstream.number, 0),
        packet::Body::EndOfSession => (downstream.number, 0xffff),
    }
}
