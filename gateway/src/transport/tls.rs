//! TLS as a layer over any transport: whoever comes by the secured door speaks it, and everybody above sees plain bytes.
//!
//! rustls makes no system call and owns no socket: records are taken out of the transport's input and put into its output.
//! What a handshake costs is paid on the worker's thread, one at a time between two rounds, so
//! that a flood of them delays orders by one handshake and never by two. How long one may take is the logon timeout's matter:
//! to the worker a connection that has not finished is a stranger that has said nothing yet.

use std::{
    collections::VecDeque,
    io::{self, Read, Write},
    net::SocketAddr,
    os::fd::BorrowedFd,
    sync::Arc,
    time::Duration,
};

use ring::digest;
use rustls::{
    RootCertStore, ServerConfig, ServerConnection,
    crypto::ring as provider,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{NoServerSessionStorage, WebPkiClientVerifier},
    version::{TLS12, TLS13},
};

use super::{
    Closed, ConnId, Notice, Transport,
    buffer::{Input, Output},
};

/// Bytes of records in a transport's output beyond which plain bytes wait here: what waits is then counted where
/// everybody else's output is.
const RECORDS_MAX: usize = 64 * 1024;
/// Plain bytes made into records at a time: what one record holds.
const RECORD_BYTES: usize = 16 * 1024;

/// The SHA-256 of a certificate (its DER form), as `openssl x509 -fingerprint -sha256` shows it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub [u8; 32]);

impl Fingerprint {
    fn of(certificate: &CertificateDer<'_>) -> Fingerprint {
        let digest = digest::digest(&digest::SHA256, certificate);
        Fingerprint(digest.as_ref().try_into().expect("SHA-256 has 32 bytes"))
    }

    /// Reads 64 hexadecimal digits, with colons between pairs of them or without.
    #[must_use]
    pub fn parse(text: &str) -> Option<Fingerprint> {
        let digits: Vec<u8> = text.bytes().filter(|&byte| byte != b':').collect();
        let nibble = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let bytes: Option<Vec<u8>> =
            digits.chunks(2).map(|pair| Some(nibble(pair[0])? << 4 | nibble(*pair.get(1)?)?)).collect();
        bytes?.try_into().ok().map(Fingerprint)
    }
}

impl std::fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0
            .iter()
            .enumerate()
            .try_for_each(|(i, byte)| write!(f, "{}{byte:02X}", if i == 0 { "" } else { ":" }))
    }
}

/// How the venue shows who it is, and whom it asks for a certificate.
#[derive(Clone, Debug)]
pub struct Identity {
    config: Arc<ServerConfig>,
    fingerprint: Fingerprint,
}

/// Why there is no [`Identity`].
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The chain is not PEM, or empty.
    #[error("there is no certificate in PEM")]
    Certificate,
    /// The key is not PEM.
    #[error("there is no private key in PEM")]
    Key,
    /// The clients' authorities are not PEM, or no certificates.
    #[error("there is no certificate of an authority in PEM")]
    ClientAuthority,
    /// The two do not belong together, or are of a kind that is not taken.
    #[error(transparent)]
    Unusable(#[from] rustls::Error),
}

impl Identity {
    /// TLS 1.2 and 1.3 with the certificate chain and key of the PEM texts. With `client_authorities`, a client may show a
    /// certificate, which then must be signed by one of them; whether it must is its session's matter.
    ///
    /// # Errors
    /// [`IdentityError`].
    pub fn new(
        chain: &[u8],
        key: &[u8],
        client_authorities: Option<&[u8]>,
    ) -> Result<Identity, IdentityError> {
        let certificates = |pem: &[u8]| CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
        let chain = certificates(chain).map_err(|_| IdentityError::Certificate)?;
        let fingerprint = Fingerprint::of(chain.first().ok_or(IdentityError::Certificate)?);
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| IdentityError::Key)?;
        let crypto = Arc::new(provider::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&crypto))
            .with_protocol_versions(&[&TLS13, &TLS12])?;
        let builder = match client_authorities {
            None => builder.with_no_client_auth(),
            Some(pem) => {
                let mut roots = RootCertStore::empty();
                let authorities = certificates(pem).map_err(|_| IdentityError::ClientAuthority)?;
                for authority in authorities {
                    roots.add(authority)?;
                }
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), crypto)
                    .allow_unauthenticated()
                    .build()
                    .map_err(|_| IdentityError::ClientAuthority)?;
                builder.with_client_cert_verifier(verifier)
            }
        };
        let mut config = builder.with_single_cert(chain, key)?;
        // Nothing is resumed: connections last for hours, so that a full handshake costs nobody anything, and the venue
        // keeps nothing of strangers. Nor are there tickets that a client leaves unread, which makes its end a reset.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(Identity { config: Arc::new(config), fingerprint })
    }

    /// Of the venue's own certificate.
    #[must_use]
    pub const fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }
}

