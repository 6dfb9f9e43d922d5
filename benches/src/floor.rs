//! What the machine itself takes: the bare path that ours is held against.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
};

/// A TCP server on loopback that sends back what it gets, spinning on its one connection: the least that any
/// server over the kernel's TCP can do.
#[derive(Debug)]
pub struct Echo {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Echo {
    /// Starts it.
    ///
    /// # Errors
    /// If the kernel gives no port.
    pub fn start() -> io::Result<Echo> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let stop = Arc::new(AtomicBool::new(false));
        let thread = thread::spawn({
            let stop = stop.clone();
            move || {
                let (mut stream, _) = listener.accept()?;
                stream.set_nodelay(true)?;
                stream.set_nonblocking(true)?;
                let mut buffer = [0; 4096];
                // Relaxed: the flag publishes nothing.
                while !stop.load(Ordering::Relaxed) {
                    match stream.read(&mut buffer) {
                        Ok(0) => break,
                        Ok(count) => stream.write_all(&buffer[..count])?,
                        Err(error) if error.kind() == io::ErrorKind::WouldBlock => std::hint::spin_loop(),
                        Err(error) => return Err(error),
                    }
                }
                Ok(())
            }
        });
        Ok(Echo { address, stop, thread: Some(thread) })
    }

    /// A connection to it.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn connect(&self) -> io::Result<TcpStream> {
        let stream = TcpStream::connect(self.address)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        Ok(stream)
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A panic or an error there has shown itself at the client already.
            let _result = thread.join();
        }
    }
}

/// Sends `message` and spins until as many bytes have come back.
///
/// # Errors
/// What the kernel says.
pub fn round_trip(stream: &mut TcpStream, message: &[u8]) -> io::Result<()> {
    stream.write_all(message)?;
    let mut missing = message.len();
    let mut buffer = [0; 4096];
    while missing > 0 {
        match stream.read(&mut buffer) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => missing -= count.min(missing),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => std::hint::spin_loop(),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
