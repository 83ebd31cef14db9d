"""A clock that is set back and forward under the running service and its PostgreSQL (libfaketime)."""

import time
from email.utils import parsedate_to_datetime
from pathlib import Path

from stage import Stage

# Back, as a clock that was wrong; forward beyond the life of a token.
STEPS = (-1800, 0, 1200, 0)
# How long a step may take to be seen, and how near is right, in seconds.
PATIENCE, NEAR = 10, 30
FOLDERS = ("/usr/lib", "/usr/local/lib", "/opt/homebrew/lib")


def library() -> Path | None:
    found = (path for folder in FOLDERS for path in Path(folder).glob("**/libfaketimeMT.so*"))
    return next(found, None)


def step_clock(stage: Stage):
    """The service is started with a clock of ours, in order, and ended in order."""
    told = stage.service.data.parent / "clock"
    told.write_text("+0")
    told.chmod(0o644)
    stage.service.stop()
    stage.service.settings = {
        "LD_PRELOAD": str(library()), "FAKETIME_TIMESTAMP_FILE": str(told), "FAKETIME_NO_CACHE": "1",
        # What measures durations goes on as it does when a clock is set.
        "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1",
    }
    stage.service.start()
    for seconds in STEPS:
        told.write_text(f"{seconds:+d}")
        require_set(stage, seconds)
        stage.recovered("the clock is set", time.monotonic())
        stage.gate.open()
        time.sleep(stage.chance.uniform(1, 3))
    stage.require_alive("the clock was set")
    stage.service.stop()
    stage.service.settings = {}
    stage.service.start()


def require_set(stage: Stage, seconds: int):
    """Whether the service and PostgreSQL both go by the clock that they were given; a server's `Date` is some moments old."""
    deadline = time.monotonic() + PATIENCE
    while any(abs(off - seconds) > NEAR for off in offsets(stage)):
        if time.monotonic() > deadline:
            stage.ledger.find(f"the clock was set to {seconds}, and the service and PostgreSQL are off by {offsets(stage)}")
            return


def offsets(stage: Stage) -> tuple[float, float]:
    answer = stage.probe.person.read("/api/library/liked-tracks")
    of_service = parsedate_to_datetime(answer.headers["date"]).timestamp()
    of_postgres = float(stage.service.column("music", "SELECT extract(epoch FROM clock_timestamp())")[0])
    return round(of_service - time.time()), round(of_postgres - time.time())
