use std::collections::VecDeque;

use wire::{
    command::{Kind as Asks, MassCancel},
    types::{AccountId, InstrumentId, OrderId},
};

use super::*;

const SHARDS_HERE: usize = 3;
const COUNT: u8 = 3;
const ASSETS: usize = 4;
const ALL: Shards = Shards::first(SHARDS_HERE);

fn head(kind: Asks, session: u32, msg_seq: u64) -> Head {
    let rx = Nanos(1_700_000_000_000_000_000 + msg_seq / 2);
    Head::new(kind, SessionId(session), AccountId(1), InstrumentId(0), msg_seq, rx).as_part()
}

fn name(text: &str) -> ClOrdId {
    ClOrdId::new(text.as_bytes()).expect("a name")
}

/// What a shard says in answer to the request of `head`.
fn part(kind: Kind, head: &Head, id: u64) -> Event {
    let Head { msg_seq, rx, account, .. } = *head;
    Event { msg_seq, rx, account, event_id: id, ..Event::blank(kind, head.session()) }
}

fn order(head: &Head, request: ClOrdId, id: u64, total: u64, last: bool) -> Event {
    let by = if last { Event::MASS | Event::LAST } else { Event::MASS };
    let (order_id, last_quantity) = (OrderId(id), Lots(total));
    // Pieces do not know what message they answer.
    let rx = Nanos(head.rx.0 + id);
    Event { by, order_id, last_quantity, rx, orig_cl_ord_id: request, ..part(Kind::Status, head, id) }
}

fn none(head: &Head, request: ClOrdId, id: u64, reject: Reject) -> Event {
    let by = Event::MASS | Event::LAST;
    Event { by, reject, orig_cl_ord_id: request, ..part(Kind::Status, head, id) }
}

fn gathering() -> Gathering {
    Gathering::new(COUNT, ASSETS)
}

/// OrderIDs told, whether only the last says so, and how many there are said to be.
fn orders(told: &[Event]) -> (Vec<u64>, Option<u64>) {
    let (ends, others): (Vec<&Event>, Vec<&Event>) = told.iter().partition(|e| e.by & Event::LAST != 0);
    assert!(others.iter().all(|event| event.last_quantity == Lots(0)), "the number is not known yet");
    assert!(ends.len() <= 1 && ends.iter().all(|end| Some(*end) == told.last()));
    let ids = told.iter().map(|event| event.order_id.0).filter(|&id| id > 0).collect();
    (ids, ends.first().map(|end| end.last_quantity.0))
}

#[test]
fn counts_are_summed_and_the_answer_is_one() {
    let mut gathering = gathering();
    let head = head(Asks::MassCancel, 0, 7);
    gathering.begin(What::Cancel, &head, name("m"), ALL, Shards::NONE);
    for (shard, count) in [(2, 5), (0, 0)] {
        let event =
            Event { quantity: Lots(count), cl_ord_id: name("m"), ..part(Kind::MassCanceled, &head, count) };
        assert_eq!(gathering.take(shard, &event), []);
    }
    let last = Event { quantity: Lots(2), cl_ord_id: name("m"), ..part(Kind::MassCanceled, &head, 9) };
    let [told] = gathering.take(1, &last) else { panic!("one answer") };
    assert_eq!((told.kind, told.quantity, told.missing()), (Kind::MassCanceled, Lots(7), 0));
    assert_eq!((told.cl_ord_id, told.session, told.is_part()), (name("m"), SessionId(0), true));
    assert!(gathering.asked.is_empty());
}

#[test]
fn a_shard_that_goes_meanwhile_is_named_and_what_it_says_later_is_told_by_itself() {
    let mut gathering = gathering();
    let head = head(Asks::MassCancel, 3, 7);
    // The first was away already.
    gathering.begin(What::Cancel, &head, name("m"), ALL.without(0), Shards::NONE.with(0));
    let event = Event { quantity: Lots(4), ..part(Kind::MassCanceled, &head, 1) };
    assert_eq!(gathering.take(1, &event), []);
    let [told] = gathering.miss(2) else { panic!("one answer") };
    assert_eq!((told.kind, told.quantity, told.missing()), (Kind::MassCanceled, Lots(4), 0b101));
    let late = Event { quantity: Lots(1), ..part(Kind::MassCanceled, &head, 2) };
    assert_eq!(gathering.take(2, &late), [late]);
    assert_eq!(gathering.miss(1), []);
}

