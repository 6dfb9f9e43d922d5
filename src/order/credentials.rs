//! Where a session's password comes from: never from the command line, where every user of the host could read it.

use std::{
    env,
    fs::File,
    io::{self, BufRead, BufReader, IsTerminal, Read},
    net::SocketAddr,
    os::unix::fs::MetadataExt,
    path::Path,
};

use anyhow::Context;
use wire::limits::PASSWORD_BYTES_MAX;
use zeroize::Zeroizing;

use super::args::Order;
use crate::{config::Config, password, refused::refused};

/// The environment variable that may hold it.
pub const VARIABLE: &str = "PENSTOCK_PASSWORD";

/// The password of `args.session`: from the file or descriptor that was named, else from [`VARIABLE`], else, towards this
/// host only, the demo's, else from whoever sits at the terminal.
///
/// # Errors
/// [`crate::refused::Refused`] if there is none, or others could read it.
pub(super) fn password(args: &Order, address: SocketAddr) -> anyhow::Result<Zeroizing<String>> {
    if let Some(path) = &args.password_file {
        return from_file(path);
    }
    if let Some(number) = args.password_fd {
        let source = File::open(format!("/dev/fd/{number}"));
        let source = source.map_err(|error| refused(format!("--password-fd {number}: {error}")))?;
        return first_line(source);
    }
    if let Ok(password) = env::var(VARIABLE) {
        return Ok(Zeroizing::new(password));
    }
    if address.ip().is_loopback()
        && let Some(password) = demo(&args.session)
    {
        return Ok(password);
    }
    if io::stdin().is_terminal() {
        return password::ask(&format!("Password of {}: ", args.session));
    }
    Err(refused(format!(
        "no password for session {}: name a file with --password-file, a descriptor with --password-fd, or set {VARIABLE}",
        args.session
    )))
}

fn from_file(path: &Path) -> anyhow::Result<Zeroizing<String>> {
    let file =
        File::open(path).map_err(|error| refused(format!("--password-file {}: {error}", path.display())))?;
    let mode = file.metadata().context("the file does not say who may read it")?.mode();
    if mode & 0o077 != 0 {
        return Err(refused(format!(
            "{} can be read by others (mode {:03o}): chmod 600 {0}, and change the password",
            path.display(),
            mode & 0o777
        )));
    }
    first_line(file)
}

fn first_line(source: impl Read) -> anyhow::Result<Zeroizing<String>> {
    let most = u64::try_from(PASSWORD_BYTES_MAX).unwrap_or(u64::MAX) + 2;
    let mut line = Zeroizing::new(String::with_capacity(2 * PASSWORD_BYTES_MAX));
    BufReader::new(source.take(most)).read_line(&mut line).context("no password could be read")?;
    Ok(Zeroizing::new(line.trim_end_matches(['\r', '\n']).to_owned()))
}

/// The demo's password of `session`, which everybody knows.
fn demo(session: &str) -> Option<Zeroizing<String>> {
    let config = Config::embedded(&[]).ok()?;
    let session = config.sessions.into_iter().find(|it| it.comp_id == session)?;
    Some(Zeroizing::new(session.password?.expose().to_owned()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_that_others_may_read_is_refused_and_one_that_they_may_not_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        std::fs::write(&path, "hush-hush\nmore").unwrap();
        for (mode, fine) in [(0o644, false), (0o640, false), (0o600, true), (0o400, true)] {
            std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
            match from_file(&path) {
                Ok(password) => assert!(fine && *password == "hush-hush", "{mode:o}"),
                Err(error) => assert!(!fine && error.to_string().contains("chmod 600"), "{mode:o}: {error}"),
            }
        }
    }

    #[test]
    fn the_demo_has_passwords_of_its_own_sessions_alone() {
        assert_eq!(demo("BM1").as_deref().map(String::as_str), Some("bm1-demo"));
        assert!(demo("OURS").is_none());
    }
}
