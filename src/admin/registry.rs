//! What the venue has, by name: from the configuration, and then as the matcher tells it.

use wire::{
    command::{Command, InstrumentTerms, text},
    event::{Definition, Kind},
    instrument::Instrument,
    reject::Reject,
    types::{AccountId, AssetId, InstrumentId, SessionId, TradingState},
};

use super::request::Refusal;
use crate::config::{Asset, Config, Listing};

/// Names, numbers and terms.
pub(crate) struct Registry {
    pub(crate) assets: Vec<Asset>,
    pub(crate) instruments: Vec<Known>,
    pub(crate) accounts: Vec<String>,
    sessions: Vec<String>,
    /// The operator's own.
    pub(crate) operator: SessionId,
    /// The shard whose matcher tells, and how many the venue has.
    pub(crate) shard: u8,
    pub(crate) shards: u8,
}

/// An instrument.
pub(crate) struct Known {
    pub(crate) symbol: String,
    pub(crate) terms: InstrumentTerms,
    pub(crate) state: TradingState,
}

impl Registry {
    pub(crate) fn new(config: &Config, shard: u8) -> Registry {
        let listed = config.instruments.iter().zip(&config.listings);
        let known = listed.map(|(instrument, listing)| Known {
            symbol: instrument.symbol.clone(),
            terms: terms(instrument, listing),
            state: listing.state,
        });
        Registry {
            assets: config.assets.clone(),
            instruments: known.collect(),
            accounts: config.accounts.iter().map(|account| account.name.clone()).collect(),
            sessions: config.sessions.iter().map(|session| session.comp_id.clone()).collect(),
            operator: SessionId(u32::try_from(config.sessions.len()).unwrap_or(u32::MAX)),
            shard,
            shards: config.venue.shards,
        }
    }

    /// Takes in what the matcher tells everybody of an instrument or account.
    pub(crate) fn learn(&mut self, definition: &Definition) {
        if definition.kind == Kind::Account {
            put(
                &mut self.accounts,
                definition.account.0,
                text(&definition.name).unwrap_or_default().to_owned(),
            );
        } else {
            let symbol = text(&definition.terms.symbol).unwrap_or_default().to_owned();
            let known = Known { symbol, terms: definition.terms, state: definition.state };
            put(&mut self.instruments, definition.instrument.0, known);
        }
    }

    /// Takes in what an operator's command adds, by the command alone: for who has not heard what came of it.
    pub(crate) fn expect(&mut self, command: &Command<'_>) {
        let head = command.head();
        match command {
            Command::SetInstrument(set) if head.instrument().0 as usize == self.instruments.len() => {
                let symbol = text(&set.terms.symbol).unwrap_or_default().to_owned();
                self.instruments.push(Known { symbol, terms: set.terms, state: TradingState::default() });
            }
            Command::SetAccount(set) if head.account.0 as usize == self.accounts.len() => {
                self.accounts.push(text(&set.name).unwrap_or_default().to_owned());
            }
            _ => {}
        }
    }

    /// Takes in a change of an instrument's state.
    pub(crate) fn set_state(&mut self, instrument: InstrumentId, state: TradingState) {
        if let Some(known) = self.instruments.get_mut(instrument.0 as usize) {
            known.state = state;
        }
    }

    pub(crate) fn instrument(&self, symbol: &str) -> Result<(InstrumentId, &Known), Refusal> {
        let id = place(self.instruments.iter().map(|known| known.symbol.as_str()), symbol);
        let id = id.ok_or_else(|| Refusal::of(symbol, Reject::UnknownInstrument))?;
        Ok((InstrumentId(id), &self.instruments[id as usize]))
    }

    pub(crate) fn account(&self, name: &str) -> Result<AccountId, Refusal> {
        place(self.accounts.iter().map(String::as_str), name)
            .map(AccountId)
            .ok_or_else(|| Refusal::of(name, Reject::UnknownAccount))
    }

    pub(crate) fn session(&self, name: &str) -> Result<SessionId, Refusal> {
        place(self.sessions.iter().map(String::as_str), name)
            .map(SessionId)
            .ok_or_else(|| Refusal::of(name, Reject::UnknownSession))
    }

    /// The session's CompID; the operator's own has none.
    pub(crate) fn session_name(&self, session: SessionId) -> &str {
        self.sessions.get(session.0 as usize).map_or("", String::as_str)
    }

    pub(crate) fn asset(&self, name: &str) -> Result<(AssetId, &Asset), Refusal> {
        let id = place(self.assets.iter().map(|asset| asset.name.as_str()), name);
        let id = id.ok_or_else(|| Refusal::of(name, Reject::BadFunds))?;
        Ok((AssetId(id), &self.assets[id as usize]))
    }
}

/// Puts `value` into its place: one there is, or the next one. Others have not been told of yet.
fn put<T>(list: &mut Vec<T>, place: u32, value: T) {
    let place = place as usize;
    if place < list.len() {
        list[place] = value;
    } else if place == list.len() {
        list.push(value);
    }
}

fn place<'n>(mut names: impl Iterator<Item = &'n str>, name: &str) -> Option<u32> {
    names.position(|other| other == name).and_then(|place| u32::try_from(place).ok())
}

fn terms(instrument: &Instrument, listing: &Listing) -> InstrumentTerms {
    let pair = listing.pair;
    InstrumentTerms {
        base: pair.base,
        quote: pair.quote,
        base_per_lot: pair.base_per_lot,
        quote_per_tick_lot: pair.quote_per_tick_lot,
        maker_fee: pair.maker_fee,
        taker_fee: pair.taker_fee,
        ..InstrumentTerms::of(instrument)
    }
}
