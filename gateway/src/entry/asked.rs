//! Requests to tell how all orders stand.

use wire::{
    command::{Kind, MassCancel, MassStatus},
    fix::{mass_status::OrderMassStatusRequest, order},
    reject::Reject,
};

use super::{Entry, Origin, many::Selection};
use crate::gathering::What;

impl Entry {
    /// A mass status request, within the session.
    pub(super) fn mass_status(&self, request: &OrderMassStatusRequest<'_>, from: &mut Origin<'_>) {
        let command = self.mass_status_command(request, from);
        let sent = command.and_then(|command| match command.by & MassCancel::INSTRUMENT {
            0 => from.send_all((What::Status, command.request_id), &command.head, &command),
            _ => from.send(command.head.instrument(), &command),
        });
        if let Err(reject) = sent {
            let refused = self.refused(reject, request.symbol.unwrap_or_default(), from);
            from.session.send(from.head.rx, b"8", from.output, |body| refused.mass_status(request, body));
        }
    }

    fn mass_status_command(
        &self,
        request: &OrderMassStatusRequest<'_>,
        from: &Origin<'_>,
    ) -> Result<MassStatus, Reject> {
        let request_id = order::cl_ord_id(request.request_id).ok_or(Reject::BadClOrdId)?;
        let Selection { by, instrument, side, account } =
            self.selection((request.kind, request.symbol), request.side, request.account, from)?;
        let head = from.head.with_kind(Kind::MassStatus).with_account(account).with_instrument(instrument);
        let head = from.for_selected(by, head);
        Ok(MassStatus { head, request_id, by, side, reserved: [0; 2] })
    }
}
