"""What all writers have in common: a person, a gate that holds them back, and insistence."""

import random
import threading
import time
import uuid
from contextlib import contextmanager

from ledger import Ledger
from people import Person
from wire import Answer, NoAnswer

# A writer that gets no answer for so long never will.
PATIENCE = 120


class Gate:
    """Closed, it lets nobody begin a write; whoever has begun ends it."""

    def __init__(self):
        self.condition = threading.Condition()
        self.is_open, self.under_way = False, 0

    def open(self):
        with self.condition:
            self.is_open = True
            self.condition.notify_all()

    def close(self) -> bool:
        """Whether everybody has ended in time."""
        with self.condition:
            self.is_open = False
            return self.condition.wait_for(lambda: self.under_way == 0, 2 * PATIENCE)

    @contextmanager
    def passed(self):
        with self.condition:
            self.condition.wait_for(lambda: self.is_open)
            self.under_way += 1
        try:
            yield
        finally:
            with self.condition:
                self.under_way -= 1
                self.condition.notify_all()


class Writer(threading.Thread):
    """Writes one thing after another and knows what must be there. `step` writes once, `check` looks."""

    kind = ""
    # Seconds between two writes at most.
    pause = 0.08

    def __init__(self, person: Person, ledger: Ledger, gate: Gate, seed: str):
        super().__init__(daemon=True)
        self.person, self.ledger, self.gate, self.seed = person, ledger, gate, seed
        self.chance = random.Random(seed)
        self.count = 0

    def run(self):
        try:
            while True:
                with self.gate.passed():
                    self.step()
                time.sleep(self.chance.uniform(0, self.pause))
        except Exception as cause:
            self.ledger.find(f"{self.kind}: a writer gave up: {cause}")
            raise

    def step(self):
        raise NotImplementedError

    def check(self, service, final: bool):
        """Compares what was acknowledged with what HTTP and PostgreSQL tell."""
        raise NotImplementedError

    def new_name(self) -> str:
        """Of the next thing; no other thing is ever called so."""
        self.count += 1
        return f"{self.seed}-{self.count}"

    def uuid(self) -> str:
        return str(uuid.UUID(int=self.chance.getrandbits(128), version=4))

    def insist(self, method: str, path: str, body=None, headers: dict | None = None) -> tuple[Answer, bool]:
        """Asks the same until there is an answer that decides, and says whether an earlier try may have been done."""
        in_doubt, deadline = False, time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                answer = self.person.ask(method, path, body, headers)
                if answer.status < 500 and not is_busy(answer):
                    if in_doubt:
                        self.ledger.doubt(self.kind)
                    return answer, in_doubt
                # A commit whose confirmation was lost is a 503 too.
                in_doubt = True
            except NoAnswer as none:
                in_doubt = in_doubt or none.sent
            time.sleep(self.chance.uniform(0.05, 0.3))
        raise RuntimeError(f"{method} {path} has no answer after {PATIENCE} s")

    def once(self) -> dict:
        """A key with which a request is done once."""
        return {"idempotency-key": self.uuid()}

    def wants(self, answer: Answer, statuses: tuple[int, ...], asked: str) -> bool:
        """Whether the answer is one of those; anything else is a finding."""
        if answer.status in statuses:
            return True
        self.ledger.find(f"{self.kind}: {asked}: {answer.status} {answer.body[:200]!r}")
        return False


def is_busy(answer: Answer) -> bool:
    """The first request with this key still runs."""
    return answer.status == 409 and b"still running" in answer.body
