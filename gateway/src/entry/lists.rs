//! Order lists, and requests about them.

use wire::{
    command::{self, Kind, NewOrder},
    fix::{
        list::{ListRequest, NewOrderList},
        order,
    },
    reject::Reject,
};

use super::{Entry, Origin};
use crate::gathering::What;

impl Entry {
    /// A list of two orders.
    pub(super) fn new_list(&self, request: &NewOrderList<'_>, from: &mut Origin<'_>) {
        let sent = self.list_command(request, from).and_then(|command| {
            let sent = from.send(command.head.instrument(), &command);
            sent.map_err(|reject| (reject, None))
        });
        if let Err((reject, at_fault)) = sent {
            let symbol = request.orders[at_fault.unwrap_or(0)].symbol;
            let refused = self.refused(reject, symbol, from);
            from.session.send(from.head.rx, b"N", from.output, |body| refused.list(request, at_fault, body));
        }
    }

    /// The command, or why there is none and which order is to blame, from 0.
    fn list_command(
        &self,
        request: &NewOrderList<'_>,
        from: &Origin<'_>,
    ) -> Result<command::NewOrderList, (Reject, Option<usize>)> {
        let list_id = order::cl_ord_id(request.list_id).ok_or((Reject::BadList, None))?;
        if !request.is_offered {
            return Err((Reject::BadList, None));
        }
        let order = |number: usize| {
            let command = self.order_command(&request.orders[number], from);
            command.map_err(|reject| (reject, Some(number)))
        };
        let orders: [NewOrder; 2] = [order(0)?, order(1)?];
        let [first, second] = orders.map(|order| from.links.serving().of(order.head.instrument()));
        if first != second {
            return Err((Reject::AcrossShards, None));
        }
        let head = orders[0].head.with_kind(Kind::NewOrderList);
        Ok(command::NewOrderList { head, list_id, reserved: 0, orders })
    }

    /// A request to cancel a list, or to tell how it stands.
    pub(super) fn list_request(&self, request: &ListRequest<'_>, from: &mut Origin<'_>) {
        let kind = if request.asks { Kind::ListStatus } else { Kind::CancelList };
        let list_id = order::cl_ord_id(request.list_id).ok_or(Reject::UnknownList);
        let sent = list_id.and_then(|list_id| {
            let head = from.links.head_for_all(from.head.with_kind(kind));
            let command = command::ListRequest { head, list_id, reserved: 0 };
            from.send_all((What::List, list_id), &head, &command)
        });
        if let Err(reject) = sent {
            let refused = self.refused(reject, b"", from);
            from.session.send(from.head.rx, b"N", from.output, |body| refused.of_list(request, body));
        }
    }
}
