//! The rules of FIX's dictionaries, read twice: by the codec's one walk, and by a plain reading of the dictionaries that
//! clients load. Both must tell the same fault of the same field of whatever a client sends.

mod messages;

use std::{collections::BTreeMap, path::Path};

use messages::{GOOD, change, changed};

use proptest::prelude::*;
use schema::standard::{Dictionary, Field, Resolved, Version as Book};
use wire::fix::{
    message::Message,
    order::{NewOrderSingle, OrderCancelReplaceRequest, OrderCancelRequest, OrderStatusRequest},
    refusal::{Refusal, SessionReject, SessionRejectReason as Why},
    version::Version,
};

/// A version's dictionary, as a client reads it.
struct Rules {
    fields: BTreeMap<u32, Field>,
    header: Vec<Resolved>,
    trailer: Vec<Resolved>,
    messages: BTreeMap<String, Vec<Resolved>>,
}

impl Rules {
    fn read(version: Version) -> Rules {
        let (session, application) = match version {
            Version::Fix42 => (Book::Fix42, Book::Fix42),
            Version::Fix44 => (Book::Fix44, Book::Fix44),
            Version::Fix50Sp2 => (Book::Fixt11, Book::Fix50Sp2),
        };
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/generated");
        let read = |book| Dictionary::read(&folder, book).expect("the dictionary is there");
        let (session, application) = (read(session), read(application));
        let mut rules = Rules {
            fields: session.fields.clone(),
            header: session.resolve(&session.header).unwrap(),
            trailer: session.resolve(&session.trailer).unwrap(),
            messages: BTreeMap::new(),
        };
        rules.fields.extend(application.fields.clone());
        for dictionary in [&application, &session] {
            for message in &dictionary.messages {
                let members = dictionary.resolve(&message.members).unwrap();
                rules.messages.insert(message.msg_type.clone(), members);
            }
        }
        rules
    }

    fn is_of(&self, tag: u32, types: &[&str]) -> bool {
        self.fields.get(&tag).is_some_and(|field| types.contains(&field.fix_type.as_str()))
    }

    /// The tag of the length of the data `tag`.
    fn length_of(&self, tag: u32) -> Option<u32> {
        if !self.is_of(tag, &["DATA", "XMLDATA"]) {
            return None;
        }
        let name = &self.fields[&tag].name;
        let named = |end: &str| {
            self.fields.iter().find(|(_, f)| f.name == format!("{name}{end}")).map(|(&tag, _)| tag)
        };
        let length = named("Len").or_else(|| named("Length")).unwrap_or(tag - 1);
        self.is_of(length, &["LENGTH"]).then_some(length)
    }
}

/// A field as it is cut out of the bytes.
#[derive(Clone, Debug)]
struct Cut {
    tag: u32,
    value: Vec<u8>,
    at: usize,
}

/// A piece of a message: a field, or what is none and how it is told.
type Piece = Result<Cut, (usize, SessionReject)>;

/// `bytes` in pieces, from `at` up to `stop`; data have the length that the field before says.
fn pieces(rules: &Rules, bytes: &[u8], stop: usize) -> Vec<Piece> {
    let (mut at, mut pieces): (usize, Vec<Piece>) = (0, Vec::new());
    while at < stop {
        let soh = |from: usize| bytes[from..stop].iter().position(|&b| b == 1).map_or(stop, |i| from + i);
        let head = &bytes[at..];
        let digits = head.iter().take_while(|b| b.is_ascii_digit()).count();
        let text = std::str::from_utf8(&head[..digits]).unwrap();
        let tag = text
            .parse::<u32>()
            .ok()
            .filter(|&tag| tag > 0 && head[0] != b'0' && digits <= 9 && head.get(digits) == Some(&b'='));
        let Some(tag) = tag else {
            let end = soh(at);
            let name = bytes[at..end].split(|&b| b == b'=').next().unwrap();
            let tag = std::str::from_utf8(name).ok().and_then(|name| name.parse().ok());
            pieces.push(Err((at, SessionReject { reason: Why::InvalidTagNumber, tag })));
            at = end + 1;
            continue;
        };
        let start = at + digits + 1;
        let length = match pieces.last() {
            Some(Ok(last)) if rules.length_of(tag) == Some(last.tag) => {
                std::str::from_utf8(&last.value).ok().filter(|t| t.bytes().all(|b| b.is_ascii_digit()))
            }
            _ => None,
        };
        let end = match length.and_then(|length| length.parse::<u64>().ok()) {
            None => soh(start),
            Some(length) => {
                let end = usize::try_from(length).unwrap().saturating_add(start);
                if length == 0 && bytes.get(end) == Some(&1) {
                    end
                } else if end >= stop || bytes[end] != 1 {
                    pieces.push(Err((at, SessionReject::about(Why::IncorrectDataFormat, tag))));
                    return pieces;
                } else {
                    end
                }
            }
        };
        pieces.push(Ok(Cut { tag, value: bytes[start..end].to_vec(), at }));
        at = end + 1;
    }
    pieces
}

