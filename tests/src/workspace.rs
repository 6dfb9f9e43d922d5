//! The workspace as cargo knows it: where it is, what is in it.

use std::{path::Path, process::Command, sync::OnceLock};

use serde_json::Value;

/// The workspace's root folder.
///
/// # Panics
/// If this crate does not lie in a folder of it.
#[must_use]
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in a folder of the workspace")
}

/// What `cargo metadata` says of the workspace and of everything it depends on.
///
/// # Panics
/// If cargo does not answer.
#[must_use]
pub fn metadata() -> &'static Value {
    static METADATA: OnceLock<Value> = OnceLock::new();
    METADATA.get_or_init(|| {
        let output = Command::new(env!("CARGO"))
            .args(["metadata", "--format-version", "1", "--locked", "--manifest-path"])
            .arg(root().join("Cargo.toml"))
            .output()
            .expect("cargo can be started");
        assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON")
    })
}
