//! Commands that come too late: nothing else of them is looked at.

use wire::{
    command::{Cancel, Command, Head},
    event::{Event, Kind},
    reject::Reject,
    types::Nanos,
};

use super::{Engine, Refusal, Sink};

const LATE: Reject = Reject::DeadlinePassed;

impl Engine {
    /// Whether the command of `head`, applied at `time`, comes at its deadline or after it.
    #[inline]
    pub(super) fn is_late(head: &Head, time: Nanos) -> bool {
        head.deadline().is_some_and(|deadline| deadline <= time)
    }

    /// Answers a command that is late. `false` for a notice, which is no request: it has no deadline, whatever it says.
    #[cold]
    pub(super) fn refuse_late<S: Sink>(&mut self, command: Command<'_>, sink: &mut S) -> bool {
        match command {
            Command::SessionUp(_)
            | Command::SessionDown(_)
            | Command::CancelSession(_)
            | Command::Due(_)
            | Command::ShowBook(_) => return false,
            Command::New(new) => self.refuse_new(new, LATE, sink),
            Command::NewOrderList(list) => self.refuse_list(list, &Self::orders_of(list), (LATE, None), sink),
            Command::Cancel(Cancel { head, cl_ord_id, order }) => {
                self.refuse(Kind::CancelRejected, (head, cl_ord_id, order), unseen(), sink);
            }
            Command::Replace(replace) => self.refuse_replace(replace, unseen(), sink),
            Command::Status(status) => self.tell_unknown(status, LATE, sink),
            Command::CancelList(list) => self.refuse_list_request(list, 0, LATE, sink),
            Command::ListStatus(list) => self.refuse_list_request(list, Event::ASKED, LATE, sink),
            Command::MassStatus(of) => self.tell_none(of, LATE, sink),
            Command::Balances(of) => self.refuse_balances(of, LATE, sink),
            Command::MassQuote(quote) => self.refuse_quotes(quote, (LATE, 0), sink),
            Command::MassCancel(of) => self.refuse_mass_cancel(of, LATE, sink),
            _ => self.answer(command.head(), LATE, sink),
        }
        true
    }
}

/// An order that was not looked for.
const fn unseen() -> Refusal {
    Refusal { reject: LATE, order: None }
}
