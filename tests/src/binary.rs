//! A client of the binary protocol: SoupBinTCP by its client machine, SBE messages by their structs, over a blocking socket.

use std::{
    collections::VecDeque,
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
};

use wire::{
    sbe::{
        self, Single,
        codes::{OrderFlags, Price, Quantity},
        field::Text,
        messages::{CancelOrder, Message, NewOrder, ReplaceOrder},
    },
    sequenced::SessionName,
    soup::{
        Client as Soup, CloseReason,
        client::{Config, Input},
    },
    types::{Nanos, OrderType, Side, TimeInForce},
};

use crate::{PATIENCE, clock};

/// The number of AAPL, and of the default's accounts of binary sessions.
pub const AAPL: u32 = 3;
/// BM1's account.
pub const BM1: u32 = 4;
/// Alice's account, which TRUNK1 trades for.
pub const ALICE: u32 = 6;

/// Bytes that a read takes at most.
const READ_BYTES: usize = 64 * 1024;

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// As SoupBinTCP has it.
    Soup(CloseReason),
    /// The venue closed the connection, or it broke.
    Closed,
}

/// A client that is logged in.
pub struct Binary {
    stream: TcpStream,
    soup: Soup,
    input: Vec<u8>,
    /// Messages that have come and were not asked for yet: with their number, if they have one.
    heard: VecDeque<(Option<u64>, Vec<u8>)>,
    end: Option<End>,
    /// The venue's last words in a debug packet.
    pub said: String,
    /// Requests sent since the login.
    pub sent: u64,
}

fn now() -> Nanos {
    Nanos(clock::nanos())
}

/// A ClOrdID as it stands in messages.
#[must_use]
pub fn id(text: &str) -> Text<36> {
    let mut padded = [0; 36];
    padded[..text.len()].copy_from_slice(text.as_bytes());
    padded.into()
}

/// A whole price as it stands in messages.
#[must_use]
pub fn price(units: i64) -> Price {
    Price::new(units * 100_000_000)
}

/// A whole quantity as it stands in messages.
#[must_use]
pub fn quantity(units: u64) -> Quantity {
    Quantity::new(units * 100_000_000)
}

/// A limit order of AAPL for the session's own account, Day.
#[must_use]
pub fn limit(name: &str, side: Side, units: u64, at: i64) -> NewOrder {
    NewOrder {
        cl_ord_id: id(name),
        instrument_id: AAPL.into(),
        account_id: None.into(),
        side,
        ord_type: OrderType::Limit,
        time_in_force: TimeInForce::Day,
        order_flags: OrderFlags(0),
        order_qty: Some(quantity(units)).into(),
        price: Some(price(at)).into(),
        stop_px: None.into(),
        display_qty: None.into(),
        min_qty: None.into(),
        cash_order_qty: None.into(),
        expire_time: None.into(),
        deadline: None.into(),
        self_match_prevention_instruction: None.into(),
        padding1: [0; 7],
    }
}

/// A cancel of the order of AAPL that is called `of`.
#[must_use]
pub fn cancel(name: &str, of: &str) -> CancelOrder {
    CancelOrder {
        cl_ord_id: id(name),
        instrument_id: AAPL.into(),
        orig_cl_ord_id: id(of),
        account_id: None.into(),
        order_id: None.into(),
        deadline: None.into(),
    }
}

/// A replace of the order of AAPL that is called `of`.
#[must_use]
pub fn replace(name: &str, of: &str, side: Side, units: u64, at: i64) -> ReplaceOrder {
    ReplaceOrder {
        cl_ord_id: id(name),
        instrument_id: AAPL.into(),
        orig_cl_ord_id: id(of),
        account_id: None.into(),
        order_id: None.into(),
        order_qty: quantity(units),
        price: Some(price(at)).into(),
        display_qty: None.into(),
        deadline: None.into(),
        side,
        padding1: [0; 7],
    }
}

impl Binary {
    /// Connects and logs in as `user`, to `session` or to the venue's current one, for messages from `next` on.
    ///
    /// # Errors
    /// How the connection ended, if the login was not accepted.
    ///
    /// # Panics
    /// If nobody listens, or user or password cannot be one.
    pub fn log_in(
        address: SocketAddr,
        (user, password): (&str, &str),
        session: Option<SessionName>,
        next: u64,
    ) -> Result<Binary, (End, String)> {
        let config = Config::new(user, password).expect("a user and a password");
        let mut client = Binary::over(connect(address), Soup::new(config, session, next));
        let mut out = Vec::new();
        client.soup.connected(now(), &mut out);
        client.write(&out);
        while !client.soup.is_logged_in() {
            client.read();
            if let Some(end) = client.end {
                return Err((end, client.said));
            }
        }
        Ok(client)
    }

    fn over(stream: TcpStream, soup: Soup) -> Binary {
        Binary {
            stream,
            soup,
            input: Vec::new(),
            heard: VecDeque::new(),
            end: None,
            said: String::new(),
            sent: 0,
        }
    }

