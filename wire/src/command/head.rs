//! What every command begins with.

use zerocopy::{Immutable, IntoBytes, KnownLayout, TryFromBytes};

use crate::{
    limits::{INSTRUMENTS_MAX, SESSIONS_MAX},
    types::{AccountId, InstrumentId, Nanos, SessionId},
};

/// Which command follows a [`Head`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, TryFromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(u8)]
pub enum Kind {
    /// [`super::NewOrder`].
    New = 1,
    /// [`super::Cancel`].
    Cancel = 2,
    /// [`super::Replace`].
    Replace = 3,
    /// [`super::Status`].
    Status = 4,
    /// [`super::SessionNotice`]: the session's client has logged on.
    SessionUp = 5,
    /// [`super::SessionNotice`]: the session's client has gone.
    SessionDown = 6,
    /// [`super::SessionNotice`]: cancel every open order of the session.
    CancelSession = 7,
    /// [`super::MassCancel`].
    MassCancel = 8,
    /// [`super::KillSwitch`].
    KillSwitch = 9,
    /// [`super::SessionNotice`]: something's time has come: an order's expire time, the end of a volatility auction's
    /// call, the next indicative price.
    Due = 10,
    /// [`super::SetState`].
    SetState = 11,
    /// [`super::Funds`]: into the venue.
    Deposit = 12,
    /// [`super::Funds`]: out of the venue.
    Withdraw = 13,
    /// [`super::MassQuote`].
    MassQuote = 14,
    /// [`super::SetProtection`].
    SetProtection = 15,
    /// [`super::ResetProtection`].
    ResetProtection = 16,
    /// [`super::SetInstrument`].
    SetInstrument = 17,
    /// [`super::SetAccount`].
    SetAccount = 18,
    /// [`super::SetCredit`].
    SetCredit = 19,
    /// [`super::Entitle`].
    Entitle = 20,
    /// [`super::NewOrderList`].
    NewOrderList = 21,
    /// [`super::ListRequest`]: cancel the orders of the list that are open.
    CancelList = 22,
    /// [`super::ListRequest`]: ask how the orders of the list stand.
    ListStatus = 23,
    /// [`super::MassStatus`].
    MassStatus = 24,
    /// [`super::Balances`].
    Balances = 25,
    /// [`super::SetLimits`].
    SetLimits = 26,
    /// [`super::SessionNotice`]: the levels of the instrument's book are wanted in the log of market data. It changes nothing
    /// and is no part of the sequence.
    ShowBook = 40,
    /// [`super::FindOrders`]: it changes nothing and is no part of the sequence either.
    FindOrders = 41,
}

/// What every command begins with. A session and an instrument are 16 bits wide in it, so that a deadline fits too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, TryFromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Head {
    /// Which command this is.
    pub kind: Kind,
    /// [`Head::REPEAT`] and [`Head::PART`].
    pub flags: u8,
    session: u16,
    /// The account it acts for.
    pub account: AccountId,
    instrument: u16,
    /// Nanoseconds from `rx` to the deadline, plus one, low part first; zero is none.
    within: [u16; 3],
    /// The inbound sequence number of the session's message (FIX MsgSeqNum, 34).
    pub msg_seq: u64,
    /// When the gateway read the message.
    pub rx: Nanos,
}

impl Head {
    /// The sender says that it may have sent the same before (FIX PossDupFlag, 43; PossResend, 97): an order whose name the
    /// session has used is then ignored, rather than refused.
    pub const REPEAT: u8 = 1;
    /// Other shards have been asked the same, and the gateway makes one answer of all: the events that answer this command
    /// have no ApplSeqNum, since no client is told of each.
    pub const PART: u8 = 1 << 1;

    /// The longest time from `rx` to a deadline, in nanoseconds: 78 hours.
    pub const WITHIN_MAX: u64 = (1 << 48) - 2;

    /// A head of a command without a deadline. An instrument or session beyond 16 bits, which no venue has, becomes one
    /// that none has either: [`SESSIONS_MAX`] and [`INSTRUMENTS_MAX`] are less than that.
    #[must_use]
    pub const fn new(
        kind: Kind,
        session: SessionId,
        account: AccountId,
        instrument: InstrumentId,
        msg_seq: u64,
        rx: Nanos,
    ) -> Head {
        let (session, instrument) = (narrow(session.0), narrow(instrument.0));
        Head { kind, flags: 0, session, account, instrument, within: [0; 3], msg_seq, rx }
    }

    /// The session it came by, and which hears of what becomes of it.
    #[must_use]
    pub const fn session(&self) -> SessionId {
        SessionId(self.session as u32)
    }

    /// The instrument it is about; meaningless where the command is about none.
    #[must_use]
    pub const fn instrument(&self) -> InstrumentId {
        InstrumentId(self.instrument as u32)
    }

