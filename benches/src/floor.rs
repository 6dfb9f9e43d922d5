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

use anyhow::bail;
use tuning::cpu;

use crate::timetable::Path;

const ORDER: u8 = b'D';
const CANCEL: u8 = b'F';
const BUFFER: usize = 64 * 1024;

/// Bytes of each message: what the venue's are, so that the echo carries the same.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// An order and its report.
    pub order: [usize; 2],
    /// A cancel and its report.
    pub cancel: [usize; 2],
}

impl Sizes {
    const fn of(self, kind: u8) -> [usize; 2] {
        if kind == ORDER { self.order } else { self.cancel }
    }
}

/// A TCP server on loopback that answers each message, without looking at more than its first byte, with as many
/// bytes as a venue would; it spins on its one connection: the least that any server over the kernel's TCP can do.
#[derive(Debug)]
pub struct Echo {
    address: SocketAddr,
    sizes: Sizes,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Echo {
    /// Starts it, pinned to `core` if one is given.
    ///
    /// # Errors
    /// If the kernel gives no port.
    pub fn start(sizes: Sizes, core: Option<usize>) -> io::Result<Echo> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let stop = Arc::new(AtomicBool::new(false));
        let thread = thread::spawn({
            let stop = stop.clone();
            move || {
                if let Some(core) = core {
                    cpu::pin(core).map_err(io::Error::other)?;
                }
                serve(&listener, sizes, &stop)
            }
        });
        Ok(Echo { address, sizes, stop, thread: Some(thread) })
    }

    /// A connection to it.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn connect(&self) -> io::Result<EchoPath> {
        let stream = TcpStream::connect(self.address)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        Ok(EchoPath { stream, sizes: self.sizes, input: vec![0; BUFFER], filled: 0 })
    }
}

fn serve(listener: &TcpListener, sizes: Sizes, stop: &AtomicBool) -> io::Result<()> {
    let (mut stream, _) = listener.accept()?;
    stream.set_nodelay(true)?;
    stream.set_nonblocking(true)?;
    let (mut input, mut output) = (vec![0; BUFFER], Vec::with_capacity(BUFFER));
    let mut filled = 0;
    // Relaxed: the flag publishes nothing.
    while !stop.load(Ordering::Relaxed) {
        match stream.read(&mut input[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                std::hint::spin_loop();
                continue;
            }
            Err(error) => return Err(error),
        }
        let mut start = 0;
        while start < filled {
            let kind = input[start];
            let [len, answer] = sizes.of(kind);
            if filled - start < len {
                break;
            }
            start += len;
            output.resize(output.len() + answer, kind);
        }
        input.copy_within(start..filled, 0);
        filled -= start;
        stream.write_all(&output)?;
        output.clear();
    }
    Ok(())
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

/// A client of [`Echo`].
#[derive(Debug)]
pub struct EchoPath {
    stream: TcpStream,
    sizes: Sizes,
    input: Vec<u8>,
    filled: usize,
}

impl EchoPath {
    fn send(&mut self, kind: u8) -> anyhow::Result<()> {
        let message = [kind; 1024];
        let [len, _] = self.sizes.of(kind);
        Ok(self.stream.write_all(&message[..len])?)
    }
}

impl Path for EchoPath {
    fn order(&mut self) -> anyhow::Result<()> {
        self.send(ORDER)
    }

    fn cancel(&mut self) -> anyhow::Result<()> {
        self.send(CANCEL)
    }

    fn poll(&mut self) -> anyhow::Result<usize> {
        match self.stream.read(&mut self.input[self.filled..]) {
            Ok(0) => bail!("the echo has closed the connection"),
            Ok(count) => self.filled += count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(0),
            Err(error) => return Err(error.into()),
        }
        let (mut start, mut answers) = (0, 0);
        while start < self.filled {
            let [_, len] = self.sizes.of(self.input[start]);
            if self.filled - start < len {
                break;
            }
            start += len;
            answers += 1;
        }
        self.input.copy_within(start..self.filled, 0);
        self.filled -= start;
        Ok(answers)
    }
}

#[cfg(test)]
mod tests {
    use hdrhistogram::Histogram;

    use super::*;
    use crate::timetable::{Timetable, run};

    #[test]
    fn every_message_is_answered_once_with_bytes_of_its_kind_by_either_timetable() {
        let echo = Echo::start(Sizes { order: [190, 310], cancel: [150, 320] }, None).unwrap();
        let mut path = echo.connect().unwrap();
        for timetable in [Timetable::BackToBack, Timetable::Every(1)] {
            let mut histogram = Histogram::<u64>::new(3).unwrap();
            run(&mut path, 1_000, timetable, &mut histogram).unwrap();
            assert_eq!(histogram.len(), 1_000);
        }
        assert_eq!(path.poll().unwrap(), 0);
        assert_eq!(path.filled, 0);
    }
}
