//! What can be wrong with a message.

use super::codes::Fault;

/// Why bytes are no message of the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no whole header.
    #[error("{have} bytes: a message begins with a header of 8")]
    Header {
        /// Bytes there are.
        have: usize,
    },
    /// The header names another schema.
    #[error("a message of schema {found}: this one's id is {}", super::SCHEMA_ID)]
    Schema {
        /// The id in the header.
        found: u16,
    },
    /// The header names a version that is not served any more.
    #[error("a message of version {found} of the schema: the oldest served is {}", super::VERSION)]
    Version {
        /// The version in the header.
        found: u16,
    },
    /// The header names no message of the schema.
    #[error("the schema has no message of template id {found}")]
    Template {
        /// The template id in the header.
        found: u16,
    },
    /// The block is shorter than its fields, or longer than they are in this version.
    #[error("{message}: a block of {found} bytes, where the version has {wanted}")]
    BlockLength {
        /// The message's name.
        message: &'static str,
        /// What the header says.
        found: usize,
        /// What this version has.
        wanted: usize,
    },
    /// The message ends before its block or group does.
    #[error("{message}: {have} bytes behind the header, where {need} are said to be")]
    Short {
        /// The message's name.
        message: &'static str,
        /// Bytes that the header and the group's size call for.
        need: usize,
        /// Bytes there are.
        have: usize,
    },
    /// The message goes on after its end.
    #[error("{message}: {surplus} bytes behind its end")]
    Surplus {
        /// The message's name.
        message: &'static str,
        /// How many bytes.
        surplus: usize,
    },
    /// A field's value is none of its codes, or has a bit that has no meaning.
    #[error("{message}.{field} ({id}): {code} is none of its codes")]
    Code {
        /// The message's name.
        message: &'static str,
        /// The field's name.
        field: &'static str,
        /// The field's id.
        id: u16,
        /// Its value.
        code: u8,
    },
    /// A group has more entries than it may.
    #[error("{message}: {found} entries, where it may have {max}")]
    Entries {
        /// The message's name.
        message: &'static str,
        /// How many it says it has.
        found: usize,
        /// How many it may have.
        max: usize,
    },
    /// A group's entries are shorter than their fields, or longer than they are in this version.
    #[error("{message}: entries of {found} bytes, where the version has {wanted}")]
    EntryLength {
        /// The message's name.
        message: &'static str,
        /// What the group's size says.
        found: usize,
        /// What this version has.
        wanted: usize,
    },
}

impl Error {
    /// What a peer is told is wrong with its message.
    #[must_use]
    pub const fn fault(&self) -> Fault {
        match self {
            Error::Header { .. } => Fault::Header,
            Error::Schema { .. } => Fault::Schema,
            Error::Version { .. } => Fault::Version,
            Error::Template { .. } => Fault::Template,
            Error::BlockLength { .. } => Fault::BlockLength,
            Error::Short { .. } | Error::Surplus { .. } => Fault::Length,
            Error::Code { .. } => Fault::Code,
            Error::Entries { .. } | Error::EntryLength { .. } => Fault::Group,
        }
    }

    /// The id of the field that is to blame; 0 is no single one.
    #[must_use]
    pub const fn field_id(&self) -> u16 {
        match self {
            Error::Code { id, .. } => *id,
            _ => 0,
        }
    }
}

/// A message does not fit its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the message has {need} bytes, its place {have}, or a group of it more entries than it may have")]
pub struct NoRoom {
    /// Bytes of the message.
    pub need: usize,
    /// Bytes of its place.
    pub have: usize,
}
