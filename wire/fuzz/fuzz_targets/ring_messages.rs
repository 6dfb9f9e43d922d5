//! What stands in the rings between gateway and matcher, read in place: any bytes. What is read are the bytes that were
//! there, and everything that can be asked of it has an answer.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::{
    command::Command,
    event::{Event, Record},
};
use zerocopy::{FromBytes, IntoBytes};

fuzz_target!(|data: &[u8]| {
    // The rings align to 8; so must this.
    let mut words = [0_u64; 256];
    let len = data.len().min(words.as_bytes().len());
    words.as_mut_bytes()[..len].copy_from_slice(&data[..len]);
    let bytes = &words.as_bytes()[..len];
    if let Ok(command) = Command::read(bytes) {
        assert_eq!(command.head().as_bytes(), &bytes[..command.head().as_bytes().len()]);
        match command {
            Command::New(new) => assert_eq!(new.as_bytes(), bytes),
            Command::Cancel(cancel) => {
                let _ = cancel.order.target();
                assert_eq!(cancel.as_bytes(), bytes);
            }
            Command::Replace(replace) => {
                let _ = replace.order.target();
                assert_eq!(replace.as_bytes(), bytes);
            }
            Command::MassQuote(quote) => {
                assert!(quote.body.entries.len() <= wire::limits::MASS_QUOTE_ENTRIES_MAX);
            }
            Command::SetInstrument(set) => {
                let _ = set.terms.steps();
                assert_eq!(set.as_bytes(), bytes);
            }
            _ => {}
        }
    }
    match Record::read(bytes) {
        Ok(Record::Event(event)) => {
            assert_eq!(event.as_bytes(), bytes);
            assert_eq!(Event::halves(event.cum_notional()), event.cum_notional);
        }
        Ok(Record::Definition(definition)) => assert_eq!(definition.as_bytes(), bytes),
        Err(_) => {}
    }
    // At any other alignment it is refused, not read askew.
    if let Some((_, askew)) = bytes.split_first() {
        assert!(u64::ref_from_bytes(bytes.get(..8).unwrap_or_default()).is_ok() || bytes.len() < 8);
        assert!(Command::read(askew).is_err());
        assert!(Record::read(askew).is_err());
    }
});
