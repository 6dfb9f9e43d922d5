#!/usr/bin/env bash
# Says whether this tree is good: builds it, checks it, and runs every test there is, from nothing but a Rust
# toolchain (rustup; rust-toolchain.toml names the version). What else it needs it installs: from Debian if it is
# missing, cargo-deny and cargo-fuzz into the target folder.
#
#   tests/run.sh            all of it, in under half an hour on 2 cores
#   tests/run.sh --long     with the long modes of the tests that have one (they read PENSTOCK_LONG)
#
# Stops at the first step that fails, with its exit code.
set -euo pipefail
cd "$(dirname "$0")/.."

DENY_VERSION=0.20.2
FUZZ_VERSION=0.13.2
MIRI_TOOLCHAIN=nightly-2026-10-30

case "${1:-}" in
  '') ;;
  --long) export PENSTOCK_LONG=1 ;;
  *) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac

target=${CARGO_TARGET_DIR:-$PWD/target}
# The program that the end-to-end tests start: the one that is shipped.
export PENSTOCK_BIN=$target/release/penstock
summary=()
current='the start'

finish() {
  local code=$?
  echo
  printf '%s\n' "${summary[@]}"
  if [ $code -eq 0 ]; then
    printf 'passed in %d min %d s\n' $((SECONDS / 60)) $((SECONDS % 60))
  else
    printf 'FAILED at: %s (exit code %d), after %d min %d s\n' "$current" $code $((SECONDS / 60)) $((SECONDS % 60))
  fi
}
trap finish EXIT

# step NAME COMMAND...: runs the command, and notes how long it took.
step() {
  current=$1
  shift
  printf '\n=== %s: %s\n' "$current" "$*"
  local begin=$SECONDS
  "$@"
  summary+=("$(printf '%4d s  %s' $((SECONDS - begin)) "$current")")
}

# skipped WHAT: says, here and at the end, what was not done for want of something.
skipped() {
  summary+=("SKIPPED $1")
  printf 'SKIPPED %s\n' "$1"
}

