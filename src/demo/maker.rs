//! A market maker: quotes several prices on both sides of every instrument, and moves them with the fair price.

use std::collections::HashMap;

use wire::types::{Lots, Side, Ticks, TimeInForce};

use super::{
    desk::{Name, Request, Terms, Told},
    random::{Fair, Random},
};

/// Prices quoted on a side.
const LEVELS: usize = 5;
const SIDES: [Side; 2] = [Side::Buy, Side::Sell];
/// Units of quantity in the best quote; each further one has as many more.
const UNITS: u64 = 4;

/// One place where an order is wanted.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    live: Option<Live>,
    /// A request under way.
    asked: Option<Asked>,
}

#[derive(Clone, Copy, Debug)]
struct Live {
    name: Name,
    price: Ticks,
    total: Lots,
    leaves: Lots,
}

#[derive(Clone, Copy, Debug)]
struct Asked {
    name: Name,
    /// What the order will be; `None` for a cancel.
    price: Option<Ticks>,
    total: Lots,
}

/// A market maker's quotes.
pub(super) struct Maker {
    /// By instrument, side and level.
    slots: Vec<Slot>,
    by_name: HashMap<Name, usize>,
    cursor: usize,
    /// Whether its best quotes too stay out of trades on entry; all others do.
    careful: bool,
}

impl Maker {
    pub(super) fn new(instruments: usize, careful: bool) -> Maker {
        let slots = vec![Slot::default(); instruments * SIDES.len() * LEVELS];
        Maker { slots, by_name: HashMap::new(), cursor: 0, careful }
    }

    /// The next quote that is not where it should be, and how to bring it there, by the name of `name`; `None` if
    /// all are in place or under way.
    pub(super) fn next(&mut self, fair: &[Fair], random: &mut Random, name: Name) -> Option<Request> {
        for _ in 0..self.slots.len() {
            let at = self.cursor;
            self.cursor = (self.cursor + 1) % self.slots.len();
            if let Some((request, asked)) = self.correction(at, fair, random, name) {
                self.slots[at].asked = Some(asked);
                self.by_name.insert(name, at);
                return Some(request);
            }
        }
        None
    }

    fn correction(
        &self,
        at: usize,
        fair: &[Fair],
        random: &mut Random,
        name: Name,
    ) -> Option<(Request, Asked)> {
        let slot = &self.slots[at];
        let (instrument, side, level) = place(at);
        let fair = &fair[instrument];
        let (price, size) = quote(fair, side, level);
        if slot.asked.is_some() {
            return None;
        }
        let Some(live) = slot.live else {
            if self.would_meet_itself(instrument, side, price) {
                return None;
            }
            let post_only = self.careful || level > 0;
            let terms = Terms::Rest { price, time_in_force: TimeInForce::Day, post_only };
            let asked = Asked { name, price: Some(price), total: size };
            return Some((Request::New { instrument, side, lots: size, terms }, asked));
        };
        if live.price == price && live.leaves.0 * 2 > size.0 {
            return None;
        }
        // Where an order is taken out and put in again instead of moved, others get ahead of it: that is life.
        if self.would_meet_itself(instrument, side, price) || random.percent(10) {
            let asked = Asked { name, price: None, total: Lots::ZERO };
            return Some((Request::Cancel { order: live.name, instrument, side }, asked));
        }
        let filled = live.total.0 - live.leaves.0;
        let total = Lots(filled + size.0);
        let asked = Asked { name, price: Some(price), total };
        Some((Request::Replace { order: live.name, instrument, side, price, total }, asked))
    }

    /// Whether an order at `price` could trade with one of this maker's own, as it is or is asked to be.
    fn would_meet_itself(&self, instrument: usize, side: Side, price: Ticks) -> bool {
        let meets = |other: Ticks| if side == Side::Buy { other <= price } else { other >= price };
        let others = first_slot(instrument, side.opposite());
        self.slots[others..others + LEVELS].iter().any(|slot| {
            let asked = slot.asked.and_then(|asked| asked.price);
            slot.live.is_some_and(|live| meets(live.price)) || asked.is_some_and(meets)
        })
    }

