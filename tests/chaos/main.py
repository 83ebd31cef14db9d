#!/usr/bin/env python3
"""Writers write to the started program while it, its PostgreSQL and its disk are made to fail; then every acknowledged write must
be there, once. Red when one is not, when a counter is wrong, and when an answer was none that may be given."""

import argparse
import contextlib
import io
import math
import os
import random
import shutil
import struct
import sys
import tempfile
import time
import wave
from pathlib import Path

import checks
import clock
import faults
from broker import Broker, freeze_broker, kill_broker
from disk import Disk, fill_disk
from files import FILES, Forms, Pieces, Replacements, form
from jobs import Jobs
from ledger import Ledger
from listening import Likes, Plays
from people import PASSWORD, Person
from playlists import Entries, Playlists
from report import report
from service import Service
from slow import dawdle
from stage import Stage
from writers import Gate, Writer

TRACKS = 12
CLOCK = "clock set back and forward"
FAULTS = {
    "kill -9 of the service": faults.kill_service,
    "kill -9 of the service, again while it starts": faults.kill_starting_service,
    "SIGSTOP and SIGCONT of the service": faults.freeze_service,
    "kill -9 of a backend of PostgreSQL": faults.kill_backend,
    "kill -9 of PostgreSQL, which comes back": faults.kill_postmaster,
    "kill -9 of PostgreSQL, which stays away": faults.end_postmaster,
    "SIGSTOP and SIGCONT of PostgreSQL": faults.hang,
    "full disk": fill_disk,
    "slow clients": dawdle,
    CLOCK: clock.step_clock,
    "kill -9 of the broker": kill_broker,
    "SIGSTOP and SIGCONT of the broker": freeze_broker,
}
OF_THE_BROKER = ("kill -9 of the broker", "SIGSTOP and SIGCONT of the broker")
# Too long for the short run, which begins no more rounds when its time is over.
ONLY_LONG = (
    "kill -9 of the service, again while it starts", "SIGSTOP and SIGCONT of the service",
    "kill -9 of PostgreSQL, which stays away", CLOCK)
LONG, SHORT = 600, 45


def sound(number: int) -> bytes:
    """A second of a tone of its own."""
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        pitch = 220 + 20 * number
        file.writeframes(b"".join(struct.pack("<h", int(8000 * math.sin(pitch * n * math.tau / 8000))) for n in range(8000)))
    return written.getvalue()


def make_tracks(librarian: Person) -> list[str]:
    """Everybody may hear them."""
    tracks = []
    for number in range(TRACKS):
        body, headers = form(f"{number}.wav", sound(number), category="track", isPublic="true")
        file = librarian.ask("POST", FILES, body, headers).json["id"]
        told = {"title": f"Track {number}", "fileId": file, "visibility": "public"}
        tracks.append(librarian.ask("POST", "/api/library/tracks", told).json["id"])
    return tracks


class Cast:
    """Who writes."""

    def __init__(self, service: Service, ledger: Ledger, seed: int):
        self.service, self.ledger, self.seed, self.gate = service, ledger, seed, Gate()
        librarian = Person(service.address, ledger, "librarian")
        service.run("user", "create", librarian.email, "--role", "librarian", told=f"{PASSWORD}\n")
        librarian.log_in()
        self.tracks = make_tracks(librarian)
        playlist = librarian.ask("POST", "/api/playlists", {"name": "All", "visibility": "public"}).json["id"]
        targets = [f"/api/library/track/{track}" for track in self.tracks] + [f"/api/playlists/{playlist}"]
        heard, liked = {"tracks": self.tracks}, {"targets": targets}
        parts = [(Plays, heard)] * 3 + [(Likes, liked)] * 3 + [(Playlists, heard), (Forms, {}), (Pieces, {}), (Pieces, {})]
        parts += [(Replacements, {}), (Jobs, {}), (Entries, {})]
        self.writers = [self.writer(number, kind, more) for number, (kind, more) in enumerate(parts)]
        self.probe = self.writer(len(parts), Plays, heard)
        self.onlooker = self.person("onlooker")

    def person(self, name: str) -> Person:
        person = Person(self.service.address, self.ledger, name)
        person.register()
        return person

    def writer(self, number: int, kind: type[Writer], more: dict) -> Writer:
        name = f"{kind.__name__.lower()}-{number}"
        return kind(self.person(name), self.ledger, self.gate, f"{self.seed}-{name}", **more)