#[test]
fn a_request_that_nobody_answers_is_refused_by_its_name() {
    for (what, kind) in [
        (What::Cancel, Kind::NotDone),
        (What::Status, Kind::Status),
        (What::List, Kind::List),
        (What::Balances, Kind::Balances),
        (What::Reset, Kind::NotDone),
        (What::ResetAll, Kind::QuoteRefused),
    ] {
        let mut gathering = gathering();
        let head = head(Asks::MassCancel, 3, 7);
        gathering.begin(what, &head, name("q"), Shards::NONE.with(1), ALL.without(1));
        let [told] = gathering.miss(1) else { panic!("one answer") };
        assert_eq!((told.kind, told.reject, told.missing()), (kind, Reject::PartMissing, 0b111), "{what:?}");
        assert_eq!((told.session, told.order_id, told.quantity), (SessionId(3), OrderId(0), Lots(0)));
        let names = [told.cl_ord_id, told.orig_cl_ord_id];
        assert!(names.contains(&name("q")), "{what:?}");
        assert!(told.event_id >> 56 > 8, "no shard's: {}", told.event_id);
    }
}

#[test]
fn orders_are_told_as_they_come_and_the_last_of_all_says_how_many_they_were() {
    let mut gathering = gathering();
    let head = head(Asks::MassStatus, 0, 9);
    let request = name("s");
    gathering.begin(What::Status, &head, request, ALL, Shards::NONE);
    let mut told = Vec::new();
    told.extend_from_slice(gathering.take(0, &order(&head, request, 1, 2, false)));
    told.extend_from_slice(gathering.take(2, &none(&head, request, 5, Reject::NoOpenOrders)));
    told.extend_from_slice(gathering.take(1, &order(&head, request, 2, 1, true)));
    assert_eq!(orders(&told), (vec![1], None));
    told.extend_from_slice(gathering.take(0, &order(&head, request, 3, 2, true)));
    assert_eq!(orders(&told), (vec![1, 2, 3], Some(3)));
    assert!(told.iter().all(|event| event.reject == Reject::None && event.missing() == 0));
}

#[test]
fn orders_of_which_a_part_is_missing_end_with_a_report_that_says_so() {
    let mut gathering = gathering();
    let head = head(Asks::MassStatus, 0, 9);
    let request = name("s");
    gathering.begin(What::Status, &head, request, ALL, Shards::NONE);
    let mut told = gathering.take(0, &order(&head, request, 1, 1, true)).to_vec();
    told.extend_from_slice(gathering.take(1, &order(&head, request, 2, 7, false)));
    assert_eq!(gathering.room_for(What::Status, SessionId(0)), Err(Reject::StillAnswering));
    assert_eq!(gathering.room_for(What::Status, SessionId(1)), Ok(()));
    told.extend_from_slice(gathering.take(2, &none(&head, request, 3, Reject::NoOpenOrders)));
    told.extend_from_slice(gathering.miss(1));
    assert_eq!(orders(&told), (vec![1, 2], Some(2)));
    let end = told.last().expect("an end");
    assert_eq!((end.reject, end.missing(), end.order_id), (Reject::PartMissing, 0b010, OrderId(0)));
    // What the shard would have said is told when it comes, as it says it.
    let late = order(&head, request, 4, 7, true);
    assert_eq!(gathering.take(1, &late), [late]);
}

#[test]
fn without_any_order_the_answer_says_so_and_other_refusals_count_only_alone() {
    for (rejects, expected) in [
        ([Reject::NoOpenOrders; 3], Reject::NoOpenOrders),
        ([Reject::UnknownAccount, Reject::NoOpenOrders, Reject::UnknownAccount], Reject::NoOpenOrders),
        ([Reject::UnknownAccount; 3], Reject::UnknownAccount),
    ] {
        let mut gathering = gathering();
        let head = head(Asks::MassStatus, 0, 9);
        gathering.begin(What::Status, &head, name("s"), ALL, Shards::NONE);
        let mut told = Vec::new();
        for (shard, reject) in rejects.into_iter().enumerate() {
            told.extend_from_slice(gathering.take(shard, &none(&head, name("s"), 1, reject)));
        }
        let [end] = told[..] else { panic!("{told:?}") };
        assert_eq!((end.reject, end.last_quantity, end.by), (expected, Lots(0), Event::MASS | Event::LAST));
    }
}

