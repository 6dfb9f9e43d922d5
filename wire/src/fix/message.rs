//! A message in place: its header, read once, and its fields, one after the other.
//!
//! Nothing is copied and no table of fields is built: whoever knows the message type walks its body once and
//! keeps what it wants ([`super::order`], [`super::report`]).

use super::{
    SOH, dictionary,
    frame::TRAILER,
    refusal::{SessionReject, SessionRejectReason as Why},
    scan, value,
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

/// The fields of a stretch of a message.
#[derive(Clone, Debug)]
pub struct Fields<'b> {
    bytes: &'b [u8],
    at: usize,
    /// Where the stretch ends; `bytes` goes on behind it.
    end: usize,
    /// Where the block begins that `marks` is about.
    block: usize,
    /// Where in the block SOH stands, from `at` on.
    marks: u64,
    /// Bytes of the next field's value if that may hold SOH, else none.
    data: Option<usize>,
}

impl<'b> Fields<'b> {
    /// Those of `bytes` from `at` to `end`.
    #[inline(always)]
    const fn new(bytes: &'b [u8], at: usize, end: usize) -> Self {
        // A block before the first one, with nothing left in it.
        Fields { bytes, at, end, block: at.wrapping_sub(scan::BLOCK), marks: 0, data: None }
    }

    /// The next field; `None` at the end.
    ///
    /// # Errors
    /// A field without a proper tag or without a value. The walk can go on behind it.
    #[inline(always)]
    pub fn next_field(&mut self) -> Result<Option<Field<'b>>, SessionReject> {
        if self.at >= self.end {
            return Ok(None);
        }
        // Tags of two digits are most of them, then those of one and three; whatever else is there takes longer.
        let (tag, value) = match *self.bytes.get(self.at..).unwrap_or_default() {
            [a @ b'1'..=b'9', b @ b'0'..=b'9', b'=', ..] => (digits([b'0', b'0', a, b]), self.at + 3),
            [a @ b'1'..=b'9', b'=', ..] => (digits([b'0', b'0', b'0', a]), self.at + 2),
            [a @ b'1'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', b'=', ..] => {
                (digits([b'0', a, b, c]), self.at + 4)
            }
            _ => self.any_tag()?,
        };
        let soh = if self.data.is_none() { self.next_soh() } else { self.data_end(value) };
        if soh > value && soh < self.end {
            self.at = soh + 1;
            return Ok(Some(Field { tag, value: &self.bytes[value..soh] }));
        }
        Err(self.bad_value(tag, value, soh))
    }

    /// Where the next SOH is; the end of the bytes if there is none.
    #[inline(always)]
    fn next_soh(&mut self) -> usize {
        while self.marks == 0 {
            self.block = self.block.wrapping_add(scan::BLOCK);
            if self.block >= self.bytes.len() {
                return self.bytes.len();
            }
            self.marks = scan::marks(self.bytes, self.block);
        }
        let soh = self.block + self.marks.trailing_zeros() as usize;
        self.marks &= self.marks - 1;
        soh
    }

    /// A tag of any form, and where its value begins.
    #[cold]
    fn any_tag(&mut self) -> Result<(u32, usize), SessionReject> {
        let mut tag: u32 = 0;
        // Nine digits fit, and no tag has more.
        for at in self.at..self.at + 10 {
            match self.bytes.get(at) {
                Some(b'=') if tag > 0 => return Ok((tag, at + 1)),
                Some(digit @ b'0'..=b'9') if at < self.at + 9 => tag = tag * 10 + u32::from(digit - b'0'),
                _ => break,
            }
        }
        self.data = None;
        let soh = self.next_soh().min(self.end);
        let field = self.bytes.get(self.at..soh).unwrap_or_default();
        self.at = soh + 1;
        let tag = field.split(|&b| b == b'=').next().unwrap_or_default();
        let tag = std::str::from_utf8(tag).ok().and_then(|text| text.parse().ok());
        Err(SessionReject { reason: Why::InvalidTagNumber, tag })
    }

    /// Where a value ends that begins at `value` and whose length was given, if SOH stands there; else the end of the
    /// bytes.
    #[cold]
    fn data_end(&mut self, value: usize) -> usize {
        let end = self.data.take().map_or(usize::MAX, |len| value.saturating_add(len));
        if self.bytes.get(end) != Some(&SOH) {
            return self.bytes.len();
        }
        // What is marked up to there was part of the value.
        (self.block, self.marks) = (end + 1, scan::marks(self.bytes, end + 1));
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

    /// `field` is the length of the next one, whose value may hold any byte.
    ///
    /// # Errors
    /// If it is no number.
    pub fn data_follows(&mut self, field: &Field<'b>) -> Result<(), SessionReject> {
        let len = value::unsigned(field.value).and_then(|len| usize::try_from(len).ok());
        self.data = Some(len.ok_or(field.wrong(Why::IncorrectDataFormat))?);
        Ok(())
    }
}

/// The number that four digits are.
const fn digits(text: [u8; 4]) -> u32 {
    let [a, b, c, d] = text;
    (a as u32 * 1000 + b as u32 * 100 + c as u32 * 10 + d as u32) - 1111 * b'0' as u32
}

/// A message's header and the place of its body.
#[derive(Clone, Copy, Debug)]
pub struct Message<'b> {
    frame: &'b [u8],
    /// Where the first field behind the header begins.
    body: usize,
    /// Where CheckSum (10) begins.
    end: usize,
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
    /// The first thing wrong with the header.
    pub fault: Option<SessionReject>,
}