def rounds(seed: int, asked, names: list[str]):
    """Names of faults: each once, in an order of chance; in the long run again and again."""
    chance, until = random.Random(seed), time.monotonic() + asked.seconds
    while True:
        for name in chance.sample(names, len(names)):
            if time.monotonic() > until:
                return
            yield name
        if asked.short:
            return


def run(stage: Stage, cast: Cast, names) -> int:
    count = 0
    for writer in cast.writers:
        writer.start()
    for name in names:
        count += 1
        started, before = time.monotonic(), stage.ledger.acknowledged.total()
        cast.gate.open()
        time.sleep(stage.chance.uniform(1, 2 if stage.is_short else 5))
        FAULTS[name](stage)
        stage.faults[name] += 1
        time.sleep(stage.chance.uniform(0.2, 1 if stage.is_short else 3))
        stage.let_jobs_end()
        written = time.monotonic()
        checks.check(stage, [*cast.writers, stage.probe], cast.tracks, final=False)
        print(f"round {count}, {name}: {stage.ledger.acknowledged.total() - before} writes in {written - started:.1f} s, "
              f"checked in {time.monotonic() - written:.1f} s", flush=True)
    checks.check(stage, [*cast.writers, stage.probe], cast.tracks, final=True)
    checks.audit(stage)
    return count


@contextlib.contextmanager
def started(program: str, ledger: Ledger, seed: int, has_broker: bool):
    """The service and its disk, which go in the end; what it logged stays when something was wrong."""
    with tempfile.TemporaryDirectory(prefix="refrain-chaos-") as folder:
        # PostgreSQL does not run as root: its account must be able to enter.
        os.chmod(folder, 0o755)
        service = Service(program, Path(folder))
        service.data.mkdir(mode=0o711)
        disk = Disk(service.data / "files")
        disk.mount()
        broker = Broker(Path(folder) / "nats") if has_broker else None
        is_over = False
        try:
            if broker:
                broker.start()
                service.settings["REFRAIN_NATS_URL"] = broker.url
            service.start()
            yield service, disk, broker
            is_over = True
        finally:
            if service.process and service.process.poll() is None:
                service.stop()
            if broker:
                broker.kill()
            disk.unmount()
            if not (is_over and ledger.is_clean):
                log = shutil.copy(service.log, Path(tempfile.gettempdir()) / f"refrain-chaos-{seed}.log")
                print(f"what it logged is in {log}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", help="refrain")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--short", action="store_true", help="each fault once, but for the longest")
    parser.add_argument("--seconds", type=float, help="after which no round begins")
    parser.add_argument("--only", action="append", choices=FAULTS, default=[], help="this fault; may be repeated")
    parser.add_argument("--broker", action="store_true", help="events go through NATS, which is killed too")
    parser.add_argument("--results", type=Path, help="the file to write")
    asked = parser.parse_args()
    asked.seconds = asked.seconds or (SHORT if asked.short else LONG)
    print(f"seed {asked.seed}", flush=True)
    began, ledger = time.monotonic(), Ledger()
    left_out = set(ONLY_LONG if asked.short else ()) | (set() if clock.library() else {CLOCK})
    left_out |= set() if asked.broker else set(OF_THE_BROKER)
    names = asked.only or [name for name in FAULTS if name not in left_out]
    with started(asked.program, ledger, asked.seed, asked.broker) as (service, disk, broker):
        cast = Cast(service, ledger, asked.seed)
        stage = Stage(service, ledger, cast.probe, cast.onlooker, disk, broker, asked.short)
        count = run(stage, cast, rounds(asked.seed, asked, names))
    stage.not_run = [f"{name} (there was no time for it)" for name in names if not stage.faults[name]]
    if CLOCK in left_out and not asked.short:
        stage.not_run.append(f"{CLOCK} (libfaketime is not installed)")
    text = report(stage, asked.seed, count, time.monotonic() - began)
    print(text)
    if asked.results:
        asked.results.write_text(text)
    return 0 if ledger.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