    /// When the command is too late: applied at this time of the venue or after it, it is refused. `None` if it never is.
    #[must_use]
    pub const fn deadline(&self) -> Option<Nanos> {
        let [low, middle, high] = self.within;
        match low as u64 | (middle as u64) << 16 | (high as u64) << 32 {
            0 => None,
            within => Some(Nanos(self.rx.0.saturating_add(within - 1))),
        }
    }

    /// The same as another command.
    #[must_use]
    pub const fn with_kind(self, kind: Kind) -> Head {
        Head { kind, ..self }
    }

    /// The same by another session.
    #[must_use]
    pub const fn with_session(self, session: SessionId) -> Head {
        Head { session: narrow(session.0), ..self }
    }

    /// The same for another account.
    #[must_use]
    pub const fn with_account(self, account: AccountId) -> Head {
        Head { account, ..self }
    }

    /// The same about another instrument.
    #[must_use]
    pub const fn with_instrument(self, instrument: InstrumentId) -> Head {
        Head { instrument: narrow(instrument.0), ..self }
    }

    /// The same by another message of the session, read at `rx`; without a deadline.
    #[must_use]
    pub const fn with_message(self, msg_seq: u64, rx: Nanos) -> Head {
        Head { msg_seq, rx, within: [0; 3], ..self }
    }

    /// The same, said to have perhaps come before ([`Head::REPEAT`]), or not.
    #[must_use]
    pub const fn with_repeat(self, repeat: bool) -> Head {
        let others = self.flags & !Self::REPEAT;
        Head { flags: if repeat { others | Self::REPEAT } else { others }, ..self }
    }

    /// Whether it is said to have perhaps come before.
    #[must_use]
    pub const fn is_repeat(&self) -> bool {
        self.flags & Self::REPEAT != 0
    }

    /// The same, as one of those that go to several shards ([`Head::PART`]).
    #[must_use]
    pub const fn as_part(self) -> Head {
        Head { flags: self.flags | Self::PART, ..self }
    }

    /// Whether it is one of those that go to several shards.
    #[must_use]
    pub const fn is_part(&self) -> bool {
        self.flags & Self::PART != 0
    }

    /// The same with a deadline, which is kept as a distance from `rx`: one at or before `rx` is `rx` itself, which no
    /// command is applied before; one more than [`Head::WITHIN_MAX`] after it is none, for no command waits that long.
    #[must_use]
    pub const fn with_deadline(self, at: Nanos) -> Head {
        let code = match at.0.saturating_sub(self.rx.0) {
            within if within <= Self::WITHIN_MAX => within + 1,
            _ => 0,
        };
        let [a, b, c, d, e, f, _, _] = code.to_le_bytes();
        let within = [u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d]), u16::from_le_bytes([e, f])];
        Head { within, ..self }
    }
}

/// A session's or an instrument's number in a [`Head`].
#[expect(clippy::cast_possible_truncation, reason = "it was compared")]
const fn narrow(number: u32) -> u16 {
    if number > u16::MAX as u32 { u16::MAX } else { number as u16 }
}

const _: () = {
    assert!(size_of::<Head>() == 32);
    assert!(SESSIONS_MAX <= u16::MAX as u32 && INSTRUMENTS_MAX <= u16::MAX as u32);
};

#[cfg(test)]
mod tests {
    use super::*;

    fn head(rx: u64) -> Head {
        Head::new(Kind::New, SessionId(4095), AccountId(7), InstrumentId(4095), 9, Nanos(rx))
    }

    #[test]
    fn a_deadline_is_kept_to_the_nanosecond_for_78_hours() {
        let rx = 1_700_000_000_000_000_000;
        assert_eq!(head(rx).deadline(), None);
        for within in [0, 1, 1 << 16, (1 << 32) + 5, 78 * 3_600_000_000_000, Head::WITHIN_MAX] {
            let head = head(rx).with_deadline(Nanos(rx + within));
            assert_eq!(head.deadline(), Some(Nanos(rx + within)), "{within}");
            assert_eq!((head.session(), head.instrument()), (SessionId(4095), InstrumentId(4095)));
        }
        assert_eq!(head(rx).with_deadline(Nanos(rx + Head::WITHIN_MAX + 1)).deadline(), None);
        assert_eq!(head(rx).with_deadline(Nanos(u64::MAX)).deadline(), None);
    }

    #[test]
    fn a_deadline_that_has_passed_is_the_moment_of_reading() {
        for at in [0, 5, 999, 1000] {
            assert_eq!(head(1000).with_deadline(Nanos(at)).deadline(), Some(Nanos(1000)));
        }
    }

    #[test]
    fn numbers_that_no_venue_has_stay_such() {
        let head = head(0).with_session(SessionId(1 << 16)).with_instrument(InstrumentId(u32::MAX));
        assert_eq!((head.session(), head.instrument()), (SessionId(0xFFFF), InstrumentId(0xFFFF)));
    }
}
