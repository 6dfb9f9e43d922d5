//! A FIX client as plain as can be: it sends what a test says, wrong numbers and all, and insists that what
//! comes back is well-formed and in sequence.

use std::{
    fmt,
    io::{self, ErrorKind, Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use crate::{PATIENCE, clock};

/// The field separator.
pub const SOH: u8 = 1;
/// The venue's CompID in the default configuration.
pub const VENUE: &str = "PENSTOCK";

/// Fields of a FIX message, in their order.
#[derive(Clone, PartialEq, Eq)]
pub struct Message(pub Vec<(u32, String)>);

impl Message {
    /// Reads one whole message, and insists on all that FIX says of its frame: the first three and the last
    /// field, BodyLength, CheckSum, and no field without a value.
    ///
    /// # Errors
    /// What is wrong with it, as a sentence.
    pub fn parse(bytes: &[u8]) -> Result<Message, String> {
        let text = std::str::from_utf8(bytes).map_err(|e| e.to_string())?;
        let body = text.strip_suffix(char::from(SOH)).ok_or("the last field has no end")?;
        let mut fields = Vec::new();
        for field in body.split(char::from(SOH)) {
            let (tag, value) = field.split_once('=').ok_or_else(|| format!("{field:?} is no field"))?;
            let canonical = !tag.starts_with('0') && tag.bytes().all(|b| b.is_ascii_digit());
            let tag = tag.parse().ok().filter(|_| canonical).ok_or_else(|| format!("{tag:?} is no tag"))?;
            if value.is_empty() {
                return Err(format!("field {tag} has no value"));
            }
            fields.push((tag, value.to_owned()));
        }
        let tags: Vec<u32> = fields.iter().map(|f| f.0).collect();
        if tags.len() < 4 || tags[..3] != [8, 9, 35] || tags[tags.len() - 1] != 10 {
            return Err(format!("begins {:?}, ends {:?}", &tags[..3.min(tags.len())], tags.last()));
        }
        let message = Message(fields);
        let start = text.find("\u{1}35=").ok_or("no MsgType")? + 1;
        let end = text.rfind("\u{1}10=").ok_or("no CheckSum")? + 1;
        if message.field(9) != (end - start).to_string() {
            return Err(format!("BodyLength is {}, not {}", message.field(9), end - start));
        }
        if message.field(10) != checksum(&bytes[..end]) {
            return Err(format!("CheckSum is {}, not {}", message.field(10), checksum(&bytes[..end])));
        }
        Ok(message)
    }

    /// The first field `tag`.
    #[must_use]
    pub fn get(&self, tag: u32) -> Option<&str> {
        self.0.iter().find(|f| f.0 == tag).map(|f| f.1.as_str())
    }

    /// The first field `tag`, empty if there is none.
    #[must_use]
    pub fn field(&self, tag: u32) -> &str {
        self.get(tag).unwrap_or_default()
    }

    /// MsgType (35).
    #[must_use]
    pub fn kind(&self) -> &str {
        self.field(35)
    }

    /// Whether PossDupFlag (43) is set.
    #[must_use]
    pub fn is_possible_duplicate(&self) -> bool {
        self.field(43) == "Y"
    }

    /// MsgSeqNum (34).
    ///
    /// # Panics
    /// If it is no number.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.field(34).parse().unwrap_or_else(|_| panic!("no MsgSeqNum in {self}"))
    }

    /// A field that is a decimal, by its value and not by how it is written, in units of 10^-9.
    ///
    /// # Panics
    /// If it is none.
    #[must_use]
    pub fn decimal(&self, tag: u32) -> i128 {
        decimal(self.field(tag)).unwrap_or_else(|| panic!("field {tag} is no decimal in {self}"))
    }

    /// Insists on fields. Values that are decimals are compared as such: `585` is `585.00`.
    ///
    /// # Panics
    /// If one is missing or another.
    #[track_caller]
    pub fn assert(&self, fields: &[(u32, &str)]) -> &Message {
        for &(tag, want) in fields {
            let got = self.get(tag);
            let same = match (got.and_then(decimal), decimal(want)) {
                (Some(got), Some(want)) => got == want,
                _ => got == Some(want),
            };
            assert!(same, "field {tag} is {got:?}, not {want:?}, in {self}");
        }
        self
    }

    /// Insists that fields are absent.
    ///
    /// # Panics
    /// If one is there.
    #[track_caller]
    pub fn assert_absent(&self, tags: &[u32]) -> &Message {
        for &tag in tags {
            assert!(self.get(tag).is_none(), "field {tag} should not be there: {self}");
        }
        self
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|(tag, value)| write!(f, "{tag}={value}|"))
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// `text` in units of 10^-9, if it is a decimal without exponent.
fn decimal(text: &str) -> Option<i128> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = !whole.is_empty() && part.len() <= 9 && (whole.len() + part.len()) < 30;
    if !plain || !whole.bytes().chain(part.bytes()).all(|b| b.is_ascii_digit()) {
        return None;
    }
    let value: i128 = format!("{whole}{part:0<9}").parse().ok()?;
    Some(if negative { -value } else { value })
}

/// CheckSum (10) of `bytes`: their sum modulo 256, as three digits.
#[must_use]
pub fn checksum(bytes: &[u8]) -> String {
    format!("{:03}", bytes.iter().fold(0u8, |sum, &b| sum.wrapping_add(b)))
}

/// A message of `fields` (from MsgType on) in a frame of FIX 4.4 with the right BodyLength and CheckSum.
#[must_use]
pub fn frame(fields: &[(u32, &str)]) -> Vec<u8> {
    frame_in("FIX.4.4", fields)
}

/// As [`frame`], with another BeginString.
#[must_use]
pub fn frame_in(begin_string: &str, fields: &[(u32, &str)]) -> Vec<u8> {
    let body: String = fields.iter().map(|(tag, value)| format!("{tag}={value}\u{1}")).collect();
    frame_with(begin_string, body.len(), &body, None)
}

/// A message of `body` in a frame with whatever BeginString, BodyLength and CheckSum (the right one if `None`).
#[must_use]
pub fn frame_with(begin_string: &str, body_length: usize, body: &str, sum: Option<&str>) -> Vec<u8> {
    let head = format!("8={begin_string}\u{1}9={body_length}\u{1}{body}");
    let right = checksum(head.as_bytes());
    format!("{head}10={}\u{1}", sum.unwrap_or(&right)).into_bytes()
}

/// The password of session `comp_id` in the default configuration.
#[must_use]
pub fn password(comp_id: &str) -> String {
    format!("{}-demo", comp_id.to_lowercase())
}

/// How waiting for a message ended without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoMessage {
    /// The venue closed the connection.
    Closed,
    /// None came in time.
    Silence,
}