impl<'b> Message<'b> {
    /// The header of `frame`, a message as [`super::frame::next`] found it complete. Faults do not end the
    /// reading: answering one needs the rest of the header.
    #[must_use]
    pub fn parse(frame: &'b [u8]) -> Message<'b> {
        let end = frame.len().saturating_sub(TRAILER);
        let mut message = Message {
            frame,
            body: end,
            end,
            begin_string: &[],
            msg_type: &[],
            sender: &[],
            target: &[],
            seq: None,
            sending_time: None,
            orig_sending_time: None,
            poss_dup: false,
            poss_resend: false,
            fault: None,
        };
        let mut fields = Fields::new(frame, 0, end);
        let mut seen: u32 = 0;
        loop {
            let start = fields.at;
            let field = match fields.next_field() {
                Ok(Some(field)) => field,
                Ok(None) => break,
                // A nameless field does not end the header, or the number that answers it would be lost.
                Err(fault) => {
                    message.note(fault);
                    continue;
                }
            };
            let bit = match field.tag {
                8 => 0,
                9 => 1,
                35 => 2,
                34 => 3,
                49 => 4,
                56 => 5,
                52 => 6,
                43 => 7,
                122 => 8,
                97 => 9,
                tag if dictionary::is_header(tag) => {
                    if dictionary::is_length(tag)
                        && let Err(fault) = fields.data_follows(&field)
                    {
                        message.note(fault);
                    }
                    continue;
                }
                _ => {
                    message.body = start;
                    break;
                }
            };
            if seen & 1 << bit != 0 {
                message.note(field.wrong(Why::TagAppearsMoreThanOnce));
                continue;
            }
            seen |= 1 << bit;
            if let Err(fault) = message.take(&field) {
                message.note(fault);
            }
        }
        // A missing MsgSeqNum is no matter for a Reject, which would have nothing to refer to.
        for (bit, tag) in [(4, 49), (5, 56), (6, 52)] {
            if seen & 1 << bit == 0 {
                message.note(SessionReject::about(Why::RequiredTagMissing, tag));
            }
        }
        message
    }

    #[inline]
    fn take(&mut self, field: &Field<'b>) -> Result<(), SessionReject> {
        let format = || field.wrong(Why::IncorrectDataFormat);
        match field.tag {
            8 => self.begin_string = field.value,
            35 => self.msg_type = field.value,
            34 => self.seq = Some(value::unsigned(field.value).ok_or_else(format)?),
            49 => self.sender = field.value,
            56 => self.target = field.value,
            52 => self.sending_time = Some(value::timestamp(field.value).ok_or_else(format)?),
            122 => self.orig_sending_time = Some(value::timestamp(field.value).ok_or_else(format)?),
            43 => self.poss_dup = value::boolean(field.value).ok_or_else(format)?,
            97 => self.poss_resend = value::boolean(field.value).ok_or_else(format)?,
            _ => {} // 9, which framing has judged
        }
        Ok(())
    }

    #[cold]
    fn note(&mut self, fault: SessionReject) {
        self.fault.get_or_insert(fault);
    }

    /// The fields behind the header, the trailer's but CheckSum included.
    #[must_use]
    pub const fn body(&self) -> Fields<'b> {
        Fields::new(self.frame, self.body, self.end)
    }

    /// The first field of the body with this tag. For messages off the hot path.
    #[must_use]
    pub fn find(&self, tag: u32) -> Option<&'b [u8]> {
        let mut fields = self.body();
        loop {
            match fields.next_field() {
                Ok(Some(field)) if field.tag == tag => return Some(field.value),
                Ok(Some(field)) if dictionary::is_length(field.tag) => {
                    // A length that is none is found out by who checks the message; the walk goes on.
                    let _ = fields.data_follows(&field);
                }
                Ok(Some(_)) | Err(_) => {}
                Ok(None) => return None,
            }
        }
    }

    /// Checks every field of the body against what FIX 4.4 allows in a message of this type: tags known,
    /// in place, none of `single` twice, none empty.
    ///
    /// # Errors
    /// The first fault, with the answer it deserves.
    pub fn check(&self, allowed: &dictionary::Tags, single: &[u32]) -> Result<(), SessionReject> {
        let mut fields = self.body();
        let mut trailer = false;
        let mut seen: u64 = 0;
        while let Some(field) = fields.next_field()? {
            if !allowed.has(field.tag) || trailer {
                trailer |= dictionary::stranger(field.tag, trailer)?;
            }
            if dictionary::is_length(field.tag) {
                fields.data_follows(&field)?;
            }
            if let Some(bit) = single.iter().position(|&tag| tag == field.tag) {
                if seen & 1 << bit != 0 {
                    return Err(field.wrong(Why::TagAppearsMoreThanOnce));
                }
                seen |= 1 << bit;
            }
        }
        Ok(())
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
        let bytes = bytes("8=FIX.4.4|9=1|35=D|11=ID|95=3|96=abcd|58=text|10=000|");
        let message = Message::parse(&bytes);
        let fault = SessionReject::about(Why::IncorrectDataFormat, 96);
        assert_eq!(
            message.check(&dictionary::LOGON, &[]),
            Err(SessionReject::about(Why::TagNotDefinedForMessage, 11))
        );
        let mut fields = message.body();
        fields.next_field().unwrap();
        let length = fields.next_field().unwrap().unwrap();
        fields.data_follows(&length).unwrap();
        assert_eq!(fields.next_field(), Err(fault));
        assert_eq!(fields.next_field(), Ok(None));
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
            let _ = (message.find(58), message.check(&dictionary::LOGON, &[95, 96]));
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
