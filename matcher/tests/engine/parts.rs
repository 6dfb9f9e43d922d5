//! Requests that go to several shards: their answers have no ApplSeqNum, and take none from what else a session is told.

use wire::{
    command::{Balances, Kind as Asks, ListRequest, MassCancel, MassStatus, ResetProtection},
    event::{Event, Kind},
    types::{AccountId, Lots, Side},
};

use crate::common::*;

/// The numbers of those events that are answers, and of the others.
fn numbers(events: &[Event]) -> (Vec<u64>, Vec<u64>) {
    let (parts, others): (Vec<&Event>, Vec<&Event>) = events.iter().partition(|event| event.is_part());
    let of = |events: Vec<&Event>| events.iter().map(|event| event.appl_seq).collect();
    (of(parts), of(others))
}

#[test]
fn answers_to_parts_are_not_numbered_and_reports_go_on_without_a_gap() {
    let mut venue = Venue::new(config());
    for order in ["a", "b", "c"] {
        venue.limit(0, order, Side::Buy, 1, 90);
    }
    let request_id = name("ask");
    let head = |kind| head(kind, 0).as_part();
    let by = MassCancel::SESSION;
    let status =
        MassStatus { head: head(Asks::MassStatus), request_id, by, side: Side::Buy, reserved: [0; 2] };
    let told = venue.apply(Owned::message(&status));
    assert_eq!(numbers(&told), (vec![0; 3], vec![]));
    assert!(told.iter().all(|event| event.last_quantity == Lots(3)), "{told:?}");

    let cancel = MassCancel {
        head: head(Asks::MassCancel),
        cl_ord_id: request_id,
        by,
        side: Side::Buy,
        reserved: [0; 2],
    };
    let told = venue.apply(Owned::MassCancel(cancel));
    assert_eq!(numbers(&told), (vec![0], vec![4, 5, 6]));
    assert_eq!(told.last().map(|event| (event.kind, event.quantity)), Some((Kind::MassCanceled, Lots(3))));

    for command in [
        Owned::message(&status),
        Owned::message(&Balances { head: head(Asks::Balances), request_id, asset: Balances::ALL }),
        Owned::message(&ListRequest { head: head(Asks::CancelList), list_id: request_id, reserved: 0 }),
        Owned::message(&ListRequest { head: head(Asks::ListStatus), list_id: request_id, reserved: 0 }),
        Owned::message(&ResetProtection { head: head(Asks::ResetProtection), group: 0, reserved: 0 }),
        Owned::mass_quote(head(Asks::MassQuote), request_id, 1, &[]),
        Owned::MassCancel(MassCancel {
            head: cancel.head.with_account(AccountId(u32::MAX)),
            by: MassCancel::ACCOUNT,
            ..cancel
        }),
    ] {
        let told = venue.apply(command);
        assert!(!told.is_empty() && told.iter().all(Event::is_part), "{told:?}");
        let ids: Vec<u64> = told.iter().map(|event| event.event_id).collect();
        assert!(ids.is_sorted() && ids[0] > 0, "they have identifiers as all events: {ids:?}");
    }
    let [accepted] = venue.limit(0, "d", Side::Buy, 1, 90)[..] else { panic!("one report") };
    assert_eq!((accepted.kind, accepted.appl_seq), (Kind::Accepted, 7));
}
