//! A stretch of a message in one walk: every field judged by the dictionary, those that a typed reader wants kept where
//! it finds them.
//!
//! Faults do not end a walk. Of several, the one is told that QuickFIX would find first: fields out of order, then
//! required ones that are missing, then whatever is wrong with a single field, in order of tags; before all of them what
//! cannot be told apart into fields.

mod found;
mod read;

pub(super) use self::found::{Found, Own, Spans};

use self::found::Span;
use super::{
    SOH,
    dictionary::{
        Codes, Dictionary, Field as Known, Format, Group, MEMBERS_MAX, Members, Rules, USER_DEFINED_MIN,
        slot::{self, Slots},
    },
    frame::TRAILER,
    message::{Field, Fields, Marks},
    refusal::{SessionReject, SessionRejectReason as Why},
    value::{self, Day},
};

/// What is wrong, and how it ranks among faults.
#[derive(Clone, Copy, Debug)]
struct Fault {
    rank: (Class, u32, usize),
    reject: SessionReject,
}

/// Kinds of faults, the first to be told first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    /// Bytes that make no field.
    Form,
    /// A field behind others that must follow it, or before one that must begin its entry.
    Order,
    /// A field that is not there.
    Missing,
    /// Anything else about one field.
    Field,
    /// The same about one in an entry of a group: QuickFIX does not look there.
    Entry,
}

/// Takes the fields of groups, counters included, in order.
pub(super) type Entries<'a, 'b> = &'a mut dyn FnMut(&Field<'b>) -> Result<(), SessionReject>;

/// What a walk has found.
#[derive(Debug)]
pub(super) struct Walk<'b, S = Own> {
    bytes: &'b [u8],
    dictionary: &'static Dictionary,
    slots: &'static Slots,
    /// A bit for each slot that has a value.
    found: u64,
    spans: S,
    /// A bit for each slot whose field was there without a value.
    empty: u64,
    fault: Option<Fault>,
    /// Remembers the day of timestamps read.
    pub(super) day: Day,
}

/// Where a walk has ended.
pub(super) struct End {
    pub(super) at: usize,
    /// Whether all fields were usual ones.
    pub(super) usual: bool,
}

/// How a stretch of a message is walked.
pub(super) struct Way {
    pub(super) rules: &'static Rules,
    /// A bit for each slot whose value's form the caller finds out itself, reading it.
    pub(super) read: u64,
    /// Whether the stretch ends before the first field that has no place in it: the header.
    pub(super) ends: bool,
    /// Whether users' own tags are refused, too, if the dictionary does not have them.
    pub(super) strict: bool,
}

/// The bits of `slots`.
pub(super) const fn bits(slots: &[usize]) -> u64 {
    let mut bits = 0;
    let mut i = 0;
    while i < slots.len() {
        bits |= 1 << slots[i];
        i += 1;
    }
    bits
}

/// A field that has been found: where it begins, and where its value does and ends.
#[derive(Clone, Copy)]
struct Spot {
    tag: u32,
    before: usize,
    start: usize,
    end: usize,
}

/// Members of a message or entry that have been there, by their places.
struct Seen([u64; (slot::COUNT + MEMBERS_MAX) / 64]);

impl Seen {
    const NOTHING: Seen = Seen([0; _]);

    fn has(&self, place: usize) -> bool {
        self.0[place / 64] >> (place % 64) & 1 != 0
    }

    /// Notes a member. Gives whether it had been there before.
    fn again(&mut self, place: usize) -> bool {
        let again = self.has(place);
        self.0[place / 64] |= 1 << (place % 64);
        again
    }
}

/// What a walk keeps in mind beside what it has found.
struct State {
    /// Members by slot; of those that have a span, only the ones that were empty.
    seen: Seen,
    /// The trailer's fields, once it has begun.
    trailer: Option<Seen>,
    /// Where the field must begin that the last length was about, and its tag.
    announced: (usize, u32),
    /// What data is announced: its tag, and how many bytes.
    data: Option<(u32, usize)>,
}

