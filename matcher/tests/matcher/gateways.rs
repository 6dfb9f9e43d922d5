//! Several gateways at one matcher: copies across them, and one that does not read.

use matcher::{Routes, Watched};
use wire::command::{OrderRef, Status, Target};

use super::*;

const MILLISECOND: u64 = 1_000_000;

/// Sessions 0 and 2 are at home at link 0, session 1 at link 1, of which `watched` are copied there.
fn routed(ring_bytes: usize, watched: Vec<Watched>) -> Venue {
    Venue::routed(ring_bytes, &Routes { homes: vec![0, 1, 0], watched })
}

fn set_state(number: u64) -> SetState {
    let head = head(Kind::SetState, 0);
    let state = if number.is_multiple_of(2) { TradingState::Halted } else { TradingState::Continuous };
    SetState { head, state, reserved: [0; 7] }
}

#[test]
fn who_watches_an_account_at_another_gateway_gets_its_events_there_once() {
    let none = Watched::Accounts(Vec::new());
    let mut venue = routed(1 << 16, vec![none, Watched::Accounts(vec![AccountId(0)])]);
    // Session 0 trades for account 0, which is watched at link 1; session 1 for account 1, which nobody watches.
    venue.workers[0].order(0, "a", Side::Buy, 5, 100);
    let mut order = NewOrder { head: head(Kind::New, 1), ..sell("b") };
    order.head.account = AccountId(1);
    venue.workers[1].send(&order);
    venue.matcher.poll(1);
    let (own, other) = (venue.workers[0].events(), venue.workers[1].events());
    assert_eq!(kinds(&own), [(event::Kind::Accepted, 0), (event::Kind::Fill, 0)]);
    let copies: Vec<_> = other.iter().filter(|event| event.session.0 == 0).copied().collect();
    assert_eq!(copies, own, "as they were told to their session");
    assert_eq!(other.len(), 4);
    // An answer to a question is for who asked.
    venue.workers[0].send(&Status {
        head: head(Kind::Status, 0),
        request_id: ClOrdId::NONE,
        order: OrderRef::new(Target::Venue(own[0].order_id)),
        side: Side::Buy,
        reserved: [0; 7],
    });
    venue.matcher.poll(2);
    assert_eq!((venue.workers[0].events().len(), venue.workers[1].events().len()), (1, 0));
}

#[test]
fn a_gateway_that_does_not_read_is_cut_off_and_holds_nobody_up() {
    let mut venue = routed(4096, Vec::new());
    venue.workers[1].notice(Kind::SessionUp, 1);
    venue.workers[1].order(1, "resting", Side::Sell, 1_000, 100);
    venue.matcher.poll(1);
    assert_eq!(venue.workers[1].events().len(), 1);
    let mut now = SECOND;
    let mut waited = 0;
    let mut bought = 0;
    for trade in 0..300 {
        venue.workers[0].order(0, &format!("t{trade}"), Side::Buy, 1, 100);
        let mut events = 0;
        while events < 2 {
            now += MILLISECOND;
            let taken = venue.matcher.poll(now);
            let told = venue.workers[0].events();
            waited += u64::from(taken == 0 && told.is_empty());
            events += told.len();
        }
        bought += 1;
    }
    assert!(waited <= 260, "{waited} ms: no longer than it takes to see that nobody reads");
    venue.matcher.housekeep(now);
    let figures = venue.matcher.board().read();
    assert_eq!((figures.cut_off, figures.trades), (1, bought));
    assert!(figures.dropped > 200, "{figures:?}");
    // Its own commands wait until it has read.
    venue.workers[1].order(1, "late", Side::Sell, 1, 120);
    assert_eq!(venue.matcher.poll(now), 0);

    // It reads again: all that came before it was cut off, then that it was, then all there is to know.
    let mut told = Vec::new();
    while !told.iter().any(|event: &Event| event.kind == event::Kind::CutOff) {
        told.extend(venue.workers[1].some_events(u64::MAX));
        assert!(venue.matcher.poll(now) > 0 || !told.is_empty(), "{told:?}");
    }
    let marker = told.iter().position(|event| event.kind == event::Kind::CutOff).expect("it is told");
    assert_eq!(told[marker].quantity.0, figures.dropped);
    assert!(told[..marker].iter().all(|event| event.kind == event::Kind::Fill));
    assert_eq!(marker as u64 + figures.dropped, bought, "each fill was told or counted");
    let numbers: Vec<u64> = told[..marker].iter().map(|event| event.appl_seq).collect();
    assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1), "{numbers:?}");
    // What it had asked for meanwhile is done now, and it is told of everything again.
    venue.matcher.poll(now);
    told.extend(venue.workers[1].some_events(u64::MAX));
    let rest = &told[marker + 1..];
    assert_eq!(kinds(rest), [(event::Kind::Accepted, 1)]);
    assert_eq!(rest[0].appl_seq, 1 + bought + 1);
}

#[test]
fn sessions_of_a_gateway_that_was_cut_off_count_as_disconnected() {
    let mut venue = routed(4096, Vec::new());
    // Session 2 cancels on disconnect, 2 s after.
    venue.workers[0].notice(Kind::SessionUp, 2);
    venue.workers[0].order(2, "goes", Side::Buy, 5, 50);
    venue.matcher.poll(1);
    let mut now = SECOND;
    for number in 0..100 {
        venue.workers[1].send(&set_state(number));
        now += 10 * MILLISECOND;
        venue.matcher.poll(now);
        venue.workers[1].events();
    }
    assert_eq!(venue.matcher.engine().open_orders(), 1);
    assert!(venue.matcher.deadline() < now + 2 * SECOND);
    venue.matcher.poll(now + 2 * SECOND);
    assert_eq!(venue.matcher.engine().open_orders(), 0);
}

