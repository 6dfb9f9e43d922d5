//! A matcher that does not take what comes: clients are told before anything is refused, and each request has its answer.

use penstock_tests::{
    Penstock,
    binary::{Binary, decoded, id, limit},
    fix::Client,
    venue::{arguments, data_dir, listener},
};
use rustix::process::Signal;
use wire::{
    reject::Reject,
    sbe::{codes::VenueState, messages::Message},
    types::Side,
};

/// Room for some 500 orders.
const SMALL_RINGS: [&str; 1] = ["rings.command_bytes=65536"];

#[test]
fn clients_hear_of_it_first_then_each_request_is_refused_or_carried_out_later() {
    let data = data_dir();
    let matcher = Penstock::start(arguments("matcher", data.path(), &SMALL_RINGS));
    let _ = matcher.line("listening admin");
    let gateway = Penstock::start(arguments("gateway", data.path(), &SMALL_RINGS));
    let _ = gateway.line("ready");
    let mut fix = Client::logged_on(listener(&gateway, "fix"), "MM1");
    fix.hears_news = true;
    let mut binary = Binary::client(listener(&gateway, "binary"), "BM1");
    matcher.freeze();

    // By the binary protocol.
    let mut refused = 0;
    let mut told = false;
    let mut sent = 0;
    while refused == 0 {
        for _ in 0..50 {
            sent += 1;
            binary.send(&limit(&format!("b{sent}"), Side::Buy, 1, 400));
        }
        // What is not carried out is answered at once, and only what the gateway says itself comes now.
        binary.send(&wire::sbe::messages::LimitQuery { req_id: id("fence"), padding1: [0; 4] });
        loop {
            let answer = binary.answer();
            match decoded(&answer) {
                Message::VenueStatus(status) => {
                    assert_eq!(
                        (status.venue_state, told, refused),
                        (VenueState::Busy, false, 0),
                        "once, and first"
                    );
                    told = true;
                }
                Message::RequestRefused(it) => {
                    assert!(told, "nothing is refused before clients were told");
                    assert_eq!(it.reject_code, Reject::Busy.into());
                    refused += 1;
                }
                Message::LimitResponse(..) => break,
                other => panic!("{other:?}"),
            }
        }
    }

    // A neighbour on the same ring, who has nothing waiting, finds room: the room that is left is not for one session alone.
    let mut neighbour = Binary::client(listener(&gateway, "binary"), "BM2");
    for n in 0..3 {
        neighbour.send(&limit(&format!("n{n}"), Side::Buy, 1, 400));
    }
    neighbour.send(&wire::sbe::messages::LimitQuery { req_id: id("fence"), padding1: [0; 4] });
    loop {
        match decoded(&neighbour.answer()) {
            Message::VenueStatus(status) => assert_eq!(status.venue_state, VenueState::Busy),
            Message::LimitResponse(..) => break,
            other => panic!("{other:?}"),
        }
    }

    // By FIX.
    let (mut fix_sent, mut fix_refused, mut fix_told) = (0, 0, false);
    while fix_refused == 0 {
        fix_sent += 1;
        fix.limit(&format!("f{fix_sent}"), "1", "1", "400");
        fix.send("1", &[(112, "fence")]);
        loop {
            let message = fix.receive();
            match message.kind() {
                "B" => {
                    assert_eq!((message.field(148), fix_told, fix_refused), ("the venue is busy", false, 0));
                    fix_told = true;
                }
                "8" => {
                    assert!(fix_told, "nothing is refused before clients were told");
                    assert!(message.field(58).contains("is busy"), "{message:?}");
                    fix_refused += 1;
                }
                "0" => break,
                other => panic!("{other}: {message:?}"),
            }
        }
    }

    // The matcher goes on: what was taken is carried out, and clients hear that there is room.
    matcher.signal(Signal::CONT);
    let mut accepted = 0;
    let mut free = false;
    while accepted + refused < sent || !free {
        let (_, message) = binary.message();
        match decoded(&message) {
            Message::OrderAccepted(_) => accepted += 1,
            Message::VenueStatus(status) => {
                assert_eq!((status.venue_state, free), (VenueState::Open, false));
                free = true;
            }
            other => panic!("{other:?}"),
        }
    }
    let mut accepted_too = 0;
    while accepted_too < 3 {
        if let (_, message) = neighbour.message()
            && let Message::OrderAccepted(_) = decoded(&message)
        {
            accepted_too += 1;
        }
    }
    let (mut fix_accepted, mut fix_free) = (0, false);
    while fix_accepted + fix_refused < fix_sent || !fix_free {
        let message = fix.receive();
        match message.kind() {
            "8" => fix_accepted += 1,
            "B" => fix_free |= message.field(148) == "the venue is no longer busy",
            other => panic!("{other}: {message:?}"),
        }
    }
    assert_eq!((accepted + refused, fix_accepted + fix_refused), (sent, fix_sent));
    gateway.stop().assert_no_panic();
    matcher.stop().assert_no_panic();
}
