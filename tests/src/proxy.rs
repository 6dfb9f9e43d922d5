//! A wire that can be cut: a TCP proxy between a client and the venue.

use std::{
    io::{self, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

/// Both ends of every connection carried, and whether there may be more.
struct Wires {
    cut: bool,
    ends: Vec<TcpStream>,
}

/// A proxy in front of one address. It carries on until the test's process ends.
pub struct Proxy {
    /// Where clients connect to.
    pub address: SocketAddr,
    wires: Arc<Mutex<Wires>>,
}

impl Proxy {
    /// A proxy to `target`, on a free port.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn to(target: SocketAddr) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("a listener has an address");
        let wires = Arc::new(Mutex::new(Wires { cut: false, ends: Vec::new() }));
        let shared = Arc::clone(&wires);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let mut wires = shared.lock().unwrap_or_else(PoisonError::into_inner);
                // A connection that may not be, or that leads nowhere, is dropped: its client sees it closed.
                if !wires.cut
                    && let Ok(venue) = TcpStream::connect(target)
                    && let Ok(ends) = carry(&client, &venue)
                {
                    wires.ends.extend(ends);
                }
            }
        });
        Proxy { address, wires }
    }

    /// Cuts every connection, and lets no new one through until [`Proxy::mend`].
    pub fn cut(&self) {
        let mut wires = self.wires.lock().unwrap_or_else(PoisonError::into_inner);
        wires.cut = true;
        for end in wires.ends.drain(..) {
            // It may be down already.
            let _ = end.shutdown(Shutdown::Both);
        }
    }

    /// Lets connections through again.
    pub fn mend(&self) {
        self.wires.lock().unwrap_or_else(PoisonError::into_inner).cut = false;
    }
}

/// Carries bytes between the two, both ways.
fn carry(client: &TcpStream, venue: &TcpStream) -> io::Result<[TcpStream; 2]> {
    let (from_client, to_venue) = (client.try_clone()?, venue.try_clone()?);
    let (from_venue, to_client) = (venue.try_clone()?, client.try_clone()?);
    thread::spawn(move || pump(from_client, to_venue));
    thread::spawn(move || pump(from_venue, to_client));
    Ok([client.try_clone()?, venue.try_clone()?])
}

fn pump(mut from: TcpStream, mut to: TcpStream) {
    let mut bytes = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        if to.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    // Where one end closes, the other shall see it.
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}
