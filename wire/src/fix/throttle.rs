//! What a session may send: the words for one that sends more, and LimitQuery (XLQ) and LimitResponse (XLR), which are those of
//! Binance's FIX API ("Limit messages").

use super::{
    encode::Body,
    message::Message,
    refusal::{Refusal, SessionReject, SessionRejectReason as Why},
    report::{ECHO_BYTES_MAX, text::Text},
};
use crate::reject::Reject;

/// Why a message is refused that was one too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throttled {
    /// Messages that count now.
    pub used: u32,
    /// How many may.
    pub max: u32,
    /// For how many seconds a message counts.
    pub seconds: u32,
    /// In how many milliseconds there is room for one more.
    pub retry_ms: u64,
}

impl Throttled {
    /// Text (58).
    #[cold]
    pub(in crate::fix) fn text(&self) -> Text {
        let mut text = Text::default();
        text.put(Reject::Throttled.sentence());
        for (words, number) in [
            (": used ", self.used.into()),
            (" of ", self.max.into()),
            (" in ", self.seconds.into()),
            (" s, retry after ", self.retry_ms),
        ] {
            text.put(words);
            text.put_int(number);
        }
        text.put(" ms; ");
        text.put(Reject::Throttled.remedy());
        text
    }
}

/// LimitQuery (XLQ).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitQuery<'b> {
    /// ReqID (6136).
    pub id: &'b [u8],
}

impl<'b> LimitQuery<'b> {
    /// MsgType (35).
    pub const MSG_TYPE: &'static [u8] = b"XLQ";
    /// MsgType (35) of the answer, LimitResponse.
    pub const ANSWER: &'static [u8] = b"XLR";

    /// The request in `message`.
    ///
    /// # Errors
    /// What to answer if it is not as FIX wants it.
    pub fn parse(message: &Message<'b>) -> Result<Self, Refusal> {
        message.check()?;
        let id = message.find(6136).ok_or(SessionReject::about(Why::RequiredTagMissing, 6136))?;
        Ok(LimitQuery { id })
    }

    /// Writes the answer.
    pub fn answer(&self, limits: impl Iterator<Item = LimitEntry> + Clone, body: &mut Body<'_>) {
        body.field(b"6136=", &self.id[..self.id.len().min(ECHO_BYTES_MAX)]);
        body.int(b"25003=", limits.clone().count() as u64);
        for LimitEntry { limit, used, max, seconds } in limits {
            body.char(b"25004=", limit as u8);
            body.int(b"25005=", used.into());
            body.int(b"25006=", max.into());
            body.int(b"25007=", seconds.into());
            body.char(b"25008=", b's');
        }
    }
}

/// LimitType (25004).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum LimitType {
    /// Application messages; of Binance, all but those of the session layer.
    Messages = b'2',
    /// Cancels, which Binance does not count apart.
    Cancels = b'9',
}

/// How much is used of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitEntry {
    /// LimitType (25004).
    pub limit: LimitType,
    /// LimitCount (25005).
    pub used: u32,
    /// LimitMax (25006).
    pub max: u32,
    /// LimitResetInterval (25007), in seconds.
    pub seconds: u32,
}
