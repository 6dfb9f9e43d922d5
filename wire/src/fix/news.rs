//! News (B): what all clients should hear of.

use super::{encode::Body, report::text::Text};

/// News (B), which the venue sends unasked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News<'a> {
    /// It takes no new orders any more and ends before long.
    Draining,
    /// This instrument has been halted.
    Halted(&'a str),
    /// This instrument is halted no longer.
    Resumed(&'a str),
    /// Requests may soon be refused for want of room.
    Busy,
    /// That is over.
    Free,
    /// The session's gateway was cut off from the matcher for not keeping up with it.
    Lost,
}

impl News<'_> {
    /// MsgType (35).
    pub const MSG_TYPE: &'static [u8] = b"B";

    /// Writes it: Headline (148) and a line of text.
    pub fn encode(&self, body: &mut Body<'_>) {
        let (headline, symbol, line) = match *self {
            News::Draining => (
                "the venue is draining",
                "",
                "new orders are refused, cancels are taken; you will be logged out",
            ),
            News::Halted(symbol) => ("trading halted", symbol, " is halted: only cancels are taken"),
            News::Resumed(symbol) => ("trading resumed", symbol, " is halted no longer"),
            News::Busy => (
                "the venue is busy",
                "",
                "requests wait for the matching engine and may soon be refused (Busy): send fewer",
            ),
            News::Free => ("the venue is no longer busy", "", "requests are taken up as they come again"),
            News::Lost => (
                "reports may be missing",
                "",
                "the gateway fell behind the matching engine; ask for the status of orders (AF)",
            ),
        };
        let mut text = Text::default();
        text.put(symbol);
        text.put(line);
        body.field(b"148=", headline.as_bytes());
        body.char(b"33=", b'1');
        body.field(b"58=", text.bytes());
    }
}
