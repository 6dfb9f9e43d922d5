//! Reports as a client reads them. Fields it does not know are passed over: another build of the venue may say
//! more.

use crate::{
    decimal::Number,
    fix::{
        message::{Field, Message},
        order::Coded,
        refusal::{SessionReject, SessionRejectReason as Why},
        value,
        version::Version,
    },
    types::{Nanos, OrderStatus, OrderType, Side, TimeInForce},
};

/// ExecType (150).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ExecType {
    /// A new order was accepted.
    New = b'0',
    /// The order ended unfilled.
    Canceled = b'4',
    /// The order was changed.
    Replaced = b'5',
    /// A new order was refused.
    Rejected = b'8',
    /// The order's time was over.
    Expired = b'C',
    /// The venue took from the order's quantity.
    Restated = b'D',
    /// The order traded.
    Trade = b'F',
    /// A stop was triggered.
    Triggered = b'L',
    /// An answer to OrderStatusRequest.
    OrderStatus = b'I',
}

impl ExecType {
    /// Every type.
    pub const ALL: &'static [ExecType] = &[
        ExecType::New,
        ExecType::Canceled,
        ExecType::Replaced,
        ExecType::Rejected,
        ExecType::Expired,
        ExecType::Restated,
        ExecType::Trade,
        ExecType::OrderStatus,
        ExecType::Triggered,
    ];

    /// The type of this character.
    #[must_use]
    pub fn from_fix(code: u8) -> Option<ExecType> {
        Self::ALL.iter().copied().find(|t| t.fix() == code)
    }

    /// Its character.
    #[must_use]
    pub const fn fix(self) -> u8 {
        self as u8
    }
}

/// ExecutionReport (8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExecutionReport<'b> {
    /// OrderID (37), or [`super::NONE`].
    pub order_id: &'b [u8],
    /// ExecID (17).
    pub exec_id: &'b [u8],
    /// SecondaryExecID (527): the trade.
    pub trade_id: Option<&'b [u8]>,
    /// ClOrdID (11).
    pub cl_ord_id: Option<&'b [u8]>,
    /// OrigClOrdID (41).
    pub orig_cl_ord_id: Option<&'b [u8]>,
    /// OrdStatusReqID (790).
    pub request_id: Option<&'b [u8]>,
    /// ExecType (150).
    pub exec_type: ExecType,
    /// OrdStatus (39); an expired order (`C`) counts as cancelled.
    pub status: OrderStatus,
    /// OrdRejReason (103).
    pub reject_reason: Option<u64>,
    /// Account (1).
    pub account: Option<&'b [u8]>,
    /// Symbol (55).
    pub symbol: &'b [u8],
    /// Side (54).
    pub side: Coded<Side>,
    /// OrderQty (38).
    pub quantity: Option<Number>,
    /// CashOrderQty (152).
    pub amount: Option<Number>,
    /// OrdType (40).
    pub order_type: Option<Coded<OrderType>>,
    /// Price (44).
    pub price: Option<Number>,
    /// StopPx (99).
    pub stop: Option<Number>,
    /// MaxFloor (111), in FIX 5.0 SP2 DisplayQty (1138).
    pub display: Option<Number>,
    /// ExpireTime (126).
    pub expire: Option<Nanos>,
    /// TimeInForce (59).
    pub time_in_force: Option<Coded<TimeInForce>>,
    /// ExecInst (18) is 6.
    pub post_only: bool,
    /// LastQty (32).
    pub last_quantity: Option<Number>,
    /// LastPx (31).
    pub last_price: Option<Number>,
    /// LeavesQty (151).
    pub leaves: Number,
    /// CumQty (14).
    pub cum: Number,
    /// AvgPx (6).
    pub average_price: Number,
    /// TransactTime (60).
    pub transact_time: Option<Nanos>,
    /// Text (58).
    pub text: Option<&'b [u8]>,
    /// LastLiquidityInd (851): 1 added, 2 removed liquidity.
    pub liquidity: Option<u64>,
    /// MiscFeeAmt (137): what this fill cost.
    pub fee: Option<Number>,
}

