//! What the venue shows to those who speak TLS: the certificate of the configuration, or one of its own.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
};

use anyhow::{Context, bail};
use gateway::transport::tls::Identity;
use zeroize::Zeroizing;

use super::place::turn;
use crate::config::Fix;

/// Names of the venue's own certificate and key in its data directory.
const OWN: (&str, &str) = ("fix-tls.crt", "fix-tls.key");
/// Whom its own certificate is for: nobody but a client on this host can know it for genuine.
const OWN_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// The identity that `fix` names, or the one that the venue has made for itself in `data`, now or at a start before.
///
/// # Errors
/// A sentence with cause and remedy: a file that is not there, not PEM, or a key that others may read.
pub(super) fn identity(fix: &Fix, data: &Path) -> anyhow::Result<Identity> {
    let (certificate, key) = match &fix.tls_files {
        Some((certificate, key)) => (certificate.clone(), key.clone()),
        None => {
            let (certificate, key) = (data.join(OWN.0), data.join(OWN.1));
            // Another gateway's process may be about to make them too.
            let _turn = turn(data)?;
            if !certificate.exists() || !key.exists() {
                make(&certificate, &key)?;
            }
            (certificate, key)
        }
    };
    let mode =
        fs::metadata(&key).with_context(|| format!("cannot read {}", key.display()))?.permissions().mode();
    if mode & 0o077 != 0 {
        bail!("the key {} may be read by others than its owner; chmod 600 {0}", key.display());
    }
    let read = |path: &Path| fs::read(path).with_context(|| format!("cannot read {}", path.display()));
    let authorities = fix.tls_client_ca.as_deref().map(read).transpose()?;
    let secret = Zeroizing::new(read(&key)?);
    let identity =
        Identity::new(&read(&certificate)?, &secret, authorities.as_deref()).with_context(|| {
            format!(
                "{} and {} are no certificate and key for TLS, or fix.tls_client_ca is none",
                certificate.display(),
                key.display()
            )
        })?;
    tracing::info!(
        certificate = %certificate.display(),
        sha256 = %identity.fingerprint(),
        "what is shown to FIX clients over TLS"
    );
    Ok(identity)
}

/// Makes a key and a certificate that it has signed itself.
fn make(certificate: &Path, key: &Path) -> anyhow::Result<()> {
    let made = rcgen::generate_simple_self_signed(OWN_NAMES.map(str::to_owned))
        .context("a certificate for TLS cannot be made; name one with fix.tls_certificate and fix.tls_key")?;
    let secret = Zeroizing::new(made.signing_key.serialize_pem());
    for (path, text) in [(key, secret.as_bytes()), (certificate, made.cert.pem().as_bytes())] {
        // One without the other, of a start that was cut short, is of no use.
        let written = fs::remove_file(path).or_else(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Ok(()),
            _ => Err(error),
        });
        let written = written.and_then(|()| {
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
            file.write_all(text)
        });
        written.with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}
