# What CI runs, people run: each check of .ci/run is a recipe here. `.ci/tools` installs the tools behind them, once.

set positional-arguments

tools := env("CARGO_TARGET_DIR", justfile_directory() / "target") / "tools"
export PATH := tools / "bin:" + tools / "python/bin:" + env("PATH")

_list:
    @just --list --unsorted

# PostgreSQL and the three services on one port
up *arguments:
    ./refrain up "$@"

# the whole test suite, on a PostgreSQL of its own
test *arguments:
    ./refrain test "$@"

# all that CI runs
check: test test-s3 fmt clippy docs deny machete typos scripts arrows sizes schema-diff deploy-check schemathesis tus redbot mail nats chaos-short

# is everything formatted? (`cargo fmt` formats)
fmt:
    cargo fmt --all --check

# lints; a warning is an error
clippy:
    cargo clippy --workspace --all-targets --all-features -- -D warnings

# the documentation builds and its links lead somewhere
docs:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --all-features

# licences, bans and sources of the dependencies (advisories need the network: `cargo deny check advisories`)
deny:
    cargo deny --locked check bans licenses sources

# dependencies that nobody uses
machete:
    cargo machete

# spelling
typos:
    typos

# the shell scripts
scripts:
    shellcheck refrain .ci/run .ci/tools tests/bench/run tests/fuzz/run tests/schemathesis/run

# who may import whom
arrows:
    .ci/arrows

# lines per file
sizes:
    .ci/sizes

# migrations up, down and up on an empty database, against schema.rs
schema-diff:
    .ci/schema-diff

# requests made up from the OpenAPI documents, against the started binary: no 5xx, no answer against its schema
schemathesis:
    VENV="{{ tools }}/schemathesis" tests/schemathesis/run

# the manifests, validated offline
deploy-check:
    VENV="{{ tools }}/deploy" deploy/check

# the real clients of tus, tuspy and tus-js-client, upload 200 MB through interruptions
tus:
    cargo build --quiet --package refrain
    python3 tests/clients/tus.py "${CARGO_TARGET_DIR:-target}/debug/refrain" "{{ tools }}/node"

# REDbot on all ways to a file's bytes, without a bad note
redbot:
    cargo build --quiet --package refrain
    python3 tests/clients/bytes_by_redbot.py "${CARGO_TARGET_DIR:-target}/debug/refrain"

# a forgotten password by way of a real SMTP server (aiosmtpd)
mail:
    cargo build --quiet --package refrain
    python3 tests/clients/mail.py "${CARGO_TARGET_DIR:-target}/debug/refrain"

# the memory that a file of 1 GiB takes on its way up and down
memory:
    cargo build --quiet --package refrain
    python3 tests/clients/memory.py "${CARGO_TARGET_DIR:-target}/debug/refrain"

# how long a journal of 100,000 entries is looked at
analysis:
    cargo build --quiet --release --package refrain
    python3 tests/clients/analysis.py "${CARGO_TARGET_DIR:-target}/release/refrain"

# writers beside kill -9, a database that hangs or goes, a full disk, slow clients: each once, in a minute or so
chaos-short *arguments:
    cargo build --quiet --package refrain
    python3 -B tests/chaos/main.py "${CARGO_TARGET_DIR:-target}/debug/refrain" --short "$@"

# the same in any order for ten minutes, and a clock that is set; writes tests/chaos/RESULTS.md. `--seed N` repeats a run's choices
chaos *arguments:
    cargo build --quiet --package refrain
    python3 -B tests/chaos/main.py "${CARGO_TARGET_DIR:-target}/debug/refrain" --results tests/chaos/RESULTS.md "$@"

# events by way of a real NATS server: forged, refused, and the broker killed and held under load; needs nats-server
nats:
    cargo build --quiet --package refrain
    python3 -B tests/clients/events_by_nats.py "${CARGO_TARGET_DIR:-target}/debug/refrain"
    python3 -B tests/chaos/main.py "${CARGO_TARGET_DIR:-target}/debug/refrain" --short --seconds 150 --broker \
        --only "kill -9 of the broker" --only "SIGSTOP and SIGCONT of the broker" --only "kill -9 of the service"

# the tests of storage-service again, with its blobs in a real S3 server (moto)
test-s3 *arguments:
    # `--package` alone would build every dependency anew, with the features that this package asks for.
    python3 tests/clients/s3.py cargo test --workspace --exclude music-service --exclude user-service --exclude refrain \
        --exclude system-tests --test api "$@"

# every parser of bytes from outside, so many seconds each, by cargo-fuzz; needs a nightly compiler, and ffmpeg for first files
fuzz seconds="60":
    FUZZ_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}/fuzz" TOOLS="{{ tools }}" tests/fuzz/run "{{ seconds }}"

# a service's OpenAPI document, out of its code
openapi service:
    cargo run --quiet --package "$1" -- openapi

# a million tracks and ten million plays in a running `up`, for measuring: the data dir and the e-mail of an account
seed-large data-dir email:
    cargo run --release --package refrain --example seed -- "$1" "$2" 1000000 10000000

# measures against pgbench and writes tests/bench/RESULTS.md; needs wrk
bench:
    tests/bench/run
