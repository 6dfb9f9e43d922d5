//! What blocks are made of.

use std::fmt;

use zerocopy::{
    FromBytes, Immutable, IntoBytes, KnownLayout, TryFromBytes,
    little_endian::{U16, U32, U64},
};

use crate::types::ClOrdId;

/// A field's value as anyone can print or compare it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// There is none.
    Null,
    /// A whole number, or the mantissa of a decimal.
    Number(i128),
    /// A number of 128 bits.
    Wide(u128),
    /// One that may be below zero.
    Signed(i128),
    /// Text without its padding.
    Text(&'a [u8]),
    /// The name of a code.
    Code(&'static str),
    /// A set, and the names of all bits from the lowest.
    Bits(u8, &'static [&'static str]),
}

/// Anything that can stand in a block.
pub trait Field {
    /// Its value.
    fn value(&self) -> Value<'_>;
}

/// A field of which not every byte is a value.
#[derive(Clone, Copy, Debug)]
pub struct Coded {
    /// Its name.
    pub field: &'static str,
    /// Its id.
    pub id: u16,
    /// Its place in the block.
    pub offset: usize,
    /// Whether a byte is one of its values.
    pub is_known: fn(u8) -> bool,
}

/// Whether `byte` is a value of `T`.
pub(super) fn is_code<T: TryFromBytes>(byte: u8) -> bool {
    T::try_read_from_bytes(&[byte]).is_ok()
}

/// A type of which one value stands for no value.
pub trait Nullable: Copy + PartialEq {
    /// The value that stands for none.
    const NULL: Self;
    /// What it is read as.
    type Read;

    /// Reads it.
    fn read(self) -> Self::Read;

    /// Writes it.
    fn write(value: Self::Read) -> Self;
}

/// A value or none.
#[derive(Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(transparent)]
pub struct Optional<T>(T);

impl<T: Nullable> Optional<T> {
    /// No value.
    pub const NULL: Optional<T> = Optional(T::NULL);

    /// The value, if there is one.
    #[inline]
    #[must_use]
    pub fn get(self) -> Option<T::Read> {
        if self.0 == T::NULL { None } else { Some(self.0.read()) }
    }
}

impl<T: Nullable> From<Option<T::Read>> for Optional<T> {
    /// The value that stands for none is none.
    #[inline]
    fn from(value: Option<T::Read>) -> Self {
        value.map_or(Self::NULL, |value| Optional(T::write(value)))
    }
}

impl<T: Nullable + Field> Field for Optional<T> {
    fn value(&self) -> Value<'_> {
        if self.0 == T::NULL { Value::Null } else { self.0.value() }
    }
}

impl<T: Nullable + Field> fmt::Debug for Optional<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value().fmt(f)
    }
}

macro_rules! number {
    ($($wire:ident($inner:ident)),+) => { $(
        impl Field for $wire {
            fn value(&self) -> Value<'_> {
                Value::Number(self.get().into())
            }
        }

        impl Nullable for $wire {
            const NULL: $wire = $wire::new($inner::MAX);
            type Read = $inner;

            #[inline]
            fn read(self) -> $inner {
                self.get()
            }

            #[inline]
            fn write(value: $inner) -> $wire {
                $wire::new(value)
            }
        }
    )+ };
}
number!(U16(u16), U32(u32), U64(u64));

/// Text padded with zeros; all zeros is none.
#[derive(Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(transparent)]
pub struct Text<const N: usize>([u8; N]);

impl<const N: usize> Text<N> {
    /// No text.
    pub const NONE: Text<N> = Text([0; N]);

    /// With its padding.
    #[must_use]
    pub const fn padded(&self) -> &[u8; N] {
        &self.0
    }

    /// Without its padding: what stands before the first zero.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        let length = self.0.iter().position(|&byte| byte == 0).unwrap_or(N);
        &self.0[..length]
    }
}

impl From<ClOrdId> for Text<{ ClOrdId::MAX }> {
    #[inline]
    fn from(name: ClOrdId) -> Self {
        Text(*name.padded())
    }
}

impl<const N: usize> From<[u8; N]> for Text<N> {
    fn from(padded: [u8; N]) -> Self {
        Text(padded)
    }
}

impl<const N: usize> Field for Text<N> {
    fn value(&self) -> Value<'_> {
        Value::Text(self.bytes())
    }
}

impl<const N: usize> fmt::Debug for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.bytes().escape_ascii())
    }
}
