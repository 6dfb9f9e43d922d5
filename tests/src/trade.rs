//! Orders as tests need them, and a pair of sessions that behave well while others do not.

use crate::{Client, Message, clock};

/// FIX Side: buy.
pub const BUY: &str = "1";
/// FIX Side: sell.
pub const SELL: &str = "2";

impl Client {
    /// Sends a limit order (Day) for AAPL.
    pub fn limit(&mut self, id: &str, side: &str, quantity: &str, price: &str) {
        self.order(id, side, quantity, &[(40, "2"), (44, price)]);
    }

    /// Sends an order for AAPL, of the type and terms in `more`; a field of `more` takes the place of the one that
    /// would stand there.
    pub fn order(&mut self, id: &str, side: &str, quantity: &str, more: &[(u32, &str)]) {
        let time = clock::now();
        let usual = [(11, id), (55, "AAPL"), (54, side), (60, &time), (38, quantity)];
        let mut fields: Vec<_> = usual.into_iter().filter(|f| more.iter().all(|m| m.0 != f.0)).collect();
        fields.extend(more);
        self.send("D", &fields);
    }

    /// Asks for the cancel of an AAPL order by its ClOrdID.
    pub fn cancel(&mut self, id: &str, of: &str, side: &str) {
        let time = clock::now();
        self.send("F", &[(11, id), (41, of), (55, "AAPL"), (54, side), (60, &time)]);
    }

    /// Asks for the change of an AAPL limit order, named by its ClOrdID.
    pub fn replace(&mut self, id: &str, of: &str, side: &str, quantity: &str, price: &str) {
        let time = clock::now();
        let order = [(11, id), (41, of), (55, "AAPL"), (54, side), (60, time.as_str())];
        let terms = [(38, quantity), (40, "2"), (44, price)];
        self.send("G", &[&order[..], &terms[..]].concat());
    }

    /// Waits for an execution report with `fields`.
    ///
    /// # Panics
    /// If something else comes.
    #[track_caller]
    pub fn execution(&mut self, fields: &[(u32, &str)]) -> Message {
        let report = self.report();
        report.assert(&[(35, "8")]).assert(fields);
        assert_consistent(&report);
        report
    }
}

/// Insists on what FIX 4.4 says of every execution report: the required fields, and quantities that add up.
///
/// # Panics
/// If it does not hold.
#[track_caller]
pub fn assert_consistent(report: &Message) {
    for tag in [37, 17, 150, 39, 55, 54, 151, 14, 6, 60] {
        assert!(report.get(tag).is_some(), "field {tag} is missing in {report}");
    }
    let (leaves, filled) = (report.decimal(151), report.decimal(14));
    match report.field(39) {
        // Pending states do not occur: the venue answers once it is done.
        "0" | "1" => {
            assert!(leaves > 0, "an open order has something left: {report}");
            assert_eq!(leaves + filled, report.decimal(38), "OrderQty = LeavesQty + CumQty in {report}");
            assert_eq!(
                report.field(39) == "1",
                filled > 0,
                "partially filled means filled in part: {report}"
            );
        }
        "2" => assert!(leaves == 0 && filled == report.decimal(38), "filled means wholly: {report}"),
        "4" | "8" | "C" => assert_eq!(leaves, 0, "an order that has ended has nothing left: {report}"),
        other => panic!("OrdStatus {other} in {report}"),
    }
    assert_eq!(filled > 0, report.decimal(6) > 0, "an average price means a fill: {report}");
    let of_gateway = report.field(17).starts_with('R');
    assert_eq!(
        report.get(1181).is_none(),
        of_gateway,
        "the matcher's reports, and no others, count in {report}"
    );
    if report.field(150) == "F" {
        for tag in [31, 32] {
            assert!(report.decimal(tag) > 0, "field {tag} of a fill in {report}");
        }
    }
}

/// Two sessions that trade with each other, and notice everything that goes wrong with it.
pub struct Pair {
    maker: Client,
    taker: Client,
    done: u32,
}

impl Pair {
    /// A pair of `maker` and `taker`, both logged on.
    #[must_use]
    pub fn new(maker: Client, taker: Client) -> Pair {
        Pair { maker, taker, done: 0 }
    }

    /// The one that takes.
    pub const fn taker(&mut self) -> &mut Client {
        &mut self.taker
    }

    /// The maker offers, the taker takes half, the maker cancels the rest; each gets each report, in order, and
    /// nothing else.
    ///
    /// # Panics
    /// If not.
    #[track_caller]
    pub fn trade(&mut self) {
        self.done += 1;
        let (offer, take, cancel) =
            (format!("o{}", self.done), format!("t{}", self.done), format!("c{}", self.done));
        let fill = [(150, "F"), (32, "5"), (31, "585.00")];
        self.maker.limit(&offer, SELL, "10", "585.00");
        self.maker.execution(&[(11, &offer), (150, "0"), (39, "0"), (151, "10"), (14, "0")]);
        self.taker.limit(&take, BUY, "5", "585.00");
        self.taker.execution(&[(11, &take), (150, "0"), (39, "0"), (151, "5"), (14, "0")]);
        self.taker.execution(&[(11, &take), (39, "2"), (151, "0"), (14, "5"), (6, "585")]).assert(&fill);
        self.maker.execution(&[(11, &offer), (39, "1"), (151, "5"), (14, "5"), (6, "585")]).assert(&fill);
        self.maker.cancel(&cancel, &offer, SELL);
        self.maker.execution(&[(11, &cancel), (41, &offer), (150, "4"), (39, "4"), (151, "0"), (14, "5")]);
    }

    /// Insists that neither has got anything it should not have, and logs both out.
    ///
    /// # Panics
    /// If not.
    #[track_caller]
    pub fn finish(mut self) {
        assert!(self.done > 0, "a pair that never traded has seen nothing");
        self.maker.quiet();
        self.taker.quiet();
        self.maker.log_out();
        self.taker.log_out();
    }
}
