mod bridge;
mod told;

use proptest::prelude::*;

use super::*;
use codes::{Fault, OrderFlags, Side};
use messages::{MassQuote, MassQuoteEntry, NewOrder, Shape};

/// A message of `shape`: any bytes, but codes where codes are to be, and `entries` of its group.
fn message(shape: &Shape, bytes: &[u8], entries: usize) -> Vec<u8> {
    let mut header = vec![];
    header.extend(u16::try_from(shape.block).expect("blocks are short").to_le_bytes());
    header.extend(shape.template.to_le_bytes());
    header.extend(SCHEMA_ID.to_le_bytes());
    header.extend(VERSION.to_le_bytes());
    let mut any = bytes.iter().copied().cycle();
    header.extend(block(shape.block, shape.coded, &mut any));
    if let Some(entry) = shape.entry {
        let count = entries.min(entry.max);
        header.extend(u16::try_from(entry.bytes).expect("entries are short").to_le_bytes());
        header.extend(u16::try_from(count).expect("they are few").to_le_bytes());
        (0..count).for_each(|_| header.extend(block(entry.bytes, entry.coded, &mut any)));
    }
    header
}

/// So many of `any` bytes, but codes where codes are to be.
fn block(len: usize, coded: &[field::Coded], any: &mut dyn Iterator<Item = u8>) -> Vec<u8> {
    let mut block: Vec<u8> = any.take(len).collect();
    for coded in coded {
        let start = block[coded.offset];
        let codes = (0..=u8::MAX).map(|step| start.wrapping_add(step));
        let code = codes.into_iter().find(|&code| (coded.is_known)(code));
        block[coded.offset] = code.expect("every coded field has a code");
    }
    block
}

fn messages(bytes: &[u8], entries: usize) -> impl Iterator<Item = (&'static Shape, Vec<u8>)> {
    Shape::ALL.iter().map(move |shape| (shape, message(shape, bytes, entries)))
}

fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 1..2048)
}

proptest! {
    #[test]
    fn what_is_decoded_is_encoded_as_it_was(bytes in any_bytes(), entries in 0..=32_usize) {
        for (shape, message) in messages(&bytes, entries) {
            let decoded = decode(&message).expect(shape.name);
            prop_assert_eq!(decoded.template(), shape.template);
            let mut again = vec![0xAA; message.len()];
            prop_assert_eq!(decoded.encode(&mut again), Ok(message.len()));
            prop_assert_eq!(&again, &message, "{}", shape.name);
            again.pop();
            let have = again.len();
            prop_assert_eq!(decoded.encode(&mut again), Err(NoRoom { need: message.len(), have }));
        }
    }

    #[test]
    fn a_message_cut_anywhere_or_with_something_behind_it_is_none(bytes in any_bytes(), entries in 0..4_usize) {
        for (shape, mut message) in messages(&bytes, entries) {
            for end in 0..message.len() {
                let error = decode(&message[..end]).expect_err(shape.name);
                let wanted = if end < HEADER_BYTES { Fault::Header } else { Fault::Length };
                prop_assert_eq!(error.fault(), wanted, "{} cut at {}: {}", shape.name, end, error);
            }
            message.push(0);
            let surplus = Error::Surplus { message: shape.name, surplus: 1 };
            prop_assert_eq!(decode(&message).expect_err(shape.name), surplus);
        }
    }

    #[test]
    fn a_wrong_code_is_named_with_its_field(bytes in any_bytes(), wrong in any::<u8>()) {
        for (shape, message) in messages(&bytes, 1) {
            let of_block = shape.coded.iter().map(|coded| (HEADER_BYTES, coded));
            let entry = HEADER_BYTES + shape.block + size_of::<GroupSize>();
            let of_entry = shape.entry.iter().flat_map(|entry| entry.coded).map(|coded| (entry, coded));
            for (begin, coded) in of_block.chain(of_entry).filter(|(_, coded)| !(coded.is_known)(wrong)) {
                let mut message = message.clone();
                message[begin + coded.offset] = wrong;
                let error = decode(&message).expect_err(shape.name);
                let Error::Code { message, field, id, code } = error else { panic!("{error}") };
                prop_assert!(message.starts_with(shape.name), "{} of {}", message, shape.name);
                prop_assert_eq!((field, id, code), (coded.field, coded.id, wrong));
                prop_assert_eq!((error.fault(), error.field_id()), (Fault::Code, coded.id));
            }
        }
    }

    #[test]
    fn whatever_bytes_come_are_a_message_or_an_error(
        bytes in any_bytes(),
        template in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        flip in 1..=u8::MAX,
    ) {
        let _ = decode(&bytes);
        let mut message = message(template.get(Shape::ALL), &bytes, 3);
        let at = at.index(message.len());
        message[at] ^= flip;
        if let Ok(decoded) = decode(&message) {
            let mut fields = 0;
            decoded.visit(&mut |_, _| fields += 1);
            prop_assert!(fields > 0);
        }
    }

    /// SBE 1.0, "Message schema extension": what a later version has behind the fields known is passed over.
    #[test]
    fn a_later_version_may_be_longer_and_says_the_same(
        bytes in any_bytes(),
        entries in 0..=32_usize,
        more in 0..64_u16,
    ) {
        for (shape, message) in messages(&bytes, entries) {
            let longer = later(shape, &message, more);
            let (now, later) = (decode(&message).expect(shape.name), decode(&longer).expect(shape.name));
            let (mut as_now, mut as_later) = (vec![0; message.len()], vec![0; message.len()]);
            now.encode(&mut as_now).expect(shape.name);
            later.encode(&mut as_later).expect(shape.name);
            prop_assert_eq!(as_now, as_later, "{}", shape.name);
        }
    }
}