#[test]
fn a_list_is_told_by_the_shard_that_has_it_and_is_unknown_only_to_all() {
    let list = |head: &Head, parts: u8, number: u64| Event {
        by: Event::LISTED | parts,
        order_id: OrderId(number),
        last_quantity: Lots(number),
        reject: if parts == 0 { Reject::UnknownList } else { Reject::None },
        ..part(Kind::List, head, 1)
    };
    let ask = |gathering: &mut Gathering, missing: Shards| {
        let head = head(Asks::ListStatus, 0, 9);
        gathering.begin(What::List, &head, name("l"), ALL.but(missing), missing);
        head
    };
    let mut gathering = gathering();
    let head = ask(&mut gathering, Shards::NONE.with(2));
    assert_eq!(gathering.take(0, &list(&head, 0, 0)), []);
    assert_eq!(gathering.take(1, &list(&head, 2, 1)), [list(&head, 2, 1)]);
    assert_eq!(gathering.take(1, &list(&head, 2, 2)), [list(&head, 2, 2)], "and nothing more");
    assert!(gathering.asked.is_empty());

    let head = ask(&mut gathering, Shards::NONE);
    assert_eq!(gathering.take(0, &list(&head, 0, 0)), []);
    assert_eq!(gathering.take(1, &list(&head, 0, 0)), []);
    assert_eq!(
        gathering.take(2, &list(&head, 0, 0)).iter().map(|e| e.reject).collect::<Vec<_>>(),
        [Reject::UnknownList]
    );

    let head = ask(&mut gathering, Shards::NONE.with(1));
    assert_eq!(gathering.take(0, &list(&head, 0, 0)), []);
    let [told] = gathering.take(2, &list(&head, 0, 0)) else { panic!("one answer") };
    assert_eq!((told.reject, told.missing()), (Reject::PartMissing, 0b10), "it may be there");
}

#[test]
fn a_reset_is_done_if_any_shard_has_the_group() {
    for (kinds, missing, expected) in [
        ([Kind::NotDone, Kind::Done, Kind::NotDone], Shards::NONE, (Kind::Done, Reject::None)),
        ([Kind::NotDone; 3], Shards::NONE, (Kind::NotDone, Reject::BadProtection)),
        ([Kind::NotDone, Kind::Done, Kind::Done], Shards::NONE.with(2), (Kind::NotDone, Reject::PartMissing)),
    ] {
        let mut gathering = gathering();
        let head = head(Asks::ResetProtection, 0, 9);
        gathering.begin(What::Reset, &head, ClOrdId::NONE, ALL.but(missing), missing);
        let mut told = Vec::new();
        for (shard, kind) in kinds.into_iter().enumerate().filter(|&(shard, _)| !missing.has(shard)) {
            let reject = if kind == Kind::Done { Reject::None } else { Reject::BadProtection };
            told.extend_from_slice(gathering.take(shard, &Event { reject, ..part(kind, &head, 3) }));
        }
        let [told] = told[..] else { panic!("{told:?}") };
        assert_eq!((told.kind, told.reject), expected);
        assert_eq!(told.missing(), if told.kind == Kind::NotDone { missing.0 } else { 0 });
    }
}

/// One shard's answer to a request for balances.
fn balances(head: &Head, shard: u64, assets: &[u32]) -> Vec<Event> {
    let quantity = Lots(assets.len() as u64);
    let first = Event { quantity, cl_ord_id: name("p"), ..part(Kind::Balances, head, shard << 56 | 1) };
    let rest = assets.iter().map(|&asset| {
        let event_id = shard << 56 | u64::from(2 + asset);
        let amount = i128::from(shard) * 100 + i128::from(asset);
        Event { kind: Kind::Balance, event_id, ..first }.with_balance(AssetId(asset), amount, 1)
    });
    std::iter::once(first).chain(rest).collect()
}

#[test]
fn balances_are_told_of_each_shard_behind_their_number() {
    let mut gathering = gathering();
    let head = head(Asks::Balances, 0, 9);
    gathering.begin(What::Balances, &head, name("p"), ALL, Shards::NONE);
    let parts = [balances(&head, 0, &[0, 3]), balances(&head, 1, &[]), balances(&head, 2, &[3])];
    // The last one's is said in the midst of the first one's.
    let mut told = Vec::new();
    for (shard, event) in [
        (0, parts[0][0]),
        (2, parts[2][0]),
        (0, parts[0][1]),
        (2, parts[2][1]),
        (1, parts[1][0]),
        (0, parts[0][2]),
    ] {
        assert!(told.is_empty());
        told.extend_from_slice(gathering.take(shard, &event));
    }
    let [all, rest @ ..] = &told[..] else { panic!("{told:?}") };
    assert_eq!(
        (all.kind, all.quantity, all.reject, all.missing()),
        (Kind::Balances, Lots(3), Reject::None, 0)
    );
    let mut of: Vec<_> = rest.iter().map(|e| (e.event_id >> 56, e.balance().0.0, e.balance().1)).collect();
    of.sort_unstable();
    assert_eq!(of, [(0, 0, 0), (0, 3, 3), (2, 3, 203)]);
    assert!(
        rest.iter().all(|e| e.kind == Kind::Balance && e.quantity == Lots(3) && e.cl_ord_id == name("p"))
    );
    assert!(gathering.holdings.is_empty());
}