#[test]
fn what_a_gateway_had_asked_for_when_it_was_cut_off_is_done_before_its_sessions_go() {
    let mut venue = routed(4096, Vec::new());
    venue.workers[0].notice(Kind::SessionUp, 2);
    venue.matcher.poll(1);
    let mut now = SECOND;
    let mut number = 0;
    let mut state = |venue: &mut Venue, now: &mut u64| {
        venue.workers[1].send(&set_state(number));
        number += 1;
        *now += 10 * MILLISECOND;
        venue.matcher.poll(*now);
        venue.workers[1].events();
    };
    // Its ring is full: what it asks for waits, so that what it does not read does not grow by that.
    for _ in 0..24 {
        state(&mut venue, &mut now);
    }
    venue.workers[0].send(&NewOrder { head: head(Kind::New, 2), side: Side::Buy, ..sell("asked") });
    state(&mut venue, &mut now);
    assert_eq!(venue.matcher.engine().open_orders(), 0);
    for _ in 0..100 {
        state(&mut venue, &mut now);
    }
    assert_eq!(venue.matcher.engine().open_orders(), 1, "then it is cut off");
    venue.matcher.poll(now + 2 * SECOND);
    assert_eq!(venue.matcher.engine().open_orders(), 0, "and its session's grace time ends");
}

#[test]
fn a_gateway_that_dies_while_it_is_behind_leaves_nothing_undone() {
    let mut venue = routed(4096, vec![Watched::All, Watched::Accounts(Vec::new())]);
    venue.workers[0].notice(Kind::SessionUp, 2);
    venue.matcher.poll(1);
    for order in 0..20 {
        venue.workers[1].order(1, &format!("o{order}"), Side::Buy, 1, 90);
        venue.matcher.poll(2);
        venue.workers[1].events();
    }
    venue.workers[0].order(2, "asked", Side::Buy, 5, 100);
    venue.matcher.poll(3);
    assert_eq!(venue.matcher.engine().open_orders(), 20, "its ring is full of copies, so that it waits");
    let Venue { mut matcher, workers: [gone, _stays], directory: _directory, _bells, _place } = venue;
    drop(gone);
    matcher.housekeep(SECOND);
    matcher.poll(SECOND + 1);
    assert_eq!(matcher.engine().open_orders(), 21);
    matcher.housekeep(2 * SECOND);
    matcher.poll(4 * SECOND + 1);
    assert_eq!(matcher.engine().open_orders(), 20, "and went with its session");
}

#[test]
fn a_pause_of_the_whole_host_cuts_nobody_off() {
    let mut venue = routed(4096, Vec::new());
    for number in 0..100 {
        venue.workers[1].send(&set_state(number));
        venue.matcher.poll(1);
        venue.workers[1].events();
    }
    // Blocked, and then nobody runs for an hour.
    for hour in 1..10 {
        venue.matcher.poll(hour * 3_600 * SECOND);
    }
    let mut told = 0;
    while told < 100 {
        let events = venue.workers[0].events();
        assert!(events.iter().all(|event| event.kind == event::Kind::State));
        told += events.len();
        venue.matcher.poll(11 * 3_600 * SECOND);
        venue.workers[1].events();
    }
}

/// splitmix64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

/// Whatever a watching gateway does, each event reaches it once and in order, or is counted as lost to it where it was cut off;
/// and those who trade at the other one are told everything.
#[test]
fn each_copy_arrives_in_order_or_is_counted_as_lost() {
    let mut cut_offs = 0;
    for seed in 0..40 {
        let mut random = Random(seed);
        let mut venue = routed(4096, vec![Watched::Accounts(Vec::new()), Watched::All]);
        let (mut told, mut copied, mut lost, mut now) = (Vec::new(), Vec::new(), 0, SECOND);
        let mut sent = 0;
        let mut sort = |events: Vec<Event>| {
            for event in events {
                match event.kind {
                    event::Kind::CutOff => (lost, cut_offs) = (lost + event.quantity.0, cut_offs + 1),
                    _ => copied.push(event),
                }
            }
        };
        // Reads for a while, then not, as slow as it likes.
        let mut reads = true;
        while sent < 1_500 {
            if random.below(300) == 0 {
                reads = random.below(3) > 0;
            }
            for _ in 0..random.below(4) {
                if !venue.workers[0].commands.has_room(1, size_of::<NewOrder>()) {
                    break;
                }
                let (session, side) = if random.below(2) == 0 { (0, Side::Buy) } else { (2, Side::Sell) };
                venue.workers[0].order(session, &format!("o{sent}"), side, 1 + random.below(3), 100);
                sent += 1;
            }
            now += random.below(2 * MILLISECOND);
            venue.matcher.poll(now);
            told.extend(venue.workers[0].events());
            if reads && random.below(3) > 0 {
                sort(venue.workers[1].some_events(random.below(8)));
            }
        }
        loop {
            let work = venue.matcher.poll(now);
            told.extend(venue.workers[0].events());
            let events = venue.workers[1].some_events(u64::MAX);
            if work == 0 && events.is_empty() {
                break;
            }
            sort(events);
        }
        assert!(told.windows(2).all(|pair| pair[0].event_id < pair[1].event_id), "seed {seed}");
        assert_eq!(copied.len() as u64 + lost, told.len() as u64, "seed {seed}");
        let mut rest = told.iter();
        for copy in &copied {
            assert!(rest.any(|event| event == copy), "seed {seed}: {copy:?} out of turn, or told to nobody");
        }
    }
    assert!(cut_offs > 10, "{cut_offs}");
}
