//! Generated from wire/schema/model and wire/schema/standard; change those, then: cargo run -p penstock-schema.
//!
//! FIX 4.2 as far as it is read here.

use super::{Codes, Dictionary, Field, Format, Group, Members, Rules};

/// All of it.
pub(super) static DICTIONARY: Dictionary = Dictionary {
    header: Rules::of_header(Members {
        tags: &[
            8, 9, 34, 35, 43, 49, 50, 52, 56, 57, 90, 91, 97, 115, 116, 122, 128, 129, 142, 143, 144, 145,
            212, 213, 347, 369, 370,
        ],
        required: &[8, 9, 34, 35, 49, 52, 56],
        groups: &[],
    }),
    trailer: Members { tags: &[10, 89, 93], required: &[10], groups: &[] },
    messages: &MESSAGES,
    by_type: super::by_type(&MESSAGES),
    groups: &GROUPS,
    fields: &FIELDS,
    near: super::near(&FIELDS),
    codes: &CODES,
    chars: super::chars(&FIELDS, &CODES),
    known: &KNOWN,
    types: &TYPES,
};

static MESSAGES: [Rules; 25] = [
    Rules::of_message(b"0", Members { tags: &[112], required: &[], groups: &[] }),
    Rules::of_message(b"1", Members { tags: &[112], required: &[112], groups: &[] }),
    Rules::of_message(b"2", Members { tags: &[7, 16], required: &[7, 16], groups: &[] }),
    Rules::of_message(
        b"3",
        Members { tags: &[45, 58, 354, 355, 371, 372, 373], required: &[45], groups: &[] },
    ),
    Rules::of_message(b"4", Members { tags: &[36, 123], required: &[36], groups: &[] }),
    Rules::of_message(b"5", Members { tags: &[58, 354, 355], required: &[], groups: &[] }),
    Rules::of_message(
        b"A",
        Members {
            tags: &[95, 96, 98, 108, 141, 383, 384, 553, 554, 789],
            required: &[98, 108],
            groups: &[(384, 0)],
        },
    ),
    Rules::of_message(b"AF", Members { tags: &[1, 54, 55, 584, 585], required: &[584, 585], groups: &[] }),
    Rules::of_message(
        b"AN",
        Members { tags: &[1, 15, 60, 263, 581, 710, 715, 724], required: &[710, 724], groups: &[] },
    ),
    Rules::of_message(
        b"BW",
        Members { tags: &[1346, 1347, 1351], required: &[1346, 1347], groups: &[(1351, 1)] },
    ),
    Rules::of_message(
        b"D",
        Members {
            tags: &[
                1, 11, 12, 13, 15, 18, 21, 22, 23, 38, 40, 44, 47, 48, 54, 55, 58, 59, 60, 63, 64, 65, 76,
                77, 78, 81, 99, 100, 106, 107, 109, 110, 111, 114, 117, 120, 121, 126, 140, 152, 167, 168,
                192, 193, 200, 201, 202, 203, 204, 205, 206, 207, 210, 211, 223, 231, 348, 349, 350, 351,
                354, 355, 376, 377, 386, 388, 389, 427, 432, 439, 440, 835, 836, 2964,
            ],
            required: &[11, 40, 54, 55, 60],
            groups: &[(78, 2), (386, 3)],
        },
    ),
    Rules::of_message(
        b"E",
        Members {
            tags: &[66, 68, 69, 73, 352, 353, 390, 391, 394, 414, 415, 433, 1385],
            required: &[66, 68, 73, 394, 1385],
            groups: &[(73, 4)],
        },
    ),
    Rules::of_message(
        b"F",
        Members {
            tags: &[
                1, 11, 22, 37, 38, 41, 48, 54, 55, 58, 60, 65, 66, 76, 106, 107, 109, 152, 167, 200, 201,
                202, 205, 206, 207, 223, 231, 348, 349, 350, 351, 354, 355, 376, 377,
            ],
            required: &[11, 54, 55, 60],
            groups: &[],
        },
    ),
    Rules::of_message(
        b"G",
        Members {
            tags: &[
                1, 11, 12, 13, 15, 18, 21, 22, 37, 38, 40, 41, 44, 47, 48, 54, 55, 58, 59, 60, 63, 64, 65,
                66, 76, 77, 78, 99, 100, 106, 107, 109, 110, 111, 114, 120, 121, 126, 152, 167, 168, 192,
                193, 200, 201, 202, 203, 204, 205, 206, 207, 210, 211, 223, 231, 348, 349, 350, 351, 354,
                355, 376, 377, 386, 388, 389, 427, 432, 439, 440,
            ],
            required: &[11, 40, 54, 55, 60],
            groups: &[(78, 2), (386, 3)],
        },
    ),
    Rules::of_message(
        b"H",
        Members {
            tags: &[
                1, 11, 22, 37, 48, 54, 55, 65, 76, 106, 107, 109, 167, 200, 201, 202, 205, 206, 207, 223,
                231, 348, 349, 350, 351, 790,
            ],
            required: &[11, 54, 55],
            groups: &[],
        },
    ),
    Rules::of_message(b"K", Members { tags: &[58, 60, 66, 354, 355], required: &[60, 66], groups: &[] }),
    Rules::of_message(b"M", Members { tags: &[58, 66, 354, 355], required: &[66], groups: &[] }),
    Rules::of_message(
        b"V",
        Members {
            tags: &[146, 262, 263, 264, 265, 266, 267],
            required: &[146, 262, 263, 264, 267],
            groups: &[(146, 6), (267, 5)],
        },
    ),
    Rules::of_message(b"XLQ", Members { tags: &[6136], required: &[6136], groups: &[] }),
    Rules::of_message(
        b"Z",
        Members { tags: &[1, 117, 131, 295, 298, 301, 336], required: &[117, 298], groups: &[(295, 7)] },
    ),
    Rules::of_message(
        b"e",
        Members {
            tags: &[
                15, 22, 48, 55, 65, 106, 107, 167, 200, 201, 202, 205, 206, 207, 223, 231, 263, 324, 336,
                348, 349, 350, 351,
            ],
            required: &[55, 263, 324],
            groups: &[],
        },
    ),
    Rules::of_message(b"g", Members { tags: &[263, 335, 336, 338, 339], required: &[263, 335], groups: &[] }),
    Rules::of_message(
        b"i",
        Members {
            tags: &[1, 117, 131, 293, 294, 296, 301, 9773],
            required: &[117, 296],
            groups: &[(296, 9)],
        },
    ),
    Rules::of_message(
        b"q",
        Members { tags: &[1, 11, 54, 55, 60, 530], required: &[11, 60, 530], groups: &[] },
    ),
    Rules::of_message(b"x", Members { tags: &[55, 320, 559], required: &[320, 559], groups: &[] }),
];

