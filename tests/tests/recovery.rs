//! What clients recover by: numbers of reports that are apart from those of the session.

use std::path::Path;

use penstock_tests::{
    Client, Penstock,
    trade::{BUY, SELL},
    venue::{Venue, arguments, data_dir, listener},
};

/// Small stores: they are made and brought in with each gateway.
const STORE: &str = "fix.resend_bytes_max=1048576";

fn gateway(data: &Path) -> (Penstock, std::net::SocketAddr) {
    let process = Penstock::start(arguments("gateway", data, &[STORE]));
    let _ = process.line("ready");
    let address = listener(&process, "fix");
    (process, address)
}

/// A resting order and its cancel, which the venue reports under the stream's numbers from `from` on.
fn two_reports(client: &mut Client, id: &str, from: u64) {
    client.limit(id, SELL, "10", "600.00");
    client.execution(&[(11, id), (150, "0"), (1180, "MM1"), (1181, &from.to_string())]);
    let cancel = format!("c{id}");
    client.cancel(&cancel, id, SELL);
    client.execution(&[(11, &cancel), (150, "4"), (1180, "MM1"), (1181, &(from + 1).to_string())]);
}

#[test]
fn reports_are_numbered_apart_from_the_session() {
    let venue = Venue::start(&[]);
    let mut client = venue.client("MM1");
    two_reports(&mut client, "a", 1);
    client.order("refused here", BUY, "1", &[(55, "NOPE"), (40, "2"), (44, "1")]);
    client.execution(&[(150, "8"), (103, "1")]).assert_absent(&[1180, 1181]);
    client.cancel("unknown", "never", SELL);
    client.report().assert(&[(35, "9"), (11, "unknown"), (1180, "MM1"), (1181, "3")]);
    let time = penstock_tests::clock::now();
    client.send("q", &[(11, "all"), (530, "7"), (60, &time)]);
    client.report().assert(&[(35, "r"), (11, "all"), (1180, "MM1"), (1181, "4")]);
    let (bid, offer) = ([(132, "500"), (134, "1")], [(133, "700"), (135, "1")]);
    let sets = [(117, "q"), (296, "1"), (302, "1"), (304, "1"), (295, "1"), (299, "1"), (55, "AAPL")];
    client.send("i", &[&sets[..], &bid, &offer].concat());
    client.report().assert(&[(35, "b"), (117, "q"), (297, "0"), (1180, "MM1"), (1181, "5")]);
    client.execution(&[(11, "q"), (1181, "6")]);
    client.execution(&[(11, "q"), (1181, "7")]);
    client.send("Z", &[(117, "z"), (298, "4")]);
    client.execution(&[(150, "4"), (1181, "8")]);
    client.execution(&[(150, "4"), (1181, "9")]);
    client.report().assert(&[(35, "b"), (117, "z"), (1181, "10")]);
    client.log_out();
    // Begins both sequence numbers anew, and not these.
    let mut client = venue.client("MM1");
    two_reports(&mut client, "b", 11);
    client.log_out();
    let mut other = venue.client("MM2");
    other.limit("x", BUY, "1", "500.00");
    other.execution(&[(1180, "MM2"), (1181, "1")]);
    venue.stop().assert_no_panic();
}

#[test]
fn numbers_of_reports_go_on_with_another_gateway() {
    let data = data_dir();
    let matcher = Penstock::start(arguments("matcher", data.path(), &[]));
    let (process, address) = gateway(data.path());
    two_reports(&mut Client::logged_on(address, "MM1"), "a", 1);
    process.kill9();
    let (process, address) = gateway(data.path());
    two_reports(&mut Client::logged_on(address, "MM1"), "b", 3);
    process.stop().assert_no_panic();
    matcher.stop().assert_no_panic();
}
