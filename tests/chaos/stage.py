"""What faults are done to, and who looks on."""

import random
import time
from collections import Counter
from collections.abc import Callable

from ledger import Ledger
from listening import Plays
from people import Person
from service import Service

# Leases of killed workers, pauses of relays (30 s at most) and what they have to catch up on.
PATIENCE = 120
OUTBOXES = {"music": "mus", "user": "usr", "storage": "stg"}


class Stage:
    """The service under load, a probe that reports a play now and then, and what was measured."""

    def __init__(self, service: Service, ledger: Ledger, probe: Plays, onlooker: Person, disk, broker, is_short: bool):
        self.gate = probe.gate
        self.service, self.ledger, self.probe, self.onlooker, self.disk = service, ledger, probe, onlooker, disk
        self.broker = broker
        self.is_short, self.chance = is_short, random.Random(f"faults-{probe.seed}")
        self.faults: Counter[str] = Counter()
        self.recoveries: dict[str, float] = {}
        self.measured: dict[str, float] = {}
        self.owed: list[dict] = []
        self.not_run: list[str] = []

    def recovered(self, fault: str, since: float) -> float:
        """Seconds until a play was acknowledged again."""
        self.probe.report_one(self.probe.play())
        seconds = time.monotonic() - since
        self.recoveries[fault] = max(seconds, self.recoveries.get(fault, 0))
        self.pay()
        return seconds

    def let_jobs_end(self):
        """Nobody writes, and no job or event waits, until the gate is opened."""
        self.ledger.expect(self.gate.close(), "a writer does not come to an end")
        self.await_none("jobs that have not ended", lambda: waiting_jobs(self.service))
        self.await_none("events that nobody has taken", lambda: waiting_events(self.service))

    def await_none(self, what: str, left: Callable[[], int]):
        deadline = time.monotonic() + PATIENCE
        while count := left():
            if time.monotonic() > deadline:
                self.ledger.find(f"{count} {what} after {PATIENCE} s")
                return
            time.sleep(0.2)

    def owe(self, play: dict):
        """A play that was refused in an outage, and may be stored all the same."""
        self.owed.append(play)

    def pay(self):
        for play in self.owed:
            answer, _ = self.probe.insist("POST", "/api/library/track-play", play)
            if self.probe.wants(answer, (200, 201), "a play of an outage"):
                self.probe.keep([play])
        self.owed.clear()

    def measure(self, what: str, value: float):
        self.measured[what] = max(value, self.measured.get(what, 0))

    def require_alive(self, fault: str):
        code = self.service.process.poll()
        self.ledger.expect(code is None, f"{fault}, and the service ended ({code})")
        if code is not None:
            self.service.start()


def waiting_jobs(service: Service) -> int:
    query = "SELECT count(*) FROM stg_processing_jobs WHERE status IN ('pending', 'processing')"
    return int(service.column("storage", query)[0])


def waiting_events(service: Service) -> int:
    return sum(
        int(service.column(database, f"SELECT count(*) FROM {prefix}_outbox WHERE settled_at IS NULL")[0])
        for database, prefix in OUTBOXES.items())
