//! What the protocol's numbers stand for.

use std::collections::{BTreeMap, HashMap};

use rust_decimal::Decimal;
use wire::{
    sbe::messages::{InstrumentDefinition, Message},
    types::TradingState,
};

use crate::{Error, decimal};

/// An instrument's terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstrumentTerms {
    /// Its name.
    pub symbol: String,
    /// Prices are multiples of it.
    pub tick: Decimal,
    /// Quantities are multiples of it.
    pub lot: Decimal,
    /// The smallest quantity of an order.
    pub quantity_min: Decimal,
    /// The greatest, if there is one.
    pub quantity_max: Option<Decimal>,
    /// The reference price until the first trade.
    pub reference: Decimal,
    /// What is bought and sold.
    pub base: u32,
    /// What is paid with.
    pub quote: u32,
    /// What its market did with orders when this was told.
    pub state: TradingState,
}

#[derive(Clone, Debug)]
struct Asset {
    name: String,
    scale: u32,
}

/// Instruments, accounts and assets by name and number, as the venue told of them at the login and since.
#[derive(Clone, Debug, Default)]
pub struct Definitions {
    instruments: BTreeMap<u32, InstrumentTerms>,
    by_symbol: HashMap<String, u32>,
    accounts: BTreeMap<u32, String>,
    by_account: HashMap<String, u32>,
    assets: BTreeMap<u32, Asset>,
}

impl Definitions {
    /// Takes what `message` tells; whether it is a definition.
    pub(crate) fn learn(&mut self, message: &Message<'_>) -> bool {
        match message {
            Message::InstrumentDefinition(terms) => {
                let instrument = read(terms);
                self.by_symbol.insert(instrument.symbol.clone(), terms.instrument_id.get());
                self.instruments.insert(terms.instrument_id.get(), instrument);
            }
            Message::AccountDefinition(account) => {
                let name = String::from_utf8_lossy(account.account_name.bytes()).into_owned();
                self.by_account.insert(name.clone(), account.account_id.get());
                self.accounts.insert(account.account_id.get(), name);
            }
            Message::AssetDefinition(asset) => {
                let name = String::from_utf8_lossy(asset.asset_name.bytes()).into_owned();
                let scale = asset.asset_scale.get().into();
                self.assets.insert(asset.asset_id.get(), Asset { name, scale });
            }
            Message::TradingStatus(status) => {
                if let Some(instrument) = self.instruments.get_mut(&status.instrument_id.get()) {
                    instrument.state = status.trading_state;
                }
                return false; // news as well
            }
            Message::SessionDefinition(_) => {}
            _ => return false,
        }
        true
    }

    /// All instruments.
    pub fn instruments(&self) -> impl Iterator<Item = &InstrumentTerms> {
        self.instruments.values()
    }

    /// The instrument `symbol`.
    #[must_use]
    pub fn instrument(&self, symbol: &str) -> Option<&InstrumentTerms> {
        self.instruments.get(self.by_symbol.get(symbol)?)
    }

    /// Names of the accounts that the session may act for.
    pub fn accounts(&self) -> impl Iterator<Item = &str> {
        self.accounts.values().map(String::as_str)
    }

    /// Names of the venue's assets.
    pub fn assets(&self) -> impl Iterator<Item = &str> {
        self.assets.values().map(|asset| asset.name.as_str())
    }

    /// The number of the instrument `symbol`, for who writes messages itself.
    ///
    /// # Errors
    /// [`Error::UnknownInstrument`].
    pub fn instrument_id(&self, symbol: &str) -> Result<u32, Error> {
        self.by_symbol.get(symbol).copied().ok_or_else(|| Error::UnknownInstrument(symbol.to_owned()))
    }

    /// The number of the account `name`.
    ///
    /// # Errors
    /// [`Error::UnknownAccount`].
    pub fn account_id(&self, name: &str) -> Result<u32, Error> {
        self.by_account.get(name).copied().ok_or_else(|| Error::UnknownAccount(name.to_owned()))
    }

    /// The number of the asset `name`.
    ///
    /// # Errors
    /// [`Error::UnknownAsset`].
    pub fn asset_id(&self, name: &str) -> Result<u32, Error> {
        let found = self.assets.iter().find(|(_, asset)| asset.name == name);
        found.map(|(&id, _)| id).ok_or_else(|| Error::UnknownAsset(name.to_owned()))
    }

    /// The number of an account that the session may act for.
    pub(crate) fn first_account(&self) -> Option<u32> {
        self.accounts.keys().next().copied()
    }

    /// The symbol of instrument `id`; its number after a `#` if the venue has not told.
    pub(crate) fn symbol(&self, id: u32) -> String {
        self.instruments.get(&id).map_or_else(|| format!("#{id}"), |terms| terms.symbol.clone())
    }

    /// The name of account `id`, likewise.
    pub(crate) fn account(&self, id: u32) -> String {
        self.accounts.get(&id).cloned().unwrap_or_else(|| format!("#{id}"))
    }

    /// The name of asset `id`, likewise, and `units` of it.
    pub(crate) fn asset(&self, id: u32, units: impl IntoIterator<Item = i128>) -> (String, Vec<Decimal>) {
        let asset = self.assets.get(&id);
        let scale = asset.map_or(0, |asset| asset.scale);
        let name = asset.map_or_else(|| format!("#{id}"), |asset| asset.name.clone());
        (name, units.into_iter().map(|units| decimal::units(units, scale)).collect())
    }

    /// A fee of `units` in the asset that instrument `id` is paid with.
    pub(crate) fn fee(&self, id: u32, units: u64) -> Option<Decimal> {
        let asset = self.assets.get(&self.instruments.get(&id)?.quote)?;
        Some(decimal::units(units.into(), asset.scale))
    }
}

fn read(terms: &InstrumentDefinition) -> InstrumentTerms {
    InstrumentTerms {
        symbol: String::from_utf8_lossy(terms.instrument_symbol.bytes()).into_owned(),
        tick: decimal::of_price(terms.tick),
        lot: decimal::of_quantity(terms.lot),
        quantity_min: decimal::of_quantity(terms.quantity_min),
        quantity_max: terms.quantity_max.get().map(decimal::of_quantity),
        reference: decimal::of_price(terms.reference_price),
        base: terms.base_id.get(),
        quote: terms.quote_asset_id.get(),
        state: terms.trading_state,
    }
}
