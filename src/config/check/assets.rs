//! Assets: those of [[asset]], and those that instruments name beside them.

use std::collections::HashMap;

use matcher::engine::Pair;
use wire::{decimal::Decimal, instrument::Instrument, limits::ASSETS_MAX, types::AssetId};

use super::{
    super::{
        Asset,
        problem::Problem,
        read::{Fault, Problems, Section, fault, name, whole},
        tree::At,
    },
    Names,
    instruments::Listed,
};

/// Decimal places that an asset's smallest unit may have: those of a wire decimal.
const SCALE_MAX: u32 = wire::decimal::SCALE_MAX as u32;

/// An entry of `[[asset]]`, and where its scale stands.
pub(super) struct Entry {
    asset: Asset,
    at: At,
}

/// The venue's assets by name.
pub(super) struct Assets {
    pub(super) list: Vec<Asset>,
    places: HashMap<String, u32>,
}

pub(super) fn asset(entry: &mut Section<'_>, place: u32, names: &mut Names) -> Option<Entry> {
    let name = entry.required("name", "\"USDT\"", name).and_then(|read| names.take(entry, read, place));
    let scale = entry.required("scale", "8", whole(0..=SCALE_MAX))?;
    Some(Entry { asset: Asset { name: name?, scale: u8::try_from(scale.value).ok()? }, at: scale.at })
}

impl Assets {
    /// Those of `entries`, and of `instruments` what these name beside, at the smallest scale that serves them.
    /// What does not fit together is noted.
    pub(super) fn of(
        entries: Vec<Entry>,
        instruments: &[Listed],
        problems: &Problems,
    ) -> Option<(Assets, Vec<Pair>)> {
        let places = (0..).zip(&entries).map(|(place, entry)| (entry.asset.name.clone(), place)).collect();
        let mut scales = Vec::new();
        let mut assets = Assets { list: Vec::new(), places };
        for Entry { asset, at } in entries {
            assets.list.push(asset);
            scales.push(Some(at));
        }
        for listed in instruments {
            for (name, (digits, places)) in listed.units() {
                let place = assets.places.get(name).map(|&place| place as usize);
                let place = place.unwrap_or_else(|| {
                    assets
                        .places
                        .insert(name.to_owned(), u32::try_from(assets.list.len()).unwrap_or(u32::MAX));
                    assets.list.push(Asset { name: name.to_owned(), scale: 0 });
                    scales.push(None);
                    assets.list.len() - 1
                });
                if scales[place].is_none() {
                    let wanted = least_scale(digits, places);
                    assets.list[place].scale = assets.list[place].scale.max(wanted);
                }
            }
        }
        if assets.list.len() > ASSETS_MAX as usize {
            let at = instruments.last().map_or(At::new(0, 0..0), |listed| listed.lot_at.clone());
            let message = format!("there are more than {ASSETS_MAX} assets");
            let help = "split the venue: every account has a balance of each (docs/limits.md)";
            problems.borrow_mut().push(Problem::new(at, "too many", message).help(help));
            return None;
        }
        let pairs: Vec<_> = instruments.iter().map(|i| assets.pair(i, &scales, problems)).collect();
        let pairs: Option<Vec<Pair>> = pairs.into_iter().collect();
        Some((assets, pairs?))
    }

    fn pair(&self, listed: &Listed, scales: &[Option<At>], problems: &Problems) -> Option<Pair> {
        let [base, quote] = listed.units().map(|(name, unit)| {
            let id = self.id(name)?;
            if let Some(units) = self.list[id.0 as usize].units_of(unit.0, unit.1) {
                return Some((id, units));
            }
            let Instrument { symbol, .. } = &listed.instrument;
            let what = if name == listed.instrument.base { "lot" } else { "tick × lot" };
            let message =
                format!("asset.scale: a {what} of {symbol} is not 1 to 2^40 smallest units of {name}");
            let wanted = least_scale(unit.0, unit.1);
            let at = scales[id.0 as usize].as_ref().unwrap_or(&listed.lot_at);
            let help =
                format!("{symbol} wants a scale of at least {wanted}, and a lot not far above its units");
            problems.borrow_mut().push(Problem::new(at.clone(), "does not fit", message).help(help));
            None
        });
        let ((base, base_per_lot), (quote, quote_per_tick_lot)) = (base?, quote?);
        let (maker_fee, taker_fee) = (listed.maker_fee, listed.taker_fee);
        Some(Pair { base, quote, base_per_lot, quote_per_tick_lot, maker_fee, taker_fee })
    }

    /// The asset of this name.
    pub(super) fn id(&self, name: &str) -> Option<AssetId> {
        self.places.get(name).map(|&place| AssetId(place))
    }

    /// Their names, for a sentence.
    pub(super) fn names(&self) -> Vec<String> {
        self.list.iter().map(|asset| asset.name.clone()).collect()
    }

    /// `amount` in smallest units, above zero.
    pub(super) fn amount(&self, id: AssetId, amount: Decimal) -> Result<u128, Fault> {
        let asset = &self.list[id.0 as usize];
        asset.units(amount).filter(|&units| units > 0).map_or_else(
            || {
                fault(
                    "not an amount",
                    format!(
                        "{amount} of {} is not above 0 with at most {} decimal places",
                        asset.name, asset.scale
                    ),
                    "round it to the asset's smallest unit, and keep below 2^100 of them",
                )
            },
            Ok,
        )
    }
}

/// The fewest decimal places of a smallest unit of which `digits` × 10^-`places` is a whole number.
fn least_scale(digits: u128, places: u8) -> u8 {
    let (mut digits, mut places) = (digits, places);
    while places > 0 && digits.is_multiple_of(10) {
        digits /= 10;
        places -= 1;
    }
    places
}
