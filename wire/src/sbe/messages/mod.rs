//! Generated from wire/schema/model; change that, then: cargo run -p penstock-schema.
//!
//! Every message, and the choice among them by template id.

mod feed;
mod operators;
mod orders;
mod reports;

use super::{
    Block, Entries, Error, Grouped, Header, NoRoom, Root, encode, encode_group,
    field::{Coded, Value},
    grouped, single,
};

pub use feed::*;
pub use operators::*;
pub use orders::*;
pub use reports::*;

/// The id of the schema.
pub const SCHEMA_ID: u16 = 1;
/// The schema's version.
pub const VERSION: u16 = 1;

/// A message, where it lies.
#[derive(Clone, Copy, Debug)]
pub enum Message<'a> {
    /// A new order.
    NewOrder(&'a NewOrder),
    /// Takes an order off the book.
    CancelOrder(&'a CancelOrder),
    /// Changes an order's price, quantity or display quantity; all three are taken anew.
    ReplaceOrder(&'a ReplaceOrder),
    /// Asks how an order stands.
    StatusRequest(&'a StatusRequest),
    /// Cancels the session's open orders: all of them, or those that its fields select.
    MassCancel(&'a MassCancel),
    /// Puts new quotes in the place of the account's quotes in the instruments named, all of them or, if
    /// anything is wrong, none.
    MassQuote(&'a MassQuote, Entries<'a, <MassQuote as Grouped>::Entry>),
    /// Lets the account quote again in a group that its protection has stopped.
    ResetProtection(&'a ResetProtection),
    /// A new order was accepted; what it trades at once follows as fills.
    OrderAccepted(&'a OrderAccepted),
    /// A new order was refused.
    OrderRejected(&'a OrderRejected),
    /// An order traded: one report for each fill, to both sides.
    OrderFilled(&'a OrderFilled),
    /// An order ended with something unfilled.
    OrderCanceled(&'a OrderCanceled),
    /// An order was changed.
    OrderReplaced(&'a OrderReplaced),
    /// A cancel was refused.
    CancelRejected(&'a CancelRejected),
    /// A replace was refused.
    ReplaceRejected(&'a ReplaceRejected),
    /// The answer to a status request, or a part of that to a mass status request: a report for each open
    /// order or, if there is none, one without OrderID.
    OrderStatusReport(&'a OrderStatusReport),
    /// A stop was triggered.
    OrderTriggered(&'a OrderTriggered),
    /// Self-trade prevention took from an order's quantity without a trade.
    OrderReduced(&'a OrderReduced),
    /// A mass cancel or kill switch is done; what became of each order went before.
    MassCanceled(&'a MassCanceled),
    /// An operator's command, or the reset of a protection, was carried out.
    CommandDone(&'a CommandDone),
    /// An operator's command, the reset of a protection or a mass cancel was refused.
    CommandRefused(&'a CommandRefused),
    /// A mass quote was carried out; what becomes of each quote follows.
    QuotesAccepted(&'a QuotesAccepted),
    /// A mass quote was refused whole.
    QuotesRejected(&'a QuotesRejected),
    /// Market-maker protection has pulled the account's quotes in a group.
    ProtectionTriggered(&'a ProtectionTriggered),
    /// A message that is not as this schema has it, so that nothing was done about it.
    MessageRefused(&'a MessageRefused),
    /// How an order of a list stands: the answer to a NewOrderList, ListCancelRequest or ListStatusRequest,
    /// one report for each order behind the orders' own reports; or the list is refused or not known.
    ListReport(&'a ListReport),
    /// The answer to a RequestForPositions: so many BalanceReports follow, or why none does.
    BalanceAck(&'a BalanceAck),
    /// What an account has of an asset.
    BalanceReport(&'a BalanceReport),
    /// A request that went no further than the gateway, and why; it has no place among the reports.
    RequestRefused(&'a RequestRefused),
    /// What the venue does with requests from now on; told when it changes, and at login unless it is open.
    VenueStatus(&'a VenueStatus),
    /// An order stands in the book, behind all others of its side and price.
    BookAdded(&'a BookAdded),
    /// An order of the book traded.
    BookExecuted(&'a BookExecuted),
    /// Less of an order stands; it keeps its place.
    BookReduced(&'a BookReduced),
    /// An order has left the book.
    BookDeleted(&'a BookDeleted),
    /// An order stands elsewhere: at this price, with this quantity, behind all others there.
    BookReplaced(&'a BookReplaced),
    /// A trade, whatever orders of the book took part in it.
    Trade(&'a Trade),
    /// An instrument's trading state is, or has changed to, this.
    TradingStatus(&'a TradingStatus),
    /// What an auction would do now.
    IndicativeAuction(&'a IndicativeAuction),
    /// An instrument's terms, when they are asked for and whenever they change.
    InstrumentDefinition(&'a InstrumentDefinition),
    /// An account's terms, when they are asked for and whenever they or a session's entitlement to trade
    /// for it change; to sessions of order entry alone.
    AccountDefinition(&'a AccountDefinition),
    /// The book of an instrument follows: BookLevel for each price, bids and then offers, the best first,
    /// among them what changes meanwhile, and SnapshotEnd; what was known of the book before does not hold
    /// any more.
    SnapshotBegin(&'a SnapshotBegin),
    /// The book is whole; what changes follows with BookLevel and Trade, if it was asked for.
    SnapshotEnd(&'a SnapshotEnd),
    /// What stands at a price of a book now; nothing any more, if OrderCount is 0.
    BookLevel(&'a BookLevel),
    /// What an asset's number stands for.
    AssetDefinition(&'a AssetDefinition),
    /// What a session's number stands for; to drop-copy sessions alone.
    SessionDefinition(&'a SessionDefinition),
    /// Everything that a DefinitionRequest asked for was told.
    DefinitionsEnd(&'a DefinitionsEnd),
    /// Cancels everything and refuses new orders of a session, an account or the venue, or takes them
    /// again.
    KillSwitch(&'a KillSwitch),
    /// Changes an instrument's trading state.
    SetState(&'a SetState),
    /// Moves funds into the venue.
    Deposit(&'a Deposit),
    /// Moves funds out of the venue.
    Withdraw(&'a Withdraw),
    /// Sets the limits of market-maker protection for an account in a group of instruments.
    SetProtection(&'a SetProtection),
    /// Adds an instrument, if its number is the next one, or changes the one there is: all but its symbol,
    /// assets, tick, lot and units; its fees only while it has no open orders.
    SetInstrument(&'a SetInstrument),
    /// Adds an account, if its number is the next one, or changes the one there is: all but its name.
    SetAccount(&'a SetAccount),
    /// Says how much more than it has an account with credit may spend of an asset.
    SetCredit(&'a SetCredit),
    /// Lets a session trade for an account, or no longer.
    Entitle(&'a Entitle),
    /// Two new orders of which one cancels the other, taken both or none: of one account, symbol and side,
    /// Day, GTC or GTD, at least one of them a stop; neither may trade or be triggered at once.
    NewOrderList(&'a NewOrderList, Entries<'a, <NewOrderList as Grouped>::Entry>),
    /// Cancels the orders of a list that are open.
    ListCancelRequest(&'a ListCancelRequest),
    /// Asks how the orders of a list stand.
    ListStatusRequest(&'a ListStatusRequest),
    /// Asks how much of its limits the session has used.
    LimitQuery(&'a LimitQuery),
    /// How much of its limits the session has used; a session without limits has none.
    LimitResponse(&'a LimitResponse, Entries<'a, <LimitResponse as Grouped>::Entry>),
    /// Asks what an account has of each asset, or of one.
    RequestForPositions(&'a RequestForPositions),
    /// Asks how all open orders of the session stand, or those that its fields select.
    OrderMassStatusRequest(&'a OrderMassStatusRequest),
    /// Asks for the book of an instrument, its trades and its trading state: answered by SnapshotBegin.
    BookRequest(&'a BookRequest),
    /// Asks what numbers stand for: answered by definitions and then DefinitionsEnd; what changes later is
    /// told unasked.
    DefinitionRequest(&'a DefinitionRequest),
}

impl<'a> Message<'a> {
    /// The message that `header` announces, in `body`.
    #[inline]
    pub(super) fn read(header: &Header, body: &'a [u8]) -> Result<Self, Error> {
        Ok(match header.template_id.get() {
            NewOrder::TEMPLATE => Self::NewOrder(single(header, body)?),
            CancelOrder::TEMPLATE => Self::CancelOrder(single(header, body)?),
            ReplaceOrder::TEMPLATE => Self::ReplaceOrder(single(header, body)?),
            StatusRequest::TEMPLATE => Self::StatusRequest(single(header, body)?),
            MassCancel::TEMPLATE => Self::MassCancel(single(header, body)?),
            MassQuote::TEMPLATE => {
                let (block, entries) = grouped(header, body)?;
                Self::MassQuote(block, entries)
            }
            ResetProtection::TEMPLATE => Self::ResetProtection(single(header, body)?),
            OrderAccepted::TEMPLATE => Self::OrderAccepted(single(header, body)?),
            OrderRejected::TEMPLATE => Self::OrderRejected(single(header, body)?),
            OrderFilled::TEMPLATE => Self::OrderFilled(single(header, body)?),
            OrderCanceled::TEMPLATE => Self::OrderCanceled(single(header, body)?),
            OrderReplaced::TEMPLATE => Self::OrderReplaced(single(header, body)?),
            CancelRejected::TEMPLATE => Self::CancelRejected(single(header, body)?),
            ReplaceRejected::TEMPLATE => Self::ReplaceRejected(single(header, body)?),
            OrderStatusReport::TEMPLATE => Self::OrderStatusReport(single(header, body)?),
            OrderTriggered::TEMPLATE => Self::OrderTriggered(single(header, body)?),
            OrderReduced::TEMPLATE => Self::OrderReduced(single(header, body)?),
            MassCanceled::TEMPLATE => Self::MassCanceled(single(header, body)?),
            CommandDone::TEMPLATE => Self::CommandDone(single(header, body)?),
            CommandRefused::TEMPLATE => Self::CommandRefused(single(header, body)?),
            QuotesAccepted::TEMPLATE => Self::QuotesAccepted(single(header, body)?),
            QuotesRejected::TEMPLATE => Self::QuotesRejected(single(header, body)?),
            ProtectionTriggered::TEMPLATE => Self::ProtectionTriggered(single(header, body)?),
            MessageRefused::TEMPLATE => Self::MessageRefused(single(header, body)?),
            ListReport::TEMPLATE => Self::ListReport(single(header, body)?),
            BalanceAck::TEMPLATE => Self::BalanceAck(single(header, body)?),
            BalanceReport::TEMPLATE => Self::BalanceReport(single(header, body)?),
            RequestRefused::TEMPLATE => Self::RequestRefused(single(header, body)?),
            VenueStatus::TEMPLATE => Self::VenueStatus(single(header, body)?),
            BookAdded::TEMPLATE => Self::BookAdded(single(header, body)?),
            BookExecuted::TEMPLATE => Self::BookExecuted(single(header, body)?),
            BookReduced::TEMPLATE => Self::BookReduced(single(header, body)?),
            BookDeleted::TEMPLATE => Self::BookDeleted(single(header, body)?),
            BookReplaced::TEMPLATE => Self::BookReplaced(single(header, body)?),
            Trade::TEMPLATE => Self::Trade(single(header, body)?),
            TradingStatus::TEMPLATE => Self::TradingStatus(single(header, body)?),
            IndicativeAuction::TEMPLATE => Self::IndicativeAuction(single(header, body)?),
            InstrumentDefinition::TEMPLATE => Self::InstrumentDefinition(single(header, body)?),
            AccountDefinition::TEMPLATE => Self::AccountDefinition(single(header, body)?),
            SnapshotBegin::TEMPLATE => Self::SnapshotBegin(single(header, body)?),
            SnapshotEnd::TEMPLATE => Self::SnapshotEnd(single(header, body)?),
            BookLevel::TEMPLATE => Self::BookLevel(single(header, body)?),
            AssetDefinition::TEMPLATE => Self::AssetDefinition(single(header, body)?),
            SessionDefinition::TEMPLATE => Self::SessionDefinition(single(header, body)?),
            DefinitionsEnd::TEMPLATE => Self::DefinitionsEnd(single(header, body)?),
            KillSwitch::TEMPLATE => Self::KillSwitch(single(header, body)?),
            SetState::TEMPLATE => Self::SetState(single(header, body)?),
            Deposit::TEMPLATE => Self::Deposit(single(header, body)?),
            Withdraw::TEMPLATE => Self::Withdraw(single(header, body)?),
            SetProtection::TEMPLATE => Self::SetProtection(single(header, body)?),
            SetInstrument::TEMPLATE => Self::SetInstrument(single(header, body)?),
            SetAccount::TEMPLATE => Self::SetAccount(single(header, body)?),
            SetCredit::TEMPLATE => Self::SetCredit(single(header, body)?),
            Entitle::TEMPLATE => Self::Entitle(single(header, body)?),
            NewOrderList::TEMPLATE => {
                let (block, entries) = grouped(header, body)?;
                Self::NewOrderList(block, entries)
            }
            ListCancelRequest::TEMPLATE => Self::ListCancelRequest(single(header, body)?),
            ListStatusRequest::TEMPLATE => Self::ListStatusRequest(single(header, body)?),
            LimitQuery::TEMPLATE => Self::LimitQuery(single(header, body)?),
            LimitResponse::TEMPLATE => {
                let (block, entries) = grouped(header, body)?;
                Self::LimitResponse(block, entries)
            }
            RequestForPositions::TEMPLATE => Self::RequestForPositions(single(header, body)?),
            OrderMassStatusRequest::TEMPLATE => Self::OrderMassStatusRequest(single(header, body)?),
            BookRequest::TEMPLATE => Self::BookRequest(single(header, body)?),
            DefinitionRequest::TEMPLATE => Self::DefinitionRequest(single(header, body)?),
            found => return Err(Error::Template { found }),
        })
    }

    /// Writes it to the beginning of `buffer`. Gives its length.
    ///
    /// # Errors
    /// If it does not fit.
    pub fn encode(&self, buffer: &mut [u8]) -> Result<usize, NoRoom> {
        match self {
            Self::NewOrder(block) => encode(*block, buffer),
            Self::CancelOrder(block) => encode(*block, buffer),
            Self::ReplaceOrder(block) => encode(*block, buffer),
            Self::StatusRequest(block) => encode(*block, buffer),
            Self::MassCancel(block) => encode(*block, buffer),
            Self::MassQuote(block, entries) => encode_group(*block, entries.iter(), buffer),
            Self::ResetProtection(block) => encode(*block, buffer),
            Self::OrderAccepted(block) => encode(*block, buffer),
            Self::OrderRejected(block) => encode(*block, buffer),
            Self::OrderFilled(block) => encode(*block, buffer),
            Self::OrderCanceled(block) => encode(*block, buffer),
            Self::OrderReplaced(block) => encode(*block, buffer),
            Self::CancelRejected(block) => encode(*block, buffer),
            Self::ReplaceRejected(block) => encode(*block, buffer),
            Self::OrderStatusReport(block) => encode(*block, buffer),
            Self::OrderTriggered(block) => encode(*block, buffer),
            Self::OrderReduced(block) => encode(*block, buffer),
            Self::MassCanceled(block) => encode(*block, buffer),
            Self::CommandDone(block) => encode(*block, buffer),
            Self::CommandRefused(block) => encode(*block, buffer),
            Self::QuotesAccepted(block) => encode(*block, buffer),
            Self::QuotesRejected(block) => encode(*block, buffer),
            Self::ProtectionTriggered(block) => encode(*block, buffer),
            Self::MessageRefused(block) => encode(*block, buffer),
            Self::ListReport(block) => encode(*block, buffer),
            Self::BalanceAck(block) => encode(*block, buffer),
            Self::BalanceReport(block) => encode(*block, buffer),
            Self::RequestRefused(block) => encode(*block, buffer),
            Self::VenueStatus(block) => encode(*block, buffer),
            Self::BookAdded(block) => encode(*block, buffer),
            Self::BookExecuted(block) => encode(*block, buffer),
            Self::BookReduced(block) => encode(*block, buffer),
            Self::BookDeleted(block) => encode(*block, buffer),
            Self::BookReplaced(block) => encode(*block, buffer),
            Self::Trade(block) => encode(*block, buffer),
            Self::TradingStatus(block) => encode(*block, buffer),
            Self::IndicativeAuction(block) => encode(*block, buffer),
            Self::InstrumentDefinition(block) => encode(*block, buffer),
            Self::AccountDefinition(block) => encode(*block, buffer),
            Self::SnapshotBegin(block) => encode(*block, buffer),
            Self::SnapshotEnd(block) => encode(*block, buffer),
            Self::BookLevel(block) => encode(*block, buffer),
            Self::AssetDefinition(block) => encode(*block, buffer),
            Self::SessionDefinition(block) => encode(*block, buffer),
            Self::DefinitionsEnd(block) => encode(*block, buffer),
            Self::KillSwitch(block) => encode(*block, buffer),
            Self::SetState(block) => encode(*block, buffer),
            Self::Deposit(block) => encode(*block, buffer),
            Self::Withdraw(block) => encode(*block, buffer),
            Self::SetProtection(block) => encode(*block, buffer),
            Self::SetInstrument(block) => encode(*block, buffer),
            Self::SetAccount(block) => encode(*block, buffer),
            Self::SetCredit(block) => encode(*block, buffer),
            Self::Entitle(block) => encode(*block, buffer),
            Self::NewOrderList(block, entries) => encode_group(*block, entries.iter(), buffer),
            Self::ListCancelRequest(block) => encode(*block, buffer),
            Self::ListStatusRequest(block) => encode(*block, buffer),
            Self::LimitQuery(block) => encode(*block, buffer),
            Self::LimitResponse(block, entries) => encode_group(*block, entries.iter(), buffer),
            Self::RequestForPositions(block) => encode(*block, buffer),
            Self::OrderMassStatusRequest(block) => encode(*block, buffer),
            Self::BookRequest(block) => encode(*block, buffer),
            Self::DefinitionRequest(block) => encode(*block, buffer),
        }
    }

    /// Its template id.
    #[must_use]
    pub const fn template(&self) -> u16 {
        match self {
            Self::NewOrder(_) => NewOrder::TEMPLATE,
            Self::CancelOrder(_) => CancelOrder::TEMPLATE,
            Self::ReplaceOrder(_) => ReplaceOrder::TEMPLATE,
            Self::StatusRequest(_) => StatusRequest::TEMPLATE,
            Self::MassCancel(_) => MassCancel::TEMPLATE,
            Self::MassQuote(..) => MassQuote::TEMPLATE,
            Self::ResetProtection(_) => ResetProtection::TEMPLATE,
            Self::OrderAccepted(_) => OrderAccepted::TEMPLATE,
            Self::OrderRejected(_) => OrderRejected::TEMPLATE,
            Self::OrderFilled(_) => OrderFilled::TEMPLATE,
            Self::OrderCanceled(_) => OrderCanceled::TEMPLATE,
            Self::OrderReplaced(_) => OrderReplaced::TEMPLATE,
            Self::CancelRejected(_) => CancelRejected::TEMPLATE,
            Self::ReplaceRejected(_) => ReplaceRejected::TEMPLATE,
            Self::OrderStatusReport(_) => OrderStatusReport::TEMPLATE,
            Self::OrderTriggered(_) => OrderTriggered::TEMPLATE,
            Self::OrderReduced(_) => OrderReduced::TEMPLATE,
            Self::MassCanceled(_) => MassCanceled::TEMPLATE,
            Self::CommandDone(_) => CommandDone::TEMPLATE,
            Self::CommandRefused(_) => CommandRefused::TEMPLATE,
            Self::QuotesAccepted(_) => QuotesAccepted::TEMPLATE,
            Self::QuotesRejected(_) => QuotesRejected::TEMPLATE,
            Self::ProtectionTriggered(_) => ProtectionTriggered::TEMPLATE,
            Self::MessageRefused(_) => MessageRefused::TEMPLATE,
            Self::ListReport(_) => ListReport::TEMPLATE,
            Self::BalanceAck(_) => BalanceAck::TEMPLATE,
            Self::BalanceReport(_) => BalanceReport::TEMPLATE,
            Self::RequestRefused(_) => RequestRefused::TEMPLATE,
            Self::VenueStatus(_) => VenueStatus::TEMPLATE,
            Self::BookAdded(_) => BookAdded::TEMPLATE,
            Self::BookExecuted(_) => BookExecuted::TEMPLATE,
            Self::BookReduced(_) => BookReduced::TEMPLATE,
            Self::BookDeleted(_) => BookDeleted::TEMPLATE,
            Self::BookReplaced(_) => BookReplaced::TEMPLATE,
            Self::Trade(_) => Trade::TEMPLATE,
            Self::TradingStatus(_) => TradingStatus::TEMPLATE,
            Self::IndicativeAuction(_) => IndicativeAuction::TEMPLATE,
            Self::InstrumentDefinition(_) => InstrumentDefinition::TEMPLATE,
            Self::AccountDefinition(_) => AccountDefinition::TEMPLATE,
            Self::SnapshotBegin(_) => SnapshotBegin::TEMPLATE,
            Self::SnapshotEnd(_) => SnapshotEnd::TEMPLATE,
            Self::BookLevel(_) => BookLevel::TEMPLATE,
            Self::AssetDefinition(_) => AssetDefinition::TEMPLATE,
            Self::SessionDefinition(_) => SessionDefinition::TEMPLATE,
            Self::DefinitionsEnd(_) => DefinitionsEnd::TEMPLATE,
            Self::KillSwitch(_) => KillSwitch::TEMPLATE,
            Self::SetState(_) => SetState::TEMPLATE,
            Self::Deposit(_) => Deposit::TEMPLATE,
            Self::Withdraw(_) => Withdraw::TEMPLATE,
            Self::SetProtection(_) => SetProtection::TEMPLATE,
            Self::SetInstrument(_) => SetInstrument::TEMPLATE,
            Self::SetAccount(_) => SetAccount::TEMPLATE,
            Self::SetCredit(_) => SetCredit::TEMPLATE,
            Self::Entitle(_) => Entitle::TEMPLATE,
            Self::NewOrderList(..) => NewOrderList::TEMPLATE,
            Self::ListCancelRequest(_) => ListCancelRequest::TEMPLATE,
            Self::ListStatusRequest(_) => ListStatusRequest::TEMPLATE,
            Self::LimitQuery(_) => LimitQuery::TEMPLATE,
            Self::LimitResponse(..) => LimitResponse::TEMPLATE,
            Self::RequestForPositions(_) => RequestForPositions::TEMPLATE,
            Self::OrderMassStatusRequest(_) => OrderMassStatusRequest::TEMPLATE,
            Self::BookRequest(_) => BookRequest::TEMPLATE,
            Self::DefinitionRequest(_) => DefinitionRequest::TEMPLATE,
        }
    }

    /// Hands each field's name and value to `see`, in order, those of its entries last.
    pub fn visit(&self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        match self {
            Self::NewOrder(block) => block.visit(see),
            Self::CancelOrder(block) => block.visit(see),
            Self::ReplaceOrder(block) => block.visit(see),
            Self::StatusRequest(block) => block.visit(see),
            Self::MassCancel(block) => block.visit(see),
            Self::MassQuote(block, entries) => {
                block.visit(see);
                for entry in entries.iter() {
                    entry.visit(see);
                }
            }
            Self::ResetProtection(block) => block.visit(see),
            Self::OrderAccepted(block) => block.visit(see),
            Self::OrderRejected(block) => block.visit(see),
            Self::OrderFilled(block) => block.visit(see),
            Self::OrderCanceled(block) => block.visit(see),
            Self::OrderReplaced(block) => block.visit(see),
            Self::CancelRejected(block) => block.visit(see),
            Self::ReplaceRejected(block) => block.visit(see),
            Self::OrderStatusReport(block) => block.visit(see),
            Self::OrderTriggered(block) => block.visit(see),
            Self::OrderReduced(block) => block.visit(see),
            Self::MassCanceled(block) => block.visit(see),
            Self::CommandDone(block) => block.visit(see),
            Self::CommandRefused(block) => block.visit(see),
            Self::QuotesAccepted(block) => block.visit(see),
            Self::QuotesRejected(block) => block.visit(see),
            Self::ProtectionTriggered(block) => block.visit(see),
            Self::MessageRefused(block) => block.visit(see),
            Self::ListReport(block) => block.visit(see),
            Self::BalanceAck(block) => block.visit(see),
            Self::BalanceReport(block) => block.visit(see),
            Self::RequestRefused(block) => block.visit(see),
            Self::VenueStatus(block) => block.visit(see),
            Self::BookAdded(block) => block.visit(see),
            Self::BookExecuted(block) => block.visit(see),
            Self::BookReduced(block) => block.visit(see),
            Self::BookDeleted(block) => block.visit(see),
            Self::BookReplaced(block) => block.visit(see),
            Self::Trade(block) => block.visit(see),
            Self::TradingStatus(block) => block.visit(see),
            Self::IndicativeAuction(block) => block.visit(see),
            Self::InstrumentDefinition(block) => block.visit(see),
            Self::AccountDefinition(block) => block.visit(see),
            Self::SnapshotBegin(block) => block.visit(see),
            Self::SnapshotEnd(block) => block.visit(see),
            Self::BookLevel(block) => block.visit(see),
            Self::AssetDefinition(block) => block.visit(see),
            Self::SessionDefinition(block) => block.visit(see),
            Self::DefinitionsEnd(block) => block.visit(see),
            Self::KillSwitch(block) => block.visit(see),
            Self::SetState(block) => block.visit(see),
            Self::Deposit(block) => block.visit(see),
            Self::Withdraw(block) => block.visit(see),
            Self::SetProtection(block) => block.visit(see),
            Self::SetInstrument(block) => block.visit(see),
            Self::SetAccount(block) => block.visit(see),
            Self::SetCredit(block) => block.visit(see),
            Self::Entitle(block) => block.visit(see),
            Self::NewOrderList(block, entries) => {
                block.visit(see);
                for entry in entries.iter() {
                    entry.visit(see);
                }
            }
            Self::ListCancelRequest(block) => block.visit(see),
            Self::ListStatusRequest(block) => block.visit(see),
            Self::LimitQuery(block) => block.visit(see),
            Self::LimitResponse(block, entries) => {
                block.visit(see);
                for entry in entries.iter() {
                    entry.visit(see);
                }
            }
            Self::RequestForPositions(block) => block.visit(see),
            Self::OrderMassStatusRequest(block) => block.visit(see),
            Self::BookRequest(block) => block.visit(see),
            Self::DefinitionRequest(block) => block.visit(see),
        }
    }
}

/// How a message is built.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Its name.
    pub name: &'static str,
    /// Its template id.
    pub template: u16,
    /// Bytes of its block.
    pub block: usize,
    /// The fields of its block that not every byte is a value of.
    pub coded: &'static [Coded],
    /// Its group, if it has one.
    pub entry: Option<EntryShape>,
}

/// How a group is built.
#[derive(Clone, Copy, Debug)]
pub struct EntryShape {
    /// Bytes of an entry.
    pub bytes: usize,
    /// How many there may be.
    pub max: usize,
    /// The fields of an entry that not every byte is a value of.
    pub coded: &'static [Coded],
}

impl EntryShape {
    const fn of<B: Grouped>() -> EntryShape {
        EntryShape { bytes: size_of::<B::Entry>(), max: B::ENTRIES_MAX, coded: B::Entry::CODED }
    }
}

impl Shape {
    /// How every message is built.
    pub const ALL: &'static [Shape] = &[
        Shape::of::<NewOrder>(),
        Shape::of::<CancelOrder>(),
        Shape::of::<ReplaceOrder>(),
        Shape::of::<StatusRequest>(),
        Shape::of::<MassCancel>(),
        Shape { entry: Some(EntryShape::of::<MassQuote>()), ..Shape::of::<MassQuote>() },
        Shape::of::<ResetProtection>(),
        Shape::of::<OrderAccepted>(),
        Shape::of::<OrderRejected>(),
        Shape::of::<OrderFilled>(),
        Shape::of::<OrderCanceled>(),
        Shape::of::<OrderReplaced>(),
        Shape::of::<CancelRejected>(),
        Shape::of::<ReplaceRejected>(),
        Shape::of::<OrderStatusReport>(),
        Shape::of::<OrderTriggered>(),
        Shape::of::<OrderReduced>(),
        Shape::of::<MassCanceled>(),
        Shape::of::<CommandDone>(),
        Shape::of::<CommandRefused>(),
        Shape::of::<QuotesAccepted>(),
        Shape::of::<QuotesRejected>(),
        Shape::of::<ProtectionTriggered>(),
        Shape::of::<MessageRefused>(),
        Shape::of::<ListReport>(),
        Shape::of::<BalanceAck>(),
        Shape::of::<BalanceReport>(),
        Shape::of::<RequestRefused>(),
        Shape::of::<VenueStatus>(),
        Shape::of::<BookAdded>(),
        Shape::of::<BookExecuted>(),
        Shape::of::<BookReduced>(),
        Shape::of::<BookDeleted>(),
        Shape::of::<BookReplaced>(),
        Shape::of::<Trade>(),
        Shape::of::<TradingStatus>(),
        Shape::of::<IndicativeAuction>(),
        Shape::of::<InstrumentDefinition>(),
        Shape::of::<AccountDefinition>(),
        Shape::of::<SnapshotBegin>(),
        Shape::of::<SnapshotEnd>(),
        Shape::of::<BookLevel>(),
        Shape::of::<AssetDefinition>(),
        Shape::of::<SessionDefinition>(),
        Shape::of::<DefinitionsEnd>(),
        Shape::of::<KillSwitch>(),
        Shape::of::<SetState>(),
        Shape::of::<Deposit>(),
        Shape::of::<Withdraw>(),
        Shape::of::<SetProtection>(),
        Shape::of::<SetInstrument>(),
        Shape::of::<SetAccount>(),
        Shape::of::<SetCredit>(),
        Shape::of::<Entitle>(),
        Shape { entry: Some(EntryShape::of::<NewOrderList>()), ..Shape::of::<NewOrderList>() },
        Shape::of::<ListCancelRequest>(),
        Shape::of::<ListStatusRequest>(),
        Shape::of::<LimitQuery>(),
        Shape { entry: Some(EntryShape::of::<LimitResponse>()), ..Shape::of::<LimitResponse>() },
        Shape::of::<RequestForPositions>(),
        Shape::of::<OrderMassStatusRequest>(),
        Shape::of::<BookRequest>(),
        Shape::of::<DefinitionRequest>(),
    ];

    const fn of<B: Root>() -> Shape {
        Shape { name: B::NAME, template: B::TEMPLATE, block: size_of::<B>(), coded: B::CODED, entry: None }
    }
}
