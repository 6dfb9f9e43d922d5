//! A message in place: its header, read once, and its fields, one after the other.
//!
//! Nothing is copied and no table of fields is built: whoever knows the message type walks its body once and
//! keeps what it wants ([`super::order`], [`super::report`]).

use super::{
    SOH,
    dictionary::{self, Dictionary, Format, Rules, slot},
    frame::{self, Frame, TRAILER},
    places::{Entry, Lane},
    refusal::{Refusal, SessionReject, SessionRejectReason as Why},
    scan,
    value::{self, Day},
    version::Version,
    walk::{self, End, Entries, Found, Spans, Walk, Way},
};
use crate::types::Nanos;

/// One field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'b> {
    /// Its tag, above zero.
    pub tag: u32,
    /// Its value, never empty.
    pub value: &'b [u8],
}

impl<'b> Field<'b> {
    /// What is wrong with this field.
    #[must_use]
    pub fn wrong(&self, reason: Why) -> SessionReject {
        SessionReject::about(reason, self.tag)
    }

    /// Keeps the value in `slot`.
    ///
    /// # Errors
    /// If the message had this field before.
    pub fn once(&self, slot: &mut Option<&'b [u8]>) -> Result<(), SessionReject> {
        match slot.replace(self.value) {
            None => Ok(()),
            Some(_) => Err(self.wrong(Why::TagAppearsMoreThanOnce)),
        }
    }
}

/// The places of SOH in some bytes, one after the other.
#[derive(Clone, Debug)]
pub(super) struct Marks<'b> {
    bytes: &'b [u8],
    /// Where the block begins that `marks` is about.
    block: usize,
    /// Where in the block SOH stands, those that were told left out.
    marks: u64,
}

impl<'b> Marks<'b> {
    /// Those from `at` on.
    #[inline(always)]
    pub(super) fn new(bytes: &'b [u8], at: usize) -> Self {
        Marks { bytes, block: at, marks: scan::marks(bytes, at) }
    }

    /// Where the next SOH is; the end of the bytes if there is none.
    #[inline(always)]
    pub(super) fn next(&mut self) -> usize {
        while self.marks == 0 {
            self.block += scan::BLOCK;
            if self.block >= self.bytes.len() {
                return self.bytes.len();
            }
            self.marks = scan::marks(self.bytes, self.block);
        }
        let soh = self.block + self.marks.trailing_zeros() as usize;
        self.marks &= self.marks - 1;
        soh
    }
}

/// The fields of a stretch of a message.
#[derive(Clone, Debug)]
pub struct Fields<'b> {
    bytes: &'b [u8],
    at: usize,
    /// Where the stretch ends; `bytes` goes on behind it.
    end: usize,
    marks: Marks<'b>,
    /// The tag and the length of data that are announced: if the next field is they, its value may hold any byte.
    pub(super) data: Option<(u32, usize)>,
}

impl<'b> Fields<'b> {
    /// Those of `bytes` from `at` to `end`.
    pub(super) fn new(bytes: &'b [u8], at: usize, end: usize) -> Self {
        Fields { bytes, at, end, marks: Marks::new(bytes, at), data: None }
    }

