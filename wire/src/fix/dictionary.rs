//! Which tags and message types FIX 4.4 knows, and where a tag may stand.

use super::refusal::{SessionReject, SessionRejectReason as Why};

/// The highest tag that FIX 4.4 defines.
pub const TAG_MAX: u32 = 956;
/// SelfMatchPreventionInstruction, which FIX has since version 5.0 SP2 and this venue takes in every version.
pub const SELF_MATCH_PREVENTION: u32 = 2964;
/// From here on tags are the users' own: they mean what two sides agree on, and here nothing.
pub const USER_DEFINED_MIN: u32 = 5000;

const WORDS: usize = SELF_MATCH_PREVENTION as usize / 64 + 1;

/// A set of tags that FIX 4.4 defines, and those of later versions that this venue takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tags([u64; WORDS]);

impl Tags {
    const fn of(tags: &[u16]) -> Tags {
        let mut words = [0; WORDS];
        let mut i = 0;
        while i < tags.len() {
            words[tags[i] as usize / 64] |= 1 << (tags[i] % 64);
            i += 1;
        }
        Tags(words)
    }

    /// Whether `tag` is one of them.
    #[inline]
    #[must_use]
    pub fn has(&self, tag: u32) -> bool {
        self.0.get(tag as usize / 64).is_some_and(|word| word >> (tag % 64) & 1 != 0)
    }
}

/// Whether `tag` belongs into the header.
#[inline]
#[must_use]
pub fn is_header(tag: u32) -> bool {
    HEADER.has(tag)
}

/// Whether `tag` is the length of the field behind it, whose value may hold any byte.
#[inline]
#[must_use]
pub const fn is_length(tag: u32) -> bool {
    matches!(tag, 90 | 93 | 95 | 212 | 445 | 618 | 621) || (tag >= 348 && tag <= 364 && tag.is_multiple_of(2))
}

/// Judges a tag that has no place in the body of its message. Gives whether it belongs into the trailer, where
/// `in_trailer` says the walk has come already.
///
/// # Errors
/// What FIX wants answered.
#[cold]
pub fn stranger(tag: u32, in_trailer: bool) -> Result<bool, SessionReject> {
    let reason = match tag {
        89 | 93 => return Ok(true),
        _ if is_header(tag) || in_trailer => Why::TagOutOfOrder,
        USER_DEFINED_MIN.. => return Ok(false),
        1..=TAG_MAX | SELF_MATCH_PREVENTION => Why::TagNotDefinedForMessage,
        _ => Why::InvalidTagNumber,
    };
    Err(SessionReject::about(reason, tag))
}

/// Whether FIX 4.4 has messages of this type.
#[must_use]
pub const fn is_message_type(msg_type: &[u8]) -> bool {
    matches!(
        msg_type,
        [b'0'..=b'9' | b'A'..=b'H' | b'J'..=b'N' | b'P'..=b'T' | b'V'..=b'Z' | b'a'..=b'z']
            | [b'A', b'A'..=b'Z']
            | [b'B', b'A'..=b'H']
    )
}

/// Whether messages of this type belong to the session layer.
#[must_use]
pub const fn is_admin(msg_type: &[u8]) -> bool {
    matches!(msg_type, [b'0'..=b'5' | b'A'])
}