impl<'b> Walk<'b> {
    /// One that is still to be made, over a stretch of `bytes`.
    #[inline(always)]
    pub(super) const fn new(
        bytes: &'b [u8],
        dictionary: &'static Dictionary,
        slots: &'static Slots,
        day: Day,
    ) -> Walk<'b> {
        Walk {
            bytes,
            dictionary,
            slots,
            found: 0,
            spans: [Span::NONE; slot::COUNT],
            empty: 0,
            fault: None,
            day,
        }
    }

    /// Puts what stands from `start` to `end` into `slot`, a field that was found without the walk.
    #[inline(always)]
    pub(super) const fn put(&mut self, slot: usize, start: usize, end: usize) {
        self.found |= 1 << slot;
        self.spans[slot] = Span::new(start, end);
    }

    /// What it has found so far.
    pub(super) const fn found(&self) -> Found {
        Found { slots: self.found, spans: self.spans }
    }

    /// Walks from `from` to the trailer's CheckSum (10).
    #[inline(always)]
    pub(super) fn over(&mut self, from: usize, way: &Way, entries: Entries<'_, 'b>) -> End {
        let mut state = State { seen: Seen::NOTHING, trailer: None, announced: (0, 0), data: None };
        let bytes = self.bytes;
        let mut at = from;
        let mut marks = Marks::new(bytes, from);
        // Slots that the walk fills, and those of them that are still empty. None if bytes that framing has not seen
        // lack the SOH before CheckSum, without which a field's end might be that of the message.
        let before_trailer = bytes.len().checked_sub(TRAILER + 1).and_then(|at| bytes.get(at));
        let mut wanted =
            if before_trailer == Some(&SOH) { way.read & way.rules.has & !self.found } else { 0 };
        let mut left = wanted;
        let mut usual = true;
        // What is left has more bytes than CheckSum.
        while let Some(&begin) = bytes.get(at..).and_then(|rest| rest.first_chunk::<{ TRAILER + 1 }>()) {
            // The usual: a field that is wanted, for the first time, and of a form that its reader sees to.
            if let Some(key) = self.slots.key(begin)
                && left & key.bit != 0
            {
                let start = at + usize::from(key.len);
                let end = marks.next();
                if start != end {
                    left ^= key.bit;
                    self.spans[usize::from(key.slot) % slot::COUNT] = Span::new(start, end);
                    at = end + 1;
                    continue;
                }
            } else if way.ends && slot::BODY.key(begin).is_some() {
                break;
            }
            usual = false;
            self.found |= wanted & !left;
            let Some(next) = self.other(at, &mut state, way, entries) else { break };
            at = next;
            marks = Marks::new(bytes, next);
            if state.trailer.is_some() {
                (wanted, left) = (0, 0);
            }
        }
        self.found |= wanted & !left;
        let rules = way.rules;
        if (left | !way.read) & rules.required != 0 || rules.requires_others || state.trailer.is_some() {
            self.required(&state.seen, rules);
        }
        End { at, usual: usual && self.fault.is_none() }
    }

    /// Any field but the usual ones, at `at`. Gives where the next one begins; `None` if the stretch ends before this one.
    #[inline(never)]
    fn other(&mut self, at: usize, state: &mut State, way: &Way, entries: Entries<'_, 'b>) -> Option<usize> {
        let mut fields = Fields::new(self.bytes, at, self.bytes.len() - TRAILER);
        fields.data = state.data.take().filter(|_| at == state.announced.0);
        let (tag, start, end) = match fields.next_span() {
            Ok(Some(field)) => field,
            Ok(None) => return None,
            Err(fault) => return self.malformed(fault, at, state, way).then_some(fields.at()),
        };
        let slot = way.rules.slot(tag);
        if slot == 0 && way.ends {
            return None;
        }
        let again = if slot == 0 || state.trailer.is_some() {
            match self.place(tag, start, state, way) {
                Some(again) => again,
                None => {
                    // Even so its data are no fields.
                    let found = Spot { tag, before: at, start, end };
                    self.announce(self.dictionary.field(tag), found, &mut fields, state);
                    state.data = fields.data;
                    return Some(fields.at());
                }
            }
        } else {
            self.has(slot) || state.seen.again(slot)
        };
        if again {
            self.wrong(tag, start, Why::TagAppearsMoreThanOnce);
        } else if (1..slot::COUNT).contains(&slot) {
            self.put(slot, start, end);
        }
        let found = Spot { tag, before: at, start, end };
        let known = self.dictionary.field(tag);
        // What a slot's reader finds out itself is left to it.
        if slot >= slot::COUNT || way.read >> slot & 1 == 0 {
            self.judge(known, tag, start, &self.bytes[start..end]);
        }
        self.partner(known, found, &mut fields, state);
        if let Some(group) = self.dictionary.group(&way.rules.members, tag) {
            fields = self.group(group, found, fields, state, entries);
        }
        state.data = fields.data;
        Some(fields.at())
    }

    /// A field without a tag or value. Gives whether the walk goes on behind it.
    #[cold]
    fn malformed(&mut self, fault: SessionReject, at: usize, state: &mut State, way: &Way) -> bool {
        let tag = fault.tag.and_then(|tag| u32::try_from(tag).ok()).unwrap_or(0);
        if fault.reason != Why::TagWithoutValue {
            self.note(Class::Form, 0, at, fault);
            return true;
        }
        let slot = way.rules.slot(tag);
        if slot == 0 && way.ends {
            return false;
        }
        if (1..slot::COUNT).contains(&slot) {
            self.empty |= 1 << slot;
        }
        let again = if state.trailer.is_some() || slot == 0 {
            if self.dictionary.trailer.place(tag).is_none() {
                // That it has no value is told before that it should not be there.
                self.wrong(tag, at, Why::TagWithoutValue);
            }
            self.place(tag, at, state, way) == Some(true)
        } else {
            state.seen.again(slot) || self.has(slot)
        };
        self.wrong(tag, at, if again { Why::TagAppearsMoreThanOnce } else { Why::TagWithoutValue });
        true
    }

    /// Judges the place of a field that is none of the message's own, or stands behind the beginning of the trailer.
    /// Gives whether a trailer's field was there before; `None` for other fields.
    fn place(&mut self, tag: u32, at: usize, state: &mut State, way: &Way) -> Option<bool> {
        if let Some(place) = self.dictionary.trailer.place(tag) {
            let seen = state.trailer.get_or_insert(Seen::NOTHING);
            // CheckSum ends the message, and is no part of the stretch.
            return Some(seen.again(place) || tag == 10);
        }
        if state.trailer.is_some() || self.dictionary.header.slot(tag) != 0 {
            self.note(Class::Order, 0, at, SessionReject::about(Why::TagOutOfOrder, tag));
        } else if tag < USER_DEFINED_MIN || way.strict {
            let known = self.dictionary.has_tag(tag);
            self.wrong(tag, at, if known { Why::TagNotDefinedForMessage } else { Why::InvalidTagNumber });
        }
        None
    }

    /// A length announces data; data must have been announced.
    fn partner(&mut self, known: Option<&Known>, found: Spot, fields: &mut Fields<'b>, state: &mut State) {
        let Some(known) = known.filter(|known| known.partner != 0) else { return };
        if known.format == Format::Data {
            if state.announced != (found.before, found.tag) {
                self.missing(known.partner);
            }
        } else {
            self.announce(Some(known), found, fields, state);
        }
    }

    /// If the field is a length, the next one may be its data.
    fn announce(&self, known: Option<&Known>, found: Spot, fields: &mut Fields<'b>, state: &mut State) {
        let Some(known) = known.filter(|known| known.partner != 0 && known.format != Format::Data) else {
            return;
        };
        let len =
            value::unsigned(&self.bytes[found.start..found.end]).and_then(|len| usize::try_from(len).ok());
        fields.data = len.map(|len| (known.partner.into(), len));
        state.announced = (fields.at(), known.partner.into());
    }

    /// The entries of a group, as far as its members go.
    fn group(
        &mut self,
        group: &'static Group,
        counter: Spot,
        mut fields: Fields<'b>,
        state: &mut State,
        entries: Entries<'_, 'b>,
    ) -> Fields<'b> {
        let field = Field { tag: counter.tag, value: &self.bytes[counter.start..counter.end] };
        self.give(&field, counter.start, entries);
        let outside = self.fault.take();
        let (mut count, mut ordered, mut seen) = (0_u64, true, Seen::NOTHING);
        loop {
            let behind = fields.clone();
            let before = fields.at();
            let (tag, span) = match fields.next_span() {
                Ok(Some((tag, start, end))) => (tag, Some((start, end))),
                Err(SessionReject { reason: Why::TagWithoutValue, tag: Some(tag) }) => {
                    (tag.unsigned_abs(), None)
                }
                // What it is, is found out again where the group stands.
                Ok(None) | Err(_) => (0, None),
            };
            let Some(place) = group.members.place(tag) else {
                fields = behind;
                break;
            };
            if tag == u32::from(group.first) {
                if count > 0 {
                    self.complete(&group.members, &seen);
                }
                count += 1;
                seen = Seen::NOTHING;
            } else if count == 0 && ordered {
                ordered = false;
                self.note(Class::Order, 0, before, SessionReject::about(Why::GroupOutOfOrder, tag));
            }
            let again = seen.again(place);
            if again {
                self.wrong(tag, before, Why::TagAppearsMoreThanOnce);
            }
            let Some((start, end)) = span else {
                if !again {
                    self.wrong(tag, before, Why::TagWithoutValue);
                }
                continue;
            };
            let found = Spot { tag, before, start, end };
            let known = self.dictionary.field(tag);
            let field = Field { tag, value: &self.bytes[start..end] };
            self.judge(known, tag, before, field.value);
            self.partner(known, found, &mut fields, state);
            match self.dictionary.group(&group.members, tag) {
                Some(inner) => fields = self.group(inner, found, fields, state, entries),
                None => self.give(&field, before, entries),
            }
        }
        if count > 0 {
            self.complete(&group.members, &seen);
        }
        if let Some(Fault { rank: (class @ Class::Field, ..), .. }) = &mut self.fault {
            *class = Class::Entry;
        }
        self.fault = [outside, self.fault].into_iter().flatten().min_by_key(|fault| fault.rank);
        // A counter that is no number has been found out, and so has an entry that does not begin.
        if ordered && value::unsigned(field.value).is_some_and(|wanted| wanted != count) {
            self.wrong(counter.tag, counter.start, Why::IncorrectNumInGroup);
        }
        fields
    }

    fn give(&mut self, field: &Field<'b>, at: usize, entries: Entries<'_, 'b>) {
        if let Err(reject) = entries(field) {
            self.note(Class::Field, field.tag, at, reject);
        }
    }

    /// Notes what an entry should have.
    fn complete(&mut self, members: &Members, seen: &Seen) {
        for &tag in members.required {
            if !members.place(tag.into()).is_some_and(|place| seen.has(place)) {
                self.missing(tag);
            }
        }
    }

    /// Notes what the message should have.
    #[cold]
    fn required(&mut self, seen: &Seen, rules: &Rules) {
        for &tag in rules.members.required {
            let slot = rules.slot(tag.into());
            if !self.has(slot) && !seen.has(slot) {
                self.missing(tag);
            }
        }
    }
}