/// A transport of which one door wants TLS.
pub struct Secured<T> {
    inner: T,
    /// The door that wants it, and what is shown there.
    door: Option<(usize, Identity)>,
    /// By their places; none for those who came by another door.
    conns: Vec<Option<Box<Conn>>>,
    output_bytes_max: usize,
    heard: Vec<Notice>,
    /// Connections whose handshake has bytes to be looked at.
    shaking: VecDeque<ConnId>,
    /// Connections with more input than room, or with an end behind bytes that have just been told of.
    stalled: Vec<ConnId>,
    /// Connections with plain output.
    dirty: Vec<ConnId>,
    /// Records were put into an output below that nobody above knows of.
    wrote: bool,
    polls: u32,
}

struct Conn {
    id: ConnId,
    tls: ServerConnection,
    input: Input,
    output: Output,
    shaking: bool,
    stalled: bool,
    dirty: bool,
    /// The peer has said that nothing more comes.
    ended: bool,
    /// The poll that has told of bytes last.
    told: u32,
}

/// What has become of received records.
#[derive(Default)]
struct Taken {
    plain: bool,
    /// There is more than room.
    left: bool,
    wrote: bool,
    failed: Option<rustls::Error>,
}

impl<T: Transport> Secured<T> {
    /// Nobody needs TLS.
    pub const fn none(inner: T) -> Secured<T> {
        Secured {
            inner,
            door: None,
            conns: Vec::new(),
            output_bytes_max: usize::MAX,
            heard: Vec::new(),
            shaking: VecDeque::new(),
            stalled: Vec::new(),
            dirty: Vec::new(),
            wrote: false,
            polls: 0,
        }
    }

    /// Whoever comes by `door` of `inner` must speak TLS. `output_bytes_max` is `inner`'s bound.
    pub fn new(inner: T, door: usize, identity: Identity, output_bytes_max: usize) -> Secured<T> {
        Secured { door: Some((door, identity)), output_bytes_max, ..Secured::none(inner) }
    }

    /// The transport below.
    pub const fn inner(&self) -> &T {
        &self.inner
    }

    /// The certificate that the peer has proved to be its own; `None` if it has shown none, or has no such connection.
    #[must_use]
    pub fn certificate(&self, conn: ConnId) -> Option<Fingerprint> {
        let conn = self.conns.get(conn.slot())?.as_ref().filter(|it| it.id == conn)?;
        if conn.tls.is_handshaking() {
            return None;
        }
        conn.tls.peer_certificates()?.first().map(Fingerprint::of)
    }

    fn get_mut(&mut self, id: ConnId) -> Option<&mut Conn> {
        self.conns.get_mut(id.slot())?.as_deref_mut().filter(|conn| conn.id == id)
    }

    fn is_secured(&self, id: ConnId) -> bool {
        self.conns.get(id.slot()).is_some_and(|conn| conn.as_ref().is_some_and(|conn| conn.id == id))
    }

    fn opened(&mut self, id: ConnId) {
        let Some((door, identity)) = &self.door else { return };
        if self.inner.door(id) != Some(*door) {
            return;
        }
        // It fails for a configuration alone that no `Identity` has.
        let Ok(tls) = ServerConnection::new(Arc::clone(&identity.config)) else { return };
        if self.conns.len() <= id.slot() {
            self.conns.resize_with(id.slot() + 1, || None);
        }
        self.conns[id.slot()] = Some(Box::new(Conn {
            id,
            tls,
            input: Input::default(),
            output: Output::default(),
            shaking: false,
            stalled: false,
            dirty: false,
            ended: false,
            told: self.polls.wrapping_sub(1),
        }));
    }

    /// What the transport below has told, as those above are to hear it.
    fn hear(&mut self, now: u64, notices: &mut Vec<Notice>) {
        let mut heard = std::mem::take(&mut self.heard);
        for notice in heard.drain(..) {
            match notice {
                Notice::Received(id) if self.is_secured(id) => {
                    let Some(conn) = self.get_mut(id) else { continue };
                    if !conn.tls.is_handshaking() {
                        self.receive(now, id, notices);
                    } else if !std::mem::replace(&mut conn.shaking, true) {
                        self.shaking.push_back(id);
                    }
                }
                Notice::Opened(id, _) => {
                    self.opened(id);
                    notices.push(notice);
                }
                Notice::Closed(id, _) => {
                    if self.is_secured(id) {
                        self.conns[id.slot()] = None;
                    }
                    notices.push(notice);
                }
                Notice::Received(_) | Notice::TurnedAway(_) | Notice::AcceptFailed(_) => notices.push(notice),
            }
        }
        self.heard = heard; // keeps its memory
    }