    /// The next field; `None` at the end.
    ///
    /// # Errors
    /// A field without a proper tag or without a value. The walk can go on behind it.
    #[inline(always)]
    pub fn next_field(&mut self) -> Result<Option<Field<'b>>, SessionReject> {
        let found = self.next_span()?;
        Ok(found.map(|(tag, start, end)| Field { tag, value: &self.bytes[start..end] }))
    }

    /// The next field's tag, and where its value begins and ends.
    ///
    /// # Errors
    /// As [`Fields::next_field`].
    #[inline(always)]
    pub(super) fn next_span(&mut self) -> Result<Option<(u32, usize, usize)>, SessionReject> {
        if self.at >= self.end {
            return Ok(None);
        }
        let (tag, value) = match self.short_tag() {
            Some(found) => found,
            None => self.any_tag()?,
        };
        let soh = if self.data.is_none() { self.marks.next() } else { self.data_end(tag, value) };
        if soh > value && soh < self.end {
            self.at = soh + 1;
            return Ok(Some((tag, value, soh)));
        }
        Err(self.bad_value(tag, value, soh))
    }

    /// Where the next field begins.
    #[inline(always)]
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    /// A tag of one to three digits, as nearly all are, and where its value begins.
    #[inline(always)]
    fn short_tag(&self) -> Option<(u32, usize)> {
        let text = u32::from_le_bytes(*self.bytes.get(self.at..)?.first_chunk()?);
        let [first, one, two, three] = text.to_le_bytes();
        let digits: u8 = if two == b'=' {
            2
        } else if three == b'=' {
            3
        } else if one == b'=' {
            1
        } else {
            return None;
        };
        // The values of the digits, the last one in the highest byte; zeros before the first.
        let unused = 32 - 8 * digits;
        let values = (text << unused) ^ (0x3030_3030 >> unused << unused);
        // What is added makes the high bit appear in values above 9.
        if (values | values.wrapping_add(0x7676_7676)) & 0x8080_8080 != 0 {
            return None;
        }
        let [_, hundreds, tens, ones] = values.to_le_bytes().map(u32::from);
        // A tag has no zeros before it (FIX 4.4 volume 1, "Data types", TagNum).
        let tag = hundreds * 100 + tens * 10 + ones;
        (first != b'0').then_some((tag, self.at + usize::from(digits) + 1))
    }

    /// A tag of any form, and where its value begins.
    #[cold]
    fn any_tag(&mut self) -> Result<(u32, usize), SessionReject> {
        let mut tag: u32 = 0;
        // Nine digits fit, and no tag has more.
        for at in self.at..self.at + 10 {
            match self.bytes.get(at) {
                Some(b'=') if tag > 0 && self.bytes[self.at] != b'0' => return Ok((tag, at + 1)),
                Some(digit @ b'0'..=b'9') if at < self.at + 9 => tag = tag * 10 + u32::from(digit - b'0'),
                _ => break,
            }
        }
        self.data = None;
        let soh = self.marks.next().min(self.end);
        let field = self.bytes.get(self.at..soh).unwrap_or_default();
        self.at = soh + 1;
        let tag = field.split(|&b| b == b'=').next().unwrap_or_default();
        let tag = std::str::from_utf8(tag).ok().and_then(|text| text.parse().ok());
        Err(SessionReject { reason: Why::InvalidTagNumber, tag })
    }

    /// Where a value ends that begins at `value`, if its length was given and SOH stands there; else the end of the
    /// bytes. A length that was about another field is forgotten.
    #[cold]
    fn data_end(&mut self, tag: u32, value: usize) -> usize {
        let Some((_, len)) = self.data.take().filter(|&(data, _)| data == tag) else {
            return self.marks.next();
        };
        let end = value.saturating_add(len);
        if self.bytes.get(end) != Some(&SOH) {
            return self.bytes.len();
        }
        // What is marked up to there was part of the value.
        self.marks = Marks::new(self.bytes, end + 1);
        end
    }

    #[cold]
    fn bad_value(&mut self, tag: u32, value: usize, soh: usize) -> SessionReject {
        if soh == value {
            self.at = value + 1;
            return SessionReject::about(Why::TagWithoutValue, tag);
        }
        self.at = self.end;
        SessionReject::about(Why::IncorrectDataFormat, tag)
    }
}

/// A message's header and the place of its body.
#[derive(Clone, Copy, Debug)]
pub struct Message<'b> {
    frame: &'b [u8],
    /// Where the first field behind the header begins.
    body: usize,
    /// Where CheckSum (10) begins.
    end: usize,
    version: Version,
    /// What is remembered of the session's messages, and the one of them that this one is like.
    lane: Option<&'b Lane>,
    like: Option<&'b Entry>,
    /// The day of SendingTime (52), which a body's times share as a rule.
    day: Day,
    /// BeginString (8).
    pub begin_string: &'b [u8],
    /// MsgType (35).
    pub msg_type: &'b [u8],
    /// SenderCompID (49); empty if missing.
    pub sender: &'b [u8],
    /// TargetCompID (56); empty if missing.
    pub target: &'b [u8],
    /// MsgSeqNum (34), if it has one.
    pub seq: Option<u64>,
    /// SendingTime (52), if it has one.
    pub sending_time: Option<Nanos>,
    /// OrigSendingTime (122), if it has one.
    pub orig_sending_time: Option<Nanos>,
    /// PossDupFlag (43) is Y.
    pub poss_dup: bool,
    /// PossResend (97) is Y.
    pub poss_resend: bool,
    /// Whether users' own tags that the dictionary does not have are faults in the body.
    pub strict: bool,
    /// What is wrong with the header.
    pub fault: Option<SessionReject>,
}

