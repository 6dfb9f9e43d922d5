//! What each version of FIX has: messages and their fields, groups, formats, coded values; the standard's, and what the
//! venue adds to it.
//!
//! The tables are generated ([`crate::fix::version`] for each) and static. What a walk asks for each field of a message
//! is one look into an array by its tag; the rest is asked of rarer fields.

mod fix42;
mod fix44;
mod fix50sp2;
mod format;
pub(super) mod slot;

pub(super) use format::Format;

use super::version::Version;
use slot::Slots;

/// From here on tags are the users' own: they mean what two sides agree on, and here nothing.
pub const USER_DEFINED_MIN: u32 = 5000;

/// Tags below this have a place in an array.
const NEAR: usize = 1024;
/// Members that a message may have at most.
pub(super) const MEMBERS_MAX: usize = 576;

/// What stands in a message or in a group's entry, groups' own fields not counted.
#[derive(Debug)]
pub(super) struct Members {
    /// Their tags, in order.
    pub(super) tags: &'static [u16],
    /// Those that must be there, in order.
    pub(super) required: &'static [u16],
    /// Those that count the entries of a group, in order, and the place of the group among all.
    groups: &'static [(u16, u16)],
}

/// A repeating group.
#[derive(Debug)]
pub(super) struct Group {
    /// The field that begins an entry.
    pub(super) first: u16,
    /// What stands in an entry.
    pub(super) members: Members,
}

/// A message, and where a walk puts its fields.
#[derive(Debug)]
pub(super) struct Rules {
    msg_type: &'static [u8],
    pub(super) members: Members,
    /// The slots that some fields have.
    slots: &'static Slots,
    near: [u16; NEAR],
    /// A bit for each slot whose field is one of the members.
    pub(super) has: u64,
    /// A bit for each slot whose field is required.
    pub(super) required: u64,
    /// Whether fields are required that have no slot.
    pub(super) requires_others: bool,
}

/// One field of FIX.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) tag: u16,
    pub(super) format: Format,
    /// The place of its coded values; 0 if it is not coded.
    codes: u16,
    /// Of a length, the tag of the field whose length it tells; of data, the tag of its length; else 0.
    pub(super) partner: u16,
}

/// Characters of ASCII: a bit each.
pub(super) type Chars = [u64; 2];

/// The values that a coded field may have.
#[derive(Debug)]
pub(super) enum Codes {
    /// Single characters.
    Chars(Chars),
    /// Others, in order.
    Words(&'static [&'static str]),
}

/// A version of FIX.
#[derive(Debug)]
pub(super) struct Dictionary {
    pub(super) header: Rules,
    pub(super) trailer: Members,
    messages: &'static [Rules],
    /// Their places by MsgType (35), where that is one character, and from 1 on; 0 for none.
    by_type: [u8; 128],
    groups: &'static [Group],
    /// Those that stand in messages that we read, and all data and their lengths, in order of their tags.
    fields: &'static [Field],
    /// Their places by tag and from 1 on, 0 for none.
    near: [u16; NEAR],
    codes: &'static [Codes],
    /// The characters that fields of bodies may be, by slot; none where a field is not coded, or not by characters.
    pub(super) chars: [Chars; slot::COUNT],
    /// First and last of the ranges of tags that there are.
    known: &'static [(u16, u16)],
    /// MsgType (35) of all messages that there are, in order.
    types: &'static [&'static str],
}

/// The dictionary of `version`.
#[must_use]
pub(super) const fn of(version: Version) -> &'static Dictionary {
    match version {
        Version::Fix42 => &fix42::DICTIONARY,
        Version::Fix44 => &fix44::DICTIONARY,
        Version::Fix50Sp2 => &fix50sp2::DICTIONARY,
    }
}

impl Dictionary {
    /// The rules of messages of this type, if they are read here.
    #[inline]
    pub(super) fn message(&self, msg_type: &[u8]) -> Option<&'static Rules> {
        match *msg_type {
            [c @ 0..=127] => self.messages.get(usize::from(self.by_type[usize::from(c)]).wrapping_sub(1)),
            _ => self.messages.iter().find(|rules| rules.msg_type == msg_type),
        }
    }

    /// Whether this version has messages of this type, read here or not.
    pub(super) fn has_type(&self, msg_type: &[u8]) -> bool {
        self.types.binary_search_by(|known| known.as_bytes().cmp(msg_type)).is_ok()
    }

    /// The field of this tag, if it stands in anything that is read here.
    #[inline]
    pub(super) fn field(&self, tag: u32) -> Option<&'static Field> {
        match self.near.get(tag as usize) {
            Some(&place) => self.fields.get(usize::from(place).wrapping_sub(1)),
            None => {
                let at = self.fields.binary_search_by_key(&tag, |field| field.tag.into()).ok()?;
                self.fields.get(at)
            }
        }
    }

    /// Whether this version has a field of this tag.
    pub(super) fn has_tag(&self, tag: u32) -> bool {
        let behind = self.known.partition_point(|&(first, _)| u32::from(first) <= tag);
        behind > 0 && tag <= self.known[behind - 1].1.into()
    }

    /// The values that `field` may have; `None` if any.
    #[inline]
    pub(super) fn codes(&self, field: &Field) -> Option<&'static Codes> {
        if field.codes == 0 { None } else { self.codes.get(usize::from(field.codes)) }
    }

    /// The group that `tag` counts among `members`.
    pub(super) fn group(&self, members: &Members, tag: u32) -> Option<&'static Group> {
        let at = members.groups.binary_search_by_key(&tag, |&(counter, _)| counter.into()).ok()?;
        self.groups.get(usize::from(members.groups[at].1))
    }
}

