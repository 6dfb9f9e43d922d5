//! Requests to tell how all orders stand.

use wire::{
    command::{Head, Kind, MassCancel, MassStatus},
    fix::{mass_status::OrderMassStatusRequest, order},
    reject::Reject,
    types::{InstrumentId, Side},
};

use super::{Entry, Origin};

impl Entry {
    /// A mass status request, within the session.
    pub(super) fn mass_status(&self, request: &OrderMassStatusRequest<'_>, from: &mut Origin<'_>) {
        let command = self.mass_status_command(request, from);
        if let Err(reject) = command.and_then(|command| from.send(&command)) {
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
        let mut by = MassCancel::SESSION;
        let instrument = match (request.kind, request.symbol) {
            (b'1', Some(symbol)) => {
                by |= MassCancel::INSTRUMENT;
                self.instrument(symbol).ok_or(Reject::UnknownInstrument)?.id
            }
            (b'7', _) => InstrumentId(0),
            _ => return Err(Reject::UnsupportedOrder),
        };
        let side = match request.side {
            None => Side::Buy,
            Some(side) => {
                by |= MassCancel::SIDE;
                // No order here has another side than those that are offered.
                side.value.ok_or(Reject::UnsupportedOrder)?
            }
        };
        let account = self.account_of(request.account, &mut by, from)?;
        let head = Head { kind: Kind::MassStatus, account, instrument, ..from.head };
        Ok(MassStatus { head, request_id, by, side, reserved: [0; 2] })
    }
}
