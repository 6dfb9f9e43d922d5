-- Generated from wire/schema/model; change that, then: cargo run -p penstock-schema.
-- Wireshark's dissector of the binary protocol: tshark -X lua_script:penstock.lua -d tcp.port==9880,soupbintcp
-- -d udp.port==9890,moldudp64 -d moldudp64.payload,penstock

local penstock = Proto("penstock", "Penstock SBE")
local schema = 1

local malformed = ProtoExpert.new("penstock.malformed", "Malformed message", expert.group.MALFORMED, expert.severity.ERROR)
penstock.experts = { malformed }

local header = {
    block_length = ProtoField.uint16("penstock.block_length", "blockLength"),
    template = ProtoField.uint16("penstock.template", "templateId"),
    schema = ProtoField.uint16("penstock.schema", "schemaId"),
    version = ProtoField.uint16("penstock.version", "version"),
    entry_length = ProtoField.uint16("penstock.entry_length", "blockLength"),
    entries = ProtoField.uint16("penstock.entries", "numInGroup"),
}

-- Coded values.
local codes = {
    Side = { [49] = "Buy", [50] = "Sell", },
    OrderType = { [49] = "Market", [50] = "Limit", [51] = "Stop", [52] = "StopLimit", [80] = "TrailingStop", },
    TimeInForce = { [48] = "Day", [49] = "Gtc", [50] = "AtTheOpening", [51] = "Ioc", [52] = "Fok", [54] = "Gtd", [55] = "AtTheClose", },
    OrderStatus = { [48] = "New", [49] = "PartiallyFilled", [50] = "Filled", [52] = "Canceled", [56] = "Rejected", },
    SelfTrade = { [48] = "None", [49] = "CancelNewest", [50] = "CancelOldest", [51] = "CancelBoth", [52] = "Decrement", },
    Cause = { [0] = "None", [1] = "Requested", [2] = "Unfilled", [3] = "NotFillable", [4] = "Disconnected", [5] = "ReplacedBelowFilled", [6] = "SelfTrade", [7] = "Expired", [8] = "BelowMinimum", [9] = "MassCanceled", [10] = "Killed", [11] = "InsufficientFunds", [12] = "Protected", [13] = "QuoteReplaced", [14] = "Interrupted", [15] = "OneCancelsOther", },
    Liquidity = { [0] = "None", [1] = "Maker", [2] = "Taker", [3] = "Auction", },
    TradingState = { [0] = "Continuous", [1] = "PreOpen", [2] = "OpeningAuction", [3] = "VolatilityAuction", [4] = "ClosingAuction", [5] = "Closed", [6] = "Halted", },
    VenueState = { [0] = "Open", [1] = "Busy", [2] = "Draining", [3] = "MatcherAway", [4] = "JournalFailed", },
    Subscription = { [48] = "Snapshot", [49] = "SnapshotAndUpdates", [50] = "Disable", },
    Fault = { [1] = "Header", [2] = "Schema", [3] = "Version", [4] = "Template", [5] = "BlockLength", [6] = "Length", [7] = "Code", [8] = "Group", [9] = "Unexpected", },
    Scope = { [1] = "Session", [2] = "Account", [3] = "Venue", },
    Boolean = { [0] = "No", [1] = "Yes", },
    ListStatusType = { [49] = "Ack", [50] = "Response", },
    ListOrderStatus = { [51] = "Executing", [54] = "AllDone", [55] = "Reject", },
    LimitType = { [50] = "MessageLimit", [57] = "CancelLimit", },
    RejectCode = { [0] = "None", [1] = "UnknownInstrument", [2] = "UnsupportedOrder", [3] = "PriceNotPositive", [4] = "PriceOffTick", [5] = "PriceOutOfRange", [6] = "QuantityNotPositive", [7] = "QuantityOffLot", [8] = "QuantityOutOfRange", [9] = "QuantityTooSmall", [10] = "QuantityTooLarge", [11] = "NotionalTooSmall", [12] = "PriceOutsideBand", [13] = "DuplicateClOrdId", [14] = "NotEntitled", [15] = "TooManyOpenOrders", [16] = "PostOnlyWouldTake", [17] = "UnknownOrder", [18] = "OrderMismatch", [19] = "Busy", [20] = "MatcherAway", [21] = "Draining", [22] = "BadClOrdId", [23] = "InsufficientFunds", [24] = "UnknownAccount", [25] = "BadFunds", [26] = "WrongState", [27] = "Halted", [28] = "Closed", [29] = "Killed", [30] = "BadStop", [31] = "BadDisplay", [32] = "BadMinimum", [33] = "BadExpireTime", [34] = "BadTransition", [35] = "Protected", [36] = "BadQuote", [37] = "TooManyQuotes", [38] = "IsQuote", [39] = "BadTerms", [40] = "OrdersOpen", [41] = "BadProtection", [42] = "UnknownSession", [43] = "BadList", [44] = "DuplicateListId", [45] = "OrderWouldAct", [46] = "OtherOrderRefused", [47] = "UnknownList", [48] = "Throttled", [49] = "NoOpenOrders", [50] = "StillAnswering", [51] = "UnknownAsset", [52] = "UnsupportedRequest", [53] = "DeadlinePassed", [54] = "NotByTrunk", [55] = "NotionalTooLarge", [56] = "TooManySessionOrders", [57] = "TooManyAccountOrders", [58] = "PartMissing", [59] = "AcrossShards", [60] = "JournalFailed", },
}

