//! What a message becomes: a command, or at once its refusal.

use shm::Bell;
use wire::{
    command::Head,
    fix::throttle::Throttled,
    instrument::Instrument,
    limits::COMMAND_MESSAGE_BYTES_MAX,
    reject::Reject,
    sbe::{
        self, Error,
        codes::{Fault, LimitType},
        field::Text,
        messages::{BookRequest, LimitResponse, LimitResponseEntry, Message, MessageRefused, RequestRefused},
    },
    traffic::Class,
    types::{AccountId, ClOrdId, InstrumentId, Nanos},
};
use zerocopy::{Immutable, IntoBytes, little_endian::U32};

use super::{
    books::Books,
    definitions::Catalogue,
    members::{Member, Role},
};
use crate::{
    board::Board,
    gathering::{Gathering, What},
    links::Links,
    throttle::Verdict,
};

/// What is needed to understand a request.
pub(super) struct Entry {
    pub(super) catalogue: Catalogue,
    pub(super) draining: bool,
}

/// Whence a message came and where it may go.
pub(super) struct Origin<'a> {
    pub(super) now: Nanos,
    pub(super) member: &'a mut Member,
    /// The ways to the matchers.
    pub(super) links: &'a mut Links,
    /// Requests to all of them.
    pub(super) gathering: &'a mut Gathering,
    /// Where the client's output goes.
    pub(super) output: &'a mut Vec<u8>,
    /// Where refusals are counted.
    pub(super) board: &'a Board,
    /// Whether the request is a cancel, which is counted apart.
    pub(super) cancels: bool,
    /// What is used of the limit for which it is refused.
    pub(super) throttled: Option<Throttled>,
    /// Market data, the bell of the worker's thread, and which member it is.
    pub(super) books: (&'a mut Books, &'a Bell, usize),
}

/// Why a request is refused, and which entry of a group is to blame, from 1; 0 is no single one.
type Refused = (Reject, u32);

impl Entry {
    /// Serves a message; `false`: the session has sent so many that it is logged out.
    #[inline]
    pub(super) fn take(&self, bytes: &[u8], mut from: Origin<'_>) -> bool {
        from.member.received += 1;
        let message = match sbe::decode(bytes) {
            Ok(message) => message,
            Err(error) => return from.not_a_message(bytes, &error),
        };
        let class = class(&message);
        from.member.traffic.received[class as usize] += 1;
        match from.member.throttle.count(class == Class::Cancel, from.now.0) {
            Verdict::Pass => {}
            Verdict::Refuse(throttled) => {
                from.throttled = Some(throttled);
                from.refuse(&message, whole(Reject::Throttled));
                return true;
            }
            Verdict::LogOut => return false,
        }
        from.cancels = class == Class::Cancel;
        if let Err(refused) = self.serve(&message, &mut from) {
            from.refuse(&message, refused);
        }
        true
    }

    #[inline]
    fn serve(&self, message: &Message<'_>, from: &mut Origin<'_>) -> Result<(), Refused> {
        match message {
            Message::NewOrder(request) => {
                let (instrument, head) = self.named(request.instrument_id, request.account_id.get(), from)?;
                self.not_draining()?;
                from.send(head.instrument(), &request.command(instrument, head).map_err(whole)?)
            }
            Message::CancelOrder(request) => {
                let (_, head) = self.named(request.instrument_id, request.account_id.get(), from)?;
                from.send(head.instrument(), &request.command(head).map_err(whole)?)
            }
            Message::ReplaceOrder(request) => {
                let (instrument, head) = self.named(request.instrument_id, request.account_id.get(), from)?;
                self.not_draining()?;
                from.send(head.instrument(), &request.command(instrument, head).map_err(whole)?)
            }
            _ => self.serve_rare(message, from),
        }
    }