#[test]
fn of_a_shard_that_goes_in_the_midst_no_balance_is_told() {
    let mut gathering = gathering();
    let head = head(Asks::Balances, 0, 9);
    gathering.begin(What::Balances, &head, name("p"), ALL.without(1), Shards::NONE.with(1));
    for event in &balances(&head, 0, &[0, 3])[..2] {
        assert_eq!(gathering.take(0, event), []);
    }
    for event in balances(&head, 2, &[2]) {
        assert_eq!(gathering.take(2, &event), []);
    }
    let told = gathering.miss(0).to_vec();
    assert_eq!((told[0].quantity, told[0].reject, told[0].missing()), (Lots(1), Reject::PartMissing, 0b11));
    assert_eq!(told.len(), 2);
    assert_eq!((told[1].balance().0, told[1].reject, told[1].missing()), (AssetId(2), Reject::None, 0));
}

#[test]
fn there_is_room_for_so_many_and_none_of_it_is_allocated_later() {
    let mut gathering = gathering();
    let room = [gathering.asked.capacity(), gathering.holdings.capacity(), gathering.told.capacity()];
    for number in 0..GATHERED_BALANCES_MAX as u64 {
        assert_eq!(gathering.room_for(What::Balances, SessionId(0)), Ok(()));
        let head = head(Asks::Balances, 0, number);
        gathering.begin(What::Balances, &head, name("p"), ALL, Shards::NONE);
        for shard in 0..SHARDS_HERE as u64 {
            let parts = balances(&head, shard, &[0, 1, 2, 3]);
            // All but the last one's last.
            for event in &parts[..parts.len() - 1] {
                assert_eq!(gathering.take(usize::try_from(shard).unwrap(), event), []);
            }
        }
    }
    assert_eq!(gathering.room_for(What::Balances, SessionId(0)), Err(Reject::Busy));
    for number in GATHERED_BALANCES_MAX..GATHERED_MAX {
        assert_eq!(gathering.room_for(What::Status, SessionId(1)), Ok(()));
        let head = head(Asks::MassStatus, 0, number as u64);
        gathering.begin(What::Status, &head, name("s"), ALL, Shards::NONE);
        // Each holds an order.
        gathering.take(0, &order(&head, name("s"), 1, 2, false));
    }
    assert_eq!(gathering.room_for(What::Cancel, SessionId(1)), Err(Reject::Busy));
    for shard in 0..SHARDS_HERE {
        gathering.miss(shard);
    }
    assert!(gathering.asked.is_empty() && gathering.holdings.is_empty());
    assert_eq!([gathering.asked.capacity(), gathering.holdings.capacity(), gathering.told.capacity()], room);
    let of_one_shard = Gathering::new(1, ASSETS);
    assert_eq!(
        of_one_shard.asked.capacity() + of_one_shard.holdings.capacity() + of_one_shard.told.capacity(),
        0
    );
}

/// Random numbers of a fixed sequence.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).unwrap()
    }
}

/// A request, and what its slow twin knows of it: everything that each shard has said.
struct Asking {
    what: What,
    head: Head,
    name: ClOrdId,
    /// By shard; `None` of one that is missing.
    said: [Option<Vec<Event>>; SHARDS_HERE],
    told: Vec<Event>,
}

