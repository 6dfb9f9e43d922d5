//! What the matcher tells of instruments and accounts, in the terms of a gateway.

use wire::{command::text, event::Definition, instrument::Instrument, types::AssetId};

use crate::config::Asset;

/// The instrument that `definition` is of; `None` for terms that no matcher takes.
pub(crate) fn instrument_of(definition: &Definition, assets: &[Asset]) -> Option<Instrument> {
    let terms = &definition.terms;
    let (tick, lot) = terms.steps();
    let asset = |id: AssetId| assets.get(id.0 as usize).map(|asset| asset.name.clone());
    Some(Instrument {
        id: definition.instrument,
        symbol: text(&terms.symbol)?.to_owned(),
        base: asset(terms.base)?,
        quote: asset(terms.quote)?,
        tick: tick?,
        lot: lot?,
        quantity_min: terms.quantity_min,
        quantity_max: terms.quantity_max,
        notional_min: u128::from(terms.notional_min[1]) << 64 | u128::from(terms.notional_min[0]),
        reference: terms.reference,
        band_basis_points: terms.band_basis_points,
        dynamic_band_basis_points: terms.dynamic_band_basis_points,
        volatility_call_ns: terms.volatility_call_ns,
        group: terms.group,
        shard: terms.shard,
    })
}

/// Puts `value` at `place`: one there is, or the next one. Others have not been told of yet, which cannot be.
pub(crate) fn put<T>(list: &mut Vec<T>, place: u32, value: T) {
    let place = place as usize;
    if place < list.len() {
        list[place] = value;
    } else if place == list.len() {
        list.push(value);
    }
}
