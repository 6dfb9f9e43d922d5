//! Tests by rule; two machines drive each other in [`pair`].

mod any_bytes;
mod asking;

mod login;
mod packets;
mod pair;
mod replay;
mod time;

use super::{client::Config, packet::Login, *};
use crate::{
    sequenced::{
        Messages, SessionName,
        tests::{Kept, NOON, SECOND, name, said},
    },
    types::Nanos,
};

/// A Login Request of `BM1`.
pub(super) fn login(session: Option<&str>, number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    let session = session.map(name);
    packet::write_login(&Login { username: b"BM1", password: b"bm1-demo", session, number }, &mut bytes);
    bytes
}

/// A server whose client asked for `session` and `number` and waits for the answer.
pub(super) fn asked(session: Option<&str>, number: u64) -> Server {
    let mut server = Server::new(Times::default(), NOON);
    let bytes = login(session, number);
    let (used, input) = server.receive(NOON, &bytes);
    assert_eq!(used, bytes.len());
    assert!(matches!(input, server::Input::Login(_)), "{input:?}");
    server
}

/// A server whose client is logged in from message `number` on; what it said is taken out.
pub(super) fn logged_in(messages: &Kept, number: u64) -> Server {
    let mut server = asked(None, number);
    server.accept(NOON, messages, &mut Vec::new()).unwrap();
    server
}

/// A client of `BM1` that has sent its login for `number`, which has been answered with `given` of session `S1`.
pub(super) fn answered(number: u64, given: u64) -> (Client, client::Input<'static>) {
    let mut client = Client::new(Config::new("BM1", "bm1-demo").unwrap(), None, number);
    client.connected(NOON, &mut Vec::new());
    let mut bytes = Vec::new();
    packet::write_login_accepted(name("S1"), given, &mut bytes);
    let (_, input) = client.receive(NOON, bytes.leak());
    (client, input)
}

/// Types of the packets in `bytes`, which are nothing but packets.
pub(super) fn kinds(mut bytes: &[u8]) -> String {
    let mut kinds = String::new();
    while let Some(packet) = packet::next(bytes).unwrap() {
        kinds.push(char::from(packet.kind));
        bytes = &bytes[packet.bytes()..];
    }
    assert_eq!(bytes, b"", "a packet that was cut");
    kinds
}