/// One connection to the venue.
pub struct Client {
    stream: TcpStream,
    received: Vec<u8>,
    comp_id: String,
    /// BeginString of both sides' messages: FIX.4.4 if a test says nothing else.
    pub begin_string: &'static str,
    /// Whether News (B) is given like anything else; tests that are not about it pass over it.
    pub hears_news: bool,
    /// MsgSeqNum of the next message sent.
    pub next_out: u64,
    /// MsgSeqNum that the next message received must have.
    pub next_in: u64,
}

impl Client {
    /// A connection, nothing sent yet, which will speak as `comp_id`.
    ///
    /// # Panics
    /// If there is no connection to be had.
    #[must_use]
    pub fn connect(address: SocketAddr, comp_id: &str) -> Client {
        let stream = TcpStream::connect_timeout(&address, PATIENCE).expect("the venue accepts connections");
        Self::over(stream, comp_id)
    }

    /// The same over a connection of the caller.
    ///
    /// # Panics
    /// If it cannot be set up.
    #[must_use]
    pub fn over(stream: TcpStream, comp_id: &str) -> Client {
        stream.set_nodelay(true).expect("TCP_NODELAY is known");
        stream.set_write_timeout(Some(PATIENCE)).expect("a timeout above zero");
        Client {
            stream,
            received: Vec::new(),
            comp_id: comp_id.to_owned(),
            begin_string: "FIX.4.4",
            hears_news: false,
            next_out: 1,
            next_in: 1,
        }
    }

