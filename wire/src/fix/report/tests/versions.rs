//! What each version of FIX has otherwise, byte for byte. [`super`] tells the same in FIX 4.4.

use super::*;
use crate::fix::{
    mass::OrderMassCancelRequest,
    version::Version::{self, Fix42, Fix44, Fix50Sp2},
};

/// A message of `fields` in `version`, from behind its header on.
fn text_in(version: Version, fields: impl FnOnce(&mut Body<'_>)) -> String {
    let text = String::from_utf8(bytes_in(version, fields)).unwrap().replace('\x01', "|");
    assert!(text.starts_with(&format!("8={}|9=", version.begin_string())), "{text}");
    let start = text.find("|52=").unwrap() + 4 + 27 + 1;
    text[start..text.len() - 7].to_owned()
}

fn report_in(version: Version, event: &Event) -> String {
    text_in(version, |body| encode(event, &about(&instrument()), body))
}

fn accepted() -> Event {
    let none = Event { cum: Lots(0), cum_notional: [0; 2], leaves: Lots(50_000), ..fill() };
    Event { kind: Kind::Accepted, status: OrderStatus::New, liquidity: Liquidity::None, flags: 0, ..none }
}

const NEW: &str = "1=MM1|55=BTCUSDT|54=2|38=0.50000|40=2|44=49999.00|59=1|151=0.50000|14=0.00000|6=0|\
                   60=20261120-12:00:00.123456789|";

#[test]
fn a_new_order_is_told_alike_but_for_its_transaction_type() {
    assert_eq!(report_in(Fix42, &accepted()), format!("37=17|11=ID|17=4711|20=0|150=0|39=0|{NEW}"));
    for version in [Fix44, Fix50Sp2] {
        assert_eq!(report_in(version, &accepted()), format!("37=17|11=ID|17=4711|150=0|39=0|{NEW}"));
    }
}

#[test]
fn a_trade_is_a_fill_or_a_partial_fill_in_fix_4_2_without_what_came_later() {
    let event = Event { fee: 100, ..fill() };
    let rest = "1=MM1|55=BTCUSDT|54=2|38=0.50000|40=2|44=49999.00|59=1|18=6|32=0.10000|31=50000.10|151=0.20000|\
                14=0.30000|6=50000.0333333333|60=20261120-12:00:00.123456789|";
    assert_eq!(report_in(Fix42, &event), format!("37=17|11=ID|17=4711|20=0|150=1|39=1|{rest}"));
    let filled = Event { status: OrderStatus::Filled, ..event };
    assert_eq!(report_in(Fix42, &filled), format!("37=17|11=ID|17=4711|20=0|150=2|39=2|{rest}"));
    for version in [Fix44, Fix50Sp2] {
        assert_eq!(
            report_in(version, &event),
            format!("37=17|527=99|11=ID|17=4711|150=F|39=1|{rest}851=2|136=1|137=0.00000100|138=USDT|139=4|")
        );
    }
}

#[test]
fn an_answer_to_a_status_request_is_a_transaction_type_in_fix_4_2() {
    let event = Event { kind: Kind::Status, ..accepted() };
    assert_eq!(report_in(Fix42, &event), format!("37=17|11=ID|17=4711|20=3|150=0|39=0|{NEW}"));
    for version in [Fix44, Fix50Sp2] {
        assert_eq!(report_in(version, &event), format!("37=17|11=ID|17=4711|150=I|39=0|{NEW}"));
    }
}

#[test]
fn a_cancelled_order_is_told_alike() {
    let orig_cl_ord_id = ClOrdId::new(b"OLD").unwrap();
    let event = Event { kind: Kind::Canceled, status: OrderStatus::Canceled, orig_cl_ord_id, ..accepted() };
    let event = Event { cause: Cause::Requested, leaves: Lots(0), ..event };
    let rest = NEW.replace("151=0.50000", "151=0.00000");
    assert_eq!(report_in(Fix42, &event), format!("37=17|11=ID|41=OLD|17=4711|20=0|150=4|39=4|{rest}"));
    for version in [Fix44, Fix50Sp2] {
        assert_eq!(report_in(version, &event), format!("37=17|11=ID|41=OLD|17=4711|150=4|39=4|{rest}"));
    }
}

#[test]
fn what_is_displayed_has_another_tag_in_fix_5_0() {
    let event = Event { display: Lots(1_000), ..accepted() };
    assert!(report_in(Fix42, &event).contains("|59=1|111=0.01000|"));
    assert!(report_in(Fix44, &event).contains("|59=1|111=0.01000|"));
    assert!(report_in(Fix50Sp2, &event).contains("|59=1|1138=0.01000|"));
}

#[test]
fn a_restatement_has_a_reason_that_its_version_knows() {
    let event = Event { kind: Kind::Reduced, cause: Cause::SelfTrade, ..accepted() };
    assert!(report_in(Fix42, &event).contains("|20=0|150=D|39=0|378=4|"));
    assert!(report_in(Fix44, &event).contains("|150=D|39=0|378=8|"));
    assert!(report_in(Fix50Sp2, &event).contains("|150=D|39=0|378=8|"));
}

#[test]
fn reasons_that_fix_4_2_does_not_have_are_its_brokers_option() {
    for &reject in Reject::ALL {
        let order = Event { kind: Kind::Rejected, status: OrderStatus::Rejected, reject, ..accepted() };
        let cancel = Event { kind: Kind::CancelRejected, ..order };
        let field = |version, event: &Event, tag: &str| {
            let text = report_in(version, event);
            text.split('|').find_map(|field| field.strip_prefix(tag)?.parse::<u32>().ok())
        };
        if reject == Reject::None {
            continue;
        }
        let (ord, cxl) = (reject.ord_rej_reason(), reject.cxl_rej_reason());
        assert_eq!(field(Fix42, &order, "103="), Some(if ord > 8 { 0 } else { ord }), "{reject:?}");
        assert_eq!(field(Fix42, &cancel, "102="), Some(if cxl > 3 { 2 } else { cxl }), "{reject:?}");
        for version in [Fix44, Fix50Sp2] {
            assert_eq!(field(version, &order, "103="), Some(ord));
            assert_eq!(field(version, &cancel, "102="), Some(cxl));
        }
    }
}

#[test]
fn a_cancel_reject_says_which_request_it_answers() {
    let event = Event { kind: Kind::ReplaceRejected, reject: Reject::UnknownOrder, ..accepted() };
    for version in Version::ALL {
        assert_eq!(
            report_in(version, &event),
            "37=17|11=ID|41=NONE|39=0|1=MM1|60=20261120-12:00:00.123456789|434=2|102=1|58=no open order of \
             this name in this session; check the OrigClOrdID or OrderID; the order may have ended|"
        );
    }
}

#[test]
fn a_report_of_a_mass_cancel_has_a_number_in_fix_5_0() {
    let event = Event { kind: Kind::MassCanceled, by: MassCancel::INSTRUMENT, quantity: Lots(3), ..fill() };
    let refused = Refused {
        reject: Reject::Busy,
        instrument: None,
        id: 5,
        time: fill().time,
        msg_seq: 9,
        stamps: false,
    };
    let request =
        OrderMassCancelRequest { cl_ord_id: b"C", kind: b'7', symbol: None, side: None, account: None };
    for (version, done, not_done) in [(Fix42, "", ""), (Fix44, "", ""), (Fix50Sp2, "1369=4711|", "1369=R5|")]
    {
        assert_eq!(
            report_in(version, &event),
            format!("11=ID|37=NONE|{done}530=1|531=1|533=3|55=BTCUSDT|60=20261120-12:00:00.123456789|")
        );
        let text = text_in(version, |body| refused.mass_cancel(&request, body));
        let begin = format!("11=C|37=NONE|{not_done}530=7|531=0|532=99|60=20261120-12:00:00.123456789|58=");
        assert!(text.starts_with(&begin), "{text}");
    }
}

proptest! {
    #[test]
    fn what_is_written_of_an_event_is_read_back_in_every_version(event in event()) {
        let instrument = instrument();
        prop_assume!(msg_type(&event) == Some(b"8"));
        let read = |version| {
            let bytes = bytes_in(version, |body| encode(&event, &about(&instrument), body));
            let report = ExecutionReport::parse(&Message::parse(&bytes)).unwrap();
            (report.exec_type, report.status, report.display, report.leaves, report.cum, report.average_price)
        };
        prop_assert_eq!(read(Fix42), read(Fix44));
        prop_assert_eq!(read(Fix50Sp2), read(Fix44));
    }
}