# QuickFIX, which tests/quickfix drives, is C++ and builds with cmake; tshark reads our protocols in tests/tests/strangers.rs.
debian_packages() {
  local missing=()
  command -v cmake > /dev/null || missing+=(cmake)
  command -v c++ > /dev/null || missing+=(g++)
  command -v cc > /dev/null || missing+=(gcc)
  command -v make > /dev/null || missing+=(make)
  command -v setpriv > /dev/null || missing+=(util-linux)
  command -v tshark > /dev/null || missing+=(tshark)
  python3 -c 'import ensurepip' > /dev/null 2>&1 || missing+=(python3 python3-venv)
  if [ ${#missing[@]} -eq 0 ]; then
    echo 'nothing is missing'
    return
  fi
  local sudo=()
  [ "$(id -u)" -eq 0 ] || sudo=(sudo)
  if ! command -v apt-get > /dev/null; then
    echo "this is no Debian: please install ${missing[*]}, then run this again" >&2
    return 2
  fi
  "${sudo[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}"
}

# The packages of the tests that run Python (tests/python.txt), apart from the system's own.
python_packages() {
  python3 -m venv "$target/python"
  "$target/python/bin/pip" install --quiet --disable-pip-version-check -r tests/python.txt
}

# The suites that go to and fro most between a venue and its clients, over the transports that the other runs have not.
transports() {
  local transport
  for transport in spin io_uring; do
    PENSTOCK_TRANSPORT=$transport cargo test --locked -p penstock-tests --test bad_input --test hostile --test session
  done
}

# The model checker needs a build of its own, with its atomics in place of the processor's.
loom() {
  RUSTFLAGS='--cfg loom' CARGO_TARGET_DIR=$target/loom \
    cargo test --locked --release -p penstock-shm --lib
}

# Shared memory once more, each access checked: bounds and lifetimes, then the order between threads. They are the
# sanitizers of the compiler, which a stable one asks a bootstrap's permission for. What loom tries in every order these
# see in real runs; the mapping's own lock test is left out, since under the first of them no memory is ever locked, and so
# is the search for leaks: the tests' other processes end in the middle of things, on purpose.
sanitized() {
  local sanitizer=$1 flags=$2
  shift 2
  RUSTC_BOOTSTRAP=1 RUSTFLAGS="-Zsanitizer=$sanitizer $flags" CARGO_TARGET_DIR=$target/$sanitizer \
    ASAN_OPTIONS=detect_leaks=0 TSAN_OPTIONS="suppressions=$PWD/shm/tests/tsan.supp" \
    cargo test --locked -p penstock-shm --target "$(rustc --print host-tuple)" --lib --test it -- "$@"
}

# The interpreter that knows the language's rules of memory: every access to shared memory is checked against them, and
# loads give any value that those rules allow. shm/src/kernel_miri.rs stands in for what of the kernel it does not have.
# In the ordinary mode the lib's own tests, if the toolchain is there; in the long one the whole crate under both
# models of aliasing there are, then its models under 16 schedules, and what runs on threads under 4.
miri() {
  local install=(rustup toolchain install "$MIRI_TOOLCHAIN" --profile minimal --component 'miri,rust-src')
  if ! has_miri && [ -n "${PENSTOCK_LONG:-}" ]; then
    "${install[@]}" || true
  fi
  if ! has_miri; then
    skipped "Miri, which is to be had by: ${install[*]}"
    return
  fi
  if [ -z "${PENSTOCK_LONG:-}" ]; then
    miri_test '' --lib
    return
  fi
  miri_test ''
  miri_test '-Zmiri-tree-borrows'
  miri_test '-Zmiri-many-seeds=0..16' --lib models
  miri_test '-Zmiri-many-seeds=0..4' --test it -- two_threads three_readers a_registered_reader on_the_futex
}

has_miri() {
  RUSTUP_AUTO_INSTALL=0 cargo "+$MIRI_TOOLCHAIN" miri --version > /dev/null 2>&1
}

miri_test() {
  local flags=$1
  shift
  MIRIFLAGS="-Zmiri-disable-isolation $flags" CARGO_TARGET_DIR=$target/miri \
    cargo "+$MIRI_TOOLCHAIN" miri test --locked -p penstock-shm "$@"
}

# cargo_tool NAME VERSION: where that cargo tool is; it is installed into the target folder if it is not there yet.
cargo_tool() {
  local tool=$target/tools/bin/$1
  if ! "$tool" --version 2> /dev/null | grep -qF "$2"; then
    cargo install --locked --quiet --force --root "$target/tools" --target-dir "$target/tools/build" "$1@$2" >&2
    rm -rf "$target/tools/build"
  fi
  echo "$tool"
}

# Licences and origins of everything we depend on; its rules are in deny.toml.
deny() {
  local deny
  deny=$(command -v cargo-deny) || deny=$(cargo_tool cargo-deny $DENY_VERSION)
  "$deny" --locked --all-features check licenses bans sources
}

# Every fuzz target (docs/fuzzing.md): so many runs from the corpus in the tree, the same ones each time; in the long
# mode three minutes each, others each time, with the address sanitizer. The compiler's instrumentation is asked for as
# above. A crash is a file, and what brings it back is printed.
fuzz() (
  fuzz=$(cargo_tool cargo-fuzz $FUZZ_VERSION)
  if [ -n "${PENSTOCK_LONG:-}" ]; then
    sanitizer=address limits=(-max_total_time=180)
  else
    sanitizer=none limits=(-seed=1 -runs=50000)
    rm -rf "$target/fuzz/found"
  fi
  cargo fmt --check --manifest-path wire/fuzz/Cargo.toml
  cargo metadata --locked --format-version 1 --manifest-path wire/fuzz/Cargo.toml > /dev/null
  export RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR=$target/fuzz
  "$fuzz" build --fuzz-dir wire/fuzz --sanitizer $sanitizer
  for name in $("$fuzz" list --fuzz-dir wire/fuzz); do
    found=$CARGO_TARGET_DIR/found/$name
    options=("${limits[@]}" "-artifact_prefix=$found/crash/" -verbosity=0 -print_final_stats=1)
    case $name in fix_*) options+=(-dict=wire/fuzz/fix.dict) ;; esac
    mkdir -p "$found/corpus" "$found/crash"
    if ! "$CARGO_TARGET_DIR/$(rustc --print host-tuple)/release/$name" "${options[@]}" \
      "$found/corpus" "wire/fuzz/corpus/$name" > "$found/log" 2>&1; then
      cat "$found/log"
      echo "fuzz target $name failed on the file in $found/crash; to see it again:" >&2
      echo "  RUSTC_BOOTSTRAP=1 $fuzz run --fuzz-dir wire/fuzz --sanitizer $sanitizer $name $found/crash/*" >&2
      return 1
    fi
    printf '%10d runs of %s\n' "$(sed -n 's/^stat::number_of_executed_units: *//p' "$found/log")" "$name"
  done
)

if ! command -v cargo > /dev/null; then
  echo 'there is no cargo: install Rust as https://rustup.rs says, then run this again' >&2
  exit 2
fi

step 'Debian packages' debian_packages
step 'Python packages' python_packages
step 'format'          cargo fmt --all --check
step 'release build'   cargo build --release --locked
step 'lints'           cargo clippy --workspace --all-targets --locked
step 'tests'           cargo test --workspace --locked
step 'transports'      transports
step 'loom'            loom
if [ -n "${PENSTOCK_LONG:-}" ]; then
  step 'addresses' sanitized address '' --skip memory_is_locked
  step 'threads'   sanitized thread '-Cunsafe-allow-abi-mismatch=sanitizer' --test-threads=1 models ring:: log::
fi
step 'Miri'            miri
step 'fuzzing'         fuzz
step 'dependencies'    deny