    /// Takes the records that have come on `id`, as far as there is room for what is in them.
    fn receive(&mut self, now: u64, id: ConnId, notices: &mut Vec<Notice>) {
        let Some(conn) = self.conns.get_mut(id.slot()).and_then(Option::as_mut).filter(|conn| conn.id == id)
        else {
            return;
        };
        let Taken { plain, left, wrote, failed } = take(conn, &mut self.inner);
        self.wrote |= wrote;
        if plain {
            conn.told = self.polls;
            notices.push(Notice::Received(id));
        }
        if let Some(error) = failed {
            // The alert that says so stands in the output.
            let peer = self.inner.peer(id);
            self.conns[id.slot()] = None;
            self.inner.close(id, now);
            if let Some(peer) = peer {
                // Of bytes that came before it nobody is told: whoever breaks the protocol is not to be believed.
                notices.retain(|notice| !matches!(notice, Notice::Received(other) if *other == id));
                notices.push(Notice::Closed(id, Closed::NotTls { peer, error }));
            }
            return;
        }
        if conn.ended && !left && conn.told != self.polls {
            self.conns[id.slot()] = None;
            self.inner.close(id, now);
            notices.push(Notice::Closed(id, Closed::ByPeer));
        } else if (left || conn.ended) && !std::mem::replace(&mut conn.stalled, true) {
            self.stalled.push(id);
        }
    }

    fn look_at(&mut self, now: u64, stalled: Vec<ConnId>, notices: &mut Vec<Notice>) {
        for id in stalled {
            if let Some(conn) = self.get_mut(id) {
                conn.stalled = false;
                self.receive(now, id, notices);
            }
        }
    }

    /// Makes output into records while there is room for them below, and sends them, as long as the kernel takes it.
    fn send(&mut self) {
        loop {
            let mut more = false;
            for &id in &self.dirty {
                let conn =
                    self.conns.get_mut(id.slot()).and_then(Option::as_mut).filter(|conn| conn.id == id);
                let Some(conn) = conn else { continue };
                let Some((_, records)) = self.inner.split(id) else { continue };
                let before = conn.output.pending().len();
                while records.len() < RECORDS_MAX && conn.send_one(records) {}
                let after = conn.output.pending().len();
                more |= after > 0 && after < before;
            }
            self.inner.flush(&mut self.heard);
            if !more {
                return;
            }
        }
    }
}

impl Conn {
    /// Makes a record of the next plain bytes; `false` if there are none, or nothing can be sent yet.
    fn send_one(&mut self, records: &mut Vec<u8>) -> bool {
        let pending = self.output.pending();
        if pending.is_empty() || self.tls.is_handshaking() {
            return false;
        }
        let piece = &pending[..pending.len().min(RECORD_BYTES)];
        // Its own buffers have been emptied, so that it takes all of a record's bytes.
        let Ok(count) = self.tls.writer().write(piece) else { return false };
        self.output.advance(count);
        put_records(&mut self.tls, records);
        count > 0
    }
}

/// Appends what TLS has to send. A vector takes everything.
fn put_records(tls: &mut ServerConnection, records: &mut Vec<u8>) {
    while tls.wants_write() {
        if tls.write_tls(records).is_err() {
            return;
        }
    }
}

fn take<T: Transport>(conn: &mut Conn, inner: &mut T) -> Taken {
    let mut taken = Taken::default();
    loop {
        // What is in records that were taken before.
        loop {
            let room = conn.input.room();
            if room.is_empty() {
                taken.left = true;
                return taken;
            }
            match conn.tls.reader().read(room) {
                Ok(0) => {
                    conn.ended = true;
                    return taken;
                }
                Ok(count) => {
                    conn.input.add(count);
                    taken.plain = true;
                }
                Err(_) => break, // nothing now
            }
        }
        let Some((mut records, _)) = inner.split(conn.id) else { return taken };
        if records.is_empty() {
            return taken;
        }
        let count = conn.tls.read_tls(&mut records).unwrap_or(0);
        if count == 0 {
            // Its buffer is full with what is no whole record: longer than any may be.
            taken.failed = Some(rustls::Error::General("a record longer than TLS has them".to_owned()));
            return taken;
        }
        inner.consume(conn.id, count);
        let outcome = conn.tls.process_new_packets();
        if conn.tls.wants_write()
            && let Some((_, output)) = inner.split(conn.id)
        {
            put_records(&mut conn.tls, output);
            taken.wrote = true;
        }
        if let Err(error) = outcome {
            taken.failed = Some(error);
            return taken;
        }
    }
}

