//! Requests to tell how all orders stand.

use wire::{
    command::{Kind, MassStatus},
    fix::{mass_status::OrderMassStatusRequest, order},
    reject::Reject,
};

use super::{Entry, Origin, many::Selection};

impl Entry {
    /// A mass status request, within the session.
    pub(super) fn mass_status(&self, request: &OrderMassStatusRequest<'_>, from: &mut Origin<'_>) {
        let command = self.mass_status_command(request, from);
        if let Err(reject) = command.and_then(|command| from.send(command.head.instrument(), &command)) {
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
        Ok(MassStatus { head, request_id, by, side, reserved: [0; 2] })
    }
}