impl<'b> Walk<'b, &'b Own> {
    /// One over bytes in which everything is where it was `found`.
    #[inline(always)]
    pub(super) const fn known(
        bytes: &'b [u8],
        dictionary: &'static Dictionary,
        slots: &'static Slots,
        found: &'b Found,
        day: Day,
    ) -> Self {
        Walk { bytes, dictionary, slots, found: found.slots, spans: &found.spans, empty: 0, fault: None, day }
    }
}

impl<S> Walk<'_, S> {
    /// Judges form and code of a value. Gives whether nothing is wrong with it.
    fn judge(&mut self, known: Option<&Known>, tag: u32, at: usize, value: &[u8]) -> bool {
        let Some(known) = known else { return true };
        if !known.format.fits(value) {
            self.wrong(tag, at, Why::IncorrectDataFormat);
            return false;
        }
        let Some(codes) = self.dictionary.codes(known) else { return true };
        let mut words = value.split(|&b| known.format == Format::Words && b == b' ');
        if let Some(word) = words.find(|word| !codes.have(word)) {
            let long = known.format == Format::Words && matches!(codes, Codes::Chars(_)) && word.len() > 1;
            self.wrong(tag, at, if long { Why::IncorrectDataFormat } else { Why::ValueIncorrect });
            return false;
        }
        true
    }

    #[cold]
    fn missing(&mut self, tag: u16) {
        let tag = tag.into();
        self.note(Class::Missing, tag, 0, SessionReject::about(Why::RequiredTagMissing, tag));
    }

    #[cold]
    fn wrong(&mut self, tag: u32, at: usize, reason: Why) {
        self.note(Class::Field, tag, at, SessionReject::about(reason, tag));
    }

    fn note(&mut self, class: Class, tag: u32, at: usize, reject: SessionReject) {
        let rank = (class, tag, at);
        if self.fault.is_none_or(|fault| rank < fault.rank) {
            self.fault = Some(Fault { rank, reject });
        }
    }

    /// The first fault.
    pub(super) fn fault(&self) -> Option<SessionReject> {
        self.fault.map(|fault| fault.reject)
    }

    /// What has come of the walk once all values are read, which may have brought faults to light.
    ///
    /// # Errors
    /// The first fault.
    #[inline(always)]
    pub(super) fn verdict(&self) -> Result<(), SessionReject> {
        match &self.fault {
            None => Ok(()),
            Some(fault) => Err(fault.reject),
        }
    }
}
