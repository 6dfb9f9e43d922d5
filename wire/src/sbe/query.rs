//! Questions about a session's orders and an account's balances: from the binary protocol into the ring, and for clients
//! the other way.

use super::{
    messages::{OrderMassStatusRequest, RequestForPositions},
    order::name_or_none,
};
use crate::{
    command::{self, Head, Kind, MassCancel as By},
    reject::Reject,
    types::{AssetId, InstrumentId, Side},
};

impl OrderMassStatusRequest {
    /// The request for the ring. Account and instrument of `head` count only where the request names them.
    ///
    /// # Errors
    /// [`Reject::BadClOrdId`].
    pub fn command(&self, head: Head) -> Result<command::MassStatus, Reject> {
        let bit = |bit, set: bool| if set { bit } else { 0 };
        let instrument = self.instrument_id.get().map_or(InstrumentId(0), |_| head.instrument());
        Ok(command::MassStatus {
            head: head.with_kind(Kind::MassStatus).with_instrument(instrument),
            request_id: name_or_none(&self.mass_status_req_id)?,
            by: By::SESSION
                | bit(By::ACCOUNT, self.account_id.get().is_some())
                | bit(By::INSTRUMENT, self.instrument_id.get().is_some())
                | bit(By::SIDE, self.side.get().is_some()),
            side: self.side.get().unwrap_or(Side::Buy),
            reserved: [0; 2],
        })
    }

    /// The request for `command`.
    #[must_use]
    pub fn of(command: &command::MassStatus) -> OrderMassStatusRequest {
        let by = |bit| command.by & bit != 0;
        OrderMassStatusRequest {
            mass_status_req_id: command.request_id.into(),
            instrument_id: by(By::INSTRUMENT).then_some(command.head.instrument().0).into(),
            account_id: by(By::ACCOUNT).then_some(command.head.account.0).into(),
            side: by(By::SIDE).then_some(command.side).into(),
            padding1: [0; 3],
        }
    }
}

impl RequestForPositions {
    /// The request for the ring.
    ///
    /// # Errors
    /// [`Reject::BadClOrdId`].
    pub fn command(&self, head: Head) -> Result<command::Balances, Reject> {
        Ok(command::Balances {
            head: head.with_kind(Kind::Balances).with_instrument(InstrumentId(0)),
            request_id: name_or_none(&self.pos_req_id)?,
            asset: self.asset_id.get().map_or(command::Balances::ALL, AssetId),
        })
    }

    /// The request for `command`.
    #[must_use]
    pub fn of(command: &command::Balances) -> RequestForPositions {
        let asset = Some(command.asset).filter(|&asset| asset != command::Balances::ALL);
        RequestForPositions {
            pos_req_id: command.request_id.into(),
            account_id: Some(command.head.account.0).into(),
            asset_id: asset.map(|asset| asset.0).into(),
            padding1: [0; 4],
        }
    }
}
