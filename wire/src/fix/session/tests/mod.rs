//! Tests by rule. A peer of its own making ([`Peer`]) speaks plain text with `|` for SOH; two machines drive
//! each other in [`pair`].

mod any_bytes;
mod awaiting_logon;
mod heartbeats;
mod hours;
mod logout;
mod pair;
mod peeking;
mod rejects;
mod resend;
mod sequence_numbers;
mod store;
mod versions;

use super::*;
use crate::fix::{value::Clock, version::Version};

/// 2026-11-20T12:00:00Z.
pub(super) const NOON: Nanos = Nanos(1_795_176_000 * SECOND);

pub(super) fn seconds(count: u64) -> Nanos {
    NOON.after(count * SECOND)
}

/// A session under test, and what has come out of it.
pub(super) struct Peer {
    pub(super) session: Session,
    pub(super) now: Nanos,
    inbox: Inbox,
    out: Vec<u8>,
}

/// What happened to one piece of input, without borrowing it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Seen {
    Handled,
    LoggedOn,
    App(String),
    Rejected,
    Close(CloseReason),
}

impl Peer {
    pub(super) fn new(config: Config) -> Peer {
        Peer { session: Session::new(config), now: NOON, inbox: Inbox::default(), out: Vec::new() }
    }

    /// An acceptor `ISLD` for the client `TW`, connected.
    pub(super) fn acceptor() -> Peer {
        Peer::acceptor_of(Version::Fix44)
    }

    /// The same in another version.
    fn acceptor_of(version: Version) -> Peer {
        let mut peer = Peer::new(Config { version, ..Config::new(Role::Acceptor, "ISLD", "TW") });
        peer.session.connected(NOON, &mut peer.out);
        peer
    }

    /// The same, logged on with HeartBtInt 30, and its Logon taken out.
    pub(super) fn logged_on() -> Peer {
        let mut peer = Peer::acceptor();
        assert_eq!(peer.gives("35=A|34=1|98=0|108=30"), [Seen::LoggedOn]);
        assert_eq!(peer.said(), ["35=A|34=1|98=0|108=30"]);
        peer
    }

    /// Gives the session a message with these fields; 49, 56 and 52 are put in where `fields` has none.
    pub(super) fn gives(&mut self, fields: &str) -> Vec<Seen> {
        let bytes = message_in(self.session.config().version, fields, self.now);
        self.gives_bytes(&bytes)
    }

    pub(super) fn gives_bytes(&mut self, bytes: &[u8]) -> Vec<Seen> {
        let (mut at, mut seen) = (0, Vec::new());
        loop {
            let (used, input) = self.session.receive(self.now, &bytes[at..], &mut self.inbox, &mut self.out);
            at += used;
            seen.push(match input {
                Input::NeedMore => return seen,
                Input::Handled => Seen::Handled,
                Input::LoggedOn => Seen::LoggedOn,
                Input::App(message) => Seen::App(plain(message.bytes())),
                Input::Rejected(_) => Seen::Rejected,
                Input::Close(reason) => {
                    seen.push(Seen::Close(reason));
                    return seen;
                }
            });
        }
    }

    /// Lets time go on to `now` and do what it does.
    pub(super) fn wait_until(&mut self, now: Nanos) -> Option<CloseReason> {
        self.now = now;
        self.session.handle_timeout(now, &mut self.out)
    }

    /// Sends an application message of its own.
    pub(super) fn sends(&mut self, text: &str) -> u64 {
        self.session.send(self.now, b"B", &mut self.out, |body| body.field(b"148=", text.as_bytes()))
    }

    /// What the session said since the last call: every message without the fields that are always there.
    pub(super) fn said(&mut self) -> Vec<String> {
        let bytes = std::mem::take(&mut self.out);
        let (mut at, mut messages) = (0, Vec::new());
        while at < bytes.len() {
            let Frame::Complete { len } = frame::next(&bytes[at..]) else {
                panic!("not a message: {}", bytes[at..].escape_ascii());
            };
            messages.push(plain(&bytes[at..at + len]));
            at += len;
        }
        messages
    }
}

/// A message of `fields`, with `|` for SOH, sent by `TW` to `ISLD` at `now`.
pub(super) fn message(fields: &str, now: Nanos) -> Vec<u8> {
    message_in(Version::Fix44, fields, now)
}

fn message_in(version: Version, fields: &str, now: Nanos) -> Vec<u8> {
    let time = String::from_utf8(Clock::default().text(now).to_vec()).unwrap();
    let has = |tag: &str| format!("|{fields}").contains(&format!("|{tag}="));
    let mut body = fields.split_once('|').map_or(fields, |(first, _)| first).to_owned() + "|";
    for (tag, value) in [("49", "TW"), ("56", "ISLD"), ("52", time.as_str())] {
        if !has(tag) {
            body += &format!("{tag}={value}|");
        }
    }
    if let Some((_, rest)) = fields.split_once('|') {
        body += rest;
        body += "|";
    }
    frame_of(version.begin_string(), &body)
}

/// `body` in a frame with right sums.
pub(super) fn frame_of(begin_string: &str, body: &str) -> Vec<u8> {
    let mut bytes = format!("8={begin_string}|9={}|{body}", body.len()).replace('|', "\x01").into_bytes();
    let sum = frame::checksum(&bytes);
    bytes.extend_from_slice(format!("10={sum:03}\x01").as_bytes());
    bytes
}

/// A message's fields but 8, 9, 49, 56, 52, 122 and 10.
pub(super) fn plain(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let fields: Vec<&str> = text
        .split_terminator('\x01')
        .filter(|field| {
            let tag = field.split('=').next().unwrap();
            !["8", "9", "49", "56", "52", "122", "10"].contains(&tag)
        })
        .collect();
    fields.join("|")
}
