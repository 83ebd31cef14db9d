"""What faults are done to, and who looks on."""

import random
import time
from collections import Counter

from ledger import Ledger
from listening import Plays
from people import Person
from service import Service


class Stage:
    """The service under load, a probe that reports a play now and then, and what was measured."""

    def __init__(self, service: Service, ledger: Ledger, probe: Plays, onlooker: Person, disk, is_short: bool):
        self.service, self.ledger, self.probe, self.onlooker, self.disk = service, ledger, probe, onlooker, disk
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
