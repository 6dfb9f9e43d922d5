//! What is answered to a message that is not as FIX wants it.

macro_rules! reasons {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal, $text:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum $name { $($(#[$vdoc])* $variant = $code),+ }

        impl $name {
            /// Every reason, in order of its code.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The reason with this code.
            #[must_use]
            pub const fn from_code(code: u64) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }

            /// Its code on the wire.
            #[must_use]
            pub const fn code(self) -> u8 {
                self as u8
            }

            /// The standard's words for it.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }
    };
}

reasons!(
    /// SessionRejectReason (373).
    SessionRejectReason {
        /// No number, zero, negative, or not defined in FIX.
        InvalidTagNumber = 0, "Invalid tag number";
        /// A field that the message must have is missing.
        RequiredTagMissing = 1, "Required tag missing";
        /// A field of FIX that this message does not have.
        TagNotDefinedForMessage = 2, "Tag not defined for this message type";
        /// A field without a value.
        TagWithoutValue = 4, "Tag specified without a value";
        /// A value outside its range.
        ValueIncorrect = 5, "Value is incorrect (out of range) for this tag";
        /// A value of the wrong form.
        IncorrectDataFormat = 6, "Incorrect data format for value";
        /// SenderCompID or TargetCompID is not the session's.
        CompIdProblem = 9, "CompID problem";
        /// SendingTime is too far from our clock, or before OrigSendingTime.
        SendingTimeAccuracy = 10, "SendingTime accuracy problem";
        /// No message type of FIX.
        InvalidMsgType = 11, "Invalid MsgType";
        /// A field twice.
        TagAppearsMoreThanOnce = 13, "Tag appears more than once";
        /// A header field behind the header, or a body field in the trailer.
        TagOutOfOrder = 14, "Tag specified out of required order";
        /// A field of a repeating group before the group's first one.
        GroupOutOfOrder = 15, "Repeating group fields out of order";
        /// Another number of entries than the group's count says, or more than are taken.
        IncorrectNumInGroup = 16, "Incorrect NumInGroup count for repeating group";
        /// ApplVerID (1128) is another than the session's.
        ApplicationVersion = 18, "Invalid/Unsupported Application Version";
    }
);

reasons!(
    /// BusinessRejectReason (380).
    BusinessRejectReason {
        /// None of the others.
        Other = 0, "Other";
        /// An identifier that is not known.
        UnknownId = 1, "Unknown ID";
        /// A security that is not known.
        UnknownSecurity = 2, "Unknown Security";
        /// A message of FIX that this side does not serve.
        UnsupportedMessageType = 3, "Unsupported Message Type";
        /// The application is not there.
        ApplicationNotAvailable = 4, "Application not available";
        /// A field that another field's value requires is missing.
        ConditionallyRequiredFieldMissing = 5, "Conditionally Required Field Missing";
        /// The session may not do this.
        NotAuthorized = 6, "Not authorized";
        /// The session sends more than it may. FIX 5.0 SP2 alone has it.
        ThrottleLimitExceeded = 8, "Throttle Limit Exceeded";
    }
);

/// A session-level Reject (3): the message breaks the rules of FIX itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionReject {
    /// SessionRejectReason (373).
    pub reason: SessionRejectReason,
    /// RefTagID (371): the field concerned.
    pub tag: Option<i32>,
}

impl SessionReject {
    /// For `reason`, about the field `tag`.
    #[must_use]
    pub fn about(reason: SessionRejectReason, tag: u32) -> SessionReject {
        SessionReject { reason, tag: i32::try_from(tag).ok() }
    }

    /// For `reason`, about no field in particular.
    #[must_use]
    pub const fn plain(reason: SessionRejectReason) -> SessionReject {
        SessionReject { reason, tag: None }
    }
}

/// A BusinessMessageReject (j): well-formed, but not to be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BusinessReject {
    /// BusinessRejectReason (380).
    pub reason: BusinessRejectReason,
    /// The field concerned; it is named in Text (58), the standard has no tag for it.
    pub tag: Option<u32>,
}

impl BusinessReject {
    /// That `tag` is missing, which another field of the message requires.
    #[must_use]
    pub const fn conditional(tag: u32) -> BusinessReject {
        BusinessReject { reason: BusinessRejectReason::ConditionallyRequiredFieldMissing, tag: Some(tag) }
    }
}

/// Why a message is not acted upon, and with which message that is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// With Reject (3).
    Session(SessionReject),
    /// With BusinessMessageReject (j).
    Business(BusinessReject),
}

impl From<SessionReject> for Refusal {
    fn from(reject: SessionReject) -> Self {
        Refusal::Session(reject)
    }
}

impl From<BusinessReject> for Refusal {
    fn from(reject: BusinessReject) -> Self {
        Refusal::Business(reject)
    }
}
