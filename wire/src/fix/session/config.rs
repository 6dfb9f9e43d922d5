//! How a session is set up.

use super::Schedule;
use crate::fix::version::Version;

/// Which side of a connection a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Waits for the other side's Logon.
    Acceptor,
    /// Sends the first Logon.
    Initiator,
}

/// How a session is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The FIX that is spoken.
    pub version: Version,
    /// Our CompID.
    pub sender_comp_id: String,
    /// The peer's CompID.
    pub target_comp_id: String,
    /// Which side we are.
    pub role: Role,
    /// HeartBtInt (108), seconds, that an initiator asks for; an acceptor takes what it is asked.
    pub heartbeat_s: u32,
    /// Username (553) that an initiator sends.
    pub username: Option<String>,
    /// Password (554) that an initiator sends.
    pub password: Option<String>,
    /// Both numbers begin at 1 with every Logon. An initiator asks for it (ResetSeqNumFlag, 141), an acceptor
    /// does it whether asked or not.
    pub reset_on_logon: bool,
    /// Sent messages kept for resend requests.
    pub resend_messages_max: usize,
    /// Bytes of them.
    pub resend_bytes_max: usize,
    /// Bytes of messages kept that came before their turn.
    pub held_bytes_max: usize,
    /// Both numbers begin at 1 once either side has logged out.
    pub reset_on_logout: bool,
    /// Both numbers begin at 1 once the connection is gone, for whatever reason.
    pub reset_on_disconnect: bool,
    /// When it may be up; `None`: around the clock.
    pub schedule: Option<Schedule>,
    /// How far SendingTime (52) may be from our clock, seconds; `None`: as far as it likes.
    pub latency_max_s: Option<u32>,
    /// How long a Logon may take, seconds.
    pub logon_timeout_s: u32,
    /// How long the answer to a Logout may take, seconds.
    pub logout_timeout_s: u32,
    /// Digits of a second in SendingTime: 0, 3, 6 or 9.
    pub time_places: u8,
    /// Whether tags from 5000 on that the dictionary does not have are refused, which are the users' own.
    pub strict: bool,
}

impl Config {
    /// A FIX.4.4 session with the usual times: heartbeats every 30 s, 120 s tolerance of clocks.
    #[must_use]
    pub fn new(role: Role, sender_comp_id: &str, target_comp_id: &str) -> Config {
        Config {
            version: Version::Fix44,
            sender_comp_id: sender_comp_id.into(),
            target_comp_id: target_comp_id.into(),
            role,
            heartbeat_s: 30,
            username: None,
            password: None,
            reset_on_logon: false,
            reset_on_logout: false,
            reset_on_disconnect: false,
            resend_messages_max: 16 * 1024,
            resend_bytes_max: 4 * 1024 * 1024,
            held_bytes_max: 64 * 1024,
            schedule: None,
            latency_max_s: Some(120),
            logon_timeout_s: 10,
            logout_timeout_s: 2,
            time_places: 9,
            strict: false,
        }
    }
}
