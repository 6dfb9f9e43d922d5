//! Slots: small numbers for the fields that typed readers take from a message, the same in all messages and versions,
//! so that a reader finds a field's value in an array without a search.

/// Slots that there are; 0 is none.
pub(crate) const COUNT: usize = COUNT_U8 as usize;
const COUNT_U8: u8 = 64;

/// Fields that have slots, and a table by which a field's first bytes lead to its slot without its tag being read.
#[derive(Debug)]
pub(crate) struct Slots {
    /// The tags of the slots.
    pub(crate) tags: [u16; COUNT],
    /// Makes places in `keys` of texts.
    multiplier: u32,
    keys: [Key; 1 << KEY_BITS],
}

/// What a field begins with, and its slot.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    /// The slot's bit.
    pub(crate) bit: u64,
    /// A tag of one to three digits and the equals sign, or a tag of four digits; the first in the lowest byte.
    text: u32,
    pub(crate) slot: u8,
    /// Bytes of the tag and the equals sign.
    pub(crate) len: u8,
}

/// One that no field begins with: what goes on behind an equals sign is cut off before it is looked up.
const NO_KEY: Key = Key { bit: 0, text: LOW * b'=' as u32, slot: 0, len: 0 };

const KEY_BITS: u32 = 7;
const LOW: u32 = u32::MAX / 255;

impl Slots {
    const fn new(tags: [u16; COUNT]) -> Slots {
        // A multiplier that leads no two texts to one place. Odd numbers are tried, scattered as by a well-known
        // generator (Numerical Recipes, "quick and dirty").
        let mut multiplier: u32 = 1;
        loop {
            if let Some(keys) = keys(&tags, multiplier) {
                return Slots { tags, multiplier, keys };
            }
            multiplier = multiplier.wrapping_mul(1_664_525).wrapping_add(1_013_904_222);
        }
    }

    /// The key of a field that begins with these bytes, if it has a slot.
    #[inline(always)]
    pub(crate) fn key(&self, bytes: [u8; 8]) -> Option<&Key> {
        let [one, two, three, four, ..] = bytes;
        let word = u32::from_le_bytes([one, two, three, four]);
        // The lowest byte that is an equals sign becomes the lowest with its high bit set (Mycroft's null-byte test, less
        // what tells it from bytes that are not ASCII: those are in no key).
        let sign = (word ^ (LOW * b'=' as u32)).wrapping_sub(LOW) & (LOW << 7);
        if sign == 0 {
            return self.long_key(bytes);
        }
        self.key_of(word & (sign ^ sign.wrapping_sub(1)))
    }

    #[inline(always)]
    fn key_of(&self, text: u32) -> Option<&Key> {
        let key = &self.keys[(text.wrapping_mul(self.multiplier) >> (32 - KEY_BITS)) as usize];
        (key.text == text).then_some(key)
    }

    /// As [`Slots::key`], of a field that has no equals sign among its first four bytes.
    #[cold]
    fn long_key(&self, [one, two, three, four, fifth, ..]: [u8; 8]) -> Option<&Key> {
        if fifth == b'=' { self.key_of(u32::from_le_bytes([one, two, three, four])) } else { None }
    }
}

/// The places of `tags` by `multiplier`; `None` if two have the same.
const fn keys(tags: &[u16; COUNT], multiplier: u32) -> Option<[Key; 1 << KEY_BITS]> {
    let mut keys = [NO_KEY; 1 << KEY_BITS];
    let mut slot = 1;
    while slot < COUNT_U8 {
        let mut tag = tags[slot as usize];
        if tag != 0 {
            let (mut text, mut len) = (if tag > 999 { 0 } else { b'=' as u32 }, 1);
            while tag > 0 {
                text = text << 8 | (b'0' as u32 + (tag % 10) as u32);
                len += 1;
                tag /= 10;
            }
            let place = (text.wrapping_mul(multiplier) >> (32 - KEY_BITS)) as usize;
            if keys[place].len != 0 {
                return None;
            }
            assert!(len <= 5);
            keys[place] = Key { bit: 1 << slot, text, slot, len };
        }
        slot += 1;
    }
    Some(keys)
}

macro_rules! slots {
    ($(#[$doc:meta])* $list:ident: $($name:ident = $slot:literal, $tag:literal;)+) => {
        $(pub(crate) const $name: usize = $slot;)+
        $(#[$doc])*
        pub(crate) static $list: Slots = Slots::new({
            let mut tags = [0; COUNT];
            $(
                assert!(tags[$slot] == 0, "a slot is one field's");
                tags[$slot] = $tag;
            )+
            tags
        });
    };
}

slots!(
    /// Those of the header.
    HEADER:
    BEGIN_STRING = 1, 8;
    BODY_LENGTH = 2, 9;
    MSG_TYPE = 3, 35;
    MSG_SEQ_NUM = 4, 34;
    SENDER_COMP_ID = 5, 49;
    TARGET_COMP_ID = 6, 56;
    SENDING_TIME = 7, 52;
    POSS_DUP_FLAG = 8, 43;
    ORIG_SENDING_TIME = 9, 122;
    POSS_RESEND = 10, 97;
    APPL_VER_ID = 11, 1128;
);

/// A bit for each of those of bodies that few orders have.
pub(crate) const RARE: u64 = (1 << (PRICE_TYPE + 1)) - (1 << STOP_PX);

slots!(
    /// Those of bodies.
    BODY:
    ACCOUNT = 1, 1;
    CL_ORD_ID = 2, 11;
    SYMBOL = 3, 55;
    SIDE = 4, 54;
    TRANSACT_TIME = 5, 60;
    ORDER_QTY = 6, 38;
    ORD_TYPE = 7, 40;
    PRICE = 8, 44;
    TIME_IN_FORCE = 9, 59;
    EXEC_INST = 10, 18;
    HANDL_INST = 11, 21;
    ORIG_CL_ORD_ID = 12, 41;
    ORDER_ID = 13, 37;
    ORD_STATUS_REQ_ID = 14, 790;
    STOP_PX = 15, 99;
    MIN_QTY = 16, 110;
    MAX_FLOOR = 17, 111;
    DISPLAY_QTY = 18, 1138;
    EXPIRE_TIME = 19, 126;
    EXPIRE_DATE = 20, 432;
    CASH_ORDER_QTY = 21, 152;
    PEG_OFFSET_VALUE = 22, 211;
    SELF_MATCH_PREVENTION = 23, 2964;
    ORDER_QTY_2 = 24, 192;
    MAX_SHOW = 25, 210;
    DISCRETION_OFFSET_VALUE = 26, 389;
    ORDER_PERCENT = 27, 516;
    PRICE_2 = 28, 640;
    EFFECTIVE_TIME = 29, 168;
    DISCRETION_INST = 30, 388;
    TARGET_STRATEGY = 31, 847;
    PEG_MOVE_TYPE = 32, 835;
    PEG_OFFSET_TYPE = 33, 836;
    PRICE_TYPE = 34, 423;
    QUOTE_ID = 35, 117;
    MASS_CANCEL_REQUEST_TYPE = 36, 530;
    QUOTE_CANCEL_TYPE = 37, 298;
    MM_PROTECTION_RESET = 38, 9773;
);

// A field with a body's slot ends the header.
const _: () = {
    let mut slot = 1;
    while slot < COUNT {
        let mut other = 1;
        while other < COUNT {
            assert!(HEADER.tags[slot] == 0 || HEADER.tags[slot] != BODY.tags[other]);
            other += 1;
        }
        slot += 1;
    }
};