    /// A connection logged on as `comp_id` with its password of the default configuration, numbers from 1.
    ///
    /// # Panics
    /// If the venue does not let it in.
    #[must_use]
    pub fn logged_on(address: SocketAddr, comp_id: &str) -> Client {
        let mut client = Self::connect(address, comp_id);
        client.log_on(&[(141, "Y")]).assert(&[(35, "A"), (98, "0"), (108, "30"), (141, "Y")]);
        client
    }

    /// Sends a logon with this session's password, heartbeats every 30 s, and `more`, and waits for the answer,
    /// which may be a refusal.
    ///
    /// # Panics
    /// If there is none.
    pub fn log_on(&mut self, more: &[(u32, &str)]) -> Message {
        self.send_logon(&password(&self.comp_id), more);
        self.receive()
    }

    /// Sends a logon. A field of `more` takes the place of the one that would stand there.
    pub fn send_logon(&mut self, password: &str, more: &[(u32, &str)]) {
        let name = self.comp_id.clone();
        let usual = [(98, "0"), (108, "30"), (553, name.as_str()), (554, password)];
        let mut fields: Vec<_> = usual.into_iter().filter(|f| more.iter().all(|m| m.0 != f.0)).collect();
        fields.extend(more);
        self.send("A", &fields);
    }

