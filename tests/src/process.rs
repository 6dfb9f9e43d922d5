//! A `penstock` process: started, listened to, stopped, and never left behind.

use std::{
    env,
    ffi::OsStr,
    fs,
    io::{self, BufRead, BufReader, Read},
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::PATIENCE;

/// Lines of output that a failing test shows.
const TAIL_LINES: usize = 60;

/// The `penstock` program under test: `PENSTOCK_BIN`, else the one beside the test's own executable.
///
/// # Panics
/// If there is none.
#[must_use]
pub fn program() -> PathBuf {
    if let Some(path) = env::var_os("PENSTOCK_BIN").map(PathBuf::from) {
        assert!(path.is_file(), "PENSTOCK_BIN names {}, which is no file", path.display());
        return path;
    }
    // Test executables lie in target/<profile>/deps, the product in target/<profile>.
    let own = env::current_exe().expect("a process knows its executable");
    let path = own.ancestors().nth(2).expect("cargo puts tests two folders deep").join("penstock");
    assert!(
        path.is_file(),
        "there is no {}: run `cargo build --bin penstock` (with --release if the tests have it), or set \
         PENSTOCK_BIN to the program to test; tests/run.sh does both",
        path.display()
    );
    path
}

/// A command that runs `penstock` with `args`.
pub fn command<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(program());
    command.args(args);
    command
}

/// Everything a process has printed so far, and whether it can print more.
#[derive(Default)]
struct Printed {
    stdout: Vec<String>,
    stderr: Vec<String>,
    /// Which of the two still stand open.
    open: u8,
}

/// A running `penstock`. Dropping it ends it; a test that fails shows what it printed.
pub struct Penstock {
    child: Child,
    printed: Arc<(Mutex<Printed>, Condvar)>,
    exited: Option<ExitStatus>,
}

/// How a process ended, and all it printed.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    /// What it printed to stdout.
    pub stdout: String,
    /// What it printed to stderr.
    pub stderr: String,
}

impl Penstock {
    /// Starts `penstock` with `args`.
    pub fn start<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Penstock {
        Self::spawn(command(args))
    }