static GROUPS: [Group; 10] = [
    Group { first: 372, members: Members { tags: &[372, 385], required: &[], groups: &[] } },
    Group { first: 1355, members: Members { tags: &[1182, 1183, 1355], required: &[1355], groups: &[] } },
    Group { first: 79, members: Members { tags: &[79, 80], required: &[], groups: &[] } },
    Group { first: 336, members: Members { tags: &[336], required: &[], groups: &[] } },
    Group {
        first: 11,
        members: Members {
            tags: &[
                1, 11, 12, 13, 15, 18, 21, 22, 23, 38, 40, 44, 47, 48, 54, 55, 58, 59, 60, 63, 64, 65, 67,
                76, 77, 78, 81, 99, 100, 106, 107, 109, 110, 111, 114, 117, 120, 121, 126, 140, 152, 160,
                167, 168, 192, 193, 200, 201, 202, 203, 204, 205, 206, 207, 210, 211, 223, 231, 348, 349,
                350, 351, 354, 355, 376, 377, 386, 388, 389, 401, 427, 432, 439, 440, 2964,
            ],
            required: &[11, 54, 55, 67],
            groups: &[(78, 2), (386, 3)],
        },
    },
    Group { first: 269, members: Members { tags: &[269], required: &[269], groups: &[] } },
    Group {
        first: 55,
        members: Members {
            tags: &[
                22, 48, 55, 65, 106, 107, 167, 200, 201, 202, 205, 206, 207, 223, 231, 336, 348, 349, 350,
                351,
            ],
            required: &[55],
            groups: &[],
        },
    },
    Group {
        first: 55,
        members: Members {
            tags: &[
                22, 48, 55, 65, 106, 107, 167, 200, 201, 202, 205, 206, 207, 223, 231, 311, 348, 349, 350,
                351,
            ],
            required: &[55],
            groups: &[],
        },
    },
    Group {
        first: 299,
        members: Members {
            tags: &[
                15, 22, 40, 48, 55, 60, 62, 64, 65, 106, 107, 132, 133, 134, 135, 167, 188, 189, 190, 191,
                192, 193, 200, 201, 202, 205, 206, 207, 223, 231, 299, 336, 348, 349, 350, 351,
            ],
            required: &[55, 299],
            groups: &[],
        },
    },
    Group {
        first: 302,
        members: Members {
            tags: &[
                295, 302, 304, 305, 306, 307, 308, 309, 310, 311, 312, 313, 314, 315, 316, 317, 362, 363,
                364, 365, 367, 435, 436,
            ],
            required: &[295, 302, 304],
            groups: &[(295, 8)],
        },
    },
];