    /// A session of the default configuration, with its password and all its messages from number 1 on.
    ///
    /// # Panics
    /// If the venue does not let it in.
    #[must_use]
    #[track_caller]
    pub fn client(address: SocketAddr, user: &str) -> Binary {
        Binary::log_in(address, (user, password(user)), None, 1)
            .unwrap_or_else(|refused| panic!("{user}: {refused:?}"))
    }

    /// The session in SoupBinTCP's sense.
    ///
    /// # Panics
    /// If it is not logged in.
    #[must_use]
    pub fn session(&self) -> SessionName {
        self.soup.session().expect("logged in")
    }

    /// The number of the next message.
    #[must_use]
    pub fn next(&self) -> u64 {
        self.soup.next()
    }

    /// Sends a message.
    ///
    /// # Panics
    /// If it does not fit.
    pub fn send<B: Single>(&mut self, block: &B) {
        let mut buffer = [0; 512];
        let length = sbe::encode(block, &mut buffer).expect("it fits");
        self.send_bytes(&buffer[..length]);
    }

    /// Sends what may be no message, in one packet.
    ///
    /// # Panics
    /// If it does not fit one.
    pub fn send_bytes(&mut self, bytes: &[u8]) {
        let mut out = Vec::new();
        assert!(
            self.soup.send(now(), bytes, &mut out),
            "the client is logged in, and the message is not too long"
        );
        self.sent += 1;
        self.write(&out);
    }

    /// Asks the venue to end the connection.
    pub fn log_out(&mut self) {
        let mut out = Vec::new();
        self.soup.logout(now(), &mut out);
        self.write(&out);
    }

    /// Writes bytes as they are.
    pub fn write(&mut self, bytes: &[u8]) {
        // A venue that has closed the connection says so when we read.
        let _gone = self.stream.write_all(bytes);
    }

    /// The next numbered message and its number; what has none is passed over.
    ///
    /// # Panics
    /// If none comes.
    #[track_caller]
    pub fn report(&mut self) -> (u64, Vec<u8>) {
        loop {
            if let (Some(number), message) = self.message() {
                return (number, message);
            }
        }
    }

    /// The next message, which must have no number.
    ///
    /// # Panics
    /// If it has one, or none comes.
    #[track_caller]
    pub fn answer(&mut self) -> Vec<u8> {
        match self.message() {
            (None, message) => message,
            (Some(number), message) => panic!("report {number}: {:?}", sbe::decode(&message)),
        }
    }

    /// The next message, with its number if it has one.
    ///
    /// # Panics
    /// If none comes.
    #[track_caller]
    pub fn message(&mut self) -> (Option<u64>, Vec<u8>) {
        loop {
            if let Some(heard) = self.heard.pop_front() {
                return heard;
            }
            assert_eq!(self.end, None, "no message comes any more; the venue said {:?}", self.said);
            self.read();
        }
    }

    /// All numbered messages that have come or come until the connection ends, and how it ended.
    pub fn drain(&mut self) -> (Vec<(u64, Vec<u8>)>, End) {
        while self.end.is_none() {
            self.read();
        }
        let heard = self.heard.drain(..).filter_map(|(number, message)| Some((number?, message))).collect();
        (heard, self.end.unwrap_or(End::Closed))
    }

    /// How the connection ended, after what was heard before.
    pub fn ended(&mut self) -> End {
        self.drain().1
    }

    fn read(&mut self) {
        let mut buffer = vec![0; READ_BYTES];
        let count = match self.stream.read(&mut buffer) {
            Ok(0) => 0,
            Ok(count) => count,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                panic!("nothing came within {PATIENCE:?}; heard {:?}", self.heard)
            }
            Err(_) => 0,
        };
        if count == 0 {
            self.end.get_or_insert(End::Closed);
            return;
        }
        self.input.extend_from_slice(&buffer[..count]);
        let mut used = 0;
        loop {
            let (taken, what) = self.soup.receive(now(), &self.input[used..]);
            used += taken;
            match what {
                Input::NeedMore => break,
                Input::Handled | Input::LoggedIn => {}
                Input::Debug(text) => self.said = String::from_utf8_lossy(text).into_owned(),
                Input::Message { number, message } => self.heard.push_back((Some(number), message.to_vec())),
                Input::Unsequenced(message) => self.heard.push_back((None, message.to_vec())),
                Input::Close(reason) => {
                    self.end.get_or_insert(End::Soup(reason));
                    break;
                }
            }
        }
        self.input.drain(..used);
    }
}

/// A connection without a login.
///
/// # Panics
/// If nobody listens.
#[must_use]
pub fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("somebody listens");
    stream.set_nodelay(true).expect("a socket takes its options");
    stream.set_read_timeout(Some(PATIENCE)).expect("a socket takes its options");
    stream
}

/// The password of a session of the default configuration.
#[must_use]
pub fn password(user: &str) -> &'static str {
    match user {
        "BM1" => "bm1-demo",
        "BM2" => "bm2-demo",
        _ => "trunk-demo",
    }
}

/// The message in `bytes`.
///
/// # Panics
/// If they are none.
#[must_use]
#[track_caller]
pub fn decoded(bytes: &[u8]) -> Message<'_> {
    sbe::decode(bytes).unwrap_or_else(|error| panic!("{error}: {bytes:02x?}"))
}