/// Many requests of a few sessions at once, their answers mixed in any order that keeps each shard's own, with shards that go.
/// Whatever comes, each request has one answer, and what is in it is what the twin finds by looking at all that was said.
#[test]
fn answers_are_those_of_a_slow_twin_that_waits_for_all() {
    for seed in 1..=200_u64 {
        let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let mut gathering = gathering();
        // What each shard is yet to say: the number of the request, and the event.
        let mut queues: [VecDeque<(usize, Event)>; SHARDS_HERE] = Default::default();
        let mut all: Vec<Asking> = Vec::new();
        let mut id = 1;
        for step in 0..300 {
            if random.below(5) == 0 {
                let session = u32::try_from(random.below(4)).unwrap();
                let what = [What::Cancel, What::Status, What::Balances][random.below(3)];
                if gathering.room_for(what, SessionId(session)).is_err() {
                    continue;
                }
                let kind = [Asks::MassCancel, Asks::MassStatus, Asks::Balances][what_place(what)];
                let head = head(kind, session, step);
                let name = name(&format!("r{step}"));
                let sent = (0..SHARDS_HERE).filter(|_| random.below(8) > 0).fold(Shards::NONE, Shards::with);
                if sent.is_empty() {
                    continue;
                }
                gathering.begin(what, &head, name, sent, ALL.but(sent));
                let mut said = [const { None }; SHARDS_HERE];
                for shard in sent.each() {
                    let events = answer_of(&mut random, (what, &head, name), shard, &mut id);
                    queues[shard].extend(events.iter().map(|&event| (all.len(), event)));
                    said[shard] = Some(events);
                }
                all.push(Asking { what, head, name, said, told: Vec::new() });
            } else if random.below(60) == 0 {
                let shard = random.below(SHARDS_HERE);
                let gone = std::mem::take(&mut queues[shard]);
                for (request, _) in gone {
                    all[request].said[shard] = None;
                }
                give(&mut all, gathering.miss(shard));
            } else {
                let shard = random.below(SHARDS_HERE);
                if let Some((_, event)) = queues[shard].pop_front() {
                    give(&mut all, gathering.take(shard, &event));
                }
            }
        }
        for (shard, queue) in queues.iter_mut().enumerate() {
            for (_, event) in queue.drain(..) {
                give(&mut all, gathering.take(shard, &event));
            }
        }
        assert!(gathering.asked.is_empty() && gathering.holdings.is_empty(), "nothing hangs");
        for asking in &all {
            asking.check();
        }
    }
}

fn what_place(what: What) -> usize {
    match what {
        What::Cancel => 0,
        What::Status => 1,
        _ => 2,
    }
}

fn answer_of(
    random: &mut Random,
    (what, head, name): (What, &Head, ClOrdId),
    shard: usize,
    id: &mut u64,
) -> Vec<Event> {
    let count = random.below(4);
    let mut events = match what {
        What::Cancel => {
            let (quantity, by) = (Lots(count as u64), MassCancel::SESSION);
            vec![Event { quantity, by, cl_ord_id: name, ..part(Kind::MassCanceled, head, 0) }]
        }
        What::Status if count == 0 => vec![none(head, name, 0, Reject::NoOpenOrders)],
        What::Status => (1..=count)
            .map(|number| {
                *id += 1;
                order(head, name, *id, count as u64, number == count)
            })
            .collect(),
        _ => {
            let assets: Vec<u32> = (0..u32::try_from(count).unwrap()).collect();
            let of = balances(head, shard as u64, &assets);
            of.into_iter().map(|event| Event { cl_ord_id: name, ..event }).collect()
        }
    };
    for event in &mut events {
        *id += 1;
        event.event_id = (shard as u64) << 56 | *id;
    }
    events
}

/// Sorts what is told by the requests that it answers.
fn give(all: &mut [Asking], told: &[Event]) {
    for event in told {
        let is_it = |asking: &&mut Asking| match asking.what {
            What::Status => event.orig_cl_ord_id == asking.name,
            _ => event.cl_ord_id == asking.name,
        };
        all.iter_mut().find(is_it).expect("somebody has asked").told.push(*event);
    }
}

impl Asking {
    fn check(&self) {
        assert!(self.told.iter().all(|event| event.session == self.head.session()));
        let whole = self.said.iter().flatten();
        let missing = self.said.iter().enumerate().filter(|(_, said)| said.is_none());
        let missing = missing.fold(0, |bits, (shard, _)| bits | 1 << shard);
        let last = *self.told.last().unwrap_or_else(|| panic!("{} has no answer", self.name));
        match self.what {
            What::Cancel => {
                let sum: u64 = whole.clone().flatten().map(|event| event.quantity.0).sum();
                assert_eq!(self.told.len(), 1);
                assert_eq!((last.quantity.0, last.missing()), (sum, missing));
                let all_missing = whole.count() == 0;
                assert_eq!(last.kind, if all_missing { Kind::NotDone } else { Kind::MassCanceled });
            }
            What::Status => {
                let (told, count) = orders(&self.told);
                // Of a shard that went in the midst some may have been told.
                let said = whole.flatten().map(|event| event.order_id.0).filter(|&id| id > 0);
                let said: Vec<u64> = said.collect();
                assert!(said.iter().all(|id| told.contains(id)), "{said:?} {told:?}");
                assert!(missing != 0 || told.len() == said.len());
                assert_eq!((count, last.missing()), (Some(told.len() as u64), missing));
            }
            _ => {
                let said: usize = whole.map(|events| events.len() - 1).sum();
                assert_eq!((self.told[0].kind, self.told.len()), (Kind::Balances, 1 + said));
                assert_eq!((self.told[0].quantity.0, self.told[0].missing()), (said as u64, missing));
            }
        }
    }
}
