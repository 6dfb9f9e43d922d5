//! The operator's way in: a socket in the data directory, and `penstock admin`, which speaks to it.
//!
//! * [`request`]: what can be asked for, on the command line and as a line of JSON alike;
//! * [`client`]: `penstock admin`;
//! * [`server`]: the agent that serves the socket, beside the matcher;
//! * [`registry`]: names and terms as the matcher tells them; [`translate`]: requests to commands.

pub mod client;
mod registry;
pub mod request;
pub mod server;
mod translate;

/// The socket's name in the data directory.
pub const SOCKET: &str = "admin.sock";