    /// Takes in what the venue says.
    pub(super) fn hear(&mut self, told: &Told) {
        let at = |name: &Name| self.by_name.get(name).copied();
        match *told {
            Told::Opened(name) => {
                let Some(slot) = at(&name).map(|at| &mut self.slots[at]) else { return };
                if let Some(Asked { price: Some(price), total, .. }) = slot.asked.take() {
                    slot.live = Some(Live { name, price, total, leaves: total });
                }
            }
            Told::Refused(name, _) => self.answered(name),
            Told::Replaced { request, order } => {
                let Some(slot) = at(&request).map(|at| &mut self.slots[at]) else { return };
                if let (Some(live), Some(Asked { price: Some(price), total, .. })) =
                    (slot.live, slot.asked.take())
                {
                    let filled = live.total.0 - live.leaves.0;
                    let leaves = Lots(total.0.saturating_sub(filled));
                    slot.live = Some(Live { name: request, price, total, leaves });
                }
                self.by_name.remove(&order);
            }
            Told::Canceled { request, order } => {
                self.answered(request);
                self.ended(order.unwrap_or(request));
            }
            // The order is as it was, or has ended: of that a report has told.
            Told::ChangeRefused { request, .. } => self.answered(request),
            Told::Traded { order, lots, filled, .. } => {
                if filled {
                    return self.ended(order);
                }
                let live = at(&order).and_then(|at| self.slots[at].live.as_mut());
                if let Some(live) = live {
                    live.leaves = Lots(live.leaves.0.saturating_sub(lots.0));
                }
            }
        }
    }

    fn answered(&mut self, request: Name) {
        if let Some(at) = self.by_name.remove(&request) {
            self.slots[at].asked.take_if(|asked| asked.name == request);
        }
    }

    fn ended(&mut self, order: Name) {
        if let Some(at) = self.by_name.remove(&order) {
            self.slots[at].live.take_if(|live| live.name == order);
        }
    }

    /// A cancel of an open order that none is under way for, by the name of `name`.
    pub(super) fn clear(&mut self, name: Name) -> Option<Request> {
        let at = self.slots.iter().position(|slot| slot.live.is_some() && slot.asked.is_none())?;
        let (instrument, side, _) = place(at);
        let order = self.slots[at].live?.name;
        self.slots[at].asked = Some(Asked { name, price: None, total: Lots::ZERO });
        self.by_name.insert(name, at);
        Some(Request::Cancel { order, instrument, side })
    }
}

fn first_slot(instrument: usize, side: Side) -> usize {
    (instrument * SIDES.len() + usize::from(side == Side::Sell)) * LEVELS
}

fn place(slot: usize) -> (usize, Side, usize) {
    let (row, level) = (slot / LEVELS, slot % LEVELS);
    (row / SIDES.len(), SIDES[row % SIDES.len()], level)
}

