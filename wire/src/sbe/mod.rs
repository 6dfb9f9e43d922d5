//! The binary protocol: FIX Simple Binary Encoding 1.0, little-endian, of the schema in
//! `wire/schema/generated/penstock-sbe.xml`.
//!
//! A message is a header of 8 bytes, a block of fields at fixed places, and at most one group of entries behind it. It is
//! read where it lies: [`decode`] checks header, lengths and coded fields once and gives a view, whose fields are then
//! plain loads. It is written from a struct by [`encode`]. Neither allocates.
//!
//! * [`messages`] and [`codes`] are generated from the model: a struct for each block, laid out as it is on the wire;
//! * [`field`] is what those are made of.
//!
//! **Versions** (SBE 1.0, "Message schema extension"): a later version of the schema may add fields at the end of a
//! block and a group behind the last one, and changes nothing else. So a message of a later version may be longer, and
//! what is not known is passed over; a message of this version is exactly as long as this version says. A new code or
//! bit is no extension in this sense: it is refused with the field's name, except new reasons for a reject.

pub mod codes;
mod definition;
mod error;
pub mod field;
mod list;
mod market;
pub mod messages;
mod operator;
mod order;
mod query;
mod quote;
mod report;
mod units;

use zerocopy::{
    FromBytes, Immutable, IntoBytes, KnownLayout, TryFromBytes,
    little_endian::{U16, U64},
};

pub use definition::encode_definition;
pub use error::{Error, NoRoom};
use field::Coded;
pub use market::is_expressible;
use messages::{Message, SCHEMA_ID, VERSION};
pub use report::{Untold, encode_copy, encode_event};
pub use units::NotExpressible;

/// Bytes of a [`Header`].
pub const HEADER_BYTES: usize = size_of::<Header>();

/// What every message begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Header {
    /// Bytes of the block that follows.
    pub block_length: U16,
    /// Which message it is.
    pub template_id: U16,
    /// [`SCHEMA_ID`].
    pub schema_id: U16,
    /// The version of the schema that the message was written by.
    pub version: U16,
}

impl Header {
    const fn of<B: Root>() -> Header {
        Header {
            block_length: U16::new(length::<B>()),
            template_id: U16::new(B::TEMPLATE),
            schema_id: U16::new(SCHEMA_ID),
            version: U16::new(VERSION),
        }
    }
}

/// What stands before the entries of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct GroupSize {
    /// Bytes of an entry.
    pub block_length: U16,
    /// How many entries follow.
    pub num_in_group: U16,
}

/// Fields at fixed places.
pub trait Block: TryFromBytes + IntoBytes + Immutable + KnownLayout + Sized {
    /// The message's name in the schema.
    const NAME: &'static str;
    /// The fields that not every byte is a value of.
    const CODED: &'static [Coded];

    /// Whether a set of bits has one that this version gives no meaning.
    #[must_use]
    fn has_unknown_bits(&self) -> bool;
}

/// The block of a message.
pub trait Root: Block {
    /// The message's template id.
    const TEMPLATE: u16;
}

/// The block of a message that has no group.
pub trait Single: Root {}

/// The block of a message that has one.
pub trait Grouped: Root {
    /// An entry of the group.
    type Entry: Block;
    /// Entries it may have.
    const ENTRIES_MAX: usize;
}

/// The message in `bytes`, which are exactly one.
///
/// # Errors
/// What is wrong with it.
#[inline]
pub fn decode(bytes: &[u8]) -> Result<Message<'_>, Error> {
    let (header, body) = Header::ref_from_prefix(bytes).map_err(|_| Error::Header { have: bytes.len() })?;
    if header.schema_id.get() != SCHEMA_ID {
        return Err(Error::Schema { found: header.schema_id.get() });
    }
    if header.version.get() < VERSION {
        return Err(Error::Version { found: header.version.get() });
    }
    Message::read(header, body)
}

/// Writes a message without a group to the beginning of `buffer`. Gives its length.
///
/// # Errors
/// If it does not fit.
#[inline]
pub fn encode<B: Single>(block: &B, buffer: &mut [u8]) -> Result<usize, NoRoom> {
    let need = HEADER_BYTES + size_of::<B>();
    let have = buffer.len();
    let frame = buffer.get_mut(..need).ok_or(NoRoom { need, have })?;
    write(block, frame);
    Ok(need)
}

/// Writes a message with its group to the beginning of `buffer`. Gives its length.
///
/// # Errors
/// If it does not fit, or has more entries than it may.
pub fn encode_group<'e, B: Grouped>(
    block: &B,
    entries: impl ExactSizeIterator<Item = &'e B::Entry>,
    buffer: &mut [u8],
) -> Result<usize, NoRoom>
where
    B::Entry: 'e,
{
    let (begin, entry) = (HEADER_BYTES + size_of::<B>() + size_of::<GroupSize>(), size_of::<B::Entry>());
    let need = begin + entry * entries.len();
    let have = buffer.len();
    let frame = buffer.get_mut(..need).filter(|_| entries.len() <= B::ENTRIES_MAX);
    let frame = frame.ok_or(NoRoom { need, have })?;
    let (before, group) = frame.split_at_mut(begin);
    let (root, size) = before.split_at_mut(begin - size_of::<GroupSize>());
    write(block, root);
    let num_in_group = u16::try_from(entries.len()).map_err(|_| NoRoom { need, have })?;
    let header = GroupSize { block_length: entry_length::<B>().into(), num_in_group: num_in_group.into() };
    size.copy_from_slice(header.as_bytes());
    for (place, entry) in group.chunks_exact_mut(entry).zip(entries) {
        place.copy_from_slice(entry.as_bytes());
    }
    Ok(need)
}