/// A fault, by the order in which faults are told: class, tag, place.
type Fault = ((u8, u32, usize), SessionReject);

const FORM: u8 = 0;
const ORDER: u8 = 1;
const MISSING: u8 = 2;
const FIELD: u8 = 3;
/// The first of what is wrong within a group's entries, unless it is one of the others.
const ENTRY: u8 = 4;

/// Judges a stretch of a message.
struct Judge<'a> {
    rules: &'a Rules,
    pieces: &'a [Piece],
    next: usize,
    faults: Vec<Fault>,
}

impl Judge<'_> {
    fn fault(&mut self, class: u8, cut: &Cut, reason: Why) {
        let tag = if class == FIELD { cut.tag } else { 0 };
        self.faults.push(((class, tag, cut.at), SessionReject::about(reason, cut.tag)));
    }

    fn missing(&mut self, tag: u32) {
        self.faults.push(((MISSING, tag, 0), SessionReject::about(Why::RequiredTagMissing, tag)));
    }

    fn first(&self) -> Option<SessionReject> {
        self.faults.iter().min_by_key(|(rank, _)| *rank).map(|(_, reject)| *reject)
    }

    /// Form and code of a value, and whether data follow their length.
    fn value(&mut self, cut: &Cut) {
        if cut.value.is_empty() {
            return self.fault(FIELD, cut, Why::TagWithoutValue);
        }
        if let Some(length) = self.rules.length_of(cut.tag) {
            let before = self.next.checked_sub(2).map(|i| &self.pieces[i]);
            if !matches!(before, Some(Ok(before)) if before.tag == length && !before.value.is_empty()) {
                self.missing(length);
            }
        }
        let Some(field) = self.rules.fields.get(&cut.tag) else { return };
        // FIX 4.2 calls numbers of messages integers, and does not mean negative ones.
        let fix_type = if cut.tag == 34 { "SEQNUM" } else { &field.fix_type };
        if !is_of_form(fix_type, &cut.value) {
            return self.fault(FIELD, cut, Why::IncorrectDataFormat);
        }
        if field.values.is_empty() {
            return;
        }
        let text = String::from_utf8_lossy(&cut.value).into_owned();
        let words: Vec<&str> =
            if field.fix_type.starts_with("MULTIPLE") { text.split(' ').collect() } else { vec![&text] };
        for word in words {
            if field.values.iter().all(|(code, _)| code != word) {
                let single = field.values.iter().all(|(code, _)| code.len() == 1);
                let long = field.fix_type.starts_with("MULTIPLE") && single && word.len() > 1;
                return self.fault(
                    FIELD,
                    cut,
                    if long { Why::IncorrectDataFormat } else { Why::ValueIncorrect },
                );
            }
        }
    }

    /// The entries of the group that `counter` counts.
    fn group(&mut self, counter: &Cut, members: &[Resolved]) {
        let (mut entries, mut ordered) = (0_u64, true);
        let mut seen: Vec<u32> = Vec::new();
        let outside = std::mem::take(&mut self.faults);
        while let Some(Ok(cut)) = self.pieces.get(self.next).cloned() {
            let Some(member) = members.iter().find(|m| m.tag == cut.tag) else { break };
            self.next += 1;
            if cut.tag == members[0].tag {
                if entries > 0 {
                    self.complete(members, &seen);
                }
                entries += 1;
                seen.clear();
            } else if entries == 0 && ordered {
                ordered = false;
                self.fault(ORDER, &cut, Why::GroupOutOfOrder);
            }
            if seen.contains(&cut.tag) {
                self.fault(FIELD, &cut, Why::TagAppearsMoreThanOnce);
                // What is empty is no more than that.
                if cut.value.is_empty() {
                    continue;
                }
            }
            seen.push(cut.tag);
            self.value(&cut);
            if let Some(inner) = member.group.as_ref().filter(|_| !cut.value.is_empty()) {
                self.group(&cut, inner);
            }
        }
        if entries > 0 {
            self.complete(members, &seen);
        }
        let inside = std::mem::replace(&mut self.faults, outside);
        if let Some(((class, tag, at), reject)) = inside.into_iter().min_by_key(|(rank, _)| *rank) {
            self.faults.push(((if class == FIELD { ENTRY } else { class }, tag, at), reject));
        }
        let wanted =
            std::str::from_utf8(&counter.value).ok().filter(|text| text.bytes().all(|b| b.is_ascii_digit()));
        if let Some(wanted) = wanted.and_then(|text| text.parse::<u64>().ok())
            && ordered
            && wanted != entries
        {
            self.fault(FIELD, counter, Why::IncorrectNumInGroup);
        }
    }

    fn complete(&mut self, members: &[Resolved], seen: &[u32]) {
        for member in members.iter().filter(|m| m.required && !seen.contains(&m.tag)) {
            self.missing(member.tag);
        }
    }

    /// A member of the outermost level.
    fn member(&mut self, cut: &Cut, member: &Resolved, seen: &mut Vec<u32>) {
        let again = seen.contains(&cut.tag);
        seen.push(cut.tag);
        if again {
            self.fault(FIELD, cut, Why::TagAppearsMoreThanOnce);
            if cut.value.is_empty() {
                return;
            }
            // Of its value nothing is said, but what belongs to it does.
            let faults = self.faults.clone();
            self.value(cut);
            let missing: Vec<_> =
                self.faults[faults.len()..].iter().filter(|f| f.0.0 == MISSING).copied().collect();
            self.faults = faults;
            self.faults.extend(missing);
        } else {
            self.value(cut);
        }
        if let Some(entry) = member.group.as_ref().filter(|_| !cut.value.is_empty()) {
            self.group(cut, entry);
        }
    }

    /// The header: fields of its own, and what is no field among them.
    fn header(&mut self) -> Option<SessionReject> {
        let mut seen = Vec::new();
        while let Some(piece) = self.pieces.get(self.next).cloned() {
            match piece {
                Err((at, reject)) => {
                    self.next += 1;
                    self.faults.push(((FORM, 0, at), reject));
                }
                Ok(cut) => {
                    let Some(member) = self.rules.header.iter().find(|m| m.tag == cut.tag) else { break };
                    self.next += 1;
                    self.member(&cut, member, &mut seen);
                }
            }
        }
        self.complete(&self.rules.header, &seen);
        self.first()
    }

    /// What is behind the header of a message of `msg_type`, which must have `required` besides what the dictionary says.
    fn body(&mut self, members: &[Resolved], required: &[u32]) -> Option<SessionReject> {
        let (mut seen, mut trailer): (Vec<u32>, Vec<u32>) = (Vec::new(), Vec::new());
        while let Some(piece) = self.pieces.get(self.next).cloned() {
            self.next += 1;
            let cut = match piece {
                Err((at, reject)) => {
                    self.faults.push(((FORM, 0, at), reject));
                    continue;
                }
                Ok(cut) => cut,
            };
            let member = members.iter().find(|m| m.tag == cut.tag);
            if let Some(member) = member.filter(|_| trailer.is_empty()) {
                self.member(&cut, member, &mut seen);
            } else if let Some(member) = self.rules.trailer.iter().find(|m| m.tag == cut.tag) {
                if cut.tag == 10 && !trailer.contains(&10) {
                    trailer.push(10); // the real one is still to come
                }
                self.member(&cut, member, &mut trailer);
            } else {
                if cut.value.is_empty() {
                    self.fault(FIELD, &cut, Why::TagWithoutValue);
                }
                if !trailer.is_empty() || self.rules.header.iter().any(|m| m.tag == cut.tag) {
                    self.fault(ORDER, &cut, Why::TagOutOfOrder);
                } else if cut.tag < 5000 {
                    let known = self.rules.fields.contains_key(&cut.tag);
                    let reason = if known { Why::TagNotDefinedForMessage } else { Why::InvalidTagNumber };
                    self.fault(FIELD, &cut, reason);
                }
                if member.is_some() {
                    seen.push(cut.tag);
                }
            }
        }
        self.complete(members, &seen);
        for &tag in required.iter().filter(|tag| !seen.contains(tag)) {
            self.missing(tag);
        }
        self.first()
    }
}