    fn serve_rare(&self, message: &Message<'_>, from: &mut Origin<'_>) -> Result<(), Refused> {
        match message {
            Message::StatusRequest(request) => {
                let (_, head) = self.named(request.instrument_id, request.account_id.get(), from)?;
                from.send(head.instrument(), &request.command(head).map_err(whole)?)
            }
            Message::MassCancel(request) => {
                let head = self.selected(request.instrument_id.get(), request.account_id.get(), from)?;
                let command = request.command(head, false).map_err(whole)?;
                match request.instrument_id.get() {
                    None => from.send_all((What::Cancel, command.cl_ord_id), &head, &command),
                    Some(_) => from.send(head.instrument(), &command),
                }
            }
            Message::OrderMassStatusRequest(request) => {
                let head = self.selected(request.instrument_id.get(), request.account_id.get(), from)?;
                let command = request.command(head).map_err(whole)?;
                match request.instrument_id.get() {
                    None => from.send_all((What::Status, command.request_id), &head, &command),
                    Some(_) => from.send(head.instrument(), &command),
                }
            }
            Message::MassQuote(request, entries) => {
                let head = from.for_account(request.account_id.get())?;
                self.not_draining()?;
                let mut shard = None;
                for (number, entry) in (1..).zip(entries.iter()) {
                    let own = from.links.serving().of(InstrumentId(entry.instrument_id.get()));
                    if *shard.get_or_insert(own) != own {
                        return Err((Reject::AcrossShards, number));
                    }
                }
                let head = if shard.is_some() { head } else { from.links.head_for_all(head) };
                let mut buffer = [0; COMMAND_MESSAGE_BYTES_MAX];
                let find = |id: InstrumentId| self.catalogue.instruments.get(id.0 as usize);
                let length = request
                    .command(*entries, head, find, &mut buffer)
                    .map_err(|(reject, entry)| (reject, u32::try_from(entry).unwrap_or_default()))?;
                match shard {
                    Some(shard) => from.send_to(shard, &buffer[..length]),
                    None => {
                        let quote_id = ClOrdId::from_padded(*request.quote_id.padded());
                        let quote_id = quote_id.ok_or((Reject::BadClOrdId, 0))?;
                        from.send_all((What::ResetAll, quote_id), &head, &buffer[..length])
                    }
                }
            }
            Message::ResetProtection(request) => {
                let head = from.for_account(request.account_id.get())?;
                let head = from.links.head_for_all(head);
                from.send_all((What::Reset, ClOrdId::NONE), &head, &request.command(head))
            }
            Message::NewOrderList(request, entries) => {
                let (instrument, head) = self.named(request.instrument_id, request.account_id.get(), from)?;
                self.not_draining()?;
                from.send(head.instrument(), &request.command(*entries, instrument, head).map_err(whole)?)
            }
            Message::ListCancelRequest(request) => {
                let head = from.links.head_for_all(from.trading()?);
                let command = request.command(head).map_err(whole)?;
                from.send_all((What::List, command.list_id), &command.head, &command)
            }
            Message::ListStatusRequest(request) => {
                let head = from.links.head_for_all(from.trading()?);
                let command = request.command(head).map_err(whole)?;
                from.send_all((What::List, command.list_id), &command.head, &command)
            }
            Message::RequestForPositions(request) => {
                let head = from.for_account(request.account_id.get())?;
                let asset = request.asset_id.get();
                if asset.is_some_and(|asset| asset as usize >= self.catalogue.assets.len()) {
                    return Err(whole(Reject::UnknownAsset));
                }
                let head = from.links.head_for_all(head);
                let command = request.command(head).map_err(whole)?;
                from.send_all((What::Balances, command.request_id), &head, &command)
            }
            Message::LimitQuery(request) => {
                from.limits(request.req_id);
                Ok(())
            }
            Message::BookRequest(request) => self.follow(request, from),
            Message::DefinitionRequest(request) => {
                from.member.telling.begin(request.definition_kinds);
                Ok(())
            }
            _ => {
                from.not_expected(message.template());
                Ok(())
            }
        }
    }

    fn follow(&self, request: &BookRequest, from: &mut Origin<'_>) -> Result<(), Refused> {
        if !from.member.market_data {
            return Err(whole(Reject::NotEntitled));
        }
        let (books, bell, index) = &mut from.books;
        let whose = (*index, from.member.received);
        books.take(request, whose, &self.catalogue.instruments, from.links, bell).map_err(whole)
    }

