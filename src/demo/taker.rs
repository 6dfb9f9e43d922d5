//! A taker: hits the quotes with orders that do not rest, and now and then leaves one of its own in the book.

use std::collections::VecDeque;

use wire::types::{Side, Ticks, TimeInForce};

use super::{
    desk::{Name, Request, Terms, Told},
    random::{Fair, Random},
};

/// Orders that a taker leaves in the book.
const RESTING_MAX: usize = 40;
/// How deep into the quotes a price reaches, in gaps.
const REACH: i64 = 2;

/// An order in the book, or on its way there.
#[derive(Clone, Copy, Debug)]
struct Resting {
    name: Name,
    instrument: usize,
    side: Side,
    price: Ticks,
    open: bool,
    /// The cancel under way.
    cancel: Option<Name>,
}

/// A taker and its resting orders, oldest first.
#[derive(Default)]
pub(super) struct Taker {
    resting: VecDeque<Resting>,
}

impl Taker {
    /// What it does next, by the name of `name`.
    pub(super) fn next(&mut self, fair: &[Fair], random: &mut Random, name: Name) -> Option<Request> {
        let instrument = usize::try_from(random.below(fair.len() as u64)).unwrap_or(0);
        let side = if random.percent(50) { Side::Buy } else { Side::Sell };
        let fair = &fair[instrument];
        let lots = fair.lots(1 + random.below(6));
        // Towards those who stand on the other side of the book.
        let towards = if side == Side::Buy { 1 } else { -1 };
        let hit = fair.price_at(towards * (fair.half_spread + REACH * fair.gap));
        let terms = match random.below(100) {
            0..50 => Terms::Take { price: hit, time_in_force: TimeInForce::Ioc },
            50..55 => Terms::Take { price: hit, time_in_force: TimeInForce::Fok },
            55..70 => Terms::Market,
            70..85 => return self.leave(instrument, side, fair, random, name),
            _ => return self.clear(name),
        };
        // Rather than trade with itself it takes its own order out first.
        let limit = match terms {
            Terms::Market => None,
            Terms::Rest { price, .. } | Terms::Take { price, .. } => Some(price),
        };
        if let Some(at) = self.resting.iter().position(|own| meets(own, instrument, side, limit)) {
            return self.take_out(at, name);
        }
        Some(Request::New { instrument, side, lots, terms })
    }

    /// An order that stands behind the best quotes until it is cancelled, or the price comes its way.
    fn leave(
        &mut self,
        instrument: usize,
        side: Side,
        fair: &Fair,
        random: &mut Random,
        name: Name,
    ) -> Option<Request> {
        let away = fair.half_spread + fair.gap * random.below(8).cast_signed();
        let price = fair.price_at(if side == Side::Buy { -away } else { away });
        let own = self.resting.iter().position(|own| meets(own, instrument, side, Some(price)));
        if let Some(at) = own {
            return self.take_out(at, name);
        }
        if self.resting.len() == RESTING_MAX {
            return self.clear(name);
        }
        let time_in_force = if random.percent(50) { TimeInForce::Day } else { TimeInForce::Gtc };
        self.resting.push_back(Resting { name, instrument, side, price, open: false, cancel: None });
        let terms = Terms::Rest { price, time_in_force, post_only: false };
        Some(Request::New { instrument, side, lots: fair.lots(1 + random.below(6)), terms })
    }

    /// A cancel of its oldest order that none is under way for.
    pub(super) fn clear(&mut self, name: Name) -> Option<Request> {
        let at = self.resting.iter().position(|order| order.open && order.cancel.is_none())?;
        self.take_out(at, name)
    }

    fn take_out(&mut self, at: usize, name: Name) -> Option<Request> {
        let order = self.resting.get_mut(at).filter(|order| order.open && order.cancel.is_none())?;
        order.cancel = Some(name);
        Some(Request::Cancel { order: order.name, instrument: order.instrument, side: order.side })
    }