/// The entries of a group, where they lie.
#[derive(Debug)]
pub struct Entries<'a, T> {
    bytes: &'a [u8],
    /// Bytes from one entry to the next: at least those of `T`.
    stride: usize,
    entry: std::marker::PhantomData<&'a T>,
}

impl<T> Clone for Entries<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Entries<'_, T> {}

impl<'a, T: Block> Entries<'a, T> {
    /// How many they are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.bytes.len() / self.stride
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// One after the other.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &'a T> + Clone + use<'a, T> {
        // Every chunk is as long as a stride, which is no shorter than an entry, and its codes are known.
        self.bytes.chunks_exact(self.stride).map(|chunk| {
            T::try_ref_from_prefix(chunk).map(|(entry, _)| entry).unwrap_or_else(|_| unreachable!())
        })
    }
}

/// The block of a message without a group.
#[inline]
fn single<'a, B: Single>(header: &Header, body: &'a [u8]) -> Result<&'a B, Error> {
    let (block, rest) = root::<B>(header, body)?;
    end::<B>(header, rest)?;
    Ok(block)
}

/// The block of a message with a group, and its entries.
fn grouped<'a, B: Grouped>(header: &Header, body: &'a [u8]) -> Result<(&'a B, Entries<'a, B::Entry>), Error> {
    let message = B::NAME;
    let (block, rest) = root::<B>(header, body)?;
    let short = |need, have| Error::Short { message, need: need + body.len() - rest.len(), have };
    let (size, rest) =
        GroupSize::ref_from_prefix(rest).map_err(|_| short(size_of::<GroupSize>(), body.len()))?;
    let (stride, count) = (usize::from(size.block_length.get()), usize::from(size.num_in_group.get()));
    if count > B::ENTRIES_MAX {
        return Err(Error::Entries { message, found: count, max: B::ENTRIES_MAX });
    }
    let need = size_of::<B::Entry>();
    if stride < need || (stride > need && header.version.get() == VERSION) {
        return Err(Error::EntryLength { message, found: stride, wanted: need });
    }
    // At most 2^16 of at most 2^16 bytes.
    let need = stride * count;
    let (bytes, rest) =
        rest.split_at_checked(need).ok_or(short(need + size_of::<GroupSize>(), body.len()))?;
    end::<B>(header, rest)?;
    if !B::Entry::CODED.is_empty() {
        bytes.chunks_exact(stride).try_for_each(|entry| known::<B::Entry>(entry).map(drop))?;
    }
    Ok((block, Entries { bytes, stride, entry: std::marker::PhantomData }))
}

/// A message's block and what follows it.
#[inline]
fn root<'a, B: Root>(header: &Header, body: &'a [u8]) -> Result<(&'a B, &'a [u8]), Error> {
    let message = B::NAME;
    let (length, wanted) = (usize::from(header.block_length.get()), size_of::<B>());
    if length < wanted || (length > wanted && header.version.get() == VERSION) {
        return Err(Error::BlockLength { message, found: length, wanted });
    }
    let (block, rest) =
        body.split_at_checked(length).ok_or(Error::Short { message, need: length, have: body.len() })?;
    Ok((known::<B>(block)?, rest))
}

/// The block in `bytes`, which are no fewer than it has, if its codes are known.
#[inline]
fn known<B: Block>(bytes: &[u8]) -> Result<&B, Error> {
    match B::try_ref_from_prefix(bytes) {
        Ok((block, _)) if !block.has_unknown_bits() => Ok(block),
        _ => Err(unknown_code::<B>(bytes)),
    }
}

/// A message of this version ends where its last part does; a later one may have more parts.
#[inline]
fn end<B: Root>(header: &Header, rest: &[u8]) -> Result<(), Error> {
    if rest.is_empty() || header.version.get() > VERSION {
        return Ok(());
    }
    Err(Error::Surplus { message: B::NAME, surplus: rest.len() })
}

/// Which field of `block` has a value that is none of its codes.
#[cold]
fn unknown_code<B: Block>(block: &[u8]) -> Error {
    let of = |coded: &&Coded| block.get(coded.offset).is_some_and(|&byte| !(coded.is_known)(byte));
    let message = B::NAME;
    match B::CODED.iter().find(of) {
        Some(coded) => Error::Code { message, field: coded.field, id: coded.id, code: block[coded.offset] },
        // Lengths are checked before, and fields without codes take every value.
        None => Error::Short { message, need: size_of::<B>(), have: block.len() },
    }
}

#[inline]
fn write<B: Root>(block: &B, frame: &mut [u8]) {
    let (header, place) = frame.split_at_mut(HEADER_BYTES);
    header.copy_from_slice(const { Header::of::<B>() }.as_bytes());
    place.copy_from_slice(block.as_bytes());
}

/// Bytes of a block, which headers say in 16 bits.
#[expect(clippy::cast_possible_truncation, reason = "asserted just before")]
const fn length<B>() -> u16 {
    assert!(size_of::<B>() <= u16::MAX as usize);
    size_of::<B>() as u16
}

const fn entry_length<B: Grouped>() -> u16 {
    length::<B::Entry>()
}

const _: () = {
    assert!(HEADER_BYTES == size_of::<U64>());
    assert!(size_of::<GroupSize>() == 4);
};

#[cfg(test)]
mod tests;
