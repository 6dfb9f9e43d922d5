//! What kinds of messages there are, whatever protocol they come by, and how many of each a session has seen.

/// What a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Class {
    /// Of the session layer.
    Session,
    /// A new order, or a list of them.
    Order,
    /// A request to cancel one order, or many.
    Cancel,
    /// A request to replace an order.
    Replace,
    /// Quotes, and the cancelling of quotes.
    Quote,
    /// A question about orders, balances, limits or what was sent before.
    Query,
    /// Market data and reference data: a request for them, or what is told.
    MarketData,
    /// What has become of an order.
    Report,
    /// That something is not done.
    Refusal,
    /// The answer to a question.
    Answer,
    /// News of the venue.
    Notice,
    /// Anything else.
    Other,
}

impl Class {
    /// All of them, in order.
    pub const ALL: [Class; 12] = [
        Class::Session,
        Class::Order,
        Class::Cancel,
        Class::Replace,
        Class::Quote,
        Class::Query,
        Class::MarketData,
        Class::Report,
        Class::Refusal,
        Class::Answer,
        Class::Notice,
        Class::Other,
    ];

    /// Its word in metrics.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Class::Session => "session",
            Class::Order => "order",
            Class::Cancel => "cancel",
            Class::Replace => "replace",
            Class::Quote => "quote",
            Class::Query => "query",
            Class::MarketData => "market_data",
            Class::Report => "report",
            Class::Refusal => "refusal",
            Class::Answer => "answer",
            Class::Notice => "notice",
            Class::Other => "other",
        }
    }

    /// What a client's FIX message with this MsgType (35) is for.
    #[must_use]
    pub const fn of_fix_request(msg_type: &[u8]) -> Class {
        match msg_type {
            b"0" | b"1" | b"2" | b"3" | b"4" | b"5" | b"A" => Class::Session,
            b"D" | b"E" => Class::Order,
            b"F" | b"q" | b"K" => Class::Cancel,
            b"G" => Class::Replace,
            b"i" | b"Z" => Class::Quote,
            b"H" | b"AF" | b"M" | b"AN" | b"BW" | b"XLQ" => Class::Query,
            b"V" | b"x" | b"e" | b"g" => Class::MarketData,
            _ => Class::Other,
        }
    }

    /// What a FIX message of the venue with this MsgType (35) is for.
    #[must_use]
    pub const fn of_fix_answer(msg_type: &[u8]) -> Class {
        match msg_type {
            b"0" | b"1" | b"2" | b"4" | b"5" | b"A" => Class::Session,
            b"8" => Class::Report,
            b"3" | b"9" | b"j" | b"Y" => Class::Refusal,
            b"W" | b"X" | b"y" | b"f" | b"h" => Class::MarketData,
            b"B" => Class::Notice,
            _ => Class::Answer,
        }
    }
}

/// Messages of a session by what they are for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Received, whatever became of them.
    pub received: [u64; Class::ALL.len()],
    /// Sent under a number of their own.
    pub sent: [u64; Class::ALL.len()],
    /// Sent again because they were asked for.
    pub sent_again: u64,
    /// Bytes that were no message and were passed over, as often as there were any.
    pub garbled: u64,
    /// Messages that came before their turn and found no room to wait: they are asked for again.
    pub not_held: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_its_own_place_in_the_list_and_has_a_word_of_its_own() {
        for (place, class) in Class::ALL.into_iter().enumerate() {
            assert_eq!(class as usize, place);
            assert_eq!(Class::ALL.iter().filter(|other| other.word() == class.word()).count(), 1);
        }
    }
}
