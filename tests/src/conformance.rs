//! Scenarios in the line form of QuickFIX's acceptance tests, run against a venue from outside.
//!
//! ```text
//! iCONNECT                        connects (i1,CONNECT … i9,CONNECT: one of several connections)
//! I8=FIX.4.2|35=0|34=2|…|         sends; 9 and 10 are put in where they are missing
//! I35=0|34=2|                     sends; 8, 49, 56 and 52 are put in too, and what a Logon of the version needs
//! E35=0|34=2|112=HELLO|           this must come next
//! eDISCONNECT                     the other side closes, and nothing comes before
//! iDISCONNECT                     closes
//! # …                             a comment
//! @4.2,4.4 LINE                   LINE, in these versions only
//! ```
//!
//! `|` or SOH ends a field. `<TIME>`, `<TIME+9>` and `<TIME-9>` stand for now and seconds from now, `<ID>` for letters that no
//! other run of a scenario has.
//!
//! A message of the session layer must have the fields that are expected and no others, whatever their order; one of the
//! applications may have more. Of 52, 60 and 122 only the presence counts, of 9 and 10 that they are right, which is looked at
//! in every message.

use std::{
    collections::BTreeMap,
    fmt,
    io::{ErrorKind, Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    sync::atomic::{AtomicU64, Ordering},
    time::Instant,
};

use crate::{
    PATIENCE, clock,
    fix::{Message, frame_with},
};

/// Who speaks in a scenario, and what.
#[derive(Clone, Copy, Debug)]
pub struct Side {
    /// The version's name in `@` lines: `4.2`, `4.4`, `5.0SP2`.
    pub version: &'static str,
    /// BeginString (8).
    pub begin_string: &'static str,
    /// The client's CompID.
    pub client: &'static str,
    /// The venue's.
    pub venue: &'static str,
}

/// The sessions of `conformance.toml`.
pub const SIDES: [Side; 3] = [
    Side { version: "4.2", begin_string: "FIX.4.2", client: "TW42", venue: "ISLD" },
    Side { version: "4.4", begin_string: "FIX.4.4", client: "TW44", venue: "ISLD" },
    Side { version: "5.0SP2", begin_string: "FIXT.1.1", client: "TW50SP2", venue: "ISLD" },
];

/// Where a scenario went another way.
#[derive(Debug)]
pub struct Deviation {
    /// The line's number, from 1.
    pub line: usize,
    /// What was expected and what came.
    pub what: String,
}

impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

/// Runs a scenario: `text`, by `side`, at `address`.
///
/// # Errors
/// The first line that went another way.
pub fn run(address: SocketAddr, side: &Side, text: &str) -> Result<(), Deviation> {
    static RUNS: AtomicU64 = AtomicU64::new(0);
    // Letters only, behind which a scenario may put digits of its own.
    let count = RUNS.fetch_add(1, Ordering::Relaxed);
    let letters = |number: u64| {
        format!("{number:x}")
            .bytes()
            .map(|digit| char::from(digit + 49 - 39 * u8::from(digit > b'9')))
            .collect()
    };
    let id: String = letters(u64::from(std::process::id()) << 16 | count);
    let mut connections = BTreeMap::new();
    for (number, line) in (1..).zip(text.lines()) {
        let failed = |what: String| Deviation { line: number, what };
        let line = line.trim_end_matches('\r').trim();
        let line = match line.strip_prefix('@').and_then(|rest| rest.split_once(' ')) {
            Some((versions, line)) if versions.split(',').any(|version| version == side.version) => line,
            Some(_) => continue,
            None => line,
        };
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        step(address, side, &mut connections, line, &id).map_err(failed)?;
    }
    Ok(())
}

fn step(
    address: SocketAddr,
    side: &Side,
    connections: &mut BTreeMap<char, Connection>,
    line: &str,
    id: &str,
) -> Result<(), String> {
    let (action, rest) = line.split_at(1);
    let mut chars = rest.chars();
    let (which, rest) = match (chars.next(), chars.next()) {
        (Some(digit @ '0'..='9'), Some(',')) => (digit, &rest[2..]),
        _ => ('1', rest),
    };
    if (action, rest) == ("i", "CONNECT") {
        connections.insert(which, Connection::to(address)?);
        return Ok(());
    }
    let connection = connections.get_mut(&which).ok_or("there is no such connection")?;
    match (action, rest) {
        ("i", "DISCONNECT") => {
            connections.remove(&which);
            Ok(())
        }
        ("e", "DISCONNECT") => {
            let last = connections.remove(&which).and_then(|mut connection| connection.receive().transpose());
            match last {
                None => Ok(()),
                Some(message) => Err(format!("expected the end of the connection, but {:?} came", message?)),
            }
        }
        ("I", fields) => connection.send(&message(side, &placed(fields, id))),
        ("E", fields) => {
            let expected = fields_of(&whole(side, &placed(fields, id), (side.venue, side.client)));
            match connection.receive()? {
                None => Err(format!("expected {fields}, but the connection has ended")),
                Some(message) => compare(&expected, &message),
            }
        }
        _ => Err("this is no line of a scenario".into()),
    }
}

/// `text` with what its placeholders stand for, and SOH for `|`.
fn placed(text: &str, id: &str) -> String {
    let mut text = text.replace("<ID>", id).replace('|', "\u{1}");
    while let Some(start) = text.find("<TIME") {
        let Some(end) = text[start..].find('>').map(|end| start + end) else { break };
        let seconds: i64 = text[start + 5..end].parse().unwrap_or_default();
        text.replace_range(start..=end, &clock::in_seconds(seconds));
    }
    text
}

/// What `side` sends for `fields`.
fn message(side: &Side, fields: &str) -> Vec<u8> {
    let text = whole(side, fields, (side.client, side.venue));
    let Some((begin, rest)) = text.strip_prefix("8=").and_then(|rest| rest.split_once('\u{1}')) else {
        return text.into_bytes(); // no message at all, as a scenario may want it
    };
    let (length, rest) = match rest.strip_prefix("9=").and_then(|rest| rest.split_once('\u{1}')) {
        Some((length, rest)) => (Some(length), rest),
        None => (None, rest),
    };
    let (body, sum) = match rest.rfind("\u{1}10=") {
        Some(at) => (&rest[..=at], Some(rest[at + 4..].trim_end_matches('\u{1}'))),
        None => (rest, None),
    };
    let length = length.and_then(|length| length.parse().ok()).unwrap_or(body.len());
    frame_with(begin, length, body, sum)
}

/// A message of short form, that begins with 35, with the fields that it leaves out.
fn whole(side: &Side, fields: &str, (from, to): (&str, &str)) -> String {
    let Some(kind) = fields.strip_prefix("35=").and_then(|rest| rest.split('\u{1}').next()) else {
        return fields.into();
    };
    let has = |tag: &str| fields.contains(&format!("\u{1}{tag}="));
    let mut head = format!("8={}\u{1}35={kind}\u{1}", side.begin_string);
    for (tag, value) in [("49", from), ("56", to), ("52", &clock::in_seconds(0))] {
        if !has(tag) {
            head += &format!("{tag}={value}\u{1}");
        }
    }
    head += &fields[3 + kind.len() + 1..];
    if kind == "A" && side.version == "5.0SP2" && !has("1137") {
        head += "1137=9\u{1}";
    }
    head
}

fn fields_of(text: &str) -> Vec<(u32, String)> {
    let fields = text.split_terminator('\u{1}').filter_map(|field| field.split_once('='));
    fields.filter_map(|(tag, value)| Some((tag.parse().ok()?, value.to_owned()))).collect()
}

/// Fields of which only the presence counts.
const TIMES: [u32; 3] = [52, 60, 122];

fn compare(expected: &[(u32, String)], message: &Message) -> Result<(), String> {
    let of_session = matches!(message.kind(), "0" | "1" | "2" | "3" | "4" | "5" | "A");
    for (tag, value) in expected {
        let found = message.get(*tag);
        let right = match tag {
            9 | 10 => true, // judged when it was read
            tag if TIMES.contains(tag) => found.is_some(),
            _ => found == Some(value),
        };
        if !right {
            return Err(format!("expected {tag}={value}, but {found:?} came, in {message}"));
        }
    }
    let extra =
        message.0.iter().find(|(tag, _)| ![9, 10].contains(tag) && expected.iter().all(|e| e.0 != *tag));
    match extra {
        Some((tag, value)) if of_session => Err(format!("{tag}={value} was not expected, in {message}")),
        _ => Ok(()),
    }
}

struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Connection {
    fn to(address: SocketAddr) -> Result<Connection, String> {
        let stream = TcpStream::connect_timeout(&address, PATIENCE).map_err(|error| error.to_string())?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        Ok(Connection { stream, received: Vec::new() })
    }

    /// A connection that the other side has closed takes what it is given: what comes of it is for the lines that follow.
    fn send(&mut self, bytes: &[u8]) -> Result<(), String> {
        match self.stream.write_all(bytes) {
            Err(error) if !matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset) => {
                Err(error.to_string())
            }
            _ => Ok(()),
        }
    }

    /// The next message; `None` at the end of the connection.
    fn receive(&mut self) -> Result<Option<Message>, String> {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(end) = crate::fix::end_of_message(&self.received) {
                let bytes: Vec<u8> = self.received.drain(..end).collect();
                return Message::parse(&bytes).map(Some);
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err("nothing came, and the connection stays open".into());
            }
            self.stream.set_read_timeout(Some(left)).map_err(|error| error.to_string())?;
            let mut bytes = [0; 4096];
            match self.stream.read(&mut bytes) {
                Ok(0) => return Ok(None),
                Ok(count) => self.received.extend(&bytes[..count]),
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return Ok(None),
                Err(error)
                    if matches!(
                        error.kind(),
                        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
                    ) => {}
                Err(error) => return Err(error.to_string()),
            }
        }
    }
}

