//! Commands that come at their deadline or after it.

use wire::{
    command::{Command, Head},
    event::{Event, Kind},
    reject::Reject,
    types::{ClOrdId, Lots, OrderStatus},
};

use super::{Twin, name_of, order::nothing};

impl Twin {
    /// Whether the command is a request that comes too late; then it was refused.
    pub(super) fn refuse_late(&mut self, command: Command<'_>) -> bool {
        const LATE: Reject = Reject::DeadlinePassed;
        let head = *command.head();
        if head.deadline().is_none_or(|deadline| self.time < deadline) {
            return false;
        }
        let none = unnamed(&head, LATE);
        match command {
            Command::SessionUp(_)
            | Command::SessionDown(_)
            | Command::CancelSession(_)
            | Command::Due(_)
            | Command::ShowBook(_)
            | Command::FindOrders(_) => return false,
            Command::New(new) => self.refuse_new(new, LATE),
            Command::NewOrderList(list) => self.refuse_list(list, LATE, None),
            Command::Cancel(cancel) => {
                let about = Event { cl_ord_id: name_of(&cancel.order), ..none };
                self.refuse(Kind::CancelRejected, about, LATE, cancel.cl_ord_id);
            }
            Command::Replace(replace) => {
                let about = Event { cl_ord_id: name_of(&replace.order), ..none };
                self.refuse_replace(replace, about, LATE);
            }
            Command::Status(status) => self.tell(Event {
                kind: Kind::Status,
                side: status.side,
                cl_ord_id: name_of(&status.order),
                orig_cl_ord_id: status.request_id,
                ..none
            }),
            Command::CancelList(list) => self.refuse_list_request(list, 0, LATE),
            Command::ListStatus(list) => self.refuse_list_request(list, Event::ASKED, LATE),
            Command::MassStatus(of) => self.tell_no_order(of, LATE),
            Command::Balances(of) => {
                self.tell(Event { kind: Kind::Balances, cl_ord_id: of.request_id, ..none });
            }
            Command::MassQuote(quote) => {
                let last_quantity = Lots(0);
                let cl_ord_id = quote.body.quote_id;
                self.tell(Event { kind: Kind::QuoteRefused, cl_ord_id, last_quantity, ..none });
            }
            Command::MassCancel(mass) => self.mass_canceled(mass, Kind::NotDone, 0, LATE),
            Command::KillSwitch(_)
            | Command::SetState(_)
            | Command::Deposit(_)
            | Command::Withdraw(_)
            | Command::SetProtection(_)
            | Command::ResetProtection(_)
            | Command::SetInstrument(_)
            | Command::SetAccount(_)
            | Command::SetCredit(_)
            | Command::Entitle(_)
            | Command::SetLimits(_) => self.answer(&head, Kind::NotDone, 0, LATE, ClOrdId::NONE),
        }
        true
    }
}

/// An answer that names no order.
fn unnamed(head: &Head, reject: Reject) -> Event {
    Event {
        status: OrderStatus::Rejected,
        session: head.session(),
        account: head.account,
        instrument: head.instrument(),
        reject,
        ..nothing()
    }
}
