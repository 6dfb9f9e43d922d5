//! Instruments in an image: their terms as they are now, their prices, their state.

use serde::{Deserialize, Serialize};
use wire::{
    decimal::Decimal,
    instrument::{Instrument, Step},
    limits::TICKS_MAX,
    types::{InstrumentId, Lots, Ticks, TradingState},
};
use zerocopy::TryFromBytes;

use super::{
    super::{Config, Engine, call, ledger::PairImage, market::Market, stops},
    Change, ImageError, In, change, known_or,
};

const NAME: &str = "instruments";

/// What an image has of a market besides its orders.
#[derive(Serialize, Deserialize)]
pub(super) struct Image<'a> {
    #[serde(borrow)]
    terms: TermsImage<'a>,
    pair: Option<PairImage>,
    /// How deep the ladders have become: book, opening, closing.
    depths: [[u32; 2]; 3],
    reference: i64,
    band: (i64, i64),
    dynamic: (i64, i64),
    state: u8,
    call: call::Image,
    stops: stops::Image,
}

#[derive(Serialize, Deserialize)]
struct TermsImage<'a> {
    symbol: &'a str,
    base: &'a str,
    quote: &'a str,
    tick: (u64, u8),
    lot: (u64, u8),
    quantity_min: u64,
    quantity_max: u64,
    notional_min: u128,
    reference: i64,
    band_basis_points: u32,
    dynamic_band_basis_points: u32,
    volatility_call_ns: u64,
    group: u32,
    shard: u8,
}

impl Engine {
    pub(super) fn market_image<'a>(&self, market: &'a Market) -> Image<'a> {
        let Market {
            terms,
            book,
            opening,
            closing,
            reference,
            band,
            dynamic,
            icebergs: _,
            state,
            call,
            stops,
        } = market;
        let number = terms.id.0 as usize;
        Image {
            terms: TermsImage::of(terms),
            pair: self.ledger.pair(number).map(PairImage::of),
            depths: [book.depths(), opening.depths(), closing.depths()],
            reference: reference.0,
            band: (band.0.0, band.1.0),
            dynamic: (dynamic.0.0, dynamic.1.0),
            state: *state as u8,
            call: self.calls.image(number, call),
            stops: stops.image(),
        }
    }

    pub(super) fn load_markets(
        &mut self,
        was: &Config,
        config: &Config,
        of: &mut In<'_>,
    ) -> Result<(), ImageError> {
        let count = of.count(NAME)?;
        known_or(count >= was.instruments.len() as u64, NAME)?;
        for number in 0..usize::try_from(count).unwrap_or(usize::MAX) {
            let image: Image<'_> = of.take(NAME)?;
            if number == self.markets.len() {
                let Some(market) = self.unused.pop() else {
                    return Err(Change::room("instruments_max", config.room_for_instruments(), count).into());
                };
                self.markets.push(market);
            }
            self.restore_market(number, &image)?;
            if let Some(terms) = config.instruments.get(number) {
                self.change_market(number, terms, was, config)?;
            }
        }
        Ok(())
    }

    /// Makes the market of that number, which has no orders yet, what `image` says.
    fn restore_market(&mut self, number: usize, image: &Image<'_>) -> Result<(), ImageError> {
        let Image { terms, pair, depths, reference, band, dynamic, state, call, stops } = image;
        let market = &mut self.markets[number];
        let restored = terms.restore(&mut market.terms);
        let price = |price: i64| (0..=TICKS_MAX + 1).contains(&price).then_some(Ticks(price));
        let (Some(reference), Ok(state), true) =
            (price(*reference), TradingState::try_read_from_bytes(&[*state]), restored)
        else {
            return Err(ImageError::Broken(NAME));
        };
        (market.reference, market.state) = (reference, state);
        market.band = (Ticks(band.0), Ticks(band.1));
        market.dynamic = (Ticks(dynamic.0), Ticks(dynamic.1));
        market.call = self.calls.restore(number, call);
        let deepened = [&mut market.book, &mut market.opening, &mut market.closing]
            .into_iter()
            .zip(depths)
            .all(|(sides, &depths)| sides.deepen(depths));
        known_or(deepened && market.stops.restore(stops), NAME)?;
        known_or(pair.is_some() == self.ledger.is_active(), NAME)?;
        if let Some(pair) = pair.as_ref().map(PairImage::pair) {
            known_or(self.ledger.is_sound(&pair), NAME)?;
            self.ledger.set_pair(number, pair);
        }
        Ok(())
    }

    /// Takes over what the configuration changes of the terms of an instrument.
    fn change_market(
        &mut self,
        number: usize,
        terms: &Instrument,
        was: &Config,
        config: &Config,
    ) -> Result<(), ImageError> {
        let market = &mut self.markets[number];
        let pair = config.ledger.pairs.get(number);
        let before = was.instruments.get(number);
        if before == Some(terms) && was.ledger.pairs.get(number) == pair {
            return Ok(());
        }
        change::check_instrument(&market.terms, terms)?;
        if before != Some(terms) {
            // The reference price is the market's own since trading began, and names of assets are told by the configuration.
            let reference = market.terms.reference;
            market.terms = Instrument { reference, ..terms.clone() };
            market.set_bands();
        }
        if let (Some(pair), true) = (pair, was.ledger.pairs.get(number) != pair) {
            self.ledger.set_pair(number, *pair);
        }
        Ok(())
    }

    /// Whether what has changed between two configurations may, with the orders that are open.
    pub(super) fn check_changed(&self, was: &Config, config: &Config) -> Result<(), ImageError> {
        for (number, (before, after)) in was.instruments.iter().zip(&config.instruments).enumerate() {
            let pairs = [was, config].map(|config| config.ledger.pairs.get(number));
            let key = if before.group != after.group {
                "group"
            } else if pairs[0] != pairs[1] {
                "fees"
            } else {
                continue;
            };
            if self.markets[number].has_orders(&self.arena) {
                return Err(Change::OrdersOpen { symbol: after.symbol.clone(), key }.into());
            }
        }
        let spare = self.attributes.spare();
        if !self.arena.spares(spare) {
            let used = u64::from(self.arena.orders()) + u64::from(spare);
            return Err(Change::room("open_orders_max", self.arena.room(), used).into());
        }
        Ok(())
    }
}

