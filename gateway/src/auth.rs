//! Who a client is: what a session must show ([`Credentials`]), and the thread that looks at what a Logon shows.
//!
//! Nothing of it happens on the worker's thread: a password's hash is slow on purpose, and a signature takes many times as
//! long as an order. The worker asks and goes on; the connection waits as a stranger, whose logon timeout runs on.

mod authenticator;
mod credentials;
mod lockout;
mod signature;

pub(crate) use authenticator::{Authenticator, Busy, Protocol, Question, Verdict};
pub use credentials::{Credentials, Password, PasswordHash, PasswordHashError, hash_password};
pub use lockout::Patience;
pub use signature::{Ed25519Key, HmacSecret, KeyError};
