//! How a session's client speaks: FIX as the standard has it, or as Binance's clients do.
//!
//! A dialect is a translation at the session's edge. What its client sends becomes a message of the session's FIX before
//! anybody else looks at it; what the venue sends is FIX, of which such a client finds the fields that it knows.

use std::str;

use wire::{
    fix::{
        SOH,
        message::Message,
        refusal::{SessionReject, SessionRejectReason as Why},
        value,
    },
    limits::FIX_MESSAGE_BYTES_MAX,
    types::Nanos,
};

/// How a session's client speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// As its version of FIX has it.
    #[default]
    Fix,
    /// As Binance's FIX API has it for order entry (binance-spot-api-docs, fix-api.md): FIX 4.4 with fields left out that
    /// 4.4 requires, and others in their own words.
    Binance,
}

/// `10=000|` at the end of every message.
const TRAILER: usize = 7;
/// What a translation adds at most: a time, a side, and longer tags.
const ADDED: usize = 64;

/// Makes FIX of what clients of Binance send. A worker needs one: it has room for a message.
#[derive(Debug)]
pub(crate) struct Binance(Vec<u8>);

impl Default for Binance {
    fn default() -> Self {
        Binance(Vec::with_capacity(FIX_MESSAGE_BYTES_MAX + ADDED))
    }
}

/// What is said of an order in fields that belong together.
#[derive(Default)]
struct Seen<'b> {
    time: bool,
    side: Option<&'b [u8]>,
    trigger: bool,
    direction: Option<&'b [u8]>,
}

impl Binance {
    /// `message` in the standard's words.
    ///
    /// # Errors
    /// For what these cannot say and what would change the order: nothing is left out unheard.
    pub(crate) fn translate(
        &mut self,
        now: Nanos,
        message: &Message<'_>,
    ) -> Result<Message<'_>, SessionReject> {
        let bytes = message.bytes();
        let out = &mut self.0;
        out.clear();
        let mut seen = Seen::default();
        for field in bytes[..bytes.len() - TRAILER].split_inclusive(|&byte| byte == SOH) {
            translate_field(field, now, message, &mut seen, out)?;
        }
        if seen.trigger || seen.direction.is_some() {
            // A stop is triggered by a price that runs away from its side; one that is triggered by a price that comes
            // towards it (take profit) this venue does not have.
            match (seen.side, seen.direction) {
                (Some(b"1"), Some(b"U")) | (Some(b"2"), Some(b"D")) => {}
                (_, None) => return Err(SessionReject::about(Why::RequiredTagMissing, 1109)),
                _ => return Err(SessionReject::about(Why::ValueIncorrect, 1109)),
            }
        }
        let of_order = matches!(message.msg_type, b"D" | b"F" | b"G" | b"q");
        if of_order && !seen.time {
            out.extend_from_slice(b"60=");
            out.extend_from_slice(sending_time(bytes));
            out.push(SOH);
        }
        if message.msg_type == b"F" && seen.side.is_none() {
            // The order's own counts: a request's side need only be one that orders here can have.
            out.extend_from_slice(b"54=1\x01");
        }
        // Framing has judged the message as it came; nobody judges length and sum of this one.
        out.extend_from_slice(b"10=000\x01");
        Ok(Message::parse(out))
    }
}

fn translate_field<'b>(
    field: &'b [u8],
    now: Nanos,
    message: &Message<'_>,
    seen: &mut Seen<'b>,
    out: &mut Vec<u8>,
) -> Result<(), SessionReject> {
    let text = field.strip_suffix(&[SOH]).unwrap_or(field);
    let equals = text.iter().position(|&byte| byte == b'=').unwrap_or(text.len());
    let value = text.get(equals + 1..).unwrap_or_default();
    let tag = str::from_utf8(&text[..equals]).ok().and_then(|tag| tag.parse::<u32>().ok()).unwrap_or(0);
    let one_of = |right: &[u8]| {
        if value == right { Ok(()) } else { Err(SessionReject::about(Why::ValueIncorrect, tag)) }
    };
    match tag {
        60 => seen.time = true,
        54 => seen.side = Some(value),
        // RecvWindow, milliseconds.
        25000 => {
            let window = value::unsigned(value).filter(|window| (1..=60_000).contains(window));
            let window = window.ok_or(SessionReject::about(Why::ValueIncorrect, tag))?;
            let age = message.sending_time.map_or(0, |sent| now.0.saturating_sub(sent.0));
            if age > window * 1_000_000 {
                return Err(SessionReject::plain(Why::SendingTimeAccuracy));
            }
            return Ok(());
        }
        // SelfTradePreventionMode: none, expire taker, expire maker, expire both.
        25001 => {
            let mode = match value {
                b"1" => b'0',
                b"2" => b'1',
                b"3" => b'2',
                b"4" => b'3',
                _ => return Err(SessionReject::about(Why::ValueIncorrect, tag)),
            };
            out.extend_from_slice(&[b'2', b'9', b'6', b'4', b'=', mode, SOH]);
            return Ok(());
        }
        // TriggerPrice, and how it triggers: by the last trade's price alone.
        1102 => {
            seen.trigger = true;
            out.extend_from_slice(b"99=");
            out.extend_from_slice(&field[equals + 1..]);
            return Ok(());
        }
        1100 => return one_of(b"4"),
        1101 => return one_of(b"1"),
        1107 => return one_of(b"2"),
        1109 => {
            seen.direction = Some(value);
            return Ok(());
        }
        // TargetStrategy and StrategyID are labels.
        847 | 7940 => return Ok(()),
        // SOR: there is no other venue to route to.
        25032 => return one_of(b"N"),
        tag if tag >= 25000 => return Err(SessionReject::about(Why::TagNotDefinedForMessage, tag)),
        _ => {}
    }
    out.extend_from_slice(field);
    Ok(())
}