#[rustfmt::skip]
static FIELDS: [Field; 222] = [
    Field::new(1, Format::Text, 0, 0), Field::new(7, Format::Int, 0, 0), Field::new(8, Format::Text, 0, 0),
    Field::new(9, Format::Int, 0, 0), Field::new(10, Format::Text, 0, 0), Field::new(11, Format::Text, 0, 0),
    Field::new(12, Format::Number, 0, 0), Field::new(13, Format::Char, 13, 0),
    Field::new(15, Format::Text, 0, 0), Field::new(16, Format::Int, 0, 0),
    Field::new(18, Format::Words, 14, 0), Field::new(21, Format::Char, 13, 0),
    Field::new(22, Format::Text, 8, 0), Field::new(23, Format::Text, 0, 0), Field::new(34, Format::Int, 0, 0),
    Field::new(35, Format::Text, 1, 0), Field::new(36, Format::Int, 0, 0), Field::new(37, Format::Text, 0, 0),
    Field::new(38, Format::Number, 0, 0), Field::new(40, Format::Char, 17, 0),
    Field::new(41, Format::Text, 0, 0), Field::new(43, Format::Boolean, 2, 0),
    Field::new(44, Format::Number, 0, 0), Field::new(45, Format::Int, 0, 0),
    Field::new(47, Format::Char, 19, 0), Field::new(48, Format::Text, 0, 0),
    Field::new(49, Format::Text, 0, 0), Field::new(50, Format::Text, 0, 0),
    Field::new(52, Format::Timestamp, 0, 0), Field::new(54, Format::Char, 8, 0),
    Field::new(55, Format::Text, 0, 0), Field::new(56, Format::Text, 0, 0),
    Field::new(57, Format::Text, 0, 0), Field::new(58, Format::Text, 0, 0),
    Field::new(59, Format::Char, 18, 0), Field::new(60, Format::Timestamp, 0, 0),
    Field::new(62, Format::Timestamp, 0, 0), Field::new(63, Format::Char, 12, 0),
    Field::new(64, Format::Date, 0, 0), Field::new(65, Format::Text, 0, 0),
    Field::new(66, Format::Text, 0, 0), Field::new(67, Format::Int, 0, 0), Field::new(68, Format::Int, 0, 0),
    Field::new(69, Format::Text, 0, 0), Field::new(73, Format::Int, 0, 0), Field::new(76, Format::Text, 0, 0),
    Field::new(77, Format::Char, 20, 0), Field::new(78, Format::Int, 0, 0),
    Field::new(79, Format::Text, 0, 0), Field::new(80, Format::Number, 0, 0),
    Field::new(81, Format::Char, 5, 0), Field::new(89, Format::Data, 0, 93),
    Field::new(90, Format::Unsigned, 0, 91), Field::new(91, Format::Data, 0, 90),
    Field::new(93, Format::Unsigned, 0, 89), Field::new(95, Format::Unsigned, 0, 96),
    Field::new(96, Format::Data, 0, 95), Field::new(97, Format::Boolean, 2, 0),
    Field::new(98, Format::Int, 5, 0), Field::new(99, Format::Number, 0, 0),
    Field::new(100, Format::Text, 0, 0), Field::new(106, Format::Text, 0, 0),
    Field::new(107, Format::Text, 0, 0), Field::new(108, Format::Int, 0, 0),
    Field::new(109, Format::Text, 0, 0), Field::new(110, Format::Number, 0, 0),
    Field::new(111, Format::Number, 0, 0), Field::new(112, Format::Text, 0, 0),
    Field::new(114, Format::Boolean, 2, 0), Field::new(115, Format::Text, 0, 0),
    Field::new(116, Format::Text, 0, 0), Field::new(117, Format::Text, 0, 0),
    Field::new(120, Format::Text, 0, 0), Field::new(121, Format::Boolean, 2, 0),
    Field::new(122, Format::Timestamp, 0, 0), Field::new(123, Format::Boolean, 2, 0),
    Field::new(126, Format::Timestamp, 0, 0), Field::new(128, Format::Text, 0, 0),
    Field::new(129, Format::Text, 0, 0), Field::new(131, Format::Text, 0, 0),
    Field::new(132, Format::Number, 0, 0), Field::new(133, Format::Number, 0, 0),
    Field::new(134, Format::Number, 0, 0), Field::new(135, Format::Number, 0, 0),
    Field::new(140, Format::Number, 0, 0), Field::new(141, Format::Boolean, 2, 0),
    Field::new(142, Format::Text, 0, 0), Field::new(143, Format::Text, 0, 0),
    Field::new(144, Format::Text, 0, 0), Field::new(145, Format::Text, 0, 0),
    Field::new(146, Format::Int, 0, 0), Field::new(152, Format::Number, 0, 0),
    Field::new(160, Format::Char, 9, 0), Field::new(167, Format::Text, 15, 0),
    Field::new(168, Format::Timestamp, 0, 0), Field::new(188, Format::Number, 0, 0),
    Field::new(189, Format::Number, 0, 0), Field::new(190, Format::Number, 0, 0),
    Field::new(191, Format::Number, 0, 0), Field::new(192, Format::Number, 0, 0),
    Field::new(193, Format::Date, 0, 0), Field::new(200, Format::MonthYear, 0, 0),
    Field::new(201, Format::Int, 16, 0), Field::new(202, Format::Number, 0, 0),
    Field::new(203, Format::Int, 16, 0), Field::new(204, Format::Int, 16, 0),
    Field::new(205, Format::Day, 0, 0), Field::new(206, Format::Char, 0, 0),
    Field::new(207, Format::Text, 0, 0), Field::new(210, Format::Number, 0, 0),
    Field::new(211, Format::Number, 0, 0), Field::new(212, Format::Unsigned, 0, 213),
    Field::new(213, Format::Data, 0, 212), Field::new(223, Format::Number, 0, 0),
    Field::new(231, Format::Number, 0, 0), Field::new(262, Format::Text, 0, 0),
    Field::new(263, Format::Char, 10, 0), Field::new(264, Format::Int, 0, 0),
    Field::new(265, Format::Int, 16, 0), Field::new(266, Format::Boolean, 2, 0),
    Field::new(267, Format::Int, 0, 0), Field::new(269, Format::Char, 12, 0),
    Field::new(293, Format::Number, 0, 0), Field::new(294, Format::Number, 0, 0),
    Field::new(295, Format::Int, 0, 0), Field::new(296, Format::Int, 0, 0),
    Field::new(298, Format::Int, 25, 0), Field::new(299, Format::Text, 0, 0),
    Field::new(301, Format::Int, 10, 0), Field::new(302, Format::Text, 0, 0),
    Field::new(304, Format::Int, 0, 0), Field::new(305, Format::Text, 0, 0),
    Field::new(306, Format::Text, 0, 0), Field::new(307, Format::Text, 0, 0),
    Field::new(308, Format::Text, 0, 0), Field::new(309, Format::Text, 0, 0),
    Field::new(310, Format::Text, 0, 0), Field::new(311, Format::Text, 0, 0),
    Field::new(312, Format::Text, 0, 0), Field::new(313, Format::MonthYear, 0, 0),
    Field::new(314, Format::Day, 0, 0), Field::new(315, Format::Int, 0, 0),
    Field::new(316, Format::Number, 0, 0), Field::new(317, Format::Char, 0, 0),
    Field::new(320, Format::Text, 0, 0), Field::new(324, Format::Text, 0, 0),
    Field::new(335, Format::Text, 0, 0), Field::new(336, Format::Text, 0, 0),
    Field::new(338, Format::Int, 13, 0), Field::new(339, Format::Int, 13, 0),
    Field::new(347, Format::Text, 3, 0), Field::new(348, Format::Unsigned, 0, 349),
    Field::new(349, Format::Data, 0, 348), Field::new(350, Format::Unsigned, 0, 351),
    Field::new(351, Format::Data, 0, 350), Field::new(352, Format::Unsigned, 0, 353),
    Field::new(353, Format::Data, 0, 352), Field::new(354, Format::Unsigned, 0, 355),
    Field::new(355, Format::Data, 0, 354), Field::new(356, Format::Unsigned, 0, 357),
    Field::new(357, Format::Data, 0, 356), Field::new(358, Format::Unsigned, 0, 359),
    Field::new(359, Format::Data, 0, 358), Field::new(360, Format::Unsigned, 0, 361),
    Field::new(361, Format::Data, 0, 360), Field::new(362, Format::Unsigned, 0, 363),
    Field::new(363, Format::Data, 0, 362), Field::new(364, Format::Unsigned, 0, 365),
    Field::new(365, Format::Data, 0, 364), Field::new(367, Format::Timestamp, 0, 0),
    Field::new(369, Format::Int, 0, 0), Field::new(370, Format::Timestamp, 0, 0),
    Field::new(371, Format::Int, 0, 0), Field::new(372, Format::Text, 0, 0),
    Field::new(373, Format::Int, 4, 0), Field::new(376, Format::Text, 0, 0),
    Field::new(377, Format::Boolean, 2, 0), Field::new(383, Format::Int, 0, 0),
    Field::new(384, Format::Int, 0, 0), Field::new(385, Format::Char, 6, 0),
    Field::new(386, Format::Int, 0, 0), Field::new(388, Format::Char, 21, 0),
    Field::new(389, Format::Number, 0, 0), Field::new(390, Format::Text, 0, 0),
    Field::new(391, Format::Text, 0, 0), Field::new(394, Format::Int, 0, 0),
    Field::new(401, Format::Int, 0, 0), Field::new(414, Format::Int, 13, 0),
    Field::new(415, Format::Int, 0, 0), Field::new(427, Format::Int, 10, 0),
    Field::new(432, Format::Date, 0, 0), Field::new(433, Format::Char, 23, 0),
    Field::new(435, Format::Number, 0, 0), Field::new(436, Format::Number, 0, 0),
    Field::new(439, Format::Text, 0, 0), Field::new(440, Format::Text, 0, 0),
    Field::new(445, Format::Unsigned, 0, 446), Field::new(446, Format::Data, 0, 445),
    Field::new(530, Format::Char, 26, 0), Field::new(553, Format::Text, 0, 0),
    Field::new(554, Format::Text, 0, 0), Field::new(559, Format::Int, 22, 0),
    Field::new(581, Format::Int, 11, 0), Field::new(584, Format::Text, 0, 0),
    Field::new(585, Format::Int, 7, 0), Field::new(710, Format::Text, 0, 0),
    Field::new(715, Format::Date, 0, 0), Field::new(724, Format::Int, 9, 0),
    Field::new(789, Format::Unsigned, 0, 0), Field::new(790, Format::Text, 0, 0),
    Field::new(835, Format::Int, 16, 0), Field::new(836, Format::Int, 9, 0),
    Field::new(1182, Format::Unsigned, 0, 0), Field::new(1183, Format::Unsigned, 0, 0),
    Field::new(1346, Format::Text, 0, 0), Field::new(1347, Format::Int, 5, 0),
    Field::new(1351, Format::Unsigned, 0, 0), Field::new(1355, Format::Text, 0, 0),
    Field::new(1385, Format::Int, 24, 0), Field::new(2964, Format::Int, 22, 0),
    Field::new(6136, Format::Text, 0, 0), Field::new(9773, Format::Boolean, 2, 0),
];

