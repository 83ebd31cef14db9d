"""What must hold when nobody writes: beside what each writer checks, this is about all of them together."""

import hashlib

from listening import Plays, check_counts
from service import Service
from stage import OUTBOXES, Stage
from writers import Writer


def check(stage: Stage, writers: list[Writer], tracks: list[str], final: bool):
    service, ledger = stage.service, stage.ledger
    stage.let_jobs_end()
    for writer in writers:
        writer.check(service, final)
    check_counts(writers, tracks)
    check_events(stage, writers)
    check_blobs(stage, final)
    reconcile(stage)
    panics = service.log.read_text(errors="replace").count("panicked at")
    ledger.expect(not panics, f"{panics} panics in {service.log}")


def check_events(stage: Stage, writers: list[Writer]):
    """What music-service told user-service has arrived, once."""
    for writer in writers:
        if isinstance(writer, Plays):
            query = f"SELECT play_id FROM usr_heard_plays WHERE user_id = '{writer.person.id}'"
            heard = stage.service.column("user", query)
            stage.ledger.compare("events", set(writer.acknowledged), heard, "usr_heard_plays")
    for database, prefix in OUTBOXES.items():
        refused = stage.service.column(database, f"SELECT last_error FROM {prefix}_outbox_refusals")
        stage.ledger.expect(not refused, f"events were refused: {refused[:1]}")


def check_blobs(stage: Stage, final: bool):
    """Every row has its bytes. Bytes without a row are what a kill between two steps leaves; the nightly sweep takes them."""
    rows = stage.service.sql("storage", "SELECT checksum, byte_size, ref_count, storage_path FROM stg_blobs")
    folder = stage.service.data / "files"
    for checksum, size, _, path in rows:
        blob = folder / path
        whole = blob.is_file() and blob.stat().st_size == int(size)
        if whole and final:
            whole = hashlib.sha256(blob.read_bytes()).hexdigest() == checksum
        if not whole:
            stage.ledger.lose("blobs", checksum)
            stage.ledger.find(f"the bytes of the blob {checksum} are not there, or others")
    named = {checksum for checksum, *_ in rows}
    stray = [path for path in (folder / "sha256").rglob("*") if path.is_file() and path.name not in named]
    stage.measured["bytes without a row, for the sweep (blobs)"] = len(stray)


def reconcile(stage: Stage):
    run = stage.service.run("reconcile")
    if run.returncode:
        stage.ledger.drift += 1
        stage.ledger.find(f"reconcile: {run.stdout.strip()} {run.stderr.strip()}")


def audit(stage: Stage):
    """It runs; that a column of the load's tables was never used is no concern here."""
    run = stage.service.run("audit", "--format", "json")
    stage.ledger.expect(run.returncode in (0, 1) and run.stdout.startswith("{"), f"audit: {run.returncode} {run.stderr}")