/// `message` by the next version of the schema, in which blocks and entries are `more` bytes longer and more follows.
fn later(shape: &Shape, message: &[u8], more: u16) -> Vec<u8> {
    let more_bytes = vec![0x5A; usize::from(more)];
    let lengthened = |bytes: &[u8]| (u16::from_le_bytes([bytes[0], bytes[1]]) + more).to_le_bytes();
    let mut longer = message[..HEADER_BYTES].to_vec();
    longer[..2].copy_from_slice(&lengthened(message));
    longer[6..8].copy_from_slice(&(VERSION + 1).to_le_bytes());
    let (block, rest) = message[HEADER_BYTES..].split_at(shape.block);
    longer.extend(block);
    longer.extend(&more_bytes);
    if let Some(entry) = shape.entry {
        let (size, entries) = rest.split_at(size_of::<GroupSize>());
        longer.extend(lengthened(size));
        longer.extend(&size[2..]);
        for entry in entries.chunks(entry.bytes) {
            longer.extend(entry);
            longer.extend(&more_bytes);
        }
    }
    longer.extend(&more_bytes);
    longer
}

#[test]
fn a_header_is_believed_only_as_far_as_the_schema_goes() {
    let (_, order) = messages(&[0], 0).next().expect("there are messages");
    let with = |at: usize, value: u16| {
        let mut message = order.clone();
        message[at..at + 2].copy_from_slice(&value.to_le_bytes());
        decode(&message).expect_err("the header is wrong")
    };
    assert_eq!(with(2, 999), Error::Template { found: 999 });
    assert_eq!(with(4, 9), Error::Schema { found: 9 });
    assert_eq!(with(6, 0), Error::Version { found: 0 });
    for found in [0, 119, 121, 65_535] {
        let error = Error::BlockLength { message: "NewOrder", found: found.into(), wanted: 120 };
        assert_eq!(with(0, found), error);
    }
}

#[test]
fn a_later_version_may_not_be_shorter() {
    let (_, mut order) = messages(&[0], 0).next().expect("there are messages");
    order[6] = 2;
    order[0] = 119;
    let error = Error::BlockLength { message: "NewOrder", found: 119, wanted: 120 };
    assert_eq!(decode(&order).expect_err("it is too short"), error);
}

