//! The one catalogue of reasons for saying no. A trader sees the same code on every protocol.

mod catalogue;

pub use catalogue::Reject;

/// What the catalogue says of a reason.
#[derive(Debug)]
struct Entry {
    name: &'static str,
    sentence: &'static str,
    remedy: &'static str,
    ord_rej_reason: u32,
    cxl_rej_reason: u32,
    http_status: u16,
    http_code: i32,
}

impl Reject {
    /// What was wrong, as a sentence.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        self.entry().sentence
    }

    /// What to do about it.
    #[must_use]
    pub const fn remedy(self) -> &'static str {
        self.entry().remedy
    }

    /// The reason's name, as in this source.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.entry().name
    }

    /// FIX OrdRejReason (103) of an ExecutionReport with this reason.
    #[must_use]
    pub const fn ord_rej_reason(self) -> u32 {
        self.entry().ord_rej_reason
    }

    /// FIX CxlRejReason (102) of an OrderCancelReject with this reason.
    #[must_use]
    pub const fn cxl_rej_reason(self) -> u32 {
        self.entry().cxl_rej_reason
    }

    /// Status of the web tier's answer.
    #[must_use]
    pub const fn http_status(self) -> u16 {
        self.entry().http_status
    }

    /// `code` in the body of the web tier's answer: the error code that Binance's spot API has for it.
    #[must_use]
    pub const fn http_code(self) -> i32 {
        self.entry().http_code
    }
}