impl<'a> TermsImage<'a> {
    fn of(terms: &'a Instrument) -> TermsImage<'a> {
        let Instrument {
            id: _, // its place
            symbol,
            base,
            quote,
            tick,
            lot,
            quantity_min,
            quantity_max,
            notional_min,
            reference,
            band_basis_points,
            dynamic_band_basis_points,
            volatility_call_ns,
            group,
            shard,
        } = terms;
        TermsImage {
            symbol,
            base,
            quote,
            tick: (tick.mantissa(), tick.scale()),
            lot: (lot.mantissa(), lot.scale()),
            quantity_min: quantity_min.0,
            quantity_max: quantity_max.0,
            notional_min: *notional_min,
            reference: reference.0,
            band_basis_points: *band_basis_points,
            dynamic_band_basis_points: *dynamic_band_basis_points,
            volatility_call_ns: *volatility_call_ns,
            group: *group,
            shard: *shard,
        }
    }

    /// Sets terms of which only the id is there; `false` if they cannot be.
    fn restore(&self, terms: &mut Instrument) -> bool {
        let &TermsImage {
            symbol,
            base,
            quote,
            tick,
            lot,
            quantity_min,
            quantity_max,
            notional_min,
            reference,
            band_basis_points,
            dynamic_band_basis_points,
            volatility_call_ns,
            group,
            shard,
        } = self;
        let step = |(mantissa, scale): (u64, u8)| {
            let mantissa = i64::try_from(mantissa).ok()?;
            Step::new(Decimal { mantissa, scale })
        };
        let (Some(tick), Some(lot)) = (step(tick), step(lot)) else { return false };
        *terms = Instrument {
            id: InstrumentId(terms.id.0),
            symbol: symbol.to_owned(),
            base: base.to_owned(),
            quote: quote.to_owned(),
            tick,
            lot,
            quantity_min: Lots(quantity_min),
            quantity_max: Lots(quantity_max),
            notional_min,
            reference: Ticks(reference),
            band_basis_points,
            dynamic_band_basis_points,
            volatility_call_ns,
            group,
            shard,
        };
        (1..=TICKS_MAX).contains(&reference)
    }
}
