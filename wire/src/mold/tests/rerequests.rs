//! The re-request server.

use super::{packet::Request, *};

fn ask(kept: &Kept, session: &str, number: u64, count: u16) -> Result<Vec<(u64, u16)>, Refused> {
    let (mut packet, mut packets) = (Vec::new(), Vec::new());
    packet::write_request(&Request { session: name(session), number, count }, &mut packet);
    let mut answer = Answer::to(&packet, kept)?;
    while answer.poll(kept, MOLD_PACKET_BYTES_MAX, &mut packet) {
        assert!(packet.len() <= MOLD_PACKET_BYTES_MAX);
        packets.push(range(&packet));
    }
    Ok(packets)
}

#[test]
fn what_is_asked_for_is_given_and_no_more() {
    let kept = Kept::counting(10);
    assert_eq!(ask(&kept, "S1", 1, 1), Ok(vec![(1, 1)]));
    assert_eq!(ask(&kept, "S1", 4, 3), Ok(vec![(4, 3)]));
    assert_eq!(ask(&kept, "S1", 8, u16::MAX), Ok(vec![(8, 3)]), "what there is not yet will be published");
}

#[test]
fn one_request_brings_a_bounded_answer() {
    let kept = Kept::counting(10_000);
    let packets = ask(&kept, "S1", 5, u16::MAX).unwrap();
    let count: u64 = packets.iter().map(|&(_, count)| u64::from(count)).sum();
    assert_eq!((packets[0].0, count), (5, u64::from(MOLD_REQUEST_MESSAGES_MAX)));
    assert!(packets.windows(2).all(|pair| pair[0].0 + u64::from(pair[0].1) == pair[1].0));
}

#[test]
fn what_cannot_be_had_is_refused_with_the_reason() {
    let kept = Kept { first: 3, ..Kept::counting(10) };
    assert_eq!(ask(&kept, "S2", 4, 1), Err(Refused::OtherSession(name("S2"))));
    assert_eq!(ask(&kept, "S1", 11, 1), Err(Refused::NotYet { number: 11, next: 11 }));
    assert_eq!(ask(&kept, "S1", 2, 5), Err(Refused::Forgotten { number: 2, first: 3 }));
    assert_eq!(Answer::to(b"nonsense", &kept), Err(Refused::Malformed(Malformed::Short(8))));
    let text = Refused::Forgotten { number: 2, first: 3 }.to_string();
    assert_eq!(text, "a request for message 2, but 3 is the oldest that is kept");
}

#[test]
fn an_answer_ends_where_messages_have_been_forgotten_or_left() {
    let mut kept = Kept::counting(200);
    let mut packet = Vec::new();
    packet::write_request(&Request { session: name("S1"), number: 1, count: 200 }, &mut packet);
    let answer = Answer::to(&packet, &kept).unwrap();
    let mut rest = answer;
    assert!(rest.poll(&kept, MOLD_PACKET_BYTES_MAX, &mut packet));
    kept.first = 200;
    assert!(!rest.poll(&kept, MOLD_PACKET_BYTES_MAX, &mut packet));
    let mut rest = answer;
    assert!(!rest.poll(
        &Kept { session: name("S2"), ..Kept::counting(200) },
        MOLD_PACKET_BYTES_MAX,
        &mut packet
    ));
}
