//! A whole venue in one process, on ports of its own and a data directory of its own.

use std::{
    env,
    ffi::OsString,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use crate::{Client, Penstock, process::Ended};

/// A running venue.
pub struct Venue {
    /// Its process.
    pub process: Penstock,
    /// Where its FIX acceptor listens.
    pub fix: SocketAddr,
    /// Its data directory.
    pub data: PathBuf,
    // Dropped after the process, which writes there.
    _data: Option<TempDir>,
}

impl Venue {
    /// Starts a venue on a new data directory, the default configuration changed by `settings` (`key=value`), and
    /// waits until it is ready.
    ///
    /// # Panics
    /// If it does not come up.
    #[must_use]
    pub fn start(settings: &[&str]) -> Venue {
        let data = data_dir();
        let venue = Self::start_in(data.path(), settings);
        Venue { _data: Some(data), ..venue }
    }

    /// As [`Venue::start`], on a data directory of the caller.
    ///
    /// # Panics
    /// If it does not come up.
    #[must_use]
    pub fn start_in(data: &Path, settings: &[&str]) -> Venue {
        Self::ready(Penstock::start(arguments("run", data, settings)), data)
    }

    /// As [`Venue::start_in`], with the configuration `file`.
    ///
    /// # Panics
    /// If it does not come up.
    #[must_use]
    pub fn start_with(data: &Path, file: &Path, settings: &[&str]) -> Venue {
        let mut args = arguments("run", data, settings);
        args.extend(["--config".to_owned(), file.to_str().expect("a plain name").to_owned()]);
        Self::ready(Penstock::start(args), data)
    }

    fn ready(process: Penstock, data: &Path) -> Venue {
        let _ = process.line("ready");
        let fix = listener(&process, "fix");
        Venue { process, fix, data: data.into(), _data: None }
    }

    /// Where its acceptor of binary order entry listens.
    ///
    /// # Panics
    /// If it has none.
    #[must_use]
    pub fn binary(&self) -> SocketAddr {
        listener(&self.process, "binary")
    }

    /// Where it serves its metrics.
    ///
    /// # Panics
    /// If it does not say so.
    #[must_use]
    pub fn metrics(&self) -> SocketAddr {
        listener(&self.process, "metrics")
    }

    /// A client of session `comp_id` of the default configuration, logged on with its password, numbers from 1.
    ///
    /// # Panics
    /// If the venue does not let it in.
    #[must_use]
    pub fn client(&self, comp_id: &str) -> Client {
        Client::logged_on(self.fix, comp_id)
    }

    /// Asks for `request` as an operator does, by `penstock admin`, and insists that it is done; what was said.
    ///
    /// # Panics
    /// If it is refused.
    #[track_caller]
    pub fn admin(&self, request: &str) -> String {
        let ended = admin(&self.data, request);
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{request}: {ended:#?}");
        ended.stdout
    }

    /// Asks for `request`, and insists that it is refused; what was said of it.
    ///
    /// # Panics
    /// If it is not.
    #[track_caller]
    pub fn admin_refuses(&self, request: &str) -> String {
        let ended = admin(&self.data, request);
        assert_eq!(ended.code, Some(1), "{request}: {ended:#?}");
        ended.stderr
    }

    /// Asks for `request` by `penstock session`, and insists that it is done; what was said.
    ///
    /// # Panics
    /// If it is refused.
    #[track_caller]
    pub fn session(&self, request: &str) -> String {
        let ended = session(&self.data, request);
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{request}: {ended:#?}");
        ended.stdout
    }

    /// How session `id` is, as `penstock session show ID --json` tells it.
    ///
    /// # Panics
    /// If it does not.
    #[track_caller]
    pub fn shown(&self, id: &str) -> serde_json::Value {
        let said = self.session(&format!("show {id} --json"));
        let mut told: serde_json::Value =
            serde_json::from_str(&said).unwrap_or_else(|e| panic!("{e}: {said}"));
        told["sessions"][0].take()
    }

    /// Ends the venue as an operator would; see [`Penstock::stop`].
    pub fn stop(self) -> Ended {
        self.process.stop()
    }

    /// Ends the venue at once; see [`Penstock::kill9`].
    pub fn kill9(self) {
        self.process.kill9();
    }
}

/// What `penstock session` says to `request`, likewise.
#[must_use]
pub fn session(data: &Path, request: &str) -> Ended {
    let data = data.as_os_str().to_owned();
    let words = request.split_whitespace().map(OsString::from);
    let mut process = Penstock::start(["session".into(), "--data".into(), data].into_iter().chain(words));
    process.end()
}

/// What `penstock admin` says to `request`, words set apart by spaces, on the data directory `data`.
#[must_use]
pub fn admin(data: &Path, request: &str) -> Ended {
    let data = data.as_os_str().to_owned();
    let words = request.split_whitespace().map(OsString::from);
    let mut process = Penstock::start(["admin".into(), "--data".into(), data].into_iter().chain(words));
    process.end()
}

/// A new, empty data directory.
///
/// # Panics
/// If there is no room for one.
#[must_use]
pub fn data_dir() -> TempDir {
    tempfile::Builder::new().prefix("penstock-test-").tempdir().expect("a temporary directory can be made")
}

/// The command line of `penstock role` on data directory `data`, a free port, the transport that `PENSTOCK_TRANSPORT` names
/// and `settings` (`key=value`).
///
/// # Panics
/// If the directory's name is not UTF-8.
#[must_use]
pub fn arguments(role: &str, data: &Path, settings: &[&str]) -> Vec<String> {
    let data = data.to_str().expect("temporary directories have plain names");
    let mut args: Vec<String> = [
        role,
        "--data",
        data,
        "--set",
        "fix.listen=127.0.0.1:0",
        "--set",
        "fix.tls_listen=127.0.0.1:0",
        // Who stops a venue does not want to wait; tests of draining say otherwise.
        "--set",
        "fix.drain_ms=0",
        "--set",
        "binary.listen=127.0.0.1:0",
        "--set",
        "binary.drain_ms=0",
        "--set",
        "metrics.listen=127.0.0.1:0",
        "--set",
        "metrics.matcher_listen=127.0.0.1:0",
    ]
    .map(str::to_owned)
    .into();
    if let Ok(transport) = env::var("PENSTOCK_TRANSPORT") {
        for acceptor in ["fix", "binary"] {
            args.extend(["--set".to_owned(), format!("{acceptor}.transport={transport}")]);
        }
    }
    for setting in settings {
        args.extend(["--set".to_owned(), (*setting).to_owned()]);
    }
    args
}

/// Waits for the line that tells where listener `name` of `process` listens: `listening NAME ADDRESS:PORT`.
///
/// # Panics
/// If it does not come, or holds no address.
#[must_use]
pub fn listener(process: &Penstock, name: &str) -> SocketAddr {
    let line = process.line(&format!("listening {name} "));
    let address = line.split_whitespace().nth(2).and_then(|word| word.parse().ok());
    address.unwrap_or_else(|| panic!("no address in {line:?}"))
}