    /// The instrument that a request names, and its command's head.
    #[inline]
    fn named(
        &self,
        instrument: U32,
        account: Option<u32>,
        from: &mut Origin<'_>,
    ) -> Result<(&Instrument, Head), Refused> {
        let instrument = self.instrument(instrument.get())?;
        Ok((instrument, from.for_account(account)?.with_instrument(instrument.id)))
    }

    /// The head of a request about many orders, which need not name anything.
    fn selected(
        &self,
        instrument: Option<u32>,
        account: Option<u32>,
        from: &mut Origin<'_>,
    ) -> Result<Head, Refused> {
        let head = match account {
            Some(_) => from.for_account(account)?,
            None => from.trading()?,
        };
        match instrument {
            None => Ok(from.links.head_for_all(head)),
            Some(id) => Ok(head.with_instrument(self.instrument(id)?.id)),
        }
    }

    #[inline]
    fn instrument(&self, id: u32) -> Result<&Instrument, Refused> {
        self.catalogue.instruments.get(id as usize).ok_or((Reject::UnknownInstrument, 0))
    }

    #[inline]
    const fn not_draining(&self) -> Result<(), Refused> {
        if self.draining { Err((Reject::Draining, 0)) } else { Ok(()) }
    }
}

impl Origin<'_> {
    /// The head of a command for the account that a request names, or for the session's first.
    #[inline]
    fn for_account(&mut self, account: Option<u32>) -> Result<Head, Refused> {
        let head = self.trading()?;
        match account.map(AccountId) {
            None if self.member.role == Role::Trunk => Err((Reject::NotEntitled, 0)),
            None => Ok(head),
            Some(account) if self.member.sees(account) => {
                match self.member.count_for(account, self.cancels, self.now) {
                    Ok(()) => Ok(head.with_account(account)),
                    Err(throttled) => {
                        self.throttled = Some(throttled);
                        Err(whole(Reject::Throttled))
                    }
                }
            }
            Some(_) => Err((Reject::NotEntitled, 0)),
        }
    }

    /// The head of a command of a session that may trade.
    #[inline]
    fn trading(&self) -> Result<Head, Refused> {
        let head = self.member.head.with_message(self.member.received, self.now);
        if self.member.trades() { Ok(head) } else { Err((Reject::NotEntitled, 0)) }
    }

    /// Sends a command about `instrument` to its matcher.
    #[inline]
    fn send<C>(&mut self, instrument: InstrumentId, command: &C) -> Result<(), Refused>
    where
        C: IntoBytes + Immutable + ?Sized,
    {
        self.send_to(self.links.serving().of(instrument), command)
    }

    #[inline]
    fn send_to<C>(&mut self, shard: usize, command: &C) -> Result<(), Refused>
    where
        C: IntoBytes + Immutable + ?Sized,
    {
        let link = self.links.at(shard).map_err(whole)?;
        link.send(command).then_some(()).ok_or((Reject::Busy, 0))
    }

    /// Sends all matchers a command, whose head is `head`: their answers are told as one.
    fn send_all<C>(&mut self, asked: (What, ClOrdId), head: &Head, command: &C) -> Result<(), Refused>
    where
        C: IntoBytes + Immutable + ?Sized,
    {
        // Messages are not counted over a restart, so that nothing is promised.
        self.gathering.ask(asked, (head, command), self.links, |_, _| ()).map_err(whole)
    }

    /// Refuses a request; where a limit is the reason, with how much of it is used and is there, and how long to wait.
    #[cold]
    fn refuse(&mut self, message: &Message<'_>, (reject, entry): Refused) {
        self.board.rejects.add(reject);
        let limit = self.throttled;
        let refused = RequestRefused {
            transact_time: self.now.0.into(),
            msg_seq_num: self.member.received.into(),
            limit_count: limit.map(|limit| limit.used.into()).into(),
            limit_max: limit.map(|limit| limit.max.into()).into(),
            retry_after: limit.map(|limit| limit.retry_ms.saturating_mul(1_000_000)).into(),
            template_id: message.template().into(),
            reject_code: reject.into(),
            quote_entry: entry.into(),
            cl_ord_id: name_of(message),
            padding1: [0; 4],
        };
        self.member.say(self.now, Class::Refusal, &refused, self.output);
    }

    /// Refuses bytes that are no message; `false` as [`Entry::take`]: they count as one.
    #[cold]
    fn not_a_message(&mut self, bytes: &[u8], error: &Error) -> bool {
        self.member.traffic.garbled += 1;
        if self.member.throttle.count(false, self.now.0) == Verdict::LogOut {
            return false;
        }
        let template = bytes.get(2..4).map_or(0, |two| u16::from_le_bytes([two[0], two[1]]));
        self.say_refused(template, error.field_id(), error.fault());
        true
    }

    /// Refuses a message that is not a client's to send here.
    #[cold]
    fn not_expected(&mut self, template: u16) {
        self.say_refused(template, 0, Fault::Unexpected);
    }

    fn say_refused(&mut self, template: u16, field: u16, fault: Fault) {
        let refused = MessageRefused {
            msg_seq_num: self.member.received.into(),
            template_id: template.into(),
            field_id: field.into(),
            fault,
            padding1: [0; 3],
        };
        self.member.say(self.now, Class::Refusal, &refused, self.output);
    }

    /// Tells what the session has used of its limits.
    fn limits(&mut self, req_id: Text<{ ClOrdId::MAX }>) {
        use wire::fix::throttle::LimitType as Counted;
        let entry = |entry: wire::fix::throttle::LimitEntry| LimitResponseEntry {
            limit_type: match entry.limit {
                Counted::Messages => LimitType::MessageLimit,
                Counted::Cancels => LimitType::CancelLimit,
            },
            padding1: [0; 7],
            limit_count: u64::from(entry.used).into(),
            limit_max: u64::from(entry.max).into(),
            limit_reset_interval: entry.seconds.into(),
            padding2: [0; 4],
        };
        let mut used = self.member.throttle.used(self.now.0).map(entry);
        let entries: [Option<LimitResponseEntry>; 2] = [used.next(), used.next()];
        let there_are = match &entries {
            [Some(first), Some(second)] => &[*first, *second][..],
            [Some(one), None] | [None, Some(one)] => &[*one][..],
            [None, None] => &[],
        };
        self.member.say_with(self.now, Class::Answer, self.output, |buffer| {
            sbe::encode_group(&LimitResponse { req_id }, there_are.iter(), buffer)
        });
    }
}

