//! What is remembered of a session's messages changes how fast the next one is read, and nothing else.

mod messages;

use messages::{Change, GOOD, change, changed};
use proptest::prelude::*;
use wire::fix::{
    frame::{self, Frame},
    message::Message,
    order::{NewOrderSingle, OrderCancelReplaceRequest, OrderCancelRequest, OrderStatusRequest},
    places::Memory,
    version::Version,
};

/// `bytes` with BodyLength (9) and CheckSum (10) as they must be.
fn framed(bytes: &[u8]) -> Vec<u8> {
    let (head, rest) = bytes.split_at(bytes.iter().position(|&byte| byte == 1).expect("BeginString (8)") + 1);
    let body = &rest[b"9=1\x01".len()..rest.len() - b"10=000\x01".len()];
    let mut message = [head, format!("9={}\x01", body.len()).as_bytes(), body].concat();
    message.extend(format!("10={:03}\x01", frame::checksum(&message)).bytes());
    message
}

/// All that readers make of it.
fn told(message: &Message<'_>) -> String {
    let header = format!(
        "{:?}",
        (
            (message.begin_string, message.msg_type, message.sender, message.target, message.seq),
            (message.sending_time, message.orig_sending_time, message.poss_dup, message.poss_resend),
            message.fault,
            message.check(),
            message.body().next_field(),
        )
    );
    match message.msg_type {
        b"D" => header + &format!("{:?}", NewOrderSingle::parse(message)),
        b"F" => header + &format!("{:?}", OrderCancelRequest::parse(message)),
        b"G" => header + &format!("{:?}", OrderCancelReplaceRequest::parse(message)),
        b"H" => header + &format!("{:?}", OrderStatusRequest::parse(message)),
        // By the rules of others than its own, too.
        _ => header + &format!("{:?}", NewOrderSingle::parse(message)),
    }
}

/// Other values of the same length, in which a message is like the last; and now and then anything.
fn step() -> impl Strategy<Value = Vec<Change>> {
    prop_oneof![
        3 => Just(Vec::new()),
        3 => prop::collection::vec(
            (any::<prop::sample::Index>(), prop::sample::select(&b"019.xY=\x01"[..]))
                .prop_map(|(at, byte)| Change::Byte(at, byte)),
            1..3,
        ),
        1 => prop::collection::vec(change(), 1..3),
    ]
}

fn read_alike(version: Version) {
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 500,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let remembered = std::cell::Cell::new(0);
    let messages = prop::collection::vec((0..3_usize, step()), 1..30);
    runner
        .run(&((0..GOOD.len(), 0..GOOD.len()), messages), |((one, other), steps)| {
            let goods = [0, one, other];
            let mut memory = Memory::default();
            for (good, changes) in steps {
                let (_, bytes) = changed(version, goods[good], &changes);
                // Something goes on behind it, which is no part of it.
                let bytes = [framed(&bytes), b"8=FIX.4.4".to_vec()].concat();
                let whole = match frame::next(&bytes) {
                    Frame::Complete { len } => Ok(told(&Message::parse(&bytes[..len]))),
                    other => Err(other),
                };
                let message = Message::next(&bytes, memory.of(good));
                remembered.set(remembered.get() + usize::from(message.is_ok_and(|m| m.is_like_another())));
                let shown = String::from_utf8_lossy(&bytes).replace('\u{1}', "|");
                prop_assert_eq!(message.as_ref().map(told).map_err(|frame| *frame), whole, "{}", shown);
            }
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{version:?}: {error}"));
    assert!(remembered.get() > 200, "{} messages were like another", remembered.get());
}

#[test]
fn fix_4_2_is_read_alike() {
    read_alike(Version::Fix42);
}

#[test]
fn fix_4_4_is_read_alike() {
    read_alike(Version::Fix44);
}

#[test]
fn fix_5_0_sp2_is_read_alike() {
    read_alike(Version::Fix50Sp2);
}

/// Once one has learnt a message's places: a value that brings a field with it, an end that is not the message's own,
/// and a sum that is wrong.
#[test]
fn what_only_looks_like_the_last_message_is_not_taken_for_it() {
    let order = |text: &str| {
        let fields = "49=A|56=B|34=2|52=20261120-12:00:00|11=ID|55=X|54=1|60=20261120-12:00:00|38=1|40=1|58=";
        framed(format!("8=FIX.4.4|9=1|35=D|{fields}{text}|10=000|").replace('|', "\x01").as_bytes())
    };
    let mut memory = Memory::default();
    let mut read = |bytes: &[u8]| {
        let message = Message::next(bytes, memory.of(0));
        message.map(|message| (message.is_like_another(), NewOrderSingle::parse(&message).is_ok()))
    };
    // Text (58) has no typed reader: such a message is not remembered.
    assert_eq!(read(&order("abcdef")), Ok((false, true)));
    assert_eq!(read(&order("abcdef")), Ok((false, true)));
    let order = |name: &str| {
        let fields = "49=A|56=B|34=2|52=20261120-12:00:00|55=X|54=1|60=20261120-12:00:00|38=1|40=1|11=";
        framed(format!("8=FIX.4.4|9=1|35=D|{fields}{name}|10=000|").replace('|', "\x01").as_bytes())
    };
    assert_eq!(read(&order("abcdef")), Ok((false, true)));
    assert_eq!(read(&order("uvwxyz")), Ok((true, true)));
    assert_eq!(read(&order("a|59=1")), Ok((false, true)));
    assert_eq!(read(&order("a|38=1")), Ok((false, false)), "a field twice");
    assert_eq!(read(&order("ab|1=")), Ok((false, false)), "a field without a value");
    assert_eq!(read(&order("uvwxyz")), Ok((true, true)));
    let mut wrong = order("uvwxyz");
    let sum = wrong.len() - 2;
    wrong[sum] = if wrong[sum] == b'0' { b'1' } else { b'0' };
    assert!(matches!(read(&wrong), Err(Frame::Garbled { why: frame::Garbled::CheckSum, .. })));
}
