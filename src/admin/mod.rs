//! The operator's ways in: sockets in the data directory, and the commands that speak to them. `admin.sock` leads to the
//! matcher (`penstock admin`), `gateway.sock`, or one for each process with gateways, to these (`penstock session`, `penstock
//! drain`).
//!
//! * [`request`]: what can be asked for, on the command line and as a line of JSON alike;
//! * [`client`]: `penstock admin`;
//! * [`server`]: the agent that serves the socket, beside the matcher;
//! * [`session`]: what can be asked of a gateway, and how its answers are shown; [`gateway`]: the agent that serves it;
//! * [`orders`]: the search for orders;
//! * [`socket`]: lines in and out, for both agents;
//! * [`registry`]: names and terms as the matcher tells them; [`translate`]: requests to commands.

pub mod client;
pub mod gateway;
pub mod orders;
pub(crate) mod registry;
pub mod request;
pub mod server;
pub mod session;
mod socket;
mod translate;

/// The name of the matcher's socket in the data directory.
pub const SOCKET: &str = "admin.sock";
/// The line, on any of the sockets, that is answered with the process's metrics.
pub const FIGURES: &str = "\"figures\"";
/// How the names of gateways' sockets begin there: see [`gateway::socket_name`].
pub const GATEWAY_SOCKETS: &str = "gateway";
