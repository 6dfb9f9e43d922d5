//! `penstock password`: a password's hash for the configuration.

use std::io::{self, BufRead, IsTerminal, Write};

use anyhow::{Context, bail};
use gateway::auth::hash_password;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use wire::limits::PASSWORD_BYTES_MAX;
use zeroize::Zeroizing;

use crate::refused::refused;

/// Reads a password from the terminal, or else from stdin, and writes its hash to `out`.
///
/// # Errors
/// [`crate::refused::Refused`] for what no client could send as its Password (554); anything else is a failure of the
/// terminal.
pub fn password(out: &mut impl Write) -> anyhow::Result<()> {
    let stdin = io::stdin();
    let password = if stdin.is_terminal() {
        let _silent = Silence::begin()?;
        let password = asked(&mut stdin.lock(), "Password: ")?;
        if *asked(&mut stdin.lock(), "Again: ")? != *password {
            return Err(refused("the two are not the same; nothing was hashed".to_owned()));
        }
        password
    } else {
        line(&mut stdin.lock())?
    };
    let printable = password.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    if !printable || !(1..=PASSWORD_BYTES_MAX).contains(&password.len()) {
        let what =
            format!("a password has 1 to {PASSWORD_BYTES_MAX} printable ASCII characters, as FIX carries it");
        return Err(refused(what));
    }
    let hash = match hash_password(password.as_bytes()) {
        Ok(hash) => hash,
        Err(error) => bail!("the password cannot be hashed: {error}"),
    };
    writeln!(out, "{hash}")?;
    Ok(())
}

/// The answer of whoever sits at the terminal to `question`, which is not shown as it is typed.
///
/// # Errors
/// If the terminal fails.
pub(crate) fn ask(question: &str) -> anyhow::Result<Zeroizing<String>> {
    let _silent = Silence::begin()?;
    asked(&mut io::stdin().lock(), question)
}

fn asked(input: &mut impl BufRead, question: &str) -> anyhow::Result<Zeroizing<String>> {
    // To stderr: stdout has the hash alone.
    eprint!("{question}");
    let answer = line(input);
    eprintln!();
    answer
}

fn line(input: &mut impl BufRead) -> anyhow::Result<Zeroizing<String>> {
    let mut line = Zeroizing::new(String::with_capacity(2 * PASSWORD_BYTES_MAX));
    input.read_line(&mut line).context("no password could be read")?;
    let text = line.trim_end_matches(['\r', '\n']);
    Ok(Zeroizing::new(text.to_owned()))
}

/// A terminal that does not show what is typed, until this is dropped.
struct Silence(Termios);

impl Silence {
    fn begin() -> anyhow::Result<Silence> {
        let before = tcgetattr(io::stdin()).context("the terminal does not say how it is set")?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        tcsetattr(io::stdin(), OptionalActions::Flush, &silent)
            .context("the terminal cannot be made silent")?;
        Ok(Silence(before))
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        // What the terminal took before it takes again.
        let _taken = tcsetattr(io::stdin(), OptionalActions::Flush, &self.0);
    }
}