    /// The address of this end, by which the venue's log names a connection that has no session.
    ///
    /// # Panics
    /// If the connection has none.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.stream.local_addr().expect("a connected socket has an address")
    }

    /// Sends a message of type `kind` under the next number, with now as SendingTime.
    ///
    /// # Panics
    /// If the connection is gone.
    pub fn send(&mut self, kind: &str, fields: &[(u32, &str)]) {
        let bytes = self.message(kind, self.next_out, fields);
        self.next_out += 1;
        self.send_bytes(&bytes).expect("the venue keeps the connection");
    }

    /// A message from this session to the venue, under any number.
    #[must_use]
    pub fn message(&self, kind: &str, seq: u64, fields: &[(u32, &str)]) -> Vec<u8> {
        let (seq, time) = (seq.to_string(), clock::now());
        let mut all = vec![(35, kind), (49, self.comp_id.as_str()), (56, VENUE), (34, &seq), (52, &time)];
        all.extend(fields);
        frame_in(self.begin_string, &all)
    }

    /// Sends bytes as they are.
    ///
    /// # Errors
    /// If the connection is gone.
    pub fn send_bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// Sends an order for AAPL that finds nothing and ends at once; `false` if the connection is gone.
    pub fn try_order(&mut self, id: &str, side: &str) -> bool {
        let time = clock::now();
        let fields =
            [(11, id), (55, "AAPL"), (54, side), (60, &time), (38, "1"), (40, "2"), (44, "300"), (59, "3")];
        let bytes = self.message("D", self.next_out, &fields);
        self.next_out += 1;
        self.send_bytes(&bytes).is_ok()
    }

    /// Its connection, for who reads bytes and no messages.
    #[must_use]
    pub const fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// The next message, of whatever kind.
    ///
    /// # Panics
    /// If none comes, or a malformed one, or one out of sequence.
    #[track_caller]
    pub fn receive(&mut self) -> Message {
        match self.receive_within(PATIENCE) {
            Ok(message) => message,
            Err(why) => panic!("{}: no message: {why:?}", self.comp_id),
        }
    }

    /// The next message of an order or request: heartbeats are passed over, and so is that ApplSeqNum begins anew with
    /// another matcher; test requests are answered.
    ///
    /// # Panics
    /// As [`Client::receive`].
    #[track_caller]
    pub fn report(&mut self) -> Message {
        loop {
            let message = self.receive();
            match message.kind() {
                "0" => {}
                "BY" if message.field(1426) == "0" => {}
                "1" => self.send("0", &[(112, message.field(112))]),
                _ => return message,
            }
        }
    }

    /// The next message, if one comes within `patience`.
    ///
    /// # Errors
    /// Why there is none.
    ///
    /// # Panics
    /// If it is malformed, not for this session, or out of sequence.
    #[track_caller]
    pub fn receive_within(&mut self, patience: Duration) -> Result<Message, NoMessage> {
        loop {
            let message = self.receive_ahead(patience)?;
            self.check(&message);
            if message.kind() != "B" || self.hears_news {
                return Ok(message);
            }
        }
    }

    /// As [`Client::receive_within`], but takes a message of any number and does not count it: for a test of
    /// what comes after a gap.
    ///
    /// # Errors
    /// Why there is none.
    ///
    /// # Panics
    /// If it is malformed.
    #[track_caller]
    pub fn receive_ahead(&mut self, patience: Duration) -> Result<Message, NoMessage> {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(end) = end_of_message(&self.received) {
                let bytes: Vec<u8> = self.received.drain(..end).collect();
                let message = Message::parse(&bytes)
                    .unwrap_or_else(|why| panic!("{}: {why}: {}", self.comp_id, bytes.escape_ascii()));
                return Ok(message);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(NoMessage::Silence);
            }
            self.stream.set_read_timeout(Some(left)).expect("a timeout above zero");
            let mut bytes = [0; 64 * 1024];
            match self.stream.read(&mut bytes) {
                Ok(0) => return Err(NoMessage::Closed),
                Ok(count) => self.received.extend(&bytes[..count]),
                Err(e) if e.kind() == ErrorKind::ConnectionReset => return Err(NoMessage::Closed),
                Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => panic!("{}: {e}", self.comp_id),
            }
        }
    }

    /// Reads to the end of the connection, which the venue must close; what came before it.
    ///
    /// # Panics
    /// If the venue leaves it open.
    #[track_caller]
    pub fn closed(&mut self) -> Vec<Message> {
        let deadline = Instant::now() + PATIENCE;
        let mut before = Vec::new();
        loop {
            match self.receive_within(deadline.saturating_duration_since(Instant::now())) {
                Ok(message) => before.push(message),
                Err(NoMessage::Closed) => return before,
                Err(NoMessage::Silence) => panic!("{}: the venue keeps the connection open", self.comp_id),
            }
        }
    }

    /// Reads to the end of the connection, which the venue must close or reset, whatever comes before it.
    ///
    /// # Panics
    /// If the venue leaves it open.
    #[track_caller]
    pub fn ends(&mut self) {
        self.stream.set_read_timeout(Some(PATIENCE)).expect("a timeout above zero");
        let mut rest = Vec::new();
        if let Err(error) = self.stream.read_to_end(&mut rest) {
            assert_eq!(error.kind(), io::ErrorKind::ConnectionReset, "{error}");
        }
    }

    /// Insists that the venue has taken in everything sent so far and has answered with nothing more: sends a test
    /// request, and the next message is its heartbeat.
    ///
    /// # Panics
    /// If something else comes.
    #[track_caller]
    pub fn quiet(&mut self) {
        let id = format!("quiet-{}", self.next_out);
        self.send("1", &[(112, &id)]);
        self.receive().assert(&[(35, "0"), (112, &id)]);
    }

    /// Logs out, and insists on the answer and on the end of the connection. Returns the two numbers that the
    /// session goes on with: the next sent and the next received.
    ///
    /// # Panics
    /// If the venue does otherwise.
    #[track_caller]
    pub fn log_out(mut self) -> (u64, u64) {
        self.send("5", &[]);
        self.report().assert(&[(35, "5")]);
        assert_eq!(self.closed(), [], "after the logout");
        (self.next_out, self.next_in)
    }

    /// Cuts the connection without a word. Returns the numbers as [`Client::log_out`] does.
    #[must_use]
    pub fn cut(self) -> (u64, u64) {
        // It may be down already.
        let _ = self.stream.shutdown(Shutdown::Both);
        (self.next_out, self.next_in)
    }

    /// FIX session rules for everything the venue sends: whose it is, and that numbers go up by one. A duplicate
    /// has an earlier number, and a gap fill (35=4 with 123=Y) moves on to NewSeqNo.
    #[track_caller]
    fn check(&mut self, message: &Message) {
        message.assert(&[(8, self.begin_string), (49, VENUE), (56, &self.comp_id)]);
        let sent = message.field(52);
        assert!(is_timestamp(sent), "SendingTime {sent:?} in {message}");
        if message.is_possible_duplicate() {
            assert!(is_timestamp(message.field(122)), "a duplicate has OrigSendingTime: {message}");
        }
        if message.kind() == "A" && message.field(141) == "Y" {
            self.next_in = 1;
        }
        let seq = message.seq();
        if message.kind() == "4" && message.field(123) == "Y" {
            let next: u64 = message.field(36).parse().unwrap_or_else(|_| panic!("NewSeqNo in {message}"));
            assert!(seq <= self.next_in && next > seq, "a gap fill over what was not missed: {message}");
            self.next_in = self.next_in.max(next);
        } else if message.is_possible_duplicate() && seq < self.next_in {
        } else {
            assert_eq!(seq, self.next_in, "out of sequence: {message}");
            self.next_in += 1;
        }
    }
}