#[test]
fn a_groups_size_is_believed_only_as_far_as_the_message_goes() {
    let shape = Shape::ALL.iter().find(|shape| shape.template == MassQuote::TEMPLATE).expect("it is there");
    let quotes = message(shape, &[0], 2);
    let at = HEADER_BYTES + shape.block;
    let with = |at: usize, value: u16| {
        let mut message = quotes.clone();
        message[at..at + 2].copy_from_slice(&value.to_le_bytes());
        decode(&message).expect_err("the size is wrong")
    };
    let message = "MassQuote";
    for found in [0, 39, 41, 65_535] {
        let error = Error::EntryLength { message, found: found.into(), wanted: 40 };
        assert_eq!(with(at, found), error);
        assert_eq!(error.fault(), Fault::Group);
    }
    let rest = shape.block + size_of::<GroupSize>();
    assert_eq!(with(at + 2, 3), Error::Short { message, need: rest + 120, have: rest + 80 });
    assert_eq!(with(at + 2, 1), Error::Surplus { message, surplus: 40 });
    assert_eq!(with(at + 2, 33), Error::Entries { message, found: 33, max: 32 });
}

#[test]
fn more_entries_than_a_group_may_have_are_not_written() {
    let shape = Shape::ALL.iter().find(|shape| shape.template == MassQuote::TEMPLATE).expect("it is there");
    let quotes = message(shape, &[0], 32);
    let Ok(Message::MassQuote(block, entries)) = decode(&quotes) else { panic!("it is one") };
    let entries: Vec<MassQuoteEntry> = entries.iter().copied().chain(entries.iter().copied()).collect();
    let mut buffer = [0; 4096];
    assert!(encode_group(block, entries[..32].iter(), &mut buffer).is_ok());
    assert!(encode_group(block, entries[..33].iter(), &mut buffer).is_err());
}

#[test]
fn fields_stand_where_the_schema_says() {
    let mut bytes = [0; 128];
    bytes[..8].copy_from_slice(&[120, 0, 1, 0, 1, 0, 1, 0]);
    bytes[8..11].copy_from_slice(b"abc");
    bytes[44] = 7;
    bytes[48..52].copy_from_slice(&u32::MAX.to_le_bytes());
    bytes[52..56].copy_from_slice(b"2P6\x01");
    bytes[56..64].copy_from_slice(&150_000_000_u64.to_le_bytes());
    bytes[64..72].copy_from_slice(&i64::MIN.to_le_bytes());
    bytes[72..80].copy_from_slice(&(-5_i64).to_le_bytes());
    bytes[96..104].copy_from_slice(&u64::MAX.to_le_bytes());
    bytes[104..112].copy_from_slice(&9_u64.to_le_bytes());
    bytes[120] = b'3';
    let Ok(Message::NewOrder(order)) = decode(&bytes) else { panic!("it is an order") };
    assert_eq!(order.cl_ord_id.bytes(), b"abc");
    assert_eq!(order.instrument_id.get(), 7);
    assert_eq!(order.account_id.get(), None);
    assert_eq!(order.side, Side::Sell);
    assert_eq!(order.ord_type, codes::OrderType::TrailingStop);
    assert_eq!(order.time_in_force, codes::TimeInForce::Gtd);
    assert_eq!(order.order_flags.0, OrderFlags::POST_ONLY);
    assert_eq!(order.order_qty.get().map(codes::Quantity::mantissa), Some(150_000_000));
    assert_eq!(order.price.get(), None);
    assert_eq!(order.stop_px.get().map(codes::Price::mantissa), Some(-5));
    assert_eq!(order.cash_order_qty.get(), None);
    assert_eq!(order.expire_time.get(), Some(9));
    assert_eq!(order.self_match_prevention_instruction.get(), Some(codes::SelfTrade::CancelBoth));
    assert_eq!(size_of::<NewOrder>() + HEADER_BYTES, 128, "a command about one order is two cache lines");
}
