//! Requests to tell what an account has.

use wire::{
    command::{Balances, Kind},
    event::{self, Event},
    fix::{order, positions::RequestForPositions},
    reject::Reject,
    types::{AssetId, InstrumentId},
};

use super::{Entry, Origin};
use crate::{config::Asset, gathering::What};

impl Entry {
    /// A request for the balances of one of the session's accounts.
    pub(super) fn positions(&self, request: &RequestForPositions<'_>, from: &mut Origin<'_>) {
        let command = self.balances_command(request, from);
        if let Err(reject) = command
            .and_then(|command| from.send_all((What::Balances, command.request_id), &command.head, &command))
        {
            let refused = self.refused(reject, b"", from);
            let answer = RequestForPositions::ANSWER;
            from.session.send(from.head.rx, answer, from.output, |body| refused.positions(request, body));
        }
    }

    fn balances_command(
        &self,
        request: &RequestForPositions<'_>,
        from: &Origin<'_>,
    ) -> Result<Balances, Reject> {
        let request_id = order::cl_ord_id(request.request_id).ok_or(Reject::BadClOrdId)?;
        if !request.offered {
            return Err(Reject::UnsupportedRequest);
        }
        let account = self.entitled(request.account, from)?;
        let asset = match request.asset {
            None => Balances::ALL,
            Some(name) => self.asset(name).ok_or(Reject::UnknownAsset)?,
        };
        // It is about no instrument.
        let head = from.head.with_kind(Kind::Balances).with_account(account).with_instrument(InstrumentId(0));
        Ok(Balances { head: from.links.head_for_all(head), request_id, asset })
    }

    /// The asset of this name.
    fn asset(&self, name: &[u8]) -> Option<AssetId> {
        let named = (0..).map(AssetId).zip(&self.assets).find(|(_, asset)| asset.name.as_bytes() == name);
        named.map(|(id, _)| id)
    }

    /// The asset that `event` tells a balance of, if it does.
    #[inline]
    pub(super) fn asset_of(&self, event: &Event) -> Option<&Asset> {
        if event.kind != event::Kind::Balance {
            return None;
        }
        self.assets.get(event.balance().0.0 as usize)
    }
}