/// A message without groups of which all is taken that its slots hold.
pub(super) trait Typed<'b>: Sized {
    /// MsgType (35).
    const MSG_TYPE: &'static [u8];
    /// A bit for each slot whose value is read.
    const READ: u64;

    /// Takes it from what `walk` has found.
    ///
    /// # Errors
    /// What to answer if it is not as FIX wants it.
    fn read<S: Spans>(walk: &mut Walk<'b, S>) -> Result<Self, Refusal>;
}

/// Whether `frame` begins with the BeginString (8) of `version`.
#[inline(always)]
fn begins(frame: &[u8], version: Version) -> bool {
    let text = version.begin_string().as_bytes();
    frame.get(2..).is_some_and(|rest| rest.starts_with(text) && rest.get(text.len()) == Some(&SOH))
}

/// What is wrong with a message whose ApplVerID (1128) is `id` in a session of `version`. FIXT would let every message
/// choose; a session here has chosen for all of its own (DefaultApplVerID). Messages of the session layer are FIXT's, and
/// have none to choose.
fn other_application_version(id: u8, version: Version, msg_type: &[u8]) -> Option<SessionReject> {
    let ours = version.default_appl_ver_id()?;
    (ours.as_bytes() != [id] && !is_of_session_layer(msg_type))
        .then_some(SessionReject::about(Why::ApplicationVersion, 1128))
}

/// Whether messages of this type are the session layer's own.
fn is_of_session_layer(msg_type: &[u8]) -> bool {
    matches!(msg_type, b"0" | b"1" | b"2" | b"3" | b"4" | b"5" | b"A")
}

/// The header's fields that are read here.
const READ: u64 = walk::bits(&[
    slot::BEGIN_STRING,
    slot::BODY_LENGTH,
    slot::MSG_TYPE,
    slot::MSG_SEQ_NUM,
    slot::SENDER_COMP_ID,
    slot::TARGET_COMP_ID,
    slot::SENDING_TIME,
    slot::POSS_DUP_FLAG,
    slot::ORIG_SENDING_TIME,
    slot::POSS_RESEND,
    slot::APPL_VER_ID,
]);

/// The version of `frame`, and where its BodyLength (9) begins if it begins as nearly all messages do; else 0.
#[inline(always)]
fn beginning(frame: &[u8]) -> (Version, usize) {
    match frame::usual_begin(frame) {
        Some((version, length)) => (version, length - b"9=".len()),
        None => {
            let version = Version::ALL.into_iter().find(|version| begins(frame, *version));
            (version.unwrap_or_default(), 0)
        }
    }
}

/// Makes `walk`, over a whole message of `version`, as far as the header goes.
#[inline(always)]
fn walk_header(walk: &mut Walk<'_>, version: Version, from: usize) -> End {
    if from > 0 {
        // A BeginString that is known already is not walked over again.
        walk.put(slot::BEGIN_STRING, b"8=".len(), from - b"\x01".len());
    }
    let rules = &dictionary::of(version).header;
    walk.over(from, &Way { rules, read: READ, ends: true, strict: false }, &mut |_| Ok(()))
}

impl<'b> Message<'b> {
    /// The header of `frame`, a message as [`super::frame::next`] found it complete. Faults do not end the
    /// reading: answering one needs the rest of the header.
    ///
    /// The dictionary is that of the version that BeginString (8) names, or of FIX 4.4 if it names none we know.
    #[must_use]
    pub fn parse(frame: &'b [u8]) -> Message<'b> {
        Message::walked(frame, None)
    }

    /// The message that `buf` begins with, and its header, as [`frame::next`] and [`Message::parse`] say: quicker if it
    /// is like an earlier one of its session, of which `lane` is what is remembered.
    ///
    /// # Errors
    /// What stands there if it is no whole message.
    #[inline(always)]
    pub fn next(buf: &'b [u8], lane: &'b Lane) -> Result<Message<'b>, Frame> {
        if let Some((frame, like)) = lane.like_last(buf) {
            return Ok(Message::as_before(frame, like, lane));
        }
        match frame::next(buf) {
            Frame::Complete { len } => Ok(match lane.like(&buf[..len]) {
                Some(like) => Message::as_before(&buf[..len], like, lane),
                None => Message::walked(&buf[..len], Some(lane)),
            }),
            other => Err(other),
        }
    }