impl Drop for Connection {
    /// Closes, and waits until the other side has too: a session has one connection at a time, and the next scenario wants it.
    fn drop(&mut self) {
        let _ = self.stream.shutdown(Shutdown::Write);
        while matches!(self.receive(), Ok(Some(_))) {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIDE: Side = SIDES[2];

    #[test]
    fn a_short_message_is_made_whole_and_a_whole_one_is_left() {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replace('\u{1}', "|");
        let logon = text(message(&SIDE, &placed("35=A|34=1|52=now|98=0|108=30|", "")));
        assert_eq!(logon, "8=FIXT.1.1|9=55|35=A|49=TW50SP2|56=ISLD|34=1|52=now|98=0|108=30|1137=9|10=199|");
        let bad = text(message(&SIDE, &placed("8=FIX.4.2|9=3|35=0|34=2|10=0|", "")));
        assert_eq!(bad, "8=FIX.4.2|9=3|35=0|34=2|10=0|");
        assert_eq!(text(message(&SIDE, &placed("garbage|", ""))), "garbage|");
    }

    #[test]
    fn messages_of_the_session_layer_have_no_other_fields_than_those_expected() {
        let heartbeat =
            Message(vec![(8, "FIX.4.4".into()), (35, "0".into()), (52, "now".into()), (112, "A".into())]);
        let expected = |text: &str| fields_of(&placed(text, ""));
        assert!(compare(&expected("8=FIX.4.4|112=A|35=0|52=then|"), &heartbeat).is_ok());
        assert!(compare(&expected("8=FIX.4.4|35=0|52=|"), &heartbeat).is_err());
        assert!(compare(&expected("8=FIX.4.4|112=B|35=0|52=|"), &heartbeat).is_err());
        assert!(compare(&expected("8=FIX.4.4|112=A|35=0|52=|122=|"), &heartbeat).is_err());
        let report = Message(vec![(35, "8".into()), (11, "A".into()), (150, "0".into())]);
        assert!(compare(&expected("35=8|11=A|"), &report).is_ok());
        assert!(compare(&expected("35=8|11=A|150=4|"), &report).is_err());
    }

    #[test]
    fn times_are_now_and_seconds_from_it() {
        let text = placed("<TIME>|<TIME+3600>|<TIME-3600>|<ID>1", "abc");
        let parts: Vec<&str> = text.split('\u{1}').collect();
        assert!(parts[2] < parts[0] && parts[0] < parts[1], "{text:?}");
        assert_eq!(parts[3], "abc1");
    }
}
