//! SBE: a first byte that is no message's place in the schema's list is followed by any bytes; one that is, by the
//! bytes of that message's block and group, before which a right header is put. What is decoded is encoded as it was,
//! and everything that can be asked of it has an answer.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::{
    command::{Head, Kind},
    sbe::{
        self,
        messages::{
            CancelOrder, MassQuoteEntry, Message, NewOrder, NewOrderList, OrderMassStatusRequest,
            ReplaceOrder, RequestForPositions, SCHEMA_ID, Shape, VERSION,
        },
    },
    types::{AccountId, InstrumentId, SessionId},
};

fn head() -> Head {
    Head::new(Kind::New, SessionId(1), AccountId(2), InstrumentId(0), 3, harness::NOON)
}

fuzz_target!(|data: &[u8]| {
    let Some((&first, rest)) = data.split_first() else { return };
    let bytes = match Shape::ALL.get(usize::from(first)) {
        None => rest.to_vec(),
        Some(shape) => {
            let header = [shape.block as u16, shape.template, SCHEMA_ID, VERSION];
            [&header.map(u16::to_le_bytes).concat(), rest].concat()
        }
    };
    let message = match sbe::decode(&bytes) {
        Ok(message) => message,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let version = u16::from_le_bytes([bytes[6], bytes[7]]);
    let mut again = vec![0; bytes.len()];
    let len = message.encode(&mut again).expect("it has no more bytes than it had");
    let same = sbe::decode(&again[..len]).expect("what is encoded can be decoded");
    assert_eq!(same.template(), message.template());
    if version == VERSION {
        assert_eq!(again[..len], bytes);
    }
    // What becomes a command is expressed as a message that becomes the same one.
    let (instrument, head) = (harness::instrument(), head());
    match message {
        Message::NewOrder(order) => {
            if let Ok(command) = order.command(&instrument, head)
                && let Ok(again) = NewOrder::of(&command, &instrument)
            {
                assert_eq!(again.command(&instrument, head), Ok(command));
            }
        }
        Message::ReplaceOrder(order) => {
            if let Ok(command) = order.command(&instrument, head)
                && let Ok(again) = ReplaceOrder::of(&command, &instrument)
            {
                assert_eq!(again.command(&instrument, head), Ok(command));
            }
        }
        Message::CancelOrder(order) => {
            if let Ok(command) = order.command(head) {
                assert_eq!(CancelOrder::of(&command).command(head), Ok(command));
            }
        }
        Message::NewOrderList(list, entries) => {
            if let Ok(command) = list.command(entries, &instrument, head)
                && let Ok((list, entries)) = NewOrderList::of(&command, &instrument)
            {
                let len =
                    sbe::encode_group(&list, entries.iter(), &mut again).expect("two orders came in as much");
                let Ok(Message::NewOrderList(list, entries)) = sbe::decode(&again[..len]) else {
                    panic!("it is a list")
                };
                assert_eq!(list.command(entries, &instrument, head), Ok(command));
            }
        }
        Message::OrderMassStatusRequest(request) => {
            if let Ok(command) = request.command(head) {
                assert_eq!(OrderMassStatusRequest::of(&command).command(head), Ok(command));
            }
        }
        Message::RequestForPositions(request) => {
            if let Ok(command) = request.command(head) {
                assert_eq!(RequestForPositions::of(&command).command(head), Ok(command));
            }
        }
        Message::MassQuote(_, entries) => {
            for entry in entries.iter() {
                let command = entry.command(&instrument);
                if let Ok(again) = MassQuoteEntry::of(&command, &instrument) {
                    assert_eq!(again.command(&instrument), command);
                }
            }
        }
        _ => {}
    }
    let mut fields = 0;
    message.visit(&mut |_, _| fields += 1);
    assert!(fields > 0);
});