    #[inline(always)]
    fn as_before(frame: &'b [u8], like: &'b Entry, lane: &'b Lane) -> Message<'b> {
        let dictionary = dictionary::of(like.version);
        let mut walk = Walk::known(frame, dictionary, &slot::HEADER, &like.header, lane.day());
        let mut message = Message::of(&mut walk, frame, like.version, like.at);
        (message.like, message.lane) = (Some(like), Some(lane));
        lane.set_day(message.day);
        message
    }

    #[inline(never)]
    fn walked(frame: &'b [u8], lane: Option<&'b Lane>) -> Message<'b> {
        let day = lane.map_or_else(Day::default, Lane::day);
        let (version, from) = beginning(frame);
        let mut walk = Walk::new(frame, dictionary::of(version), &slot::HEADER, day);
        let end = walk_header(&mut walk, version, from);
        let mut message = Message::of(&mut walk, frame, version, end.at);
        message.lane = lane;
        if let Some(lane) = lane {
            lane.set_day(message.day);
        }
        message
    }

    /// The header that `walk` has found in `frame`, and a body from `body` on.
    #[inline(always)]
    fn of<S: Spans>(walk: &mut Walk<'b, S>, frame: &'b [u8], version: Version, body: usize) -> Message<'b> {
        let flag = |walk: &mut Walk<'b, S>, slot| walk.read(slot, value::boolean).unwrap_or_default();
        // Framing has judged BodyLength (9).
        let mut message = Message {
            frame,
            body,
            end: frame.len().saturating_sub(TRAILER),
            version,
            lane: None,
            like: None,
            day: walk.day,
            begin_string: walk.text_or_empty(slot::BEGIN_STRING),
            msg_type: walk.text_or_empty(slot::MSG_TYPE),
            sender: walk.text_or_empty(slot::SENDER_COMP_ID),
            target: walk.text_or_empty(slot::TARGET_COMP_ID),
            seq: walk.unsigned(slot::MSG_SEQ_NUM),
            sending_time: walk.time(slot::SENDING_TIME),
            orig_sending_time: walk.time(slot::ORIG_SENDING_TIME),
            poss_dup: flag(walk, slot::POSS_DUP_FLAG),
            poss_resend: flag(walk, slot::POSS_RESEND),
            strict: false,
            fault: None,
        };
        let appl_ver_id = walk.text(slot::APPL_VER_ID).and_then(|_| walk.judge_slot(slot::APPL_VER_ID));
        message.day = walk.day;
        message.fault =
            walk.fault().or_else(|| other_application_version(appl_ver_id?, version, message.msg_type));
        message
    }

    /// Whether it was found to be like an earlier one of its session, and needed no walk: see [`super::places`].
    #[must_use]
    pub const fn is_like_another(&self) -> bool {
        self.like.is_some()
    }

    /// Whether this message's version of FIX has messages of its type.
    #[must_use]
    pub fn is_of_known_type(&self) -> bool {
        self.dictionary().has_type(self.msg_type)
    }

    /// Whether it is one of the session layer's own.
    #[must_use]
    pub fn is_of_session_layer(&self) -> bool {
        is_of_session_layer(self.msg_type)
    }

    /// The header's fields. What a length among them announces is not looked at.
    #[must_use]
    pub fn header(&self) -> Fields<'b> {
        Fields::new(self.frame, 0, self.body)
    }

    /// The fields behind the header, the trailer's but CheckSum included.
    #[must_use]
    pub fn body(&self) -> Fields<'b> {
        Fields::new(self.frame, self.body, self.end)
    }

    #[inline(always)]
    const fn dictionary(&self) -> &'static Dictionary {
        dictionary::of(self.version)
    }

    pub(super) const fn version(&self) -> Version {
        self.version
    }

    /// Where the values of the header's slots are, and where the body begins, if all of the header's fields are usual.
    pub(super) fn usual_header(&self) -> Option<(Found, usize)> {
        let (version, from) = beginning(self.frame);
        let mut walk = Walk::new(self.frame, dictionary::of(version), &slot::HEADER, self.day);
        let end = walk_header(&mut walk, version, from);
        end.usual.then(|| (walk.found(), end.at))
    }

    /// A walk over the body, that is still to be made.
    #[inline(always)]
    pub(super) const fn walk(&self) -> Walk<'b> {
        Walk::new(self.frame, self.dictionary(), &slot::BODY, self.day)
    }

    /// Makes the walk over the body, by the rules of messages of `msg_type`. `read` has a bit for each slot whose value
    /// the caller will read.
    ///
    /// # Errors
    /// If this version of FIX has no such messages.
    #[inline(always)]
    pub(super) fn walk_by(
        &self,
        walk: &mut Walk<'b>,
        msg_type: &[u8],
        read: u64,
        entries: Entries<'_, 'b>,
    ) -> Result<(), SessionReject> {
        walk.over(self.body, &self.way(self.rules(msg_type)?, read), entries);
        Ok(())
    }

    /// The body of a message without groups, typed.
    ///
    /// # Errors
    /// What to answer if it is not as FIX wants it.
    #[inline(always)]
    pub(super) fn typed<T: Typed<'b>>(&self) -> Result<T, Refusal> {
        let rules = self.rules(T::MSG_TYPE)?;
        match self.like.and_then(|like| like.body(rules, T::READ)) {
            Some(found) => {
                T::read(&mut Walk::known(self.frame, self.dictionary(), &slot::BODY, found, self.day))
            }
            None => self.typed_by_walk(rules),
        }
    }

    #[inline(never)]
    fn typed_by_walk<T: Typed<'b>>(&self, rules: &'static Rules) -> Result<T, Refusal> {
        let mut walk = self.walk();
        let end = walk.over(self.body, &self.way(rules, T::READ), &mut |_| Ok(()));
        if let Some(lane) = self.lane.filter(|_| end.usual && end.at == self.end) {
            lane.learn(self, rules, T::READ, &walk);
        }
        T::read(&mut walk)
    }

    #[inline(always)]
    fn rules(&self, msg_type: &[u8]) -> Result<&'static Rules, SessionReject> {
        self.dictionary().message(msg_type).ok_or(SessionReject::plain(Why::InvalidMsgType))
    }

    const fn way(&self, rules: &'static Rules, read: u64) -> Way {
        Way { rules, read, ends: false, strict: self.strict }
    }

    /// The first field of the body with this tag. For messages off the hot path.
    #[must_use]
    pub fn find(&self, tag: u32) -> Option<&'b [u8]> {
        let mut fields = self.body();
        loop {
            match fields.next_field() {
                Ok(Some(field)) if field.tag == tag => return Some(field.value),
                Ok(Some(field)) => {
                    let known =
                        self.dictionary().field(field.tag).filter(|known| known.format == Format::Unsigned);
                    if let Some(known) = known.filter(|known| known.partner != 0)
                        && let Some(len) =
                            value::unsigned(field.value).and_then(|len| usize::try_from(len).ok())
                    {
                        fields.data = Some((known.partner.into(), len));
                    }
                }
                Err(_) => {}
                Ok(None) => return None,
            }
        }
    }

    /// Checks the body by the dictionary's rules for messages of this type.
    ///
    /// # Errors
    /// The fault that is to be told, with the answer it deserves.
    pub fn check(&self) -> Result<(), SessionReject> {
        let mut walk = self.walk();
        self.walk_by(&mut walk, self.msg_type, 0, &mut |_| Ok(()))?;
        walk.verdict()
    }

    /// All of the message.
    #[must_use]
    pub const fn bytes(&self) -> &'b [u8] {
        self.frame
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bytes(text: &str) -> Vec<u8> {
        text.replace('|', "\x01").into_bytes()
    }

    const ORDER: &str = "8=FIX.4.4|9=100|35=D|49=TW|56=ISLD|34=215|43=Y|97=N|52=20261120-12:00:00.5|122=20261120-11:00:00|\
         212=5|213=<a|b>|115=X|11=ID|95=4|96=a|=b|58=text|10=000|";

    #[test]
    fn a_header_is_read_and_the_body_begins_behind_it() {
        let bytes = bytes(&ORDER.replace("12:00:00.5", "12:00:00"));
        let message = Message::parse(&bytes);
        assert_eq!(message.fault, None);
        assert_eq!((message.begin_string, message.msg_type), (&b"FIX.4.4"[..], &b"D"[..]));
        assert_eq!((message.sender, message.target, message.seq), (&b"TW"[..], &b"ISLD"[..], Some(215)));
        assert_eq!((message.poss_dup, message.poss_resend), (true, false));
        assert_eq!(message.orig_sending_time, value::timestamp(b"20261120-11:00:00"));
        let mut fields = message.body();
        assert_eq!(fields.next_field(), Ok(Some(Field { tag: 11, value: b"ID" })));
    }

    #[test]
    fn values_of_data_fields_may_hold_any_byte() {
        let bytes = bytes(ORDER);
        let message = Message::parse(&bytes);
        assert_eq!(message.find(96), Some(&b"a\x01=b"[..]));
        assert_eq!(message.find(58), Some(&b"text"[..]));
        assert_eq!(message.find(213), None, "a header's field");
    }

    #[test]
    fn a_length_that_leads_nowhere_ends_the_walk() {
        let bytes = bytes(
            "8=FIX.4.4|9=1|35=5|49=TW|56=ISLD|34=7|52=20261120-12:00:00|354=3|355=abcd|58=text|10=000|",
        );
        let message = Message::parse(&bytes);
        let fault = SessionReject::about(Why::IncorrectDataFormat, 355);
        assert_eq!(message.check(), Err(fault));
        let mut fields = message.body();
        fields.next_field().unwrap();
        fields.data = Some((355, 3));
        assert_eq!(fields.next_field(), Err(fault));
        assert_eq!(fields.next_field(), Ok(None));
    }

    #[test]
    fn users_own_tags_are_faults_only_to_the_strict() {
        let bytes = bytes("8=FIX.4.4|9=1|35=0|49=TW|56=ISLD|34=7|52=20261120-12:00:00|5001=own|10=000|");
        let mut message = Message::parse(&bytes);
        assert_eq!(message.check(), Ok(()));
        message.strict = true;
        assert_eq!(message.check(), Err(SessionReject::about(Why::InvalidTagNumber, 5001)));
    }

    #[test]
    fn the_first_fault_of_a_header_is_kept_and_the_rest_still_read() {
        let bytes = bytes("8=FIX.4.4|9=1|35=D|x=1|49=|56=ISLD|34=7|10=000|");
        let message = Message::parse(&bytes);
        assert_eq!(message.fault, Some(SessionReject::plain(Why::InvalidTagNumber)));
        assert_eq!((message.target, message.seq), (&b"ISLD"[..], Some(7)));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic_or_walk_for_ever(
            bytes in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..200),
                "((8|9|35|34|49|56|52|95|96|354|355|10|0|-1|x)=[0-9A-Z]{0,3}\x01?){0,30}".prop_map(String::into_bytes),
            ]
        ) {
            let message = Message::parse(&bytes);
            let mut fields = message.body();
            let mut count = 0;
            while !matches!(fields.next_field(), Ok(None)) {
                count += 1;
                prop_assert!(count <= bytes.len());
            }
            let _ = (message.find(58), message.check());
        }

        #[test]
        fn the_end_of_a_value_is_found_wherever_it_is(lens in prop::collection::vec(1_usize..150, 1..20)) {
            let body: String = lens.iter().map(|&len| format!("58={}|", "x".repeat(len))).collect();
            let bytes = bytes(&format!("8=FIX.4.4|{body}10=000|"));
            let mut fields = Message::parse(&bytes).body();
            for len in lens {
                prop_assert_eq!(fields.next_field().unwrap().unwrap().value.len(), len);
            }
            prop_assert_eq!(fields.next_field(), Ok(None));
        }
    }
}