static CODES: [Codes; 27] = [
    Codes::chars(b""),
    Codes::Words(&[
        "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "A", "AF", "AN", "AO", "AP", "B", "BW", "BX", "BY",
        "C", "D", "E", "F", "G", "H", "J", "K", "L", "M", "N", "P", "Q", "R", "S", "T", "V", "W", "X", "XLQ",
        "XLR", "Y", "Z", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "q", "r", "x", "y",
    ]),
    Codes::chars(b"NY"),
    Codes::Words(&["EUC-JP", "ISO-2022-JP", "Shift_JIS", "UTF-8"]),
    Codes::Words(&["0", "1", "10", "11", "13", "14", "15", "16", "2", "3", "4", "5", "6", "7", "8", "9"]),
    Codes::chars(b"0123456"),
    Codes::chars(b"RS"),
    Codes::chars(b"12345678"),
    Codes::chars(b"123456789"),
    Codes::chars(b"0123"),
    Codes::chars(b"012"),
    Codes::chars(b"1234678"),
    Codes::chars(b"0123456789"),
    Codes::chars(b"123"),
    Codes::chars(b"0123456789ABCDEFGILMNOPRSTUVWa"),
    Codes::Words(&[
        "?", "BA", "CB", "CD", "CMO", "CORP", "CP", "CPP", "CS", "FHA", "FHL", "FN", "FOR", "FUT", "GN",
        "GOVT", "IET", "MF", "MIO", "MPO", "MPP", "MPT", "MUNI", "NONE", "OPT", "PS", "RP", "RVRP", "SL",
        "TD", "USTB", "WAR", "ZOO",
    ]),
    Codes::chars(b"01"),
    Codes::chars(b"123456789ABCDEFGHIP"),
    Codes::chars(b"01234567"),
    Codes::chars(b"ABCDEFHIJKLMNOPRSTUWXYZ"),
    Codes::chars(b"CO"),
    Codes::chars(b"012345"),
    Codes::chars(b"01234"),
    Codes::chars(b"12"),
    Codes::chars(b"123456"),
    Codes::chars(b"1234"),
    Codes::chars(b"1234567"),
];

#[rustfmt::skip]
static KNOWN: [(u16, u16); 35] = [
    (1, 100), (102, 219), (223, 223), (231, 231), (262, 446), (530, 533), (553, 554), (559, 562), (581, 581),
    (584, 585), (707, 708), (710, 710), (715, 715), (721, 721), (724, 724), (727, 729), (753, 753),
    (779, 779), (789, 790), (797, 797), (835, 836), (893, 893), (911, 912), (969, 969), (1180, 1183),
    (1346, 1349), (1351, 1357), (1385, 1385), (1399, 1399), (1426, 1426), (2964, 2964), (6136, 6136),
    (9773, 9773), (9801, 9804), (25003, 25008),
];

static TYPES: [&str; 59] = [
    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "A", "AF", "AN", "AO", "AP", "B", "BW", "BX", "BY",
    "C", "D", "E", "F", "G", "H", "J", "K", "L", "M", "N", "P", "Q", "R", "S", "T", "V", "W", "X", "XLQ",
    "XLR", "Y", "Z", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "q", "r", "x", "y",
];