/// The header.
pub static HEADER: Tags = Tags::of(&[
    8, 9, 34, 35, 43, 49, 50, 52, 56, 57, 90, 91, 97, 115, 116, 122, 128, 129, 142, 143, 144, 145, 212, 213,
    347, 369, 627, 628, 629, 630, 1128, 1129, 1156,
]);
/// The body of Heartbeat (0).
pub static HEARTBEAT: Tags = Tags::of(&[112]);
/// The body of TestRequest (1).
pub static TEST_REQUEST: Tags = Tags::of(&[112]);
/// The body of ResendRequest (2).
pub static RESEND_REQUEST: Tags = Tags::of(&[7, 16]);
/// The body of Reject (3).
pub static REJECT: Tags = Tags::of(&[45, 58, 354, 355, 371, 372, 373]);
/// The body of SequenceReset (4).
pub static SEQUENCE_RESET: Tags = Tags::of(&[36, 123]);
/// The body of Logout (5).
pub static LOGOUT: Tags = Tags::of(&[58, 354, 355]);
/// The body of Logon (A).
pub static LOGON: Tags = Tags::of(&[95, 96, 98, 108, 141, 372, 383, 384, 385, 464, 553, 554, 789, 1137]);
/// The body of NewOrderSingle (D), its components and groups included.
pub static NEW_ORDER_SINGLE: Tags = Tags::of(&[
    1, 11, 12, 13, 15, 18, 21, 22, 23, 38, 40, 44, 48, 54, 55, 58, 59, 60, 63, 64, 65, 70, 75, 77, 78, 79,
    80, 81, 99, 100, 106, 107, 110, 111, 114, 117, 120, 121, 126, 140, 152, 167, 168, 192, 193, 200, 201,
    202, 203, 206, 207, 210, 211, 218, 220, 221, 222, 223, 224, 225, 226, 227, 228, 229, 231, 232, 233, 234,
    235, 236, 239, 240, 241, 242, 243, 244, 245, 246, 247, 255, 256, 305, 306, 307, 308, 309, 310, 311, 312,
    313, 315, 316, 317, 318, 336, 348, 349, 350, 351, 354, 355, 362, 363, 364, 365, 376, 377, 386, 388, 389,
    423, 427, 432, 435, 436, 447, 448, 452, 453, 454, 455, 456, 457, 458, 459, 460, 461, 462, 463, 467, 468,
    469, 470, 471, 472, 479, 480, 481, 494, 497, 513, 516, 523, 524, 525, 526, 528, 529, 538, 539, 541, 542,
    543, 544, 545, 581, 582, 583, 589, 590, 591, 592, 593, 594, 595, 625, 635, 640, 660, 661, 662, 663, 667,
    691, 696, 697, 698, 699, 701, 711, 736, 761, 762, 763, 775, 788, 802, 803, 804, 805, 810, 835, 836, 837,
    838, 840, 841, 842, 843, 844, 846, 847, 848, 849, 854, 864, 865, 866, 867, 868, 873, 874, 875, 876, 877,
    878, 879, 882, 883, 884, 885, 886, 887, 888, 889, 898, 913, 914, 915, 916, 917, 918, 919, 941, 947, 2964,
]);
/// The body of OrderCancelRequest (F), its components and groups included.
pub static ORDER_CANCEL_REQUEST: Tags = Tags::of(&[
    1, 11, 22, 37, 38, 41, 48, 54, 55, 58, 60, 65, 66, 106, 107, 152, 167, 200, 201, 202, 206, 207, 223, 224,
    225, 226, 227, 228, 231, 239, 240, 241, 242, 243, 244, 245, 246, 247, 255, 256, 305, 306, 307, 308, 309,
    310, 311, 312, 313, 315, 316, 317, 318, 348, 349, 350, 351, 354, 355, 362, 363, 364, 365, 376, 435, 436,
    447, 448, 452, 453, 454, 455, 456, 457, 458, 459, 460, 461, 462, 463, 468, 469, 470, 471, 472, 516, 523,
    526, 541, 542, 543, 581, 583, 586, 592, 593, 594, 595, 660, 667, 691, 711, 762, 763, 788, 802, 803, 810,
    864, 865, 866, 867, 868, 873, 874, 875, 876, 877, 878, 879, 882, 883, 884, 885, 886, 887, 888, 889, 898,
    913, 914, 915, 916, 917, 918, 919, 941, 947,
]);
/// The body of OrderCancelReplaceRequest (G), its components and groups included.
pub static ORDER_CANCEL_REPLACE_REQUEST: Tags = Tags::of(&[
    1, 11, 12, 13, 15, 18, 21, 22, 37, 38, 40, 41, 44, 48, 54, 55, 58, 59, 60, 63, 64, 65, 66, 70, 75, 77,
    78, 79, 80, 99, 100, 106, 107, 110, 111, 114, 120, 121, 126, 152, 167, 168, 192, 193, 200, 201, 202, 203,
    206, 207, 210, 211, 218, 220, 221, 222, 223, 224, 225, 226, 227, 228, 229, 231, 235, 236, 239, 240, 241,
    242, 243, 244, 245, 246, 247, 255, 256, 305, 306, 307, 308, 309, 310, 311, 312, 313, 315, 316, 317, 318,
    336, 348, 349, 350, 351, 354, 355, 362, 363, 364, 365, 376, 377, 386, 388, 389, 423, 427, 432, 435, 436,
    447, 448, 452, 453, 454, 455, 456, 457, 458, 459, 460, 461, 462, 463, 467, 468, 469, 470, 471, 472, 479,
    480, 481, 494, 497, 513, 516, 523, 524, 525, 526, 528, 529, 538, 539, 541, 542, 543, 544, 545, 581, 582,
    583, 586, 589, 590, 591, 592, 593, 594, 595, 625, 635, 640, 660, 661, 662, 663, 667, 691, 696, 697, 698,
    699, 701, 711, 736, 761, 762, 763, 775, 788, 802, 803, 804, 805, 810, 835, 836, 837, 838, 840, 841, 842,
    843, 844, 846, 847, 848, 849, 854, 864, 865, 866, 867, 868, 873, 874, 875, 876, 877, 878, 879, 882, 883,
    884, 885, 886, 887, 888, 889, 898, 913, 914, 915, 916, 917, 918, 919, 941, 947, 2964,
]);
/// The body of OrderStatusRequest (H), its components and groups included.
pub static ORDER_STATUS_REQUEST: Tags = Tags::of(&[
    1, 11, 22, 37, 48, 54, 55, 65, 106, 107, 167, 200, 201, 202, 206, 207, 223, 224, 225, 226, 227, 228, 231,
    239, 240, 241, 242, 243, 244, 245, 246, 247, 255, 256, 305, 306, 307, 308, 309, 310, 311, 312, 313, 315,
    316, 317, 318, 348, 349, 350, 351, 362, 363, 364, 365, 435, 436, 447, 448, 452, 453, 454, 455, 456, 457,
    458, 459, 460, 461, 462, 463, 470, 471, 472, 523, 526, 541, 542, 543, 583, 592, 593, 594, 595, 660, 667,
    691, 711, 762, 763, 788, 790, 802, 803, 810, 864, 865, 866, 867, 868, 873, 874, 875, 876, 877, 878, 879,
    882, 883, 884, 885, 886, 887, 888, 889, 898, 913, 914, 915, 916, 917, 918, 919, 941, 947,
]);
/// The body of OrderMassCancelRequest (q), its components and groups included, and Account.
pub static ORDER_MASS_CANCEL_REQUEST: Tags = Tags::of(&[
    1, 11, 22, 48, 54, 55, 58, 60, 65, 106, 107, 167, 200, 201, 202, 206, 207, 223, 224, 225, 226, 227, 228,
    231, 239, 240, 241, 242, 243, 244, 245, 246, 247, 255, 256, 305, 306, 307, 308, 309, 310, 311, 312, 313,
    315, 316, 317, 318, 336, 348, 349, 350, 351, 354, 355, 362, 363, 364, 365, 435, 436, 454, 455, 456, 457,
    458, 459, 460, 461, 462, 463, 470, 471, 472, 526, 530, 541, 542, 543, 592, 593, 594, 595, 625, 667, 691,
    762, 763, 810, 864, 865, 866, 867, 868, 873, 874, 875, 876, 877, 878, 879, 882, 883, 884, 885, 886, 887,
    888, 889, 941, 947,
]);
/// The body of MassQuote (i), its components and groups included.
pub static MASS_QUOTE: Tags = Tags::of(&[
    1, 15, 22, 40, 48, 55, 60, 62, 64, 65, 106, 107, 117, 131, 132, 133, 134, 135, 167, 188, 189, 190, 191,
    192, 193, 200, 201, 202, 206, 207, 223, 224, 225, 226, 227, 228, 231, 239, 240, 241, 242, 243, 244, 245,
    246, 247, 248, 249, 250, 251, 252, 253, 254, 255, 256, 257, 293, 294, 295, 296, 299, 301, 302, 304, 305,
    306, 307, 308, 309, 310, 311, 312, 313, 315, 316, 317, 318, 336, 348, 349, 350, 351, 362, 363, 364, 365,
    367, 435, 436, 447, 448, 452, 453, 454, 455, 456, 457, 458, 459, 460, 461, 462, 463, 470, 471, 472, 523,
    537, 541, 542, 543, 555, 556, 581, 592, 593, 594, 595, 596, 597, 598, 599, 600, 601, 602, 603, 604, 605,
    606, 607, 608, 609, 610, 611, 612, 613, 614, 615, 616, 617, 618, 619, 620, 621, 622, 623, 624, 625, 631,
    632, 633, 634, 642, 643, 660, 667, 691, 739, 740, 762, 763, 764, 802, 803, 810, 864, 865, 866, 867, 868,
    873, 874, 875, 876, 877, 878, 879, 882, 883, 884, 885, 886, 887, 888, 889, 893, 941, 942, 947, 955, 956,
]);
/// The body of QuoteCancel (Z), its components and groups included.
pub static QUOTE_CANCEL: Tags = Tags::of(&[
    1, 22, 48, 55, 65, 106, 107, 117, 131, 167, 200, 201, 202, 206, 207, 223, 224, 225, 226, 227, 228, 231,
    239, 240, 241, 242, 243, 244, 245, 246, 247, 248, 249, 250, 251, 252, 253, 254, 255, 256, 257, 295, 298,
    301, 305, 306, 307, 308, 309, 310, 311, 312, 313, 315, 316, 317, 318, 336, 348, 349, 350, 351, 362, 363,
    364, 365, 435, 436, 447, 448, 452, 453, 454, 455, 456, 457, 458, 459, 460, 461, 462, 463, 470, 471, 472,
    523, 541, 542, 543, 555, 556, 581, 592, 593, 594, 595, 596, 597, 598, 599, 600, 601, 602, 603, 604, 605,
    606, 607, 608, 609, 610, 611, 612, 613, 614, 615, 616, 617, 618, 619, 620, 621, 622, 623, 624, 625, 660,
    667, 691, 711, 739, 740, 762, 763, 764, 788, 802, 803, 810, 864, 865, 866, 867, 868, 873, 874, 875, 876,
    877, 878, 879, 882, 883, 884, 885, 886, 887, 888, 889, 898, 913, 914, 915, 916, 917, 918, 919, 941, 942,
    947, 955, 956,
]);
