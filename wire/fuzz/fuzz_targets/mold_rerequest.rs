//! A MoldUDP64 re-request server of messages 100 to 999, and any datagram. Its answer, if it gives one, is what was asked
//! for, in order, and bounded.
#![no_main]

use harness::Kept;
use libfuzzer_sys::fuzz_target;
use wire::{
    limits::MOLD_REQUEST_MESSAGES_MAX,
    mold::{
        Answer,
        packet::{self, Body},
    },
    sequenced::Messages,
};

fuzz_target!(|data: &[u8]| {
    let kept = Kept { first: 100, ..Kept::new("S1", 999) };
    let Ok(mut answer) = Answer::to(data, &kept) else { return };
    let asked = packet::request(data).expect("what is answered is a request");
    let (mut next, mut datagram) = (asked.number, Vec::new());
    while answer.poll(&kept, 300, &mut datagram) {
        assert!(datagram.len() <= 300);
        let read = packet::downstream(&datagram).expect("it is sound");
        assert_eq!((read.session, read.number), (kept.session, next));
        let Body::Messages(blocks) = read.body else { panic!("an answer has messages") };
        for message in blocks.messages() {
            assert_eq!(Some(message), kept.get(next));
            next += 1;
        }
    }
    let wanted = u64::from(asked.count.min(MOLD_REQUEST_MESSAGES_MAX));
    assert_eq!(next, (asked.number + wanted).min(kept.next()));
});
