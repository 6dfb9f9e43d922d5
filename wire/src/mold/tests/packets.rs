//! Bytes, as the specification draws them.

use proptest::prelude::*;

use super::{
    packet::{Body, Malformed, Request, downstream, request},
    *,
};

#[test]
fn a_packet_of_messages() {
    let mut kept = Kept::new("S1");
    kept.messages = vec![b"abc".to_vec(), b"".to_vec()];
    let packet = of(&kept, 1..3);
    assert_eq!(packet, b"        S1\0\0\0\0\0\0\0\x01\0\x02\0\x03abc\0\0");
    let read = downstream(&packet).unwrap();
    let Body::Messages(blocks) = read.body else { panic!("{read:?}") };
    assert_eq!((read.session, read.number, blocks.number_of_messages()), (name("S1"), 1, 2));
    assert_eq!(blocks.messages().collect::<Vec<_>>(), [&b"abc"[..], b""]);
}

#[test]
fn packets_without_messages() {
    let mut packet = Vec::new();
    packet::write_heartbeat(name("S1"), 258, &mut packet);
    assert_eq!(packet, b"        S1\0\0\0\0\0\0\x01\x02\0\0");
    assert_eq!(downstream(&packet).unwrap().body, Body::Heartbeat);
    packet::write_end_of_session(name("S1"), 258, &mut packet);
    assert_eq!(packet, b"        S1\0\0\0\0\0\0\x01\x02\xff\xff");
    assert_eq!(downstream(&packet).unwrap().body, Body::EndOfSession);
    let wanted = Request { session: name("S1"), number: 258, count: 3 };
    packet::write_request(&wanted, &mut packet);
    assert_eq!(packet, b"        S1\0\0\0\0\0\0\x01\x02\0\x03");
    assert_eq!(request(&packet), Ok(wanted));
}

#[test]
fn what_is_wrong_with_a_packet_is_named() {
    let wrong = |bytes: &[u8]| downstream(bytes).expect_err("it is wrong");
    assert_eq!(wrong(b""), Malformed::Short(0));
    assert_eq!(wrong(b"        S1\0\0\0\0\0\0\0\x01\0"), Malformed::Short(19));
    assert_eq!(wrong(&[b' '; MOLD_PACKET_BYTES_MAX + 1]), Malformed::TooLong(MOLD_PACKET_BYTES_MAX + 1));
    assert_eq!(wrong(b"          \0\0\0\0\0\0\0\x01\0\0"), Malformed::Session);
    assert_eq!(wrong(b"        S1\0\0\0\0\0\0\0\0\0\0"), Malformed::Number);
    assert_eq!(wrong(b"        S1\xff\xff\xff\xff\xff\xff\xff\xff\0\x01\0\0"), Malformed::Number);
    assert_eq!(wrong(b"        S1\0\0\0\0\0\0\0\x01\0\x02\0\x01a\0\x02b"), Malformed::Cut(1));
    assert_eq!(wrong(b"        S1\0\0\0\0\0\0\0\x01\0\x01\0\x01ab"), Malformed::Trailing(1));
    assert_eq!(wrong(b"        S1\0\0\0\0\0\0\0\x01\0\0x"), Malformed::Trailing(1));
    assert_eq!(wrong(b"        S1\0\0\0\0\0\0\0\x01\xff\xffx"), Malformed::Trailing(1));
    let text = Malformed::Cut(1).to_string();
    assert_eq!(text, "message 1 of the packet does not end within it");
}

#[test]
fn what_is_wrong_with_a_request_is_named() {
    let wrong = |bytes: &[u8]| request(bytes).expect_err("it is wrong");
    assert_eq!(wrong(b"        S1\0\0\0\0\0\0\0\x01\0"), Malformed::Short(19));
    assert_eq!(wrong(b"        S1\0\0\0\0\0\0\0\x01\0\0"), Malformed::NoCount);
    assert_eq!(wrong(b"        S1\0\0\0\0\0\0\0\0\0\x01"), Malformed::Number);
    assert_eq!(wrong(b"        S1\xff\xff\xff\xff\xff\xff\xff\xff\0\x01"), Malformed::Number);
    assert_eq!(wrong(b"        S1\0\0\0\0\0\0\0\x01\0\x01x"), Malformed::Trailing(1));
}

proptest! {
    #[test]
    fn what_was_packed_is_read(
        messages in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 1..60), bytes_max in 300_usize..1452
    ) {
        let kept = Kept { messages: messages.clone(), ..Kept::new("S1") };
        let (mut next, mut packet, mut read) = (1, Vec::new(), Vec::new());
        while next < kept.next() {
            let count = packet::pack(&kept, next, kept.next(), bytes_max, &mut packet);
            prop_assert!(count > 0 && packet.len() <= bytes_max);
            let downstream = downstream(&packet).unwrap();
            prop_assert_eq!(downstream.number, next);
            let Body::Messages(blocks) = downstream.body else { panic!("messages") };
            read.extend(blocks.messages().map(<[u8]>::to_vec));
            next += u64::from(count);
            // Not one more would have fitted.
            let more = kept.get(next).map(<[u8]>::len);
            prop_assert!(more.is_none_or(|len| packet.len() + 2 + len > bytes_max));
        }
        prop_assert_eq!(read, messages);
    }

    #[test]
    fn no_bytes_make_the_readers_panic(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let _ = (downstream(&bytes), request(&bytes));
        let named = [&b"        S1\0\0\0\0\0\0\0"[..], &bytes].concat();
        let _ = (downstream(&named), request(&named));
    }
}