/// SendingTime (52) as it stands in `frame`.
fn sending_time(frame: &[u8]) -> &[u8] {
    frame.split(|&byte| byte == SOH).find_map(|field| field.strip_prefix(b"52=")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use wire::fix::order::{NewOrderSingle, OrderCancelRequest};

    use super::*;

    const NOW: Nanos = Nanos(1_718_096_506_228_000_000); // 2024-06-11T09:01:46.228Z

    fn frame(fields: &str) -> Vec<u8> {
        let body = fields.replace('|', "\u{1}");
        let head = format!("8=FIX.4.4\u{1}9={}\u{1}{body}", body.len());
        let sum = head.bytes().fold(0_u8, u8::wrapping_add);
        format!("{head}10={sum:03}\u{1}").into_bytes()
    }

    fn translated(fields: &str) -> Result<String, SessionReject> {
        let bytes = frame(fields);
        let mut binance = Binance::default();
        let message = binance.translate(NOW, &Message::parse(&bytes))?;
        Ok(String::from_utf8_lossy(message.bytes()).replace('\u{1}', "|"))
    }

    const HEAD: &str = "35=D|34=2|49=qNXO12fH|52=20240611-09:01:46.228|56=SPOT|";

    /// The sample message of NewOrderSingle in Binance's page, whole.
    #[test]
    fn the_published_order_becomes_one_of_fix_4_4() {
        let sample = "8=FIX.4.4|9=114|35=D|34=2|49=qNXO12fH|52=20240611-09:01:46.228|56=SPOT|11=1718096506197867067|38=5|\
            40=2|44=10|54=1|55=LTCBNB|59=4|10=016|";
        let bytes = sample.replace('|', "\u{1}").into_bytes();
        let message = Message::parse(&bytes);
        assert!(NewOrderSingle::parse(&message).is_err(), "FIX 4.4 requires TransactTime");
        let mut binance = Binance::default();
        let message = binance.translate(NOW, &message).unwrap();
        let order = NewOrderSingle::parse(&message).unwrap();
        assert_eq!((order.cl_ord_id, order.symbol), (&b"1718096506197867067"[..], &b"LTCBNB"[..]));
        assert_eq!((message.seq, message.sending_time), (Some(2), Some(NOW)));
    }

    #[test]
    fn a_cancel_needs_neither_side_nor_time() {
        let bytes = frame("35=F|34=3|49=A|52=20240611-09:01:46.228|56=SPOT|11=b|41=a|55=LTCBNB|");
        let mut binance = Binance::default();
        let message = binance.translate(NOW, &Message::parse(&bytes)).unwrap();
        let cancel = OrderCancelRequest::parse(&message).unwrap();
        assert_eq!((cancel.cl_ord_id, cancel.orig_cl_ord_id), (&b"b"[..], Some(&b"a"[..])));
    }

    #[test]
    fn what_has_another_name_is_renamed_and_labels_are_left_out() {
        let order = "11=a|38=5|40=3|54=1|55=X|25001=3|1100=4|1101=1|1102=12.5|1107=2|1109=U|847=1000000|7940=7|25032=N|";
        let text = translated(&format!("{HEAD}25000=5000|{order}")).unwrap();
        let end = "11=a|38=5|40=3|54=1|55=X|2964=2|99=12.5|60=20240611-09:01:46.228|10=000|";
        assert!(text.ends_with(&format!("56=SPOT|{end}")), "{text}");
        let text = translated(&format!("{HEAD}11=a|54=2|1102=12.5|1109=D|60=20240611-09:00:00|")).unwrap();
        assert!(text.ends_with("11=a|54=2|99=12.5|60=20240611-09:00:00|10=000|"), "{text}");
    }

    #[test]
    fn what_cannot_be_said_is_refused_by_its_tag() {
        for (fields, reason, tag) in [
            ("54=1|1102=1|1109=D|", Why::ValueIncorrect, 1109), // take profit
            ("54=2|1102=1|1109=U|", Why::ValueIncorrect, 1109),
            ("54=2|1102=1|", Why::RequiredTagMissing, 1109),
            ("54=1|1109=U|1107=1|", Why::ValueIncorrect, 1107),
            ("54=1|25001=9|", Why::ValueIncorrect, 25001),
            ("54=1|25009=100|", Why::TagNotDefinedForMessage, 25009),
            ("54=1|25032=Y|", Why::ValueIncorrect, 25032),
            ("25000=0|54=1|", Why::ValueIncorrect, 25000),
        ] {
            assert_eq!(
                translated(&format!("{HEAD}{fields}")),
                Err(SessionReject::about(reason, tag)),
                "{fields}"
            );
        }
    }

    #[test]
    fn a_message_older_than_its_window_is_refused() {
        let late = "35=D|34=2|49=A|52=20240611-09:01:41.227|56=SPOT|25000=5000|";
        assert_eq!(translated(late), Err(SessionReject::plain(Why::SendingTimeAccuracy)));
        assert!(translated("35=D|34=2|49=A|52=20240611-09:01:41.228|56=SPOT|25000=5000|").is_ok());
    }
}
