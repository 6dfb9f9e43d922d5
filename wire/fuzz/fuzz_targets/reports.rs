//! The reports of an event as it may stand in a ring: 256 bytes. Whatever its numbers, what is written is a message, in
//! every version of FIX and in SBE, and FIX's says which order it is about.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::{
    event::{Event, Kind},
    fix::{
        encode::Scratch,
        frame::{self, Frame},
        message::Message,
        report::{self, About, ExecutionReport, NameField},
        version::Version,
    },
    sbe::{self, encode_event},
};
use zerocopy::FromBytes;

fuzz_target!(|data: &[u8]| {
    let Ok((words, _)) = <[u64; 32]>::read_from_prefix(data) else { return };
    let bytes = zerocopy::IntoBytes::as_bytes(&words);
    let Ok(event) = Event::read(bytes) else { return };
    let instrument = harness::instrument();
    let mut buffer = [0; 1024];
    if let Ok(len) = encode_event(event, &instrument, &mut buffer) {
        match sbe::decode(&buffer[..len]) {
            Ok(message) => message.visit(&mut |_, _| {}),
            // Bits that no matcher sets.
            Err(sbe::Error::Code { field: "MassCancelScope" | "OrderFlags", .. }) => {}
            Err(error) => panic!("what is encoded can be decoded: {error}"),
        }
    }
    let Some(msg_type) = report::msg_type(event) else { return };
    for version in Version::ALL {
        let (symbol, account) = (NameField::field("55=", "BTCUSDT"), NameField::field("1=", "MM1"));
        let about = About {
            instrument: &instrument,
            symbol: &symbol,
            account: &account,
            quote_scale: 8,
            stamps: true,
        };
        let mut scratch = Scratch::new(version);
        let mut body = scratch.body();
        body.field(b"35=", msg_type);
        body.raw(b"49=A\x0156=B\x0134=1\x0152=20261120-12:00:00\x01");
        report::encode(event, &about, &mut body);
        let end = body.end();
        let bytes = scratch.seal(end);
        assert_eq!(frame::next(bytes), Frame::Complete { len: bytes.len() });
        let message = Message::parse(bytes);
        // Names in a ring are those of requests that were taken: printable ASCII.
        let mut names = [event.cl_ord_id, event.orig_cl_ord_id].into_iter();
        let named = names.all(|name| name.bytes().iter().all(|byte| (b' '..=b'~').contains(byte)));
        if version == Version::Fix44
            && event.kind == Kind::Fill
            && named
            && let Ok(report) = ExecutionReport::parse(&message)
        {
            assert_eq!(report.cl_ord_id.unwrap_or_default(), event.cl_ord_id.bytes());
        }
    }
});
