//! The operator's ways in: sockets in the data directory, and the commands that speak to them. `admin.sock` leads to the
//! matcher (`penstock admin`), `gateway.sock`, or one for each process with gateways, to these (`penstock session`, `penstock
//! drain`).
//!
//! * [`request`]: what can be asked for, on the command line and as a line of JSON alike;
//! * [`client`]: `penstock admin`;
//! * [`server`]: the agent that serves the socket, beside the matcher;
//! * [`session`]: what can be asked of a gateway, and how its answers are shown; [`gateway`]: the agent that serves it;
//! * [`orders`]: the search for orders;
//! * [`transfer`]: funds from one shard to another;
//! * [`shards`]: one request to all matchers that it concerns, and one answer of theirs;
//! * [`socket`]: lines in and out, for both agents;
//! * [`registry`]: names and terms as the matcher tells them; [`translate`]: requests to commands.

use ::gateway::link::of_shard;
use wire::limits::SHARDS_MAX;

pub mod client;
pub mod gateway;
pub mod orders;
pub(crate) mod registry;
pub mod request;
pub mod server;
pub mod session;
mod shards;
mod socket;
mod transfer;
mod translate;

/// The name of the socket of a shard's matcher in the data directory.
#[must_use]
pub fn socket_of(shard: u8) -> String {
    of_shard("admin", shard) + ".sock"
}

/// The shard whose socket has this name, if it is such a one.
#[must_use]
pub fn shard_of(name: &str) -> Option<u8> {
    (0..SHARDS_MAX).find(|&shard| name == socket_of(shard))
}

/// The line, on any of the sockets, that is answered with the process's metrics.
pub const FIGURES: &str = "\"figures\"";
/// How the names of gateways' sockets begin there: see [`gateway::socket_name`].
pub const GATEWAY_SOCKETS: &str = "gateway";
