//! Framing: any bytes, with `|` for SOH. It goes on, never beyond what is there, and what it calls a message is one.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::{
    fix::frame::{self, Frame},
    limits::FIX_MESSAGE_BYTES_MAX,
};

fuzz_target!(|data: &[u8]| {
    let bytes = harness::fields(data);
    let mut rest = &bytes[..];
    loop {
        match frame::next(rest) {
            Frame::Incomplete | Frame::TooLong => break,
            Frame::Complete { len } => {
                assert!(len <= FIX_MESSAGE_BYTES_MAX);
                let (message, behind) = rest.split_at(len);
                let (summed, trailer) = message.split_at(len - 7);
                let sum: u32 = summed.iter().map(|&byte| u32::from(byte)).sum();
                assert_eq!(trailer, format!("10={:03}\u{1}", sum % 256).as_bytes());
                assert!(message.starts_with(b"8=FIX"));
                // It is one with its last byte, and not before; and nothing behind it matters.
                assert_eq!(frame::next(message), Frame::Complete { len });
                assert_eq!(frame::next(&message[..len - 1]), Frame::Incomplete);
                rest = behind;
            }
            Frame::Garbled { skip, .. } => {
                assert!(skip > 0);
                rest = &rest[skip..];
            }
        }
    }
});
