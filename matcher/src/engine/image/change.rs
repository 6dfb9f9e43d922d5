//! Which configuration may follow another one, of a venue that goes on from its journal.

use wire::{
    command::{Name, text},
    instrument::Instrument,
};

use super::super::Config;

/// Why a configuration cannot follow the one before it. Each says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Change {
    /// A list has become shorter.
    #[error(
        "{key} are {is}, and were {was}: their numbers are in the journal, so put the missing ones back in their places (an instrument can be closed, an account or session stopped by its kill switch), or begin a new journal"
    )]
    Fewer {
        /// Of what there are fewer.
        key: &'static str,
        /// How many there were.
        was: usize,
        /// How many there are.
        is: usize,
    },
    /// Something has changed that orders and balances are counted by.
    #[error(
        "{what} was {was} and is {is} now, which what the journal holds is counted by; put it back, add what is new at the list's end, or begin a new journal"
    )]
    Fixed {
        /// What.
        what: String,
        /// As it was.
        was: String,
        /// As it is.
        is: String,
    },
    /// A table is too small for what is in it.
    #[error("{key} has room for {room}, and {need} are there; raise it to {need} at least")]
    Room {
        /// The key.
        key: &'static str,
        /// What it allows.
        room: u64,
        /// What is there.
        need: u64,
    },
    /// There are too few groups of prices.
    #[error(
        "price_groups_max of {room} is too small for the prices at which orders are open; raise it to what it was"
    )]
    Prices {
        /// What it allows.
        room: u32,
    },
    /// An account owes more than its new terms allow.
    #[error(
        "account {account} owes more than its terms allow now; put its credit back, or pay in what it owes first"
    )]
    Credit {
        /// Its name.
        account: String,
    },
    /// Terms have changed that open orders were taken under.
    #[error(
        "{key} of instrument {symbol} has changed while orders are open in it; put it back and cancel them first"
    )]
    OrdersOpen {
        /// The instrument.
        symbol: String,
        /// Its key.
        key: &'static str,
    },
}

impl Change {
    pub(super) fn room(key: &'static str, room: u32, need: u64) -> Change {
        Change::Room { key, room: room.into(), need }
    }

    fn fixed(what: String, was: impl ToString, is: impl ToString) -> Change {
        Change::Fixed { what, was: was.to_string(), is: is.to_string() }
    }
}

impl Config {
    /// Whether an engine may go on under this that was built for `was`, as far as that does not depend on orders and balances: see
    /// [`super::super::Engine::reconfigure`].
    ///
    /// # Errors
    /// What may not be, and what to do.
    pub fn check_after(&self, was: &Config) -> Result<(), Change> {
        check(was, self)
    }
}

fn check(was: &Config, config: &Config) -> Result<(), Change> {
    if was.shard != config.shard {
        return Err(Change::fixed("the shard".to_owned(), was.shard, config.shard));
    }
    let lists = [
        ("instruments", was.instruments.len(), config.instruments.len()),
        ("sessions", was.sessions.len(), config.sessions.len()),
        ("accounts", was.ledger.accounts.len(), config.ledger.accounts.len()),
        ("assets", was.ledger.assets as usize, config.ledger.assets as usize),
    ];
    if let Some(&(key, was, is)) = lists.iter().find(|(_, was, is)| is < was) {
        return Err(Change::Fewer { key, was, is });
    }
    if was.ledger.pairs.is_empty() != config.ledger.pairs.is_empty() {
        let ledger = |config: &Config| if config.ledger.pairs.is_empty() { "off" } else { "on" };
        return Err(Change::fixed("the ledger".to_owned(), ledger(was), ledger(config)));
    }
    for (number, before) in was.sessions.iter().enumerate() {
        let (was, is) = (before, &config.sessions[config.moved(was, number)]);
        if was.is_trunk != is.is_trunk {
            let what = format!("whether session number {number} is a trunk");
            return Err(Change::fixed(what, was.is_trunk, is.is_trunk));
        }
    }
    for (before, after) in was.instruments.iter().zip(&config.instruments) {
        check_instrument(before, after)?;
        let names = [(&before.base, &after.base, "base"), (&before.quote, &after.quote, "quote")];
        if let Some((was, is, key)) = names.into_iter().find(|(was, is, _)| was != is) {
            return Err(Change::fixed(format!("{key} of instrument {}", after.symbol), was, is));
        }
    }
    for ((before, after), instrument) in
        was.ledger.pairs.iter().zip(&config.ledger.pairs).zip(&config.instruments)
    {
        let fields = [
            ("the number of base", before.base.0.into(), after.base.0.into()),
            ("the number of quote", before.quote.0.into(), after.quote.0.into()),
            ("the base units in a lot", before.base_per_lot, after.base_per_lot),
            ("the quote units in a tick and lot", before.quote_per_tick_lot, after.quote_per_tick_lot),
        ];
        if let Some((what, was, is)) = fields.into_iter().find(|(_, was, is)| was != is) {
            return Err(Change::fixed(format!("{what} of instrument {}", instrument.symbol), was, is));
        }
    }
    Ok(())
}

/// Whether an instrument with the terms `is` is that of the terms `was`.
pub(super) fn check_instrument(was: &Instrument, is: &Instrument) -> Result<(), Change> {
    if was.symbol != is.symbol {
        return Err(Change::fixed(
            format!("the symbol of instrument number {}", was.id.0),
            &was.symbol,
            &is.symbol,
        ));
    }
    let symbol = &is.symbol;
    if was.shard != is.shard {
        return Err(Change::fixed(format!("the shard of instrument {symbol}"), was.shard, is.shard));
    }
    for (key, was, is) in [("tick", was.tick, is.tick), ("lot", was.lot, is.lot)] {
        if was != is {
            let text = |step: wire::instrument::Step| {
                step.value(1).map_or_else(String::new, |value| value.to_string())
            };
            return Err(Change::fixed(format!("{key} of instrument {symbol}"), text(was), text(is)));
        }
    }
    Ok(())
}

/// Whether the accounts of `config` are those of an image, which are called `names`, and more.
pub(super) fn check_accounts(config: &Config, names: &[Name]) -> Result<(), Change> {
    let room = config.room_for_accounts();
    if names.len() > room as usize {
        return Err(Change::room("accounts_max", room, names.len() as u64));
    }
    for (number, (name, account)) in names.iter().zip(&config.ledger.accounts).enumerate() {
        let name = text(name).unwrap_or_default();
        if name != account.name {
            return Err(Change::fixed(format!("account number {number}"), name, &account.name));
        }
    }
    Ok(())
}