/// Where the first message in `bytes` ends, if it does. The venue is trusted to begin with `8=` and to say its
/// length; [`Message::parse`] finds out.
pub(crate) fn end_of_message(bytes: &[u8]) -> Option<usize> {
    let end = bytes.windows(4).position(|w| w == b"\x0110=")? + 1;
    let after = bytes[end..].iter().position(|&b| b == SOH)?;
    Some(end + after + 1)
}

/// Whether `text` is a UTCTimestamp, of seconds or of 3, 6 or 9 decimal places of them.
fn is_timestamp(text: &str) -> bool {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    let places = shape.strip_prefix("00000000-00:00:00");
    matches!(places, Some("" | ".000" | ".000000" | ".000000000"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_read_back_and_every_flaw_of_one_is_seen() {
        let good = frame(&[(35, "0"), (34, "1")]);
        assert_eq!(Message::parse(&good).unwrap().0[2], (35, "0".into()));
        assert!(Message::parse(&frame_with("FIX.4.4", 11, "35=0\u{1}34=1\u{1}", None)).is_err());
        assert!(Message::parse(&frame_with("FIX.4.4", 10, "35=0\u{1}34=1\u{1}", Some("000"))).is_err());
        assert!(Message::parse(&frame(&[(34, "1"), (35, "0")])).is_err());
        assert!(Message::parse(&frame(&[(35, "0"), (58, "")])).is_err());
        assert!(Message::parse(&good[..good.len() - 1]).is_err());
    }

    /// The sample message of Wikipedia's "Financial Information eXchange", which we did not make.
    #[test]
    fn a_published_message_is_well_formed() {
        let text = "8=FIX.4.2|9=178|35=8|49=PHLX|56=PERS|52=20071123-05:30:00.000|11=ATOMNOCCC9990900|20=3|150=E|\
            39=E|55=MSFT|167=CS|54=1|38=15|40=2|44=15|58=PHLX EQUITY TESTING|59=0|47=C|32=0|31=0|151=15|14=0|6=0|\
            10=128|";
        let message = Message::parse(text.replace('|', "\u{1}").as_bytes()).unwrap();
        assert_eq!(message.field(58), "PHLX EQUITY TESTING");
    }

    #[test]
    fn decimals_are_compared_by_value() {
        let message = Message(vec![(44, "585.00".into()), (11, "a".into())]);
        message.assert(&[(44, "585"), (44, "0585.0"), (11, "a")]).assert_absent(&[12]);
        assert_eq!(decimal("-0.5"), Some(-500_000_000));
        assert_eq!(decimal("1e3"), None);
        assert_eq!(decimal(""), None);
    }
}