/// OrderCancelReject (9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderCancelReject<'b> {
    /// OrderID (37), or [`super::NONE`].
    pub order_id: &'b [u8],
    /// ClOrdID (11) of the request.
    pub cl_ord_id: &'b [u8],
    /// OrigClOrdID (41), or [`super::NONE`].
    pub orig_cl_ord_id: &'b [u8],
    /// OrdStatus (39) of the order.
    pub status: OrderStatus,
    /// Account (1).
    pub account: Option<&'b [u8]>,
    /// CxlRejResponseTo (434) is 2: a replace was refused, not a cancel.
    pub of_replace: bool,
    /// CxlRejReason (102).
    pub reject_reason: Option<u64>,
    /// TransactTime (60).
    pub transact_time: Option<Nanos>,
    /// Text (58).
    pub text: Option<&'b [u8]>,
}

/// BusinessMessageReject (j).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BusinessMessageReject<'b> {
    /// RefSeqNum (45).
    pub ref_seq: Option<u64>,
    /// RefMsgType (372).
    pub ref_msg_type: &'b [u8],
    /// BusinessRejectReason (380).
    pub reason: u64,
    /// Text (58).
    pub text: Option<&'b [u8]>,
}

impl<'b> ExecutionReport<'b> {
    /// MsgType (35).
    pub const MSG_TYPE: &'static [u8] = b"8";

    /// The report in `message`.
    ///
    /// # Errors
    /// What to answer if it is not as FIX wants it.
    pub fn parse(message: &Message<'b>) -> Result<Self, SessionReject> {
        let (mut order_id, mut exec_id, mut exec_type, mut status) = (None, None, None, None);
        let (mut symbol, mut side, mut leaves, mut cum, mut average) = (None, None, None, None, None);
        let mut report = ExecutionReport {
            order_id: &[],
            exec_id: &[],
            trade_id: None,
            cl_ord_id: None,
            orig_cl_ord_id: None,
            request_id: None,
            exec_type: ExecType::OrderStatus,
            status: OrderStatus::Rejected,
            reject_reason: None,
            account: None,
            symbol: &[],
            side: Side::Buy.into(),
            quantity: None,
            amount: None,
            order_type: None,
            price: None,
            stop: None,
            display: None,
            expire: None,
            time_in_force: None,
            post_only: false,
            last_quantity: None,
            last_price: None,
            leaves: Number::ZERO,
            cum: Number::ZERO,
            average_price: Number::ZERO,
            transact_time: None,
            text: None,
            liquidity: None,
            fee: None,
        };
        // FIX 4.2 tells trades as fills and partial fills, and answers to status requests by ExecTransType (20).
        let old = message.begin_string == Version::Fix42.begin_string().as_bytes();
        let mut is_status = false;
        let mut fields = message.body();
        while let Some(field) = fields.next_field()? {
            match field.tag {
                37 => order_id = Some(field.value),
                17 => exec_id = Some(field.value),
                527 => report.trade_id = Some(field.value),
                11 => report.cl_ord_id = Some(field.value),
                41 => report.orig_cl_ord_id = Some(field.value),
                790 => report.request_id = Some(field.value),
                150 => {
                    let code = match char(&field)? {
                        b'1' | b'2' if old => ExecType::Trade.fix(),
                        code => code,
                    };
                    exec_type = Some(known(&field, ExecType::from_fix(code))?);
                }
                20 if old => is_status = char(&field)? == b'3',
                39 => status = Some(order_status(&field)?),
                103 => report.reject_reason = Some(int(&field)?),
                1 => report.account = Some(field.value),
                55 => symbol = Some(field.value),
                54 => {
                    let code = char(&field)?;
                    side = Some(Coded { code, value: Side::from_fix(code) });
                }
                38 => report.quantity = Some(number(&field)?),
                40 => {
                    let code = char(&field)?;
                    report.order_type = Some(Coded { code, value: OrderType::from_fix(code) });
                }
                152 => report.amount = Some(number(&field)?),
                44 => report.price = Some(number(&field)?),
                99 => report.stop = Some(number(&field)?),
                111 | 1138 => report.display = Some(number(&field)?),
                126 => report.expire = Some(time(&field)?),
                137 => report.fee = Some(number(&field)?),
                59 => {
                    let code = char(&field)?;
                    report.time_in_force = Some(Coded { code, value: TimeInForce::from_fix(code) });
                }
                18 => report.post_only = field.value.split(|&b| b == b' ').any(|word| word == b"6"),
                32 => report.last_quantity = Some(number(&field)?),
                31 => report.last_price = Some(number(&field)?),
                151 => leaves = Some(number(&field)?),
                14 => cum = Some(number(&field)?),
                6 => average = Some(number(&field)?),
                60 => report.transact_time = Some(time(&field)?),
                58 => report.text = Some(field.value),
                851 => report.liquidity = Some(int(&field)?),
                _ => {}
            }
        }
        Ok(ExecutionReport {
            order_id: required(order_id, 37)?,
            exec_id: required(exec_id, 17)?,
            exec_type: if is_status { ExecType::OrderStatus } else { required(exec_type, 150)? },
            status: required(status, 39)?,
            symbol: required(symbol, 55)?,
            side: required(side, 54)?,
            leaves: required(leaves, 151)?,
            cum: required(cum, 14)?,
            average_price: required(average, 6)?,
            ..report
        })
    }
}