/// The forms of values, written down without haste.
fn is_of_form(fix_type: &str, value: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(value) else {
        return !matches!(
            fix_type,
            "CHAR"
                | "INT"
                | "LENGTH"
                | "SEQNUM"
                | "NUMINGROUP"
                | "TAGNUM"
                | "PRICE"
                | "QTY"
                | "AMT"
                | "FLOAT"
                | "PRICEOFFSET"
                | "PERCENTAGE"
                | "BOOLEAN"
                | "UTCTIMESTAMP"
                | "TIME"
                | "UTCTIMEONLY"
                | "LOCALMKTTIME"
                | "UTCDATE"
                | "UTCDATEONLY"
                | "LOCALMKTDATE"
                | "MONTHYEAR"
                | "DAYOFMONTH"
        ) || fix_type == "CHAR" && value.len() == 1;
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let date = |text: &str| {
        let number = |range: std::ops::Range<usize>| text[range].parse::<u32>().unwrap();
        text.len() == 8 && digits(text) && {
            let (year, month, day) = (number(0..4), number(4..6), number(6..8));
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let days = [31, 28 + u32::from(leap), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
            (1970..=2500).contains(&year)
                && (1..=12).contains(&month)
                && day >= 1
                && day <= days[month as usize - 1]
        }
    };
    let time = |text: &str| {
        let (clock, fraction) =
            text.split_once('.').map_or((text, None), |(clock, fraction)| (clock, Some(fraction)));
        let parts: Vec<_> = clock.split(':').collect();
        let below = |i: usize, limit: u32| {
            parts[i].len() == 2 && digits(parts[i]) && parts[i].parse::<u32>().unwrap() < limit
        };
        parts.len() == 3
            && below(0, 24)
            && below(1, 60)
            && below(2, 61)
            && fraction.is_none_or(|fraction| digits(fraction) && [3, 6, 9].contains(&fraction.len()))
    };
    match fix_type {
        "CHAR" => value.len() == 1,
        "INT" => {
            text.len() <= 20 && digits(text.strip_prefix('-').unwrap_or(text)) && text.parse::<i32>().is_ok()
        }
        "LENGTH" | "SEQNUM" | "NUMINGROUP" | "TAGNUM" => digits(text) && text.len() <= 19,
        "PRICE" | "QTY" | "AMT" | "FLOAT" | "PRICEOFFSET" | "PERCENTAGE" => {
            let unsigned = text.strip_prefix('-').unwrap_or(text);
            let (whole, part) = unsigned.split_once('.').unwrap_or((unsigned, ""));
            let joined = format!("{whole}{part}");
            digits(&joined)
        }
        "BOOLEAN" => text == "Y" || text == "N",
        "UTCTIMESTAMP" | "TIME" => text.split_once('-').is_some_and(|(day, clock)| date(day) && time(clock)),
        "UTCTIMEONLY" | "LOCALMKTTIME" => time(text),
        "UTCDATE" | "UTCDATEONLY" | "LOCALMKTDATE" => date(text),
        "MONTHYEAR" => match text.len() {
            6 => text.is_ascii() && date(&format!("{text}01")),
            8 if text.is_ascii() && text.as_bytes()[6] == b'w' => {
                date(&format!("{}01", &text[..6])) && (b'1'..=b'5').contains(&text.as_bytes()[7])
            }
            _ => date(text),
        },
        "DAYOFMONTH" => digits(text) && text.len() <= 2 && (1..=31).contains(&text.parse::<u32>().unwrap()),
        _ if fix_type.starts_with("MULTIPLE") => text.split(' ').all(|word| !word.is_empty()),
        _ => true,
    }
}

/// What [`NewOrderSingle`] and its like say of the message, and which fields the venue requires besides the dictionary.
fn typed(msg_type: &str, message: &Message<'_>) -> Option<(Result<(), Refusal>, Vec<u32>)> {
    let order = if message.find(37).is_some() { vec![55] } else { vec![41, 55] };
    Some(match msg_type {
        "D" => (NewOrderSingle::parse(message).map(drop), vec![55]),
        "F" => (OrderCancelRequest::parse(message).map(drop), order),
        "G" => (OrderCancelReplaceRequest::parse(message).map(drop), order),
        "H" => (OrderStatusRequest::parse(message).map(drop), vec![11, 55]),
        _ => return None,
    })
}

/// The venue's own rule about a good header of FIXT: a message of an application is of the version that the session has,
/// FIX 5.0 SP2, if it says a version.
fn other_application(msg_type: &str, bytes: &[u8], header: &[Piece]) -> Option<SessionReject> {
    let of_session = ["0", "1", "2", "3", "4", "5", "A"].contains(&msg_type);
    let said = header.iter().flatten().find(|cut| cut.tag == 1128)?;
    let other = bytes.starts_with(b"8=FIXT.") && !of_session && said.value != b"9";
    other.then_some(SessionReject::about(Why::ApplicationVersion, 1128))
}

/// Reads the message both ways. Gives whether it is good.
fn compare(rules: &Rules, msg_type: &str, bytes: &[u8]) -> Result<bool, TestCaseError> {
    let message = Message::parse(bytes);
    let stop = bytes.len() - 7;
    let pieces = pieces(rules, bytes, stop);
    let mut judge = Judge { rules, pieces: &pieces, next: 0, faults: Vec::new() };
    let header = judge.header().or_else(|| other_application(msg_type, bytes, &pieces[..judge.next]));
    let shown = String::from_utf8_lossy(bytes).replace('\u{1}', "|");
    prop_assert_eq!(message.fault, header, "the header of {}", shown);
    let Some(members) = rules.messages.get(msg_type) else {
        prop_assert_eq!(message.check(), Err(SessionReject::plain(Why::InvalidMsgType)));
        prop_assert!(!message.is_of_known_type());
        return Ok(false);
    };
    let behind = judge.next;
    let body = |required: &[u32]| {
        let mut judge = Judge { rules, pieces: &pieces, next: behind, faults: Vec::new() };
        judge.body(members, required)
    };
    let fault = body(&[]);
    prop_assert_eq!(message.check().err(), fault, "the body of {}", shown);
    if let Some((verdict, required)) = typed(msg_type, &message) {
        let fault = body(&required);
        let told = match verdict {
            Err(Refusal::Session(reject)) => Some(reject),
            // What the venue makes of a message that FIX finds nothing wrong with.
            Err(Refusal::Business(_)) | Ok(()) => None,
        };
        prop_assert_eq!(told, fault, "typed: {}", shown);
    }
    Ok(header.is_none() && fault.is_none())
}

fn both_agree(version: Version) {
    let rules = Rules::read(version);
    for good in 0..GOOD.len() {
        let (msg_type, bytes) = changed(version, good, &[]);
        compare(&rules, &msg_type, &bytes).expect("good messages are read alike");
    }
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(4000);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let changes = (0..GOOD.len(), prop::collection::vec(change(), 1..4));
    runner
        .run(&changes, |(good, changes)| {
            let (msg_type, bytes) = changed(version, good, &changes);
            compare(&rules, &msg_type, &bytes).map(drop)
        })
        .unwrap_or_else(|error| panic!("{version:?}: {error}"));
}

#[test]
fn fix_4_2_is_judged_by_its_dictionary() {
    both_agree(Version::Fix42);
}

#[test]
fn fix_4_4_is_judged_by_its_dictionary() {
    both_agree(Version::Fix44);
}

#[test]
fn fix_5_0_sp2_is_judged_by_its_dictionaries() {
    both_agree(Version::Fix50Sp2);
}
