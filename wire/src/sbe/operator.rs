//! Operators' commands: from the binary protocol into the ring, and for clients the other way.

use super::{
    codes::{AssetUnits, Boolean},
    messages::{
        Deposit, Entitle, KillSwitch, SetAccount, SetCredit, SetInstrument, SetProtection, SetState, Withdraw,
    },
    units::NotExpressible,
};
use crate::{
    command::{self, Head, Kind},
    event::Event,
    reject::Reject,
    types::{AccountId, AssetId, InstrumentId, Lots, SessionId},
};

impl KillSwitch {
    /// The command for the ring.
    #[must_use]
    pub fn command(&self, head: Head) -> command::KillSwitch {
        command::KillSwitch {
            head: head.with_kind(Kind::KillSwitch),
            target: self.target_id.get(),
            scope: self.scope,
            on: self.on.into(),
            reserved: [0; 2],
        }
    }

    /// The request for `command`.
    #[must_use]
    pub fn of(command: &command::KillSwitch) -> KillSwitch {
        let on = Boolean::from(command.on);
        KillSwitch { target_id: command.target.into(), scope: command.scope, on, padding1: [0; 2] }
    }
}

impl SetState {
    /// The command for the ring.
    #[must_use]
    pub fn command(&self, head: Head) -> command::SetState {
        let instrument = InstrumentId(self.instrument_id.get());
        let head = head.with_kind(Kind::SetState).with_instrument(instrument);
        command::SetState { head, state: self.trading_state, reserved: [0; 7] }
    }

    /// The request for `command`.
    #[must_use]
    pub fn of(command: &command::SetState) -> SetState {
        SetState {
            instrument_id: command.head.instrument().0.into(),
            trading_state: command.state,
            padding1: [0; 3],
        }
    }
}

macro_rules! funds {
    ($($message:ident),+) => { $(
        impl $message {
            /// The command for the ring.
            #[must_use]
            pub fn command(&self, head: Head) -> command::Funds {
                let account = AccountId(self.account_id.get());
                command::Funds {
                    head: head.with_kind(Kind::$message).with_account(account),
                    asset: AssetId(self.asset_id.get()),
                    reserved: 0,
                    amount: Event::halves(self.funds.get()),
                }
            }

            /// The request for `command`.
            #[must_use]
            pub fn of(command: &command::Funds) -> $message {
                $message {
                    account_id: command.head.account.0.into(),
                    asset_id: command.asset.0.into(),
                    funds: AssetUnits::new(whole(command.amount)),
                }
            }
        }
    )+ };
}
funds!(Deposit, Withdraw);

impl SetProtection {
    /// The command for the ring.
    #[must_use]
    pub fn command(&self, head: Head) -> command::SetProtection {
        let account = AccountId(self.account_id.get());
        command::SetProtection {
            head: head.with_kind(Kind::SetProtection).with_account(account),
            group: self.group_id.get(),
            fills: self.fills_max.get(),
            quantity: Lots(self.lots_max.get()),
            window_ns: self.window.get(),
        }
    }

    /// The request for `command`.
    #[must_use]
    pub fn of(command: &command::SetProtection) -> SetProtection {
        SetProtection {
            account_id: command.head.account.0.into(),
            group_id: command.group.into(),
            lots_max: command.quantity.0.into(),
            window: command.window_ns.into(),
            fills_max: command.fills.into(),
            padding1: [0; 4],
        }
    }
}

impl SetInstrument {
    /// The command for the ring.
    ///
    /// # Errors
    /// [`Reject::BadTerms`] if the tick, the lot, or one of what they measure cannot be.
    pub fn command(&self, head: Head) -> Result<command::SetInstrument, Reject> {
        let instrument = InstrumentId(self.instrument_id.get());
        let head = head.with_kind(Kind::SetInstrument).with_instrument(instrument);
        Ok(command::SetInstrument { head, terms: self.terms().ok_or(Reject::BadTerms)? })
    }

    /// The request for `command`.
    ///
    /// # Errors
    /// If a tick, a lot or what they measure cannot be said.
    pub fn of(command: &command::SetInstrument) -> Result<SetInstrument, NotExpressible> {
        SetInstrument::with(command.head.instrument(), &command.terms)
    }
}

impl SetAccount {
    /// The command for the ring.
    #[must_use]
    pub fn command(&self, head: Head) -> command::SetAccount {
        command::SetAccount {
            head: head.with_kind(Kind::SetAccount).with_account(AccountId(self.account_id.get())),
            name: *self.account_name.padded(),
            credit: self.credit.into(),
            reserved: [0; 7],
        }
    }

    /// The request for `command`.
    #[must_use]
    pub fn of(command: &command::SetAccount) -> SetAccount {
        SetAccount {
            account_id: command.head.account.0.into(),
            account_name: command.name.into(),
            credit: Boolean::from(command.credit),
            padding1: [0; 3],
        }
    }
}

impl SetCredit {
    /// The command for the ring.
    #[must_use]
    pub fn command(&self, head: Head) -> command::SetCredit {
        command::SetCredit {
            head: head.with_kind(Kind::SetCredit).with_account(AccountId(self.account_id.get())),
            asset: AssetId(self.asset_id.get()),
            reserved: 0,
            limit: Event::halves(self.funds.get()),
        }
    }

    /// The request for `command`.
    #[must_use]
    pub fn of(command: &command::SetCredit) -> SetCredit {
        SetCredit {
            account_id: command.head.account.0.into(),
            asset_id: command.asset.0.into(),
            funds: AssetUnits::new(whole(command.limit)),
        }
    }
}

impl Entitle {
    /// The command for the ring.
    #[must_use]
    pub fn command(&self, head: Head) -> command::Entitle {
        command::Entitle {
            head: head.with_kind(Kind::Entitle).with_account(AccountId(self.account_id.get())),
            session: SessionId(self.session_id.get()),
            on: self.on.into(),
            reserved: [0; 3],
        }
    }

    /// The request for `command`.
    #[must_use]
    pub fn of(command: &command::Entitle) -> Entitle {
        Entitle {
            account_id: command.head.account.0.into(),
            session_id: command.session.0.into(),
            on: Boolean::from(command.on),
            padding1: [0; 7],
        }
    }
}

impl From<Boolean> for u8 {
    fn from(yes: Boolean) -> u8 {
        yes as u8
    }
}

impl From<u8> for Boolean {
    /// In the rings zero is no.
    fn from(yes: u8) -> Boolean {
        if yes == 0 { Boolean::No } else { Boolean::Yes }
    }
}

const fn whole(halves: [u64; 2]) -> u128 {
    (halves[1] as u128) << 64 | halves[0] as u128
}