impl<'b> OrderCancelReject<'b> {
    /// MsgType (35).
    pub const MSG_TYPE: &'static [u8] = b"9";

    /// The reject in `message`.
    ///
    /// # Errors
    /// What to answer if it is not as FIX wants it.
    pub fn parse(message: &Message<'b>) -> Result<Self, SessionReject> {
        let (mut order_id, mut cl_ord_id, mut orig_cl_ord_id) = (None, None, None);
        let (mut status, mut of_replace) = (None, None);
        let (mut account, mut reject_reason, mut transact_time, mut text) = (None, None, None, None);
        let mut fields = message.body();
        while let Some(field) = fields.next_field()? {
            match field.tag {
                37 => order_id = Some(field.value),
                11 => cl_ord_id = Some(field.value),
                41 => orig_cl_ord_id = Some(field.value),
                39 => status = Some(order_status(&field)?),
                1 => account = Some(field.value),
                434 => of_replace = Some(char(&field)? == b'2'),
                102 => reject_reason = Some(int(&field)?),
                60 => transact_time = Some(time(&field)?),
                58 => text = Some(field.value),
                _ => {}
            }
        }
        Ok(OrderCancelReject {
            order_id: required(order_id, 37)?,
            cl_ord_id: required(cl_ord_id, 11)?,
            orig_cl_ord_id: required(orig_cl_ord_id, 41)?,
            status: required(status, 39)?,
            account,
            of_replace: required(of_replace, 434)?,
            reject_reason,
            transact_time,
            text,
        })
    }
}

impl<'b> BusinessMessageReject<'b> {
    /// MsgType (35).
    pub const MSG_TYPE: &'static [u8] = b"j";

    /// The reject in `message`.
    ///
    /// # Errors
    /// What to answer if it is not as FIX wants it.
    pub fn parse(message: &Message<'b>) -> Result<Self, SessionReject> {
        let (mut ref_seq, mut ref_msg_type, mut reason, mut text) = (None, None, None, None);
        let mut fields = message.body();
        while let Some(field) = fields.next_field()? {
            match field.tag {
                45 => ref_seq = Some(int(&field)?),
                372 => ref_msg_type = Some(field.value),
                380 => reason = Some(int(&field)?),
                58 => text = Some(field.value),
                _ => {}
            }
        }
        Ok(BusinessMessageReject {
            ref_seq,
            ref_msg_type: required(ref_msg_type, 372)?,
            reason: required(reason, 380)?,
            text,
        })
    }
}

fn order_status(field: &Field<'_>) -> Result<OrderStatus, SessionReject> {
    match char(field)? {
        super::EXPIRED => Ok(OrderStatus::Canceled),
        code => known(field, OrderStatus::from_fix(code)),
    }
}

fn required<T>(value: Option<T>, tag: u32) -> Result<T, SessionReject> {
    value.ok_or_else(|| SessionReject::about(Why::RequiredTagMissing, tag))
}

fn known<T>(field: &Field<'_>, value: Option<T>) -> Result<T, SessionReject> {
    value.ok_or_else(|| field.wrong(Why::ValueIncorrect))
}

fn char(field: &Field<'_>) -> Result<u8, SessionReject> {
    match *field.value {
        [code] => Ok(code),
        _ => Err(field.wrong(Why::IncorrectDataFormat)),
    }
}

fn int(field: &Field<'_>) -> Result<u64, SessionReject> {
    value::unsigned(field.value).ok_or_else(|| field.wrong(Why::IncorrectDataFormat))
}

fn number(field: &Field<'_>) -> Result<Number, SessionReject> {
    Number::parse(field.value).ok_or_else(|| field.wrong(Why::IncorrectDataFormat))
}

fn time(field: &Field<'_>) -> Result<Nanos, SessionReject> {
    value::timestamp(field.value).ok_or_else(|| field.wrong(Why::IncorrectDataFormat))
}
