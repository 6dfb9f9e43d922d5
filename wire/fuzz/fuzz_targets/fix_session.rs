//! A session of either role and any version, and a peer that does what a script says, a step to a line:
//!
//! * the first line may say `initiator`, and `4.2` or `5.0`;
//! * `~1500` lets so many milliseconds pass; `>` has the session send; `#` makes a new connection; `x` logs out;
//! * `!` and bytes are received as they are, `|` for SOH;
//! * anything else is a message's fields from MsgType on: frame, CompIDs and SendingTime are put in where missing.
//!
//! Whatever comes, the machine goes on or closes; what it says is FIX, and it says a bounded amount at a time.
#![no_main]

use harness::{NOON, fields, framed, later, lines, version, whole_messages};
use libfuzzer_sys::fuzz_target;
use wire::fix::{
    session::{Config, Inbox, Input, RESEND_CHUNK, Role, Session},
    value::Clock,
};

fuzz_target!(|data: &[u8]| {
    let mut lines = lines(data);
    let first = lines.next().unwrap_or_default();
    let initiator = first.starts_with(b"initiator");
    let role = if initiator { Role::Initiator } else { Role::Acceptor };
    let version = version(first);
    let mut session = Session::new(Config {
        version,
        resend_messages_max: 5,
        resend_bytes_max: 500,
        held_bytes_max: 400,
        ..Config::new(role, "ISLD", "TW")
    });
    let (mut inbox, mut out, mut now) = (Inbox::default(), Vec::new(), NOON);
    session.connected(now, &mut out);
    for line in lines {
        let bytes = match line {
            [b'~', rest @ ..] => {
                now = later(now, rest);
                session.handle_timeout(now, &mut out);
                assert!(session.deadline() > now, "time asks for nothing twice");
                continue;
            }
            [b'>', ..] => {
                session.send(now, b"B", &mut out, |body| body.field(b"148=", b"text"));
                continue;
            }
            [b'x', ..] => {
                session.logout(now, b"enough", &mut out);
                continue;
            }
            [b'#', ..] => {
                session.connected(now, &mut out);
                continue;
            }
            [b'!', rest @ ..] => fields(rest),
            text => {
                let text = fields(text);
                let mut parts = text.splitn(2, |&byte| byte == wire::fix::SOH);
                let (kind, rest) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
                let mut body = [kind, b"\x01"].concat();
                let time = Clock::default().text(now);
                for (tag, value) in [(&b"49="[..], &b"TW"[..]), (b"56=", b"ISLD"), (b"52=", &time)] {
                    if !rest.windows(3).any(|three| three == tag) {
                        body.extend_from_slice(&[tag, value, b"\x01"].concat());
                    }
                }
                body.extend_from_slice(rest);
                framed(version, &body)
            }
        };
        let mut at = 0;
        loop {
            let before = out.len();
            let (used, input) = session.receive(now, &bytes[at..], &mut inbox, &mut out);
            at += used;
            assert!(at <= bytes.len());
            assert!(whole_messages(&out[before..]) <= 2 * RESEND_CHUNK, "one message makes so many at most");
            match input {
                Input::NeedMore | Input::Close(_) => break,
                Input::App(message) => assert!(message.seq.is_some()),
                Input::Handled | Input::LoggedOn | Input::Rejected(_) => {}
            }
        }
        session.poll_resend(now, &mut out);
        whole_messages(&out);
        out.clear();
    }
    whole_messages(&out);
});