    /// Takes in what the venue says.
    pub(super) fn hear(&mut self, told: &Told) {
        match *told {
            Told::Opened(name) => {
                if let Some(order) = self.resting.iter_mut().find(|order| order.name == name) {
                    order.open = true;
                }
            }
            Told::Refused(name, _) | Told::Traded { order: name, filled: true, .. } => self.forget(name),
            Told::Canceled { request, order } => self.forget(order.unwrap_or(request)),
            // The order has ended, of which a report has told, or stands as before.
            Told::ChangeRefused { request, .. } => {
                if let Some(order) = self.resting.iter_mut().find(|order| order.cancel == Some(request)) {
                    order.cancel = None;
                }
            }
            Told::Traded { .. } | Told::Replaced { .. } => {}
        }
    }

    fn forget(&mut self, name: Name) {
        self.resting.retain(|order| order.name != name);
    }
}

/// Whether an order of that side, up to `limit` if it has one, could trade with `own`.
fn meets(own: &Resting, instrument: usize, side: Side, limit: Option<Ticks>) -> bool {
    let reaches =
        limit.is_none_or(|limit| if side == Side::Buy { own.price <= limit } else { own.price >= limit });
    own.instrument == instrument && own.side != side && reaches
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn fairs() -> Vec<Fair> {
        Config::embedded(&[]).unwrap().instruments.iter().map(Fair::of).collect()
    }

    #[test]
    fn it_does_the_same_for_the_same_seed() {
        let run = |seed| {
            let (mut taker, mut random) = (Taker::default(), Random::new(seed));
            let fair = fairs();
            (0..1_000).map(|name| taker.next(&fair, &mut random, name)).collect::<Vec<_>>()
        };
        assert_eq!(run(9), run(9));
        assert_ne!(run(9), run(10));
    }

    #[test]
    fn it_sends_orders_of_every_kind_and_never_meets_its_own() {
        let (mut taker, mut random, fair) = (Taker::default(), Random::new(2), fairs());
        let [mut ioc, mut fok, mut market, mut rest, mut cancel] = [0; 5];
        for name in 0..10_000 {
            let Some(request) = taker.next(&fair, &mut random, name) else { continue };
            let own: Vec<_> = taker.resting.iter().filter(|own| own.name != name).copied().collect();
            match request {
                Request::New { instrument, side, terms, .. } => {
                    let limit = match terms {
                        Terms::Take { price, time_in_force: TimeInForce::Ioc } => (ioc += 1, Some(price)).1,
                        Terms::Take { price, .. } => (fok += 1, Some(price)).1,
                        Terms::Rest { price, .. } => (rest += 1, Some(price)).1,
                        Terms::Market => (market += 1, None).1,
                    };
                    assert!(
                        !own.iter().any(|own| meets(own, instrument, side, limit)),
                        "{request:?}, {own:?}"
                    );
                    taker.hear(&Told::Opened(name));
                }
                Request::Cancel { order, .. } => {
                    cancel += 1;
                    taker.hear(&Told::Canceled { request: name, order: Some(order) });
                }
                Request::Replace { .. } => panic!("a taker changes nothing"),
            }
            assert!(taker.resting.len() <= RESTING_MAX);
        }
        assert!([ioc, fok, market, rest, cancel].iter().all(|&count| count > 100));
    }

    #[test]
    fn an_order_that_has_ended_is_cancelled_no_more() {
        let mut taker = Taker::default();
        let order = |name| Resting {
            name,
            instrument: 0,
            side: Side::Buy,
            price: Ticks(1),
            open: true,
            cancel: None,
        };
        taker.resting.extend([order(1), order(2)]);
        taker.hear(&Told::Traded { order: 1, lots: wire::types::Lots(1), filled: true, taker: false });
        let cancel = Request::Cancel { order: 2, instrument: 0, side: Side::Buy };
        assert_eq!(taker.clear(3), Some(cancel));
        assert_eq!(taker.clear(4), None, "its cancel is under way");
        taker.hear(&Told::ChangeRefused { request: 3, order: Some(2), why: None });
        assert_eq!(taker.clear(5), Some(cancel));
    }
}