    /// Starts `command`, which is `penstock` or becomes it.
    ///
    /// # Panics
    /// If it cannot be started.
    pub fn spawn(mut command: Command) -> Penstock {
        // A log for a terminal would put colour codes between the words that tests look for.
        command.env("NO_COLOR", "1").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|e| panic!("{command:?} does not start: {e}"));
        let printed = Arc::new((Mutex::new(Printed { open: 2, ..Printed::default() }), Condvar::new()));
        collect(child.stdout.take().expect("stdout is a pipe"), &printed, |p| &mut p.stdout);
        collect(child.stderr.take().expect("stderr is a pipe"), &printed, |p| &mut p.stderr);
        Penstock { child, printed, exited: None }
    }

    /// Waits for the first line on stdout that begins with `prefix`.
    ///
    /// # Panics
    /// If none comes, or the process ends without it.
    #[must_use]
    pub fn line(&self, prefix: &str) -> String {
        self.wait(&format!("stdout line beginning with {prefix:?}"), |p| {
            p.stdout.iter().find(|line| line.starts_with(prefix)).cloned()
        })
    }

    /// Waits for a line of the log (stderr) that contains one of `words`, upper or lower case.
    ///
    /// # Panics
    /// If none comes, or the process ends without it.
    pub fn logged(&self, words: &[&str]) -> String {
        self.wait(&format!("log line with one of {words:?}"), |p| find(&p.stderr, words))
    }

    /// Waits for a line on stdout or stderr that contains one of `words`, upper or lower case.
    ///
    /// # Panics
    /// If none comes, or the process ends without it.
    pub fn said(&self, words: &[&str]) -> String {
        self.wait(&format!("line with one of {words:?}"), |p| {
            find(&p.stdout, words).or_else(|| find(&p.stderr, words))
        })
    }

    /// What the process has printed to stderr so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.printed.0.lock().unwrap_or_else(PoisonError::into_inner).stderr.join("\n")
    }

    /// Whether it still runs.
    ///
    /// # Panics
    /// If the system does not say.
    pub fn runs(&mut self) -> bool {
        self.exited.is_none() && self.child.try_wait().expect("a child can be asked for").is_none()
    }

    /// Its process id.
    ///
    /// # Panics
    /// If the system gave it a number no process has.
    #[must_use]
    pub fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Sends it `signal`.
    ///
    /// # Panics
    /// If there is no such process any more.
    pub fn signal(&self, signal: Signal) {
        assert!(self.exited.is_none(), "the process has ended");
        kill_process(self.pid(), signal).expect("a child that was not waited for can be signalled");
    }

    /// Stops it, as SIGSTOP does, and waits until all its threads stand still: it may do this and that until the kernel has told
    /// each of them.
    ///
    /// # Panics
    /// If there is no such process any more, or it does not stop.
    pub fn freeze(&self) {
        self.signal(Signal::STOP);
        let is_still = |task: io::Result<fs::DirEntry>| {
            let stat = fs::read_to_string(task.expect("a thread").path().join("stat")).expect("its state");
            // Behind the name, which stands in brackets and may hold anything.
            stat.rsplit_once(") ").is_some_and(|(_, state)| state.starts_with('T'))
        };
        let tasks = PathBuf::from(format!("/proc/{}/task", self.child.id()));
        let until = Instant::now() + PATIENCE;
        while !fs::read_dir(&tasks).expect("the process is there").all(is_still) {
            assert!(Instant::now() < until, "the process does not stop");
            thread::yield_now();
        }
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// If it does not end.
    pub fn end(&mut self) -> Ended {
        self.end_within(PATIENCE)
    }

    /// As [`Penstock::end`], for what takes its time.
    ///
    /// # Panics
    /// If it does not end.
    pub fn end_within(&mut self, patience: Duration) -> Ended {
        // Both its outputs are closed when it ends, which is an event; asking for its end again and again is none.
        let (lock, changed) = &*self.printed;
        let printed = lock.lock().unwrap_or_else(PoisonError::into_inner);
        let (printed, late) = changed
            .wait_timeout_while(printed, patience, |p| p.open > 0)
            .unwrap_or_else(PoisonError::into_inner);
        if late.timed_out() {
            drop(printed);
            panic!("penstock did not end within {patience:?}");
        }
        let (stdout, stderr) = (printed.stdout.join("\n"), printed.stderr.join("\n"));
        drop(printed);
        let status = self.child.wait().expect("a child can be waited for");
        self.exited = Some(status);
        Ended { code: status.code(), stdout, stderr }
    }

    /// Asks it to end (SIGTERM), and insists on exit code 0 and on no panic.
    ///
    /// # Panics
    /// If it ends otherwise, or not at all.
    pub fn stop(mut self) -> Ended {
        self.signal(Signal::TERM);
        let ended = self.end();
        assert_eq!(ended.code, Some(0), "after SIGTERM; its log ends:\n{}", tail(&ended.stderr));
        ended.assert_no_panic();
        ended
    }

    /// Ends it at once (SIGKILL), whatever it is at.
    ///
    /// # Panics
    /// If it does not end.
    pub fn kill9(mut self) {
        self.signal(Signal::KILL);
        let ended = self.end();
        assert_eq!(ended.code, None, "it ended before it was killed; its log ends:\n{}", tail(&ended.stderr));
    }

    fn wait<T>(&self, what: &str, mut found: impl FnMut(&Printed) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        let (lock, changed) = &*self.printed;
        let mut printed = lock.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(value) = found(&printed) {
                return value;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if printed.open == 0 || left.is_zero() {
                let why = if printed.open == 0 { "penstock ended" } else { "waited in vain" };
                drop(printed); // the report of a failure reads it too
                panic!("{why}: no {what}");
            }
            printed = changed.wait_timeout(printed, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Ended {
    /// Insists that this was a refusal to start: exit code 2, and one sentence on stderr that holds each of
    /// `words`, upper or lower case.
    ///
    /// # Panics
    /// If it was not.
    pub fn assert_refusal(&self, words: &[&str]) {
        self.assert_no_panic();
        assert_eq!(self.code, Some(2), "a refusal has exit code 2: {self:#?}");
        assert!(!self.stdout.lines().any(|l| l.starts_with("ready")), "refused, but said ready: {self:#?}");
        let said = self.stderr.to_lowercase();
        for word in words {
            assert!(said.contains(&word.to_lowercase()), "the refusal does not say {word:?}: {self:#?}");
        }
        assert!(!said.trim().is_empty(), "a refusal says why");
    }

    /// Insists that no thread of it panicked.
    ///
    /// # Panics
    /// If one did.
    pub fn assert_no_panic(&self) {
        assert!(!self.stderr.contains("panicked at"), "a thread panicked: {self:#?}");
    }
}

impl Drop for Penstock {
    fn drop(&mut self) {
        if self.exited.is_none() {
            // Gently, so that it takes its rings out of shared memory; a test that failed may have upset it, though.
            let _ = kill_process(self.pid(), Signal::TERM);
            let (lock, changed) = &*self.printed;
            let printed = lock.lock().unwrap_or_else(PoisonError::into_inner);
            let waited = changed.wait_timeout_while(printed, PATIENCE / 6, |p| p.open > 0);
            drop(waited.unwrap_or_else(PoisonError::into_inner));
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        if thread::panicking() {
            let printed = self.printed.0.lock().unwrap_or_else(PoisonError::into_inner);
            eprintln!("--- penstock (pid {}) printed:", self.child.id());
            eprintln!("{}", tail(&printed.stdout.join("\n")));
            eprintln!("--- and logged:");
            eprintln!("{}", tail(&printed.stderr.join("\n")));
            eprintln!("---");
        }
    }
}

/// Collects the lines of `pipe` until its end.
fn collect(
    pipe: impl Read + Send + 'static,
    printed: &Arc<(Mutex<Printed>, Condvar)>,
    place: fn(&mut Printed) -> &mut Vec<String>,
) {
    let printed = Arc::clone(printed);
    thread::spawn(move || {
        let (lock, changed) = &*printed;
        for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).into_owned();
            place(&mut lock.lock().unwrap_or_else(PoisonError::into_inner)).push(line);
            changed.notify_all();
        }
        lock.lock().unwrap_or_else(PoisonError::into_inner).open -= 1;
        changed.notify_all();
    });
}

fn find(lines: &[String], words: &[&str]) -> Option<String> {
    let hit = |line: &&String| words.iter().any(|word| line.to_lowercase().contains(&word.to_lowercase()));
    lines.iter().find(hit).cloned()
}

fn tail(text: &str) -> String {
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
}