impl Members {
    /// The place of `tag` among them.
    pub(super) fn place(&self, tag: u32) -> Option<usize> {
        self.tags.binary_search_by_key(&tag, |&member| member.into()).ok()
    }
}

impl Rules {
    const fn of_message(msg_type: &'static [u8], members: Members) -> Rules {
        Rules::new(msg_type, members, &slot::BODY)
    }

    const fn of_header(members: Members) -> Rules {
        Rules::new(b"", members, &slot::HEADER)
    }

    const fn new(msg_type: &'static [u8], members: Members, slots: &'static Slots) -> Rules {
        assert!(members.tags.len() <= MEMBERS_MAX);
        let mut near = [0; NEAR];
        let mut i = 0;
        while i < members.tags.len() && (members.tags[i] as usize) < NEAR {
            near[members.tags[i] as usize] = slot_of(members.tags[i], i, slots);
            i += 1;
        }
        let (mut has, mut required, mut requires_others) = (0, 0, false);
        i = 0;
        while i < members.tags.len() {
            let slot = slot_of(members.tags[i], i, slots) as usize;
            if slot < slot::COUNT {
                has |= 1 << slot;
            }
            i += 1;
        }
        i = 0;
        while i < members.required.len() {
            let slot = slot_of(members.required[i], 0, slots) as usize;
            if slot < slot::COUNT {
                required |= 1 << slot;
            } else {
                requires_others = true;
            }
            i += 1;
        }
        Rules { msg_type, members, slots, near, has, required, requires_others }
    }

    /// The slot of `tag`: one of [`slot`]'s, or from [`slot::COUNT`] on one of its own; 0 if the message does not
    /// have it.
    pub(super) fn slot(&self, tag: u32) -> usize {
        match self.near.get(tag as usize) {
            Some(&slot) => slot.into(),
            None => self.far_slot(tag),
        }
    }

    fn far_slot(&self, tag: u32) -> usize {
        self.members.place(tag).map_or(0, |at| slot_of(self.members.tags[at], at, self.slots).into())
    }
}

/// The slot of the member `tag`, which is at `at`.
#[expect(clippy::cast_possible_truncation, reason = "both are below MEMBERS_MAX + COUNT")]
const fn slot_of(tag: u16, at: usize, slots: &Slots) -> u16 {
    let mut slot = 1;
    while slot < slot::COUNT {
        if slots.tags[slot] == tag {
            return slot as u16;
        }
        slot += 1;
    }
    (slot::COUNT + at) as u16
}

/// The places of `messages` by type, from 1 on.
#[expect(clippy::cast_possible_truncation, reason = "there are fewer messages than one character can name")]
const fn by_type(messages: &[Rules]) -> [u8; 128] {
    let mut places = [0; 128];
    let mut i = 0;
    while i < messages.len() {
        if let [c] = *messages[i].msg_type {
            places[c as usize] = i as u8 + 1;
        }
        i += 1;
    }
    places
}

/// The places of `fields` by tag, from 1 on.
#[expect(clippy::cast_possible_truncation, reason = "there are fewer fields than tags, which are of 16 bits")]
const fn near(fields: &[Field]) -> [u16; NEAR] {
    let mut near = [0; NEAR];
    let mut i = 0;
    while i < fields.len() && (fields[i].tag as usize) < NEAR {
        near[fields[i].tag as usize] = i as u16 + 1;
        i += 1;
    }
    near
}

/// The characters that `fields` of bodies may be, by slot.
const fn chars(fields: &[Field], codes: &[Codes]) -> [Chars; slot::COUNT] {
    let mut chars = [[0; 2]; slot::COUNT];
    let mut i = 0;
    while i < fields.len() {
        if fields[i].codes != 0
            && let Codes::Chars(bits) = codes[fields[i].codes as usize]
        {
            let slot = slot_of(fields[i].tag, 0, &slot::BODY) as usize;
            if slot < slot::COUNT {
                chars[slot] = bits;
            }
        }
        i += 1;
    }
    chars
}

impl Field {
    const fn new(tag: u16, format: Format, codes: u16, partner: u16) -> Field {
        Field { tag, format, codes, partner }
    }
}

/// Whether `bits` has that of the character `c`.
#[inline(always)]
pub(super) const fn is_in(bits: &Chars, c: u8) -> bool {
    c < 128 && bits[c as usize / 64] >> (c % 64) & 1 != 0
}

impl Codes {
    const fn chars(chars: &[u8]) -> Codes {
        let mut bits = [0; 2];
        let mut i = 0;
        while i < chars.len() {
            bits[chars[i] as usize / 64] |= 1 << (chars[i] % 64);
            i += 1;
        }
        Codes::Chars(bits)
    }

    /// Whether `value` is one of them.
    pub(super) fn have(&self, value: &[u8]) -> bool {
        match *self {
            Codes::Chars(ref bits) => matches!(*value, [c] if is_in(bits, c)),
            Codes::Words(words) => words.binary_search_by(|known| known.as_bytes().cmp(value)).is_ok(),
        }
    }
}