const fn whole(reject: Reject) -> Refused {
    (reject, 0)
}

/// What a client's message is for.
#[inline]
const fn class(message: &Message<'_>) -> Class {
    match message {
        Message::NewOrder(_) | Message::NewOrderList(..) => Class::Order,
        Message::CancelOrder(_) | Message::MassCancel(_) | Message::ListCancelRequest(_) => Class::Cancel,
        Message::ReplaceOrder(_) => Class::Replace,
        Message::MassQuote(..) | Message::ResetProtection(_) => Class::Quote,
        Message::StatusRequest(_)
        | Message::OrderMassStatusRequest(_)
        | Message::ListStatusRequest(_)
        | Message::RequestForPositions(_)
        | Message::LimitQuery(_) => Class::Query,
        Message::DefinitionRequest(_) | Message::BookRequest(_) => Class::MarketData,
        _ => Class::Other,
    }
}

/// What a client calls its request.
fn name_of(message: &Message<'_>) -> Text<{ ClOrdId::MAX }> {
    match message {
        Message::NewOrder(request) => request.cl_ord_id,
        Message::CancelOrder(request) => request.cl_ord_id,
        Message::ReplaceOrder(request) => request.cl_ord_id,
        Message::StatusRequest(request) => request.ord_status_req_id,
        Message::MassCancel(request) => request.cl_ord_id,
        Message::OrderMassStatusRequest(request) => request.mass_status_req_id,
        Message::MassQuote(request, _) => request.quote_id,
        Message::NewOrderList(request, _) => request.list_id,
        Message::ListCancelRequest(request) => request.list_id,
        Message::ListStatusRequest(request) => request.list_id,
        Message::RequestForPositions(request) => request.pos_req_id,
        Message::LimitQuery(request) => request.req_id,
        _ => Text::NONE,
    }
}