impl<T: Transport> Transport for Secured<T> {
    fn poll(&mut self, now: u64, notices: &mut Vec<Notice>) {
        if self.door.is_none() {
            return self.inner.poll(now, notices);
        }
        self.polls = self.polls.wrapping_add(1);
        let stalled = std::mem::take(&mut self.stalled);
        self.inner.poll(now, &mut self.heard);
        self.hear(now, notices);
        self.look_at(now, stalled, notices);
        if let Some(id) = self.shaking.pop_front()
            && let Some(conn) = self.get_mut(id)
        {
            conn.shaking = false;
            self.receive(now, id, notices);
        }
        if self.dirty.is_empty() && !std::mem::take(&mut self.wrote) {
            return;
        }
        // Notices of this are the next poll's: of a connection they may be the end behind bytes that were just told of.
        self.send();
        self.dirty.retain(|id| {
            let conn = self.conns.get_mut(id.slot()).and_then(Option::as_mut).filter(|conn| conn.id == *id);
            conn.is_some_and(|conn| {
                conn.dirty = !conn.output.pending().is_empty();
                conn.dirty
            })
        });
    }

    fn also_listen(&mut self, address: SocketAddr) -> io::Result<()> {
        self.inner.also_listen(address)
    }

    fn local_addr(&self, door: usize) -> io::Result<SocketAddr> {
        self.inner.local_addr(door)
    }

    fn door(&self, conn: ConnId) -> Option<usize> {
        self.inner.door(conn)
    }

    fn connections(&self) -> usize {
        self.inner.connections()
    }

    fn bytes(&self) -> [u64; 2] {
        self.inner.bytes()
    }

    fn peer(&self, conn: ConnId) -> Option<SocketAddr> {
        self.inner.peer(conn)
    }

    fn split(&mut self, id: ConnId) -> Option<(&[u8], &mut Vec<u8>)> {
        if !self.is_secured(id) {
            return self.inner.split(id);
        }
        let conn = self.conns.get_mut(id.slot())?.as_mut()?;
        if !std::mem::replace(&mut conn.dirty, true) {
            self.dirty.push(id);
        }
        Some((conn.input.filled(), conn.output.end()))
    }

    fn consume(&mut self, id: ConnId, count: usize) {
        match self.get_mut(id) {
            Some(conn) => conn.input.consume(count),
            None => self.inner.consume(id, count),
        }
    }

    fn flush(&mut self, notices: &mut Vec<Notice>) {
        if self.door.is_none() {
            return self.inner.flush(notices);
        }
        self.send();
        let mut at = 0;
        while let Some(&id) = self.dirty.get(at) {
            let bound = self.output_bytes_max;
            let pending = self.get_mut(id).map_or(0, |conn| {
                conn.dirty = !conn.output.pending().is_empty();
                conn.output.pending().len()
            });
            if pending > bound {
                self.conns[id.slot()] = None;
                // The time does not matter: what has not left by the next housekeeping is not waited for.
                self.inner.close(id, 0);
                notices.push(Notice::Closed(id, Closed::SlowConsumer { pending }));
            }
            if pending == 0 || pending > bound {
                self.dirty.swap_remove(at);
            } else {
                at += 1;
            }
        }
        self.hear(0, notices);
    }

    fn close(&mut self, id: ConnId, now: u64) {
        if self.is_secured(id)
            && let Some(mut conn) = self.conns[id.slot()].take()
            && let Some((_, records)) = self.inner.split(id)
        {
            while conn.send_one(records) {}
            conn.tls.send_close_notify();
            put_records(&mut conn.tls, records);
        }
        self.inner.close(id, now);
    }

    fn housekeep(&mut self, now: u64) {
        self.inner.housekeep(now);
    }

    fn wait(&mut self, bell: BorrowedFd<'_>, timeout: Duration) {
        let has_room = |id: &ConnId| {
            let conn = self.conns.get(id.slot()).and_then(Option::as_ref).filter(|conn| conn.id == *id);
            conn.is_none_or(|conn| !conn.input.is_full())
        };
        let left = !self.heard.is_empty() || !self.shaking.is_empty() || self.stalled.iter().any(has_room);
        self.inner.wait(bell, if left { Duration::ZERO } else { timeout });
    }

    fn stop_listening(&mut self) {
        self.inner.stop_listening();
    }
}
