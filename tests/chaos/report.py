"""What is printed at the end, and kept in RESULTS.md."""

import os
import platform
from datetime import date

from ledger import Ledger
from stage import Stage

TITLE = "# Chaos"
INTRO = """`just chaos` writes this; CONTRIBUTING.md says what it does. Lost, doubled, drift and findings must be none: it is red
otherwise. A write is in doubt when it was sent and got no answer, or a 503; it was then repeated under the same key."""


def table(head: tuple[str, ...], rows: list[tuple]) -> str:
    lines = [" | ".join(map(str, row)) for row in (head, ("---",) * len(head), *rows)]
    return "\n".join(f"| {line} |" for line in lines)


def report(stage: Stage, seed: int, rounds: int, seconds: float) -> str:
    ledger = stage.ledger
    longest = max(stage.recoveries.items(), key=lambda pair: pair[1], default=("none", 0))
    facts = [
        ("seed", seed), ("rounds", rounds), ("minutes", f"{seconds / 60:.1f}"),
        ("lost", ledger.lost.total()), ("doubled", ledger.doubled.total()), ("drift", ledger.drift),
        ("other findings", len(ledger.findings)), ("answers 503, each with Retry-After", ledger.unavailable),
        ("longest recovery", f"{longest[1]:.1f} s ({longest[0]})"),
    ]
    parts = [
        TITLE, f"{date.today()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores.", INTRO,
        table(("what", "value"), facts),
        table(("what was done", "times"), sorted(stage.faults.items())),
        table(("writes", "acknowledged", "in doubt", "lost", "doubled"), writes(ledger)),
        table(("recovered after", "seconds at most"), rounded(stage.recoveries)),
        table(("measured", "at most"), rounded(stage.measured)),
    ]
    parts += [f"Not run: {fault}." for fault in stage.not_run]
    if ledger.findings:
        parts.append("\n".join(f"- {count} times: {finding}" for finding, count in ledger.findings.most_common()))
    return "\n\n".join(parts) + "\n"


def writes(ledger: Ledger) -> list[tuple]:
    kinds = sorted(ledger.acknowledged | ledger.in_doubt | ledger.lost | ledger.doubled)
    return [(kind, ledger.acknowledged[kind], ledger.in_doubt[kind], ledger.lost[kind], ledger.doubled[kind]) for kind in kinds]


def rounded(measured: dict[str, float]) -> list[tuple]:
    return [(name, f"{value:.1f}") for name, value in sorted(measured.items())]
