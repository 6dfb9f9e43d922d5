//! A venue for a crowd, and those in it who do harm.

use std::{
    fmt::Write as _,
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::{Client, fix::password, trade::BUY};

/// Writes to `file` the configuration of a venue with `fix` FIX sessions `F00000`, `F00001` and so on and `binary` binary ones,
/// `B00000` and so on. Each of the first `traders` of either kind has an account of its own; all others share one.
///
/// # Panics
/// If it cannot be written.
pub fn configuration(file: &Path, fix: usize, binary: usize, traders: usize) {
    let mut text = String::new();
    let names = |letter: char, count: usize| (0..count).map(move |n| format!("{letter}{n:05}"));
    let funds = "funds = { AAPL = \"1000000000\", USD = \"1000000000000\" }";
    let own = names('F', fix.min(traders)).chain(names('B', binary.min(traders)));
    for account in own.chain(["IDLE".to_owned()]) {
        // Writing to a String cannot fail.
        let _written = writeln!(text, "[[account]]\nname = \"{account}\"\n{funds}");
    }
    for (letter, count, protocol) in [('F', fix, "fix"), ('B', binary, "binary")] {
        for (place, name) in names(letter, count).enumerate() {
            let account = if place < traders { name.as_str() } else { "IDLE" };
            let word: String = password(&name).chars().take(10).collect();
            let _written = writeln!(
                text,
                "[[session]]\ncomp_id = \"{name}\"\nprotocol = \"{protocol}\"\npassword = \"{word}\"\naccounts = [\"{account}\"]"
            );
        }
    }
    text += "[[instrument]]\nsymbol = \"AAPL\"\nbase = \"AAPL\"\nquote = \"USD\"\ntick = \"0.01\"\nlot = \"1\"\nreference = \"585\"\nband_percent = \"50\"\n";
    std::fs::write(file, text).expect("there is room for it");
}

/// Lets this process have as many files open as its hard limit allows; how many that is.
///
/// # Panics
/// If the kernel refuses it.
pub fn many_files() -> u64 {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })
        .expect("up to the hard limit anybody may go");
    maximum.unwrap_or(u64::MAX)
}

/// Threads that do harm until they are told to stop.
#[derive(Default)]
pub struct Harm {
    stop: Arc<AtomicBool>,
    /// What they have sent: orders, or pieces of garbage.
    sent: Arc<AtomicU64>,
    threads: Vec<JoinHandle<()>>,
}

impl Harm {
    /// A session, logged on by `come`, that sends orders as fast as the venue takes them, and reads what comes back. The orders find
    /// nothing and end at once. It comes again when it is cut off.
    pub fn flood(&mut self, mut come: impl FnMut() -> Option<Client> + Send + 'static) {
        let mut client = None::<Client>;
        let mut sink = [0; 65536];
        self.run(move |n| {
            if client.is_none() {
                client = come();
            }
            let Some(own) = &mut client else { return true };
            let sent = own.try_order(&format!("f{n}"), BUY);
            // What is there is read now and then, and thrown away.
            let mut stream = own.stream();
            let read = if n.is_multiple_of(16) { stream.read(&mut sink) } else { Ok(1) };
            let ended = match read {
                Ok(count) => count == 0,
                Err(error) => error.kind() != ErrorKind::WouldBlock,
            };
            if !sent || ended {
                client = None;
            }
            true
        });
    }

    /// A session that sends orders and never reads.
    pub fn deaf(&mut self, mut client: Client) {
        self.run(move |n| client.try_order(&format!("d{n}"), BUY));
    }

    /// A stranger that sends the beginning of a message, a byte at a time.
    pub fn drip(&mut self, address: SocketAddr, every: Duration) {
        let mut stream = None::<TcpStream>;
        self.run(move |n| {
            let bytes = b"8=FIX.4.4\x019=100\x0135=A\x0149=";
            if stream.is_none() {
                stream = TcpStream::connect(address).ok();
            }
            let byte = [bytes[usize::try_from(n).unwrap_or(0) % bytes.len()]];
            if stream.as_mut().is_none_or(|stream| stream.write_all(&byte).is_err()) {
                stream = None; // cut off: it comes again
            }
            thread::sleep(every);
            true
        });
    }

    /// Strangers that come, send what is no message of any protocol, and come again when they are cut off.
    pub fn garbage(&mut self, address: SocketAddr) {
        let mut state = u64::from(address.port()) | 1;
        self.run(move |_| {
            let mut bytes = [0; 512];
            for byte in &mut bytes {
                // xorshift: the same noise each time.
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                *byte = state.to_le_bytes()[0];
            }
            if let Ok(mut stream) = TcpStream::connect(address) {
                let _cut_off = stream.write_all(&bytes);
                let _timeout = stream.set_read_timeout(Some(Duration::from_millis(20)));
                let _ended = stream.read(&mut bytes);
            }
            true
        });
    }

    /// Does `harm`, which is given how often it was done before, again and again, until it says `false`.
    fn run(&mut self, mut harm: impl FnMut(u64) -> bool + Send + 'static) {
        let (stop, sent) = (Arc::clone(&self.stop), Arc::clone(&self.sent));
        self.threads.push(thread::spawn(move || {
            let mut count = 0;
            while !stop.load(Relaxed) && harm(count) {
                count += 1;
                sent.fetch_add(1, Relaxed);
            }
        }));
    }

    /// Ends it; how much was sent.
    ///
    /// # Panics
    /// If a thread has panicked.
    pub fn end(self) -> u64 {
        self.stop.store(true, Relaxed);
        for thread in self.threads {
            thread.join().expect("it does harm to others only");
        }
        self.sent.load(Relaxed)
    }
}