local f = {
    AccountID = ProtoField.uint32("penstock.accountid", "AccountID"),
    AccountName = ProtoField.string("penstock.accountname", "AccountName"),
    ApplSeqNum = ProtoField.uint64("penstock.applseqnum", "ApplSeqNum"),
    AssetID = ProtoField.uint32("penstock.assetid", "AssetID"),
    AssetName = ProtoField.string("penstock.assetname", "AssetName"),
    AssetScale = ProtoField.uint16("penstock.assetscale", "AssetScale"),
    Available = ProtoField.bytes("penstock.available", "Available"),
    Band = ProtoField.uint32("penstock.band", "Band"),
    BaseID = ProtoField.uint32("penstock.baseid", "BaseID"),
    BasePerLot = ProtoField.uint64("penstock.baseperlot", "BasePerLot"),
    BidPx = ProtoField.int64("penstock.bidpx", "BidPx"),
    BidSize = ProtoField.uint64("penstock.bidsize", "BidSize"),
    CanceledQty = ProtoField.uint64("penstock.canceledqty", "CanceledQty"),
    CashOrderQty = ProtoField.uint64("penstock.cashorderqty", "CashOrderQty"),
    Cause = ProtoField.uint8("penstock.cause", "Cause", base.DEC, codes.Cause),
    ClOrdID = ProtoField.string("penstock.clordid", "ClOrdID"),
    Credit = ProtoField.uint8("penstock.credit", "Credit", base.DEC, codes.Boolean),
    CumNotional = ProtoField.bytes("penstock.cumnotional", "CumNotional"),
    CumQty = ProtoField.uint64("penstock.cumqty", "CumQty"),
    Deadline = ProtoField.uint64("penstock.deadline", "Deadline"),
    DefinitionKinds = ProtoField.uint8("penstock.definitionkinds", "DefinitionKinds", base.HEX),
    DisplayQty = ProtoField.uint64("penstock.displayqty", "DisplayQty"),
    DynamicBand = ProtoField.uint32("penstock.dynamicband", "DynamicBand"),
    Entitled = ProtoField.uint8("penstock.entitled", "Entitled", base.DEC, codes.Boolean),
    ExecID = ProtoField.uint64("penstock.execid", "ExecID"),
    ExecutedQty = ProtoField.uint64("penstock.executedqty", "ExecutedQty"),
    ExpireTime = ProtoField.uint64("penstock.expiretime", "ExpireTime"),
    Fault = ProtoField.uint8("penstock.fault", "Fault", base.DEC, codes.Fault),
    Fee = ProtoField.uint64("penstock.fee", "Fee"),
    FieldID = ProtoField.uint16("penstock.fieldid", "FieldID"),
    FillsMax = ProtoField.uint32("penstock.fillsmax", "FillsMax"),
    Funds = ProtoField.bytes("penstock.funds", "Funds"),
    GatewayInTime = ProtoField.uint64("penstock.gatewayintime", "GatewayInTime"),
    GroupID = ProtoField.uint32("penstock.groupid", "GroupID"),
    Held = ProtoField.bytes("penstock.held", "Held"),
    InstrumentID = ProtoField.uint32("penstock.instrumentid", "InstrumentID"),
    InstrumentSymbol = ProtoField.string("penstock.instrumentsymbol", "InstrumentSymbol"),
    LastLiquidityInd = ProtoField.uint8("penstock.lastliquidityind", "LastLiquidityInd", base.DEC, codes.Liquidity),
    LastMsgSeqNumProcessed = ProtoField.uint64("penstock.lastmsgseqnumprocessed", "LastMsgSeqNumProcessed"),
    LastPx = ProtoField.int64("penstock.lastpx", "LastPx"),
    LastQty = ProtoField.uint64("penstock.lastqty", "LastQty"),
    LastRptRequested = ProtoField.uint8("penstock.lastrptrequested", "LastRptRequested", base.DEC, codes.Boolean),
    LeavesQty = ProtoField.uint64("penstock.leavesqty", "LeavesQty"),
    LevelCount = ProtoField.uint32("penstock.levelcount", "LevelCount"),
    LevelQty = ProtoField.uint64("penstock.levelqty", "LevelQty"),
    LimitCount = ProtoField.uint64("penstock.limitcount", "LimitCount"),
    LimitMax = ProtoField.uint64("penstock.limitmax", "LimitMax"),
    LimitResetInterval = ProtoField.uint32("penstock.limitresetinterval", "LimitResetInterval"),
    LimitType = ProtoField.uint8("penstock.limittype", "LimitType", base.HEX, codes.LimitType),
    ListID = ProtoField.string("penstock.listid", "ListID"),
    ListOrderStatus = ProtoField.uint8("penstock.listorderstatus", "ListOrderStatus", base.HEX, codes.ListOrderStatus),
    ListStatusType = ProtoField.uint8("penstock.liststatustype", "ListStatusType", base.HEX, codes.ListStatusType),
    Lot = ProtoField.uint64("penstock.lot", "Lot"),
    LotsMax = ProtoField.uint64("penstock.lotsmax", "LotsMax"),
    MMProtectionReset = ProtoField.uint8("penstock.mmprotectionreset", "MMProtectionReset", base.DEC, codes.Boolean),
    MakerFee = ProtoField.uint32("penstock.makerfee", "MakerFee"),
    MassCancelFlags = ProtoField.uint8("penstock.masscancelflags", "MassCancelFlags", base.HEX),
    MassCancelScope = ProtoField.uint8("penstock.masscancelscope", "MassCancelScope", base.HEX),
    MassStatusReqID = ProtoField.string("penstock.massstatusreqid", "MassStatusReqID"),
    MatcherOutTime = ProtoField.uint64("penstock.matcherouttime", "MatcherOutTime"),
    MinQty = ProtoField.uint64("penstock.minqty", "MinQty"),
    MissingShards = ProtoField.uint8("penstock.missingshards", "MissingShards", base.HEX),
    MsgSeqNum = ProtoField.uint64("penstock.msgseqnum", "MsgSeqNum"),
    NoRpts = ProtoField.uint32("penstock.norpts", "NoRpts"),
    NotionalMin = ProtoField.bytes("penstock.notionalmin", "NotionalMin"),
    OfferPx = ProtoField.int64("penstock.offerpx", "OfferPx"),
    OfferSize = ProtoField.uint64("penstock.offersize", "OfferSize"),
    On = ProtoField.uint8("penstock.on", "On", base.DEC, codes.Boolean),
    OrdStatus = ProtoField.uint8("penstock.ordstatus", "OrdStatus", base.HEX, codes.OrderStatus),
    OrdStatusReqID = ProtoField.string("penstock.ordstatusreqid", "OrdStatusReqID"),
    OrdType = ProtoField.uint8("penstock.ordtype", "OrdType", base.HEX, codes.OrderType),
    OrderCount = ProtoField.uint32("penstock.ordercount", "OrderCount"),
    OrderFlags = ProtoField.uint8("penstock.orderflags", "OrderFlags", base.HEX),
    OrderID = ProtoField.uint64("penstock.orderid", "OrderID"),
    OrderQty = ProtoField.uint64("penstock.orderqty", "OrderQty"),
    OrigClOrdID = ProtoField.string("penstock.origclordid", "OrigClOrdID"),
    PosReqID = ProtoField.string("penstock.posreqid", "PosReqID"),
    Price = ProtoField.int64("penstock.price", "Price"),
    QuantityMax = ProtoField.uint64("penstock.quantitymax", "QuantityMax"),
    QuantityMin = ProtoField.uint64("penstock.quantitymin", "QuantityMin"),
    QuoteAssetID = ProtoField.uint32("penstock.quoteassetid", "QuoteAssetID"),
    QuoteCount = ProtoField.uint32("penstock.quotecount", "QuoteCount"),
    QuoteEntry = ProtoField.uint32("penstock.quoteentry", "QuoteEntry"),
    QuoteID = ProtoField.string("penstock.quoteid", "QuoteID"),
    QuotePerTickLot = ProtoField.uint64("penstock.quoteperticklot", "QuotePerTickLot"),
    ReferencePrice = ProtoField.int64("penstock.referenceprice", "ReferencePrice"),
    RejectCode = ProtoField.uint16("penstock.rejectcode", "RejectCode", base.DEC, codes.RejectCode),
    ReqID = ProtoField.string("penstock.reqid", "ReqID"),
    RetryAfter = ProtoField.uint64("penstock.retryafter", "RetryAfter"),
    RptSeq = ProtoField.uint32("penstock.rptseq", "RptSeq"),
    Scope = ProtoField.uint8("penstock.scope", "Scope", base.DEC, codes.Scope),
    SelfMatchPreventionInstruction = ProtoField.uint8("penstock.selfmatchpreventioninstruction", "SelfMatchPreventionInstruction", base.HEX, codes.SelfTrade),
    SeqNum = ProtoField.uint64("penstock.seqnum", "SeqNum"),
    SessionID = ProtoField.uint32("penstock.sessionid", "SessionID"),
    SessionName = ProtoField.string("penstock.sessionname", "SessionName"),
    Side = ProtoField.uint8("penstock.side", "Side", base.HEX, codes.Side),
    SnapshotSeqNum = ProtoField.uint64("penstock.snapshotseqnum", "SnapshotSeqNum"),
    StopPx = ProtoField.int64("penstock.stoppx", "StopPx"),
    SubscriptionRequestType = ProtoField.uint8("penstock.subscriptionrequesttype", "SubscriptionRequestType", base.HEX, codes.Subscription),
    TakerFee = ProtoField.uint32("penstock.takerfee", "TakerFee"),
    TargetID = ProtoField.uint32("penstock.targetid", "TargetID"),
    TemplateID = ProtoField.uint16("penstock.templateid", "TemplateID"),
    Tick = ProtoField.int64("penstock.tick", "Tick"),
    TimeInForce = ProtoField.uint8("penstock.timeinforce", "TimeInForce", base.HEX, codes.TimeInForce),
    TotNumReports = ProtoField.uint32("penstock.totnumreports", "TotNumReports"),
    TotalAffectedOrders = ProtoField.uint32("penstock.totalaffectedorders", "TotalAffectedOrders"),
    TotalNumPosReports = ProtoField.uint32("penstock.totalnumposreports", "TotalNumPosReports"),
    TradeID = ProtoField.uint64("penstock.tradeid", "TradeID"),
    TradingState = ProtoField.uint8("penstock.tradingstate", "TradingState", base.DEC, codes.TradingState),
    TransactTime = ProtoField.uint64("penstock.transacttime", "TransactTime"),
    VenueState = ProtoField.uint8("penstock.venuestate", "VenueState", base.DEC, codes.VenueState),
    VolatilityCall = ProtoField.uint64("penstock.volatilitycall", "VolatilityCall"),
    Window = ProtoField.uint64("penstock.window", "Window"),
}