/// Where a level's quote belongs, and its size.
fn quote(fair: &Fair, side: Side, level: usize) -> (Ticks, Lots) {
    let away = fair.half_spread + fair.gap * level.cast_signed() as i64;
    let price = fair.price_at(if side == Side::Buy { -away } else { away });
    (price, fair.lots(UNITS * (1 + level as u64)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    struct Bench {
        maker: Maker,
        fair: Vec<Fair>,
        random: Random,
        next: Name,
    }

    impl Bench {
        fn new(seed: u64) -> Bench {
            let fair: Vec<_> = Config::embedded(&[]).unwrap().instruments.iter().map(Fair::of).collect();
            Bench { maker: Maker::new(fair.len(), false), fair, random: Random::new(seed), next: 0 }
        }

        fn ask(&mut self) -> Option<(Name, Request)> {
            let name = self.next;
            self.next += 1;
            self.maker.next(&self.fair, &mut self.random, name).map(|request| (name, request))
        }

        /// Answers as a venue does where nobody trades.
        fn accept(&mut self, (name, request): (Name, Request)) {
            self.maker.hear(&match request {
                Request::New { .. } => Told::Opened(name),
                Request::Replace { order, .. } => Told::Replaced { request: name, order },
                Request::Cancel { order, .. } => Told::Canceled { request: name, order: Some(order) },
            });
        }

        fn settle(&mut self) {
            while let Some(asked) = self.ask() {
                self.accept(asked);
            }
        }

        /// Open orders: instrument, side, price.
        fn open(&self) -> Vec<(usize, Side, Ticks)> {
            let slots = self.maker.slots.iter().enumerate();
            slots.filter_map(|(at, slot)| slot.live.map(|l| (place(at).0, place(at).1, l.price))).collect()
        }
    }

    #[test]
    fn it_quotes_every_level_of_every_instrument_on_both_sides() {
        let mut bench = Bench::new(1);
        bench.settle();
        assert_eq!(bench.open().len(), bench.fair.len() * 2 * LEVELS);
        assert!(bench.ask().is_none(), "all is in place");
    }

    #[test]
    fn it_follows_the_price_and_never_meets_its_own_orders_however_answers_are_delayed() {
        for seed in 0..5 {
            let mut bench = Bench::new(seed);
            let mut under_way = std::collections::VecDeque::new();
            for _ in 0..2_000 {
                for fair in &mut bench.fair {
                    fair.step(&mut bench.random);
                }
                under_way.extend(bench.ask());
                let window = usize::try_from(bench.random.below(20)).unwrap();
                while under_way.len() > window {
                    let asked = under_way.pop_front().unwrap();
                    bench.accept(asked);
                    let open = bench.open();
                    for &(instrument, side, price) in &open {
                        let crossed = |&(i, s, p): &(usize, Side, Ticks)| {
                            i == instrument && side == Side::Buy && s == Side::Sell && p <= price
                        };
                        assert!(!open.iter().any(crossed), "seed {seed}: crosses itself at {price}");
                    }
                }
            }
            under_way.into_iter().for_each(|asked| bench.accept(asked));
            bench.settle();
            for (at, slot) in bench.maker.slots.iter().enumerate() {
                let (instrument, side, level) = place(at);
                assert_eq!(
                    slot.live.unwrap().price,
                    quote(&bench.fair[instrument], side, level).0,
                    "seed {seed}"
                );
            }
        }
    }

    #[test]
    fn a_filled_quote_is_put_in_again_and_a_change_that_came_too_late_is_forgotten() {
        let mut bench = Bench::new(3);
        bench.settle();
        let order = bench.maker.slots[0].live.unwrap().name;
        bench.fair[0].price.0 += 1_000;
        let (request, _) = std::iter::from_fn(|| bench.ask())
            .find(|(_, request)| matches!(request, Request::Replace { order: o, .. } | Request::Cancel { order: o, .. } if *o == order))
            .unwrap();
        bench.maker.hear(&Told::Traded { order, lots: Lots(1), filled: true, taker: false });
        assert!(bench.maker.slots[0].live.is_none() && bench.maker.slots[0].asked.is_some());
        bench.maker.hear(&Told::ChangeRefused { request, order: Some(order), why: None });
        assert!(bench.maker.slots[0].asked.is_none());
        bench.settle();
        assert!(bench.maker.slots[0].live.is_some());
    }

    #[test]
    fn a_quote_half_filled_is_made_whole_with_what_is_filled_counted_in() {
        let mut bench = Bench::new(4);
        bench.settle();
        let live = bench.maker.slots[0].live.unwrap();
        bench.maker.hear(&Told::Traded { order: live.name, lots: live.total, filled: false, taker: false });
        let mut totals = std::iter::from_fn(|| bench.ask()).filter_map(|(_, request)| match request {
            Request::Replace { total, .. } => Some(total),
            _ => None,
        });
        // One time in ten it is taken out instead; not with this seed.
        assert_eq!(totals.next(), Some(Lots(2 * live.total.0)));
    }

    #[test]
    fn clearing_cancels_every_order_once() {
        let mut bench = Bench::new(5);
        bench.settle();
        let mut cancels = 0;
        while let Some(request) = bench.maker.clear(1_000_000 + cancels) {
            assert!(matches!(request, Request::Cancel { .. }));
            bench.accept((1_000_000 + cancels, request));
            cancels += 1;
        }
        assert_eq!(usize::try_from(cancels).unwrap(), bench.fair.len() * 2 * LEVELS);
        assert!(bench.open().is_empty() && bench.maker.by_name.is_empty());
    }
}
