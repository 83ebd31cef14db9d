"""What was acknowledged, what was in doubt, and what turned out wrong."""

import threading
from collections import Counter

from wire import Answer

# Of what is found again and again, so many are told.
TOLD = 40


class Ledger:
    """Counts of all writers. A finding is anything that must not be."""

    def __init__(self):
        self.lock = threading.Lock()
        self.acknowledged, self.in_doubt = Counter(), Counter()
        self.missing: set[tuple[str, object]] = set()
        self.doubled, self.drift = Counter(), 0
        self.unavailable = 0
        self.findings: Counter[str] = Counter()

    def acknowledge(self, kind: str, count: int = 1):
        with self.lock:
            self.acknowledged[kind] += count

    def doubt(self, kind: str, count: int = 1):
        with self.lock:
            self.in_doubt[kind] += count

    def find(self, finding: str):
        with self.lock:
            self.findings[finding] += 1
            if self.findings[finding] == 1 and len(self.findings) <= TOLD:
                print(f"  FOUND {finding}", flush=True)

    def judge(self, answer: Answer, asked: str):
        """What an answer may not be, whatever happens to the service: 5xx but for a 503 that says when to come again."""
        if answer.status == 503:
            with self.lock:
                self.unavailable += 1
            if "retry-after" not in answer.headers:
                self.find(f"{asked}: 503 without Retry-After")
        elif answer.status >= 500:
            self.find(f"{asked}: {answer.status} in place of 503: {answer.body[:200]!r}")

    def compare(self, kind: str, acknowledged: set, found: set | list, where: str):
        """Acknowledged and not found is lost; found oftener than acknowledged is doubled."""
        lost = acknowledged - set(found)
        doubled = len(list(found)) - len(acknowledged) + len(lost)
        with self.lock:
            # Seen again by every look that follows.
            self.doubled[kind] = max(self.doubled[kind], doubled)
        for thing in lost:
            self.lose(kind, thing)
        if lost:
            self.find(f"{kind}: {len(lost)} acknowledged ones are not in {where}, such as {min(map(str, lost))}")
        if doubled > 0:
            extra = set(found) - acknowledged
            self.find(f"{kind}: {doubled} more in {where} than were written, such as {min(map(str, extra), default='twice')}")

    def lose(self, kind: str, thing):
        with self.lock:
            self.missing.add((kind, thing))

    def expect(self, holds: bool, finding: str):
        if not holds:
            self.find(finding)

    @property
    def lost(self) -> Counter:
        return Counter(kind for kind, _ in self.missing)

    @property
    def is_clean(self) -> bool:
        return not (self.missing or self.doubled.total() or self.drift or self.findings)