penstock.fields = {}
for _, list in ipairs({ header, f }) do
    for _, field in pairs(list) do penstock.fields[#penstock.fields + 1] = field end
end

-- By template id: name, bytes of the block, and of each field its place, length and kind, the bytes of none,
-- decimal places, names of bits.
local messages = {
    [1] = {
        name = "NewOrder", bytes = 120, fields = {
            { f.ClOrdID, 0, 36, "text" },
            { f.InstrumentID, 36, 4, "number", nil },
            { f.AccountID, 40, 4, "number", "FFFFFFFF" },
            { f.Side, 44, 1, "code", nil },
            { f.OrdType, 45, 1, "code", nil },
            { f.TimeInForce, 46, 1, "code", nil },
            { f.OrderFlags, 47, 1, "set", nil, nil, { "PostOnly", "Quote" } },
            { f.OrderQty, 48, 8, "unsigned", "FFFFFFFFFFFFFFFF", 8 },
            { f.Price, 56, 8, "signed", "0000000000000080", 8 },
            { f.StopPx, 64, 8, "signed", "0000000000000080", 8 },
            { f.DisplayQty, 72, 8, "unsigned", "FFFFFFFFFFFFFFFF", 8 },
            { f.MinQty, 80, 8, "unsigned", "FFFFFFFFFFFFFFFF", 8 },
            { f.CashOrderQty, 88, 8, "unsigned", "FFFFFFFFFFFFFFFF", 8 },
            { f.ExpireTime, 96, 8, "time", "FFFFFFFFFFFFFFFF" },
            { f.Deadline, 104, 8, "time", "FFFFFFFFFFFFFFFF" },
            { f.SelfMatchPreventionInstruction, 112, 1, "code", "00" },
        },
    },
    [2] = {
        name = "CancelOrder", bytes = 96, fields = {
            { f.ClOrdID, 0, 36, "text" },
            { f.InstrumentID, 36, 4, "number", nil },
            { f.OrigClOrdID, 40, 36, "text" },
            { f.AccountID, 76, 4, "number", "FFFFFFFF" },
            { f.OrderID, 80, 8, "number", "FFFFFFFFFFFFFFFF" },
            { f.Deadline, 88, 8, "time", "FFFFFFFFFFFFFFFF" },
        },
    },
    [3] = {
        name = "ReplaceOrder", bytes = 128, fields = {
            { f.ClOrdID, 0, 36, "text" },
            { f.InstrumentID, 36, 4, "number", nil },
            { f.OrigClOrdID, 40, 36, "text" },
            { f.AccountID, 76, 4, "number", "FFFFFFFF" },
            { f.OrderID, 80, 8, "number", "FFFFFFFFFFFFFFFF" },
            { f.OrderQty, 88, 8, "unsigned", nil, 8 },
            { f.Price, 96, 8, "signed", "0000000000000080", 8 },
            { f.DisplayQty, 104, 8, "unsigned", "FFFFFFFFFFFFFFFF", 8 },
            { f.Deadline, 112, 8, "time", "FFFFFFFFFFFFFFFF" },
            { f.Side, 120, 1, "code", nil },
        },
    },
    [4] = {
        name = "StatusRequest", bytes = 96, fields = {
            { f.ClOrdID, 0, 36, "text" },
            { f.InstrumentID, 36, 4, "number", nil },
            { f.OrdStatusReqID, 40, 36, "text" },
            { f.AccountID, 76, 4, "number", "FFFFFFFF" },
            { f.OrderID, 80, 8, "number", "FFFFFFFFFFFFFFFF" },
            { f.Side, 88, 1, "code", nil },
        },
    },
    [5] = {
        name = "MassCancel", bytes = 48, fields = {
            { f.ClOrdID, 0, 36, "text" },
            { f.InstrumentID, 36, 4, "number", "FFFFFFFF" },
            { f.AccountID, 40, 4, "number", "FFFFFFFF" },
            { f.Side, 44, 1, "code", "00" },
            { f.MassCancelFlags, 45, 1, "set", nil, nil, { "QuotesOnly", "AllSessions" } },
        },
    },
    [6] = {
        name = "MassQuote", bytes = 52, fields = {
            { f.QuoteID, 0, 36, "text" },
            { f.AccountID, 36, 4, "number", "FFFFFFFF" },
            { f.Deadline, 40, 8, "time", "FFFFFFFFFFFFFFFF" },
            { f.MMProtectionReset, 48, 1, "code", nil },
        },
        group = { name = "NoQuoteEntries", bytes = 40, fields = {
            { f.InstrumentID, 0, 4, "number", nil },
            { f.BidPx, 8, 8, "signed", "0000000000000080", 8 },
            { f.BidSize, 16, 8, "unsigned", "FFFFFFFFFFFFFFFF", 8 },
            { f.OfferPx, 24, 8, "signed", "0000000000000080", 8 },
            { f.OfferSize, 32, 8, "unsigned", "FFFFFFFFFFFFFFFF", 8 },
        } },
    },
    [7] = {
        name = "ResetProtection", bytes = 8, fields = {
            { f.AccountID, 0, 4, "number", "FFFFFFFF" },
            { f.GroupID, 4, 4, "number", nil },
        },
    },
    [40] = {
        name = "OrderAccepted", bytes = 176, fields = {
            { f.ApplSeqNum, 0, 8, "number", nil },
            { f.SeqNum, 8, 8, "number", nil },
            { f.LastMsgSeqNumProcessed, 16, 8, "number", nil },
            { f.ExecID, 24, 8, "number", nil },
            { f.TransactTime, 32, 8, "time", nil },
            { f.GatewayInTime, 40, 8, "time", nil },
            { f.MatcherOutTime, 48, 8, "time", nil },
            { f.SessionID, 56, 4, "number", "FFFFFFFF" },
            { f.InstrumentID, 60, 4, "number", nil },
            { f.AccountID, 64, 4, "number", nil },
            { f.Side, 68, 1, "code", nil },
            { f.OrdType, 69, 1, "code", nil },
            { f.TimeInForce, 70, 1, "code", nil },
            { f.OrderFlags, 71, 1, "set", nil, nil, { "PostOnly", "Quote" } },
            { f.OrderID, 72, 8, "number", nil },
            { f.OrderQty, 80, 8, "unsigned", "FFFFFFFFFFFFFFFF", 8 },
            { f.CashOrderQty, 88, 8, "unsigned", "FFFFFFFFFFFFFFFF", 8 },
            { f.Price, 96, 8, "signed", "0000000000000080", 8 },
            { f.StopPx, 104, 8, "signed", "0000000000000080", 8 },
            { f.DisplayQty, 112, 8, "unsigned", "FFFFFFFFFFFFFFFF", 8 },
            { f.ExpireTime, 120, 8, "time", "FFFFFFFFFFFFFFFF" },
            { f.LeavesQty, 128, 8, "unsigned", nil, 8 },
            { f.ClOrdID, 136, 36, "text" },
        },
    },
    [41] = {
        name = "OrderRejected", bytes = 128, fields = {
            { f.ApplSeqNum, 0, 8, "number", nil },
            { f.SeqNum, 8, 8, "number", nil },
            { f.LastMsgSeqNumProcessed, 16, 8, "number", nil },
            { f.ExecID, 24, 8, "number", nil },
            { f.TransactTime, 32, 8, "time", nil },
            { f.GatewayInTime, 40, 8, "time", nil },
            { f.MatcherOutTime, 48, 8, "time", nil },
            { f.SessionID, 56, 4, "number", "FFFFFFFF" },
            { f.InstrumentID, 60, 4, "number", nil },
            { f.AccountID, 64, 4, "number", nil },
            { f.RejectCode, 68, 2, "code", nil },
            { f.Side, 70, 1, "code", nil },
            { f.OrdType, 71, 1, "code", nil },
            { f.LimitCount, 72, 8, "number", "FFFFFFFFFFFFFFFF" },
            { f.LimitMax, 80, 8, "number", "FFFFFFFFFFFFFFFF" },
            { f.ClOrdID, 88, 36, "text" },
        },
    },
    [42] = {
        name = "OrderFilled", bytes = 168, fields = {
            { f.ApplSeqNum, 0, 8, "number", nil },
            { f.SeqNum, 8, 8, "number", nil },
            { f.LastMsgSeqNumProcessed, 16, 8, "number", nil },
            { f.ExecID, 24, 8, "number", nil },
            { f.TransactTime, 32, 8, "time", nil },
            { f.GatewayInTime, 40, 8, "time", nil },
            { f.MatcherOutTime, 48, 8, "time", nil },
            { f.SessionID, 56, 4, "number", "FFFFFFFF" },
            { f.InstrumentID, 60, 4, "number", nil },
            { f.AccountID, 64, 4, "number", nil },
            { f.Side, 68, 1, "code", nil },
            { f.OrdStatus, 69, 1, "code", nil },
            { f.LastLiquidityInd, 70, 1, "code", nil },
            { f.OrderFlags, 71, 1, "set", nil, nil, { "PostOnly", "Quote" } },
            { f.OrderID, 72, 8, "number", nil },
            { f.TradeID, 80, 8, "number", nil },
            { f.LastPx, 88, 8, "signed", nil, 8 },
            { f.LastQty, 96, 8, "unsigned", nil, 8 },
            { f.LeavesQty, 104, 8, "unsigned", nil, 8 },
            { f.CumQty, 112, 8, "unsigned", nil, 8 },
            { f.Fee, 120, 8, "number", nil },
            { f.ClOrdID, 128, 36, "text" },
        },
    },
    [43] = {
        name = "OrderCanceled", bytes = 176, fields = {
            { f.ApplSeqNum, 0, 8, "number", nil },
            { f.SeqNum, 8, 8, "number", nil },
            { f.LastMsgSeqNumProcessed, 16, 8, "number", nil },
            { f.ExecID, 24, 8, "number", nil },
            { f.TransactTime, 32, 8, "time", nil },
            { f.GatewayInTime, 40, 8, "time", nil },
            { f.MatcherOutTime, 48, 8, "time", nil },
            { f.SessionID, 56, 4, "number", "FFFFFFFF" },
            { f.InstrumentID, 60, 4, "number", nil },
            { f.AccountID, 64, 4, "number", nil },
            { f.Side, 68, 1, "code", nil },
            { f.Cause, 69, 1, "code", nil },
            { f.OrderFlags, 70, 1, "set", nil, nil, { "PostOnly", "Quote" } },
            { f.OrderID, 72, 8, "number", nil },
            { f.CumQty, 80, 8, "unsigned", nil, 8 },
            { f.CumNotional, 88, 16, "wide" },
            { f.ClOrdID, 104, 36, "text" },
            { f.OrigClOrdID, 140, 36, "text" },
        },
    },
    [44] = {
        name = "OrderReplaced", bytes = 224, fields = {
            { f.ApplSeqNum, 0, 8, "number", nil },
            { f.SeqNum, 8, 8, "number", nil },
            { f.LastMsgSeqNumProcessed, 16, 8, "number", nil },
            { f.ExecID, 24, 8, "number", nil },
            { f.TransactTime, 32, 8, "time", nil },
            { f.GatewayInTime, 40, 8, "time", nil },
            { f.MatcherOutTime, 48, 8, "time", nil },
            { f.SessionID, 56, 4, "number", "FFFFFFFF" },
            { f.InstrumentID, 60, 4, "number", nil },
            { f.AccountID, 64, 4, "number", nil },
            { f.Side, 68, 1, "code", nil },
            { f.OrdType, 69, 1, "code", nil },
            { f.TimeInForce, 70, 1, "code", nil },
            { f.OrdStatus, 71, 1, "code", nil },
            { f.OrderID, 72, 8, "number", nil },
            { f.OrderQty, 80, 8, "unsigned", "FFFFFFFFFFFFFFFF", 8 },
            { f.CashOrderQty, 88, 8, "unsigned", "FFFFFFFFFFFFFFFF", 8 },
            { f.Price, 96, 8, "signed", "0000000000000080", 8 },
            { f.StopPx, 104, 8, "signed", "0000000000000080", 8 },
            { f.DisplayQty, 112, 8, "unsigned", "FFFFFFFFFFFFFFFF", 8 },
            { f.ExpireTime, 120, 8, "time", "FFFFFFFFFFFFFFFF" },
            { f.LeavesQty, 128, 8, "unsigned", nil, 8 },
            { f.CumQty, 136, 8, "unsigned", nil, 8 },
            { f.ClOrdID, 144, 36, "text" },
            { f.OrigClOrdID, 180, 36, "text" },
            { f.OrderFlags, 216, 1, "set", nil, nil, { "PostOnly", "Quote" } },
        },
    },
    [45] = {
        name = "CancelRejected", bytes = 152, fields = {
            { f.ApplSeqNum, 0, 8, "number", nil },
            { f.SeqNum, 8, 8, "number", nil },
            { f.LastMsgSeqNumProcessed, 16, 8, "number", nil },
            { f.ExecID, 24, 8, "number", nil },
            { f.TransactTime, 32, 8, "time", nil },
            { f.GatewayInTime, 40, 8, "time", nil },
            { f.MatcherOutTime, 48, 8, "time", nil },
            { f.SessionID, 56, 4, "number", "FFFFFFFF" },
            { f.InstrumentID, 60, 4, "number", nil },
            { f.AccountID, 64, 4, "number", nil },
            { f.RejectCode, 68, 2, "code", nil },
            { f.OrdStatus, 70, 1, "code", nil },
            { f.OrderID, 72, 8, "number", "FFFFFFFFFFFFFFFF" },
            { f.ClOrdID, 80, 36, "text" },
            { f.OrigClOrdID, 116, 36, "text" },
        },
    },
    [46] = {
        name = "ReplaceRejected", bytes = 168, fields = {
            { f.ApplSeqNum, 0, 8, "number", nil },
            { f.SeqNum, 8, 8, "number", nil },
            { f.LastMsgSeqNumProcessed, 16, 8, "number", nil },
            { f.ExecID, 24, 8, "number", nil },
            { f.TransactTime, 32, 8, "time", nil },
            { f.GatewayInTime, 40, 8, "time", nil },
            { f.MatcherOutTime, 48, 8, "time", nil },
            { f.SessionID, 56, 4, "number", "FFFFFFFF" },
            { f.InstrumentID, 60, 4, "number", nil },
            { f.AccountID, 64, 4, "number", nil },
            { f.RejectCode, 68, 2, "code", nil },
            { f.OrdStatus, 70, 1, "code", nil },
            { f.LimitCount, 72, 8, "number", "FFFFFFFFFFFFFFFF" },
            { f.LimitMax, 80, 8, "number", "FFFFFFFFFFFFFFFF" },
            { f.OrderID, 88, 8, "number", "FFFFFFFFFFFFFFFF" },
            { f.ClOrdID, 96, 36, "text" },
            { f.OrigClOrdID, 132, 36, "text" },
        },
    },
    [47] = {
        name = "OrderStatusReport", bytes = 248, fields = {
            { f.ApplSeqNum, 0, 8, "number", nil },
            { f.SeqNum, 8, 8, "number", nil },
            { f.LastMsgSeqNumProcessed, 16, 8, "number", nil },
            { f.ExecID, 24, 8, "number", nil },
            { f.TransactTime, 32, 8, "time", nil },
            { f.GatewayInTime, 40, 8, "time", nil },
            { f.MatcherOutTime, 48, 8, "time", nil },
            { f.SessionID, 56, 4, "number", "FFFFFFFF" },
            { f.InstrumentID, 60, 4, "number", "FFFFFFFF" },
            { f.AccountID, 64, 4, "number", "FFFFFFFF" },
            { f.Side, 68, 1, "code", nil },
            { f.OrdType, 69, 1, "code", nil },
            { f.TimeInForce, 70, 1, "code", nil },
            { f.OrdStatus, 71, 1, "code", nil },
            { f.OrderID, 72, 8, "number", "FFFFFFFFFFFFFFFF" },
            { f.OrderQty, 80, 8, "unsigned", "FFFFFFFFFFFFFFFF", 8 },
            { f.CashOrderQty, 88, 8, "unsigned", "FFFFFFFFFFFFFFFF", 8 },
            { f.Price, 96, 8, "signed", "0000000000000080", 8 },
            { f.StopPx, 104, 8, "signed", "0000000000000080", 8 },
            { f.DisplayQty, 112, 8, "unsigned", "FFFFFFFFFFFFFFFF", 8 },
            { f.ExpireTime, 120, 8, "time", "FFFFFFFFFFFFFFFF" },
            { f.LeavesQty, 128, 8, "unsigned", nil, 8 },
            { f.CumQty, 136, 8, "unsigned", nil, 8 },
            { f.CumNotional, 144, 16, "wide" },
            { f.ClOrdID, 160, 36, "text" },
            { f.OrdStatusReqID, 196, 36, "text" },
            { f.TotNumReports, 232, 4, "number", "FFFFFFFF" },
            { f.LastRptRequested, 236, 1, "code", "FF" },
            { f.OrderFlags, 237, 1, "set", nil, nil, { "PostOnly", "Quote" } },
            { f.RejectCode, 238, 2, "code", nil },
            { f.MissingShards, 240, 1, "set", nil, nil, { "Shard0", "Shard1", "Shard2", "Shard3", "Shard4", "Shard5", "Shard6", "Shard7" } },
        },
    },
    [48] = {
        name = "OrderTriggered", bytes = 144, fields = {
            { f.ApplSeqNum, 0, 8, "number", nil },
            { f.SeqNum, 8, 8, "number", nil },
            { f.LastMsgSeqNumProcessed, 16, 8, "number", nil },
            { f.ExecID, 24, 8, "number", nil },
            { f.TransactTime, 32, 8, "time", nil },
            { f.GatewayInTime, 40, 8, "time", nil },
            { f.MatcherOutTime, 48, 8, "time", nil },
            { f.SessionID, 56, 4, "number", "FFFFFFFF" },
            { f.InstrumentID, 60, 4, "number", nil },
            { f.AccountID, 64, 4, "number", nil },
            { f.Side, 68, 1, "code", nil },
            { f.OrdType, 69, 1, "code", nil },
            { f.TimeInForce, 70, 1, "code", nil },
            { f.OrderFlags, 71, 1, "set", nil, nil, { "PostOnly", "Quote" } },
            { f.OrderID, 72, 8, "number", nil },
            { f.LastPx, 80, 8, "signed", nil, 8 },
            { f.Price, 88, 8, "signed", "0000000000000080", 8 },
            { f.LeavesQty, 96, 8, "unsigned", nil, 8 },
            { f.ClOrdID, 104, 36, "text" },
        },
    },
    [49] = {
        name = "OrderReduced", bytes = 152, fields = {
            { f.ApplSeqNum, 0, 8, "number", nil },
            { f.SeqNum, 8, 8, "number", nil },
            { f.LastMsgSeqNumProcessed, 16, 8, "number", nil },
            { f.ExecID, 24, 8, "number", nil },
            { f.TransactTime, 32, 8, "time", nil },
            { f.GatewayInTime, 40, 8, "time", nil },
            { f.MatcherOutTime, 48, 8, "time", nil },
            { f.SessionID, 56, 4, "number", "FFFFFFFF" },
            { f.InstrumentID, 60, 4, "number", nil },
            { f.AccountID, 64, 4, "number", nil },
            { f.Side, 68, 1, "code", nil },
            { f.OrdStatus, 69, 1, "code", nil },
            { f.Cause, 70, 1, "code", nil },
            { f.OrderFlags, 71, 1, "set", nil, nil, { "PostOnly", "Quote" } },
            { f.OrderID, 72, 8, "number", nil },
            { f.OrderQty, 80, 8, "unsigned", "FFFFFFFFFFFFFFFF", 8 },
            { f.CashOrderQty, 88, 8, "unsigned", "FFFFFFFFFFFFFFFF", 8 },
            { f.LeavesQty, 96, 8, "unsigned", nil, 8 },
            { f.CumQty, 104, 8, "unsigned", nil, 8 },
            { f.ClOrdID, 112, 36, "text" },
        },
    },
    [50] = {
        name = "MassCanceled", bytes = 112, fields = {
            { f.ApplSeqNum, 0, 8, "number", nil },
            { f.SeqNum, 8, 8, "number", nil },
            { f.LastMsgSeqNumProcessed, 16, 8, "number", nil },
            { f.ExecID, 24, 8, "number", nil },
            { f.TransactTime, 32, 8, "time", nil },
            { f.GatewayInTime, 40, 8, "time", nil },
            { f.MatcherOutTime, 48, 8, "time", nil },
            { f.SessionID, 56, 4, "number", "FFFFFFFF" },
            { f.InstrumentID, 60, 4, "number", "FFFFFFFF" },
            { f.AccountID, 64, 4, "number", "FFFFFFFF" },
            { f.TotalAffectedOrders, 68, 4, "number", nil },
            { f.MassCancelScope, 72, 1, "set", nil, nil, { "Session", "Account", "Instrument", "Side", "Quotes" } },
            { f.MissingShards, 73, 1, "set", nil, nil, { "Shard0", "Shard1", "Shard2", "Shard3", "Shard4", "Shard5", "Shard6", "Shard7" } },
            { f.ClOrdID, 74, 36, "text" },
        },
    },
    [51] = {
        name = "CommandDone", bytes = 64, fields = {
            { f.ApplSeqNum, 0, 8, "number", nil },
            { f.SeqNum, 8, 8, "number", nil },
            { f.LastMsgSeqNumProcessed, 16, 8, "number", nil },
            { f.ExecID, 24, 8, "number", nil },
            { f.TransactTime, 32, 8, "time", nil },
            { f.GatewayInTime, 40, 8, "time", nil },
            { f.MatcherOutTime, 48, 8, "time", nil },
            { f.SessionID, 56, 4, "number", "FFFFFFFF" },
        },
    },
    [52] = {
        name = "CommandRefused", bytes = 112, fields = {
            { f.ApplSeqNum, 0, 8, "number", nil },
            { f.SeqNum, 8, 8, "number", nil },
            { f.LastMsgSeqNumProcessed, 16, 8, "number", nil },
            { f.ExecID, 24, 8, "number", nil },
            { f.TransactTime, 32, 8, "time", nil },
            { f.GatewayInTime, 40, 8, "time", nil },
            { f.MatcherOutTime, 48, 8, "time", nil },
            { f.SessionID, 56, 4, "number", "FFFFFFFF" },
            { f.InstrumentID, 60, 4, "number", "FFFFFFFF" },
            { f.AccountID, 64, 4, "number", "FFFFFFFF" },
            { f.RejectCode, 68, 2, "code", nil },
            { f.MassCancelScope, 70, 1, "set", nil, nil, { "Session", "Account", "Instrument", "Side", "Quotes" } },
            { f.MissingShards, 71, 1, "set", nil, nil, { "Shard0", "Shard1", "Shard2", "Shard3", "Shard4", "Shard5", "Shard6", "Shard7" } },
            { f.ClOrdID, 72, 36, "text" },
        },
    },
    [53] = {
        name = "QuotesAccepted", bytes = 104, fields = {
            { f.ApplSeqNum, 0, 8, "number", nil },
            { f.SeqNum, 8, 8, "number", nil },
            { f.LastMsgSeqNumProcessed, 16, 8, "number", nil },
            { f.ExecID, 24, 8, "number", nil },
            { f.TransactTime, 32, 8, "time", nil },
            { f.GatewayInTime, 40, 8, "time", nil },
            { f.MatcherOutTime, 48, 8, "time", nil },
            { f.SessionID, 56, 4, "number", "FFFFFFFF" },
            { f.AccountID, 60, 4, "number", nil },
            { f.QuoteCount, 64, 4, "number", nil },
            { f.QuoteID, 68, 36, "text" },
        },
    },
    [54] = {
        name = "QuotesRejected", bytes = 128, fields = {
            { f.ApplSeqNum, 0, 8, "number", nil },
            { f.SeqNum, 8, 8, "number", nil },
            { f.LastMsgSeqNumProcessed, 16, 8, "number", nil },
            { f.ExecID, 24, 8, "number", nil },
            { f.TransactTime, 32, 8, "time", nil },
            { f.GatewayInTime, 40, 8, "time", nil },
            { f.MatcherOutTime, 48, 8, "time", nil },
            { f.SessionID, 56, 4, "number", "FFFFFFFF" },
            { f.AccountID, 60, 4, "number", nil },
            { f.RejectCode, 64, 2, "code", nil },
            { f.MissingShards, 66, 1, "set", nil, nil, { "Shard0", "Shard1", "Shard2", "Shard3", "Shard4", "Shard5", "Shard6", "Shard7" } },
            { f.QuoteEntry, 68, 4, "number", nil },
            { f.LimitCount, 72, 8, "number", "FFFFFFFFFFFFFFFF" },
            { f.LimitMax, 80, 8, "number", "FFFFFFFFFFFFFFFF" },
            { f.QuoteID, 88, 36, "text" },
        },
    },
    [55] = {
        name = "ProtectionTriggered", bytes = 72, fields = {
            { f.ApplSeqNum, 0, 8, "number", nil },
            { f.SeqNum, 8, 8, "number", nil },
            { f.LastMsgSeqNumProcessed, 16, 8, "number", nil },
            { f.ExecID, 24, 8, "number", nil },
            { f.TransactTime, 32, 8, "time", nil },
            { f.GatewayInTime, 40, 8, "time", nil },
            { f.MatcherOutTime, 48, 8, "time", nil },
            { f.SessionID, 56, 4, "number", "FFFFFFFF" },
            { f.InstrumentID, 60, 4, "number", nil },
            { f.AccountID, 64, 4, "number", nil },
            { f.QuoteCount, 68, 4, "number", nil },
        },
    },
    [56] = {
        name = "MessageRefused", bytes = 16, fields = {
            { f.MsgSeqNum, 0, 8, "number", nil },
            { f.TemplateID, 8, 2, "number", nil },
            { f.FieldID, 10, 2, "number", nil },
            { f.Fault, 12, 1, "code", nil },
        },
    },
    [57] = {
        name = "ListReport", bytes = 200, fields = {
            { f.ApplSeqNum, 0, 8, "number", nil },
            { f.SeqNum, 8, 8, "number", nil },
            { f.LastMsgSeqNumProcessed, 16, 8, "number", nil },
            { f.ExecID, 24, 8, "number", nil },
            { f.TransactTime, 32, 8, "time", nil },
            { f.GatewayInTime, 40, 8, "time", nil },
            { f.MatcherOutTime, 48, 8, "time", nil },
            { f.SessionID, 56, 4, "number", "FFFFFFFF" },
            { f.InstrumentID, 60, 4, "number", "FFFFFFFF" },
            { f.AccountID, 64, 4, "number", "FFFFFFFF" },
            { f.RejectCode, 68, 2, "code", nil },
            { f.OrdStatus, 70, 1, "code", "00" },
            { f.Side, 71, 1, "code", "00" },
            { f.OrderID, 72, 8, "number", "FFFFFFFFFFFFFFFF" },
            { f.LeavesQty, 80, 8, "unsigned", nil, 8 },
            { f.CumQty, 88, 8, "unsigned", nil, 8 },
            { f.CumNotional, 96, 16, "wide" },
            { f.ClOrdID, 112, 36, "text" },
            { f.NoRpts, 148, 4, "number", nil },
            { f.RptSeq, 152, 4, "number", nil },
            { f.ListStatusType, 156, 1, "code", nil },
            { f.ListOrderStatus, 157, 1, "code", nil },
            { f.MissingShards, 158, 1, "set", nil, nil, { "Shard0", "Shard1", "Shard2", "Shard3", "Shard4", "Shard5", "Shard6", "Shard7" } },
            { f.ListID, 159, 36, "text" },
        },
    },
    [58] = {
        name = "BalanceAck", bytes = 112, fields = {
            { f.ApplSeqNum, 0, 8, "number", nil },
            { f.SeqNum, 8, 8, "number", nil },
            { f.LastMsgSeqNumProcessed, 16, 8, "number", nil },
            { f.ExecID, 24, 8, "number", nil },
            { f.TransactTime, 32, 8, "time", nil },
            { f.GatewayInTime, 40, 8, "time", nil },
            { f.MatcherOutTime, 48, 8, "time", nil },
            { f.SessionID, 56, 4, "number", "FFFFFFFF" },
            { f.AccountID, 60, 4, "number", nil },
            { f.TotalNumPosReports, 64, 4, "number", nil },
            { f.RejectCode, 68, 2, "code", nil },
            { f.MissingShards, 70, 1, "set", nil, nil, { "Shard0", "Shard1", "Shard2", "Shard3", "Shard4", "Shard5", "Shard6", "Shard7" } },
            { f.PosReqID, 71, 36, "text" },
        },
    },
    [59] = {
        name = "BalanceReport", bytes = 144, fields = {
            { f.ApplSeqNum, 0, 8, "number", nil },
            { f.SeqNum, 8, 8, "number", nil },
            { f.LastMsgSeqNumProcessed, 16, 8, "number", nil },
            { f.ExecID, 24, 8, "number", nil },
            { f.TransactTime, 32, 8, "time", nil },
            { f.GatewayInTime, 40, 8, "time", nil },
            { f.MatcherOutTime, 48, 8, "time", nil },
            { f.SessionID, 56, 4, "number", "FFFFFFFF" },
            { f.AccountID, 60, 4, "number", nil },
            { f.AssetID, 64, 4, "number", nil },
            { f.TotalNumPosReports, 68, 4, "number", nil },
            { f.Available, 72, 16, "wide" },
            { f.Held, 88, 16, "wide" },
            { f.PosReqID, 104, 36, "text" },
        },
    },
    [60] = {
        name = "RequestRefused", bytes = 88, fields = {
            { f.TransactTime, 0, 8, "time", nil },
            { f.MsgSeqNum, 8, 8, "number", nil },
            { f.LimitCount, 16, 8, "number", "FFFFFFFFFFFFFFFF" },
            { f.LimitMax, 24, 8, "number", "FFFFFFFFFFFFFFFF" },
            { f.RetryAfter, 32, 8, "number", "FFFFFFFFFFFFFFFF" },
            { f.TemplateID, 40, 2, "number", nil },
            { f.RejectCode, 42, 2, "code", nil },
            { f.QuoteEntry, 44, 4, "number", nil },
            { f.ClOrdID, 48, 36, "text" },
        },
    },
    [61] = {
        name = "VenueStatus", bytes = 16, fields = {
            { f.TransactTime, 0, 8, "time", nil },
            { f.VenueState, 8, 1, "code", nil },
        },
    },
    [70] = {
        name = "BookAdded", bytes = 40, fields = {
            { f.TransactTime, 0, 8, "time", nil },
            { f.OrderID, 8, 8, "number", nil },
            { f.Price, 16, 8, "signed", nil, 8 },
            { f.LeavesQty, 24, 8, "unsigned", nil, 8 },
            { f.InstrumentID, 32, 4, "number", nil },
            { f.Side, 36, 1, "code", nil },
        },
    },
    [71] = {
        name = "BookExecuted", bytes = 48, fields = {
            { f.TransactTime, 0, 8, "time", nil },
            { f.OrderID, 8, 8, "number", nil },
            { f.TradeID, 16, 8, "number", nil },
            { f.LastPx, 24, 8, "signed", nil, 8 },
            { f.ExecutedQty, 32, 8, "unsigned", nil, 8 },
            { f.InstrumentID, 40, 4, "number", nil },
            { f.Side, 44, 1, "code", nil },
        },
    },
    [72] = {
        name = "BookReduced", bytes = 32, fields = {
            { f.TransactTime, 0, 8, "time", nil },
            { f.OrderID, 8, 8, "number", nil },
            { f.CanceledQty, 16, 8, "unsigned", nil, 8 },
            { f.InstrumentID, 24, 4, "number", nil },
            { f.Side, 28, 1, "code", nil },
        },
    },
    [73] = {
        name = "BookDeleted", bytes = 24, fields = {
            { f.TransactTime, 0, 8, "time", nil },
            { f.OrderID, 8, 8, "number", nil },
            { f.InstrumentID, 16, 4, "number", nil },
            { f.Side, 20, 1, "code", nil },
        },
    },
    [74] = {
        name = "BookReplaced", bytes = 40, fields = {
            { f.TransactTime, 0, 8, "time", nil },
            { f.OrderID, 8, 8, "number", nil },
            { f.Price, 16, 8, "signed", nil, 8 },
            { f.LeavesQty, 24, 8, "unsigned", nil, 8 },
            { f.InstrumentID, 32, 4, "number", nil },
            { f.Side, 36, 1, "code", nil },
        },
    },
    [75] = {
        name = "Trade", bytes = 40, fields = {
            { f.TransactTime, 0, 8, "time", nil },
            { f.TradeID, 8, 8, "number", nil },
            { f.LastPx, 16, 8, "signed", nil, 8 },
            { f.LastQty, 24, 8, "unsigned", nil, 8 },
            { f.InstrumentID, 32, 4, "number", nil },
            { f.Side, 36, 1, "code", "00" },
        },
    },
    [76] = {
        name = "TradingStatus", bytes = 24, fields = {
            { f.TransactTime, 0, 8, "time", nil },
            { f.SeqNum, 8, 8, "number", nil },
            { f.InstrumentID, 16, 4, "number", nil },
            { f.TradingState, 20, 1, "code", nil },
        },
    },
    [77] = {
        name = "IndicativeAuction", bytes = 40, fields = {
            { f.TransactTime, 0, 8, "time", nil },
            { f.SeqNum, 8, 8, "number", nil },
            { f.LastPx, 16, 8, "signed", "0000000000000080", 8 },
            { f.LastQty, 24, 8, "unsigned", nil, 8 },
            { f.InstrumentID, 32, 4, "number", nil },
            { f.TradingState, 36, 1, "code", nil },
        },
    },
    [78] = {
        name = "InstrumentDefinition", bytes = 160, fields = {
            { f.SeqNum, 0, 8, "number", nil },
            { f.InstrumentID, 8, 4, "number", nil },
            { f.GroupID, 12, 4, "number", nil },
            { f.InstrumentSymbol, 16, 32, "text" },
            { f.Tick, 48, 8, "signed", nil, 8 },
            { f.Lot, 56, 8, "unsigned", nil, 8 },
            { f.BaseID, 64, 4, "number", nil },
            { f.QuoteAssetID, 68, 4, "number", nil },
            { f.BasePerLot, 72, 8, "number", nil },
            { f.QuotePerTickLot, 80, 8, "number", nil },
            { f.MakerFee, 88, 4, "number", nil },
            { f.TakerFee, 92, 4, "number", nil },
            { f.QuantityMin, 96, 8, "unsigned", nil, 8 },
            { f.QuantityMax, 104, 8, "unsigned", "FFFFFFFFFFFFFFFF", 8 },
            { f.NotionalMin, 112, 16, "wide" },
            { f.ReferencePrice, 128, 8, "signed", nil, 8 },
            { f.Band, 136, 4, "number", nil },
            { f.DynamicBand, 140, 4, "number", nil },
            { f.VolatilityCall, 144, 8, "number", nil },
            { f.TradingState, 152, 1, "code", nil },
        },
    },
    [79] = {
        name = "AccountDefinition", bytes = 56, fields = {
            { f.SeqNum, 0, 8, "number", nil },
            { f.AccountName, 8, 32, "text" },
            { f.AccountID, 40, 4, "number", nil },
            { f.SessionID, 44, 4, "number", "FFFFFFFF" },
            { f.Credit, 48, 1, "code", nil },
            { f.Entitled, 49, 1, "code", nil },
        },
    },
    [80] = {
        name = "SnapshotBegin", bytes = 16, fields = {
            { f.TransactTime, 0, 8, "time", nil },
            { f.InstrumentID, 8, 4, "number", nil },
            { f.TradingState, 12, 1, "code", nil },
        },
    },
    [81] = {
        name = "SnapshotEnd", bytes = 24, fields = {
            { f.TransactTime, 0, 8, "time", nil },
            { f.SnapshotSeqNum, 8, 8, "number", nil },
            { f.InstrumentID, 16, 4, "number", nil },
            { f.LevelCount, 20, 4, "number", nil },
        },
    },
    [82] = {
        name = "BookLevel", bytes = 40, fields = {
            { f.TransactTime, 0, 8, "time", nil },
            { f.Price, 8, 8, "signed", nil, 8 },
            { f.LevelQty, 16, 8, "unsigned", nil, 8 },
            { f.InstrumentID, 24, 4, "number", nil },
            { f.OrderCount, 28, 4, "number", nil },
            { f.Side, 32, 1, "code", nil },
        },
    },
    [83] = {
        name = "AssetDefinition", bytes = 40, fields = {
            { f.AssetName, 0, 32, "text" },
            { f.AssetID, 32, 4, "number", nil },
            { f.AssetScale, 36, 2, "number", nil },
        },
    },
    [84] = {
        name = "SessionDefinition", bytes = 40, fields = {
            { f.SessionName, 0, 32, "text" },
            { f.SessionID, 32, 4, "number", nil },
        },
    },
    [85] = {
        name = "DefinitionsEnd", bytes = 8, fields = {
            { f.DefinitionKinds, 0, 1, "set", nil, nil, { "Instruments", "Assets", "Accounts", "Sessions" } },
        },
    },
    [20] = {
        name = "KillSwitch", bytes = 8, fields = {
            { f.TargetID, 0, 4, "number", nil },
            { f.Scope, 4, 1, "code", nil },
            { f.On, 5, 1, "code", nil },
        },
    },
    [21] = {
        name = "SetState", bytes = 8, fields = {
            { f.InstrumentID, 0, 4, "number", nil },
            { f.TradingState, 4, 1, "code", nil },
        },
    },
    [22] = {
        name = "Deposit", bytes = 24, fields = {
            { f.AccountID, 0, 4, "number", nil },
            { f.AssetID, 4, 4, "number", nil },
            { f.Funds, 8, 16, "wide" },
        },
    },
    [23] = {
        name = "Withdraw", bytes = 24, fields = {
            { f.AccountID, 0, 4, "number", nil },
            { f.AssetID, 4, 4, "number", nil },
            { f.Funds, 8, 16, "wide" },
        },
    },
    [24] = {
        name = "SetProtection", bytes = 32, fields = {
            { f.AccountID, 0, 4, "number", nil },
            { f.GroupID, 4, 4, "number", nil },
            { f.LotsMax, 8, 8, "number", nil },
            { f.Window, 16, 8, "number", nil },
            { f.FillsMax, 24, 4, "number", nil },
        },
    },
    [25] = {
        name = "SetInstrument", bytes = 144, fields = {
            { f.InstrumentID, 0, 4, "number", nil },
            { f.GroupID, 4, 4, "number", nil },
            { f.InstrumentSymbol, 8, 32, "text" },
            { f.Tick, 40, 8, "signed", nil, 8 },
            { f.Lot, 48, 8, "unsigned", nil, 8 },
            { f.BaseID, 56, 4, "number", nil },
            { f.QuoteAssetID, 60, 4, "number", nil },
            { f.BasePerLot, 64, 8, "number", nil },
            { f.QuotePerTickLot, 72, 8, "number", nil },
            { f.MakerFee, 80, 4, "number", nil },
            { f.TakerFee, 84, 4, "number", nil },
            { f.QuantityMin, 88, 8, "unsigned", nil, 8 },
            { f.QuantityMax, 96, 8, "unsigned", "FFFFFFFFFFFFFFFF", 8 },
            { f.NotionalMin, 104, 16, "wide" },
            { f.ReferencePrice, 120, 8, "signed", nil, 8 },
            { f.Band, 128, 4, "number", nil },
            { f.DynamicBand, 132, 4, "number", nil },
            { f.VolatilityCall, 136, 8, "number", nil },
        },
    },
    [26] = {
        name = "SetAccount", bytes = 40, fields = {
            { f.AccountID, 0, 4, "number", nil },
            { f.AccountName, 4, 32, "text" },
            { f.Credit, 36, 1, "code", nil },
        },
    },
    [27] = {
        name = "SetCredit", bytes = 24, fields = {
            { f.AccountID, 0, 4, "number", nil },
            { f.AssetID, 4, 4, "number", nil },
            { f.Funds, 8, 16, "wide" },
        },
    },
    [28] = {
        name = "Entitle", bytes = 16, fields = {
            { f.AccountID, 0, 4, "number", nil },
            { f.SessionID, 4, 4, "number", nil },
            { f.On, 8, 1, "code", nil },
        },
    },
    [8] = {
        name = "NewOrderList", bytes = 60, fields = {
            { f.ListID, 0, 36, "text" },
            { f.InstrumentID, 36, 4, "number", nil },
            { f.Deadline, 40, 8, "time", "FFFFFFFFFFFFFFFF" },
            { f.AccountID, 48, 4, "number", "FFFFFFFF" },
            { f.Side, 52, 1, "code", nil },
        },
        group = { name = "NoOrders", bytes = 80, fields = {
            { f.ClOrdID, 0, 36, "text" },
            { f.OrdType, 36, 1, "code", nil },
            { f.TimeInForce, 37, 1, "code", nil },
            { f.OrderFlags, 38, 1, "set", nil, nil, { "PostOnly", "Quote" } },
            { f.SelfMatchPreventionInstruction, 39, 1, "code", "00" },
            { f.OrderQty, 40, 8, "unsigned", nil, 8 },
            { f.Price, 48, 8, "signed", "0000000000000080", 8 },
            { f.StopPx, 56, 8, "signed", "0000000000000080", 8 },
            { f.ExpireTime, 64, 8, "time", "FFFFFFFFFFFFFFFF" },
            { f.DisplayQty, 72, 8, "unsigned", "FFFFFFFFFFFFFFFF", 8 },
        } },
    },
    [9] = {
        name = "ListCancelRequest", bytes = 48, fields = {
            { f.ListID, 0, 36, "text" },
            { f.Deadline, 40, 8, "time", "FFFFFFFFFFFFFFFF" },
        },
    },
    [10] = {
        name = "ListStatusRequest", bytes = 40, fields = {
            { f.ListID, 0, 36, "text" },
        },
    },
    [11] = {
        name = "LimitQuery", bytes = 40, fields = {
            { f.ReqID, 0, 36, "text" },
        },
    },
    [62] = {
        name = "LimitResponse", bytes = 36, fields = {
            { f.ReqID, 0, 36, "text" },
        },
        group = { name = "NoLimitIndicators", bytes = 32, fields = {
            { f.LimitType, 0, 1, "code", nil },
            { f.LimitCount, 8, 8, "number", nil },
            { f.LimitMax, 16, 8, "number", nil },
            { f.LimitResetInterval, 24, 4, "number", nil },
        } },
    },
    [12] = {
        name = "RequestForPositions", bytes = 48, fields = {
            { f.PosReqID, 0, 36, "text" },
            { f.AccountID, 36, 4, "number", "FFFFFFFF" },
            { f.AssetID, 40, 4, "number", "FFFFFFFF" },
        },
    },
    [13] = {
        name = "OrderMassStatusRequest", bytes = 48, fields = {
            { f.MassStatusReqID, 0, 36, "text" },
            { f.InstrumentID, 36, 4, "number", "FFFFFFFF" },
            { f.AccountID, 40, 4, "number", "FFFFFFFF" },
            { f.Side, 44, 1, "code", "00" },
        },
    },
    [14] = {
        name = "BookRequest", bytes = 8, fields = {
            { f.InstrumentID, 0, 4, "number", "FFFFFFFF" },
            { f.SubscriptionRequestType, 4, 1, "code", nil },
        },
    },
    [15] = {
        name = "DefinitionRequest", bytes = 8, fields = {
            { f.DefinitionKinds, 0, 1, "set", nil, nil, { "Instruments", "Assets", "Accounts", "Sessions" } },
        },
    },
}

-- What a value says beyond its number.
local readers = {}

function readers.text(tree, field, range)
    tree:add(field, range, (range:string():gsub("%z.*", "")))
end

function readers.number(tree, field, range, null)
    local item = tree:add_le(field, range)
    if null and range:bytes():tohex() == null then item:append_text(" (none)") end
end

function readers.code(tree, field, range, null)
    readers.number(tree, field, range, null)
end

-- A mantissa with its point, for a negative exponent.
local function decimal(digits, places)
    local sign, whole = digits:match("^(-?)(%d+)$")
    whole = string.rep("0", places + 1 - #whole) .. whole
    return sign .. whole:sub(1, #whole - places) .. "." .. whole:sub(#whole - places + 1)
end

function readers.unsigned(tree, field, range, null, places)
    local item = tree:add_le(field, range)
    local none = null and range:bytes():tohex() == null
    item:append_text(none and " (none)" or " (" .. decimal(tostring(range:le_uint64()), places) .. ")")
end

function readers.signed(tree, field, range, null, places)
    local item = tree:add_le(field, range)
    local none = null and range:bytes():tohex() == null
    item:append_text(none and " (none)" or " (" .. decimal(tostring(range:le_int64()), places) .. ")")
end

function readers.time(tree, field, range, null)
    local item = tree:add_le(field, range)
    if null and range:bytes():tohex() == null then
        item:append_text(" (none)")
        return
    end
    local nanos = range:le_uint64()
    local second = UInt64.new(1000000000)
    local seconds, rest = (nanos / second):tonumber(), (nanos % second):tonumber()
    item:append_text(string.format(" (%s.%09dZ)", os.date("!%Y-%m-%dT%H:%M:%S", seconds), rest))
end

function readers.wide(tree, field, range)
    local high, low = range(8, 8):le_uint64(), range(0, 8):le_uint64()
    tree:add(field, range):append_text(" (0x" .. high:tohex() .. low:tohex() .. ")")
end

function readers.set(tree, field, range, _, _, names)
    local bits, set = range:uint(), {}
    for bit, name in ipairs(names) do
        if bits % 2 ^ bit >= 2 ^ (bit - 1) then set[#set + 1] = name end
    end
    tree:add(field, range):append_text(" (" .. table.concat(set, ", ") .. ")")
end

local function block(tree, range, fields)
    for _, entry in ipairs(fields) do
        local field, offset, length, kind, null, places, names = table.unpack(entry, 1, 7)
        readers[kind](tree, field, range(offset, length), null, places, names)
    end
end

local function too_short(tree, what)
    tree:add_proto_expert_info(malformed, what)
end

local function group(tree, rest, shape)
    if rest:len() < 4 then return too_short(tree, "the message ends before its group") end
    local length, count = rest(0, 2):le_uint(), rest(2, 2):le_uint()
    tree:add_le(header.entry_length, rest(0, 2))
    tree:add_le(header.entries, rest(2, 2))
    if length < shape.bytes then return too_short(tree, "entries are shorter than their fields") end
    if rest:len() < 4 + length * count then return too_short(tree, "the message ends within its group") end
    for number = 1, count do
        local range = rest(4 + length * (number - 1), length)
        block(tree:add(penstock, range, shape.name .. " " .. number), range, shape.fields)
    end
end

function penstock.dissector(buffer, packet, parent)
    if buffer:len() < 8 then return 0 end
    local template, length = buffer(2, 2):le_uint(), buffer(0, 2):le_uint()
    local shape = messages[template]
    local name = shape and shape.name or "unknown message"
    local tree = parent:add(penstock, buffer(), "Penstock " .. name)
    tree:add_le(header.block_length, buffer(0, 2))
    tree:add_le(header.template, buffer(2, 2)):append_text(" (" .. name .. ")")
    tree:add_le(header.schema, buffer(4, 2))
    tree:add_le(header.version, buffer(6, 2))
    packet.cols.info:append(", " .. name)
    if not shape then
        too_short(tree, "the schema has no such message")
    elseif length < shape.bytes then
        too_short(tree, "the block is shorter than its fields")
    elseif buffer:len() < 8 + length then
        too_short(tree, "the message ends within its block")
    else
        block(tree, buffer(8, length), shape.fields)
        if shape.group then
            local at = 8 + length
            if buffer:len() > at then
                group(tree, buffer(at):tvb(), shape.group)
            else
                too_short(tree, "the message ends before its group")
            end
        end
    end
    return buffer:len()
end

-- Of a payload that says nothing of its protocol, those of our schema are ours.
local function heuristic(buffer, packet, parent)
    if buffer:len() < 8 or buffer(4, 2):le_uint() ~= schema then return false end
    if not messages[buffer(2, 2):le_uint()] then return false end
    penstock.dissector(buffer, packet, parent)
    return true
end

penstock:register_heuristic("soupbintcp", heuristic)
-- The payload of MoldUDP64 is chosen by hand or by `-d moldudp64.payload,penstock`.
DissectorTable.get("moldudp64.payload"):add_for_decode_as(penstock)
