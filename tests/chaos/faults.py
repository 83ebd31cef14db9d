"""What goes wrong: processes are killed, PostgreSQL hangs."""

import os
import signal
import subprocess
import threading
import time

from cluster import Cluster
from stage import Stage
from wire import NoAnswer

# Of a service whose PostgreSQL has gone for good: it drains, and says so by its end.
END_PATIENCE = 60


def kill_service(stage: Stage):
    """kill -9: the guard shuts PostgreSQL down, the next start recovers."""
    stage.service.kill()
    over = time.monotonic()
    stage.service.start()
    stage.recovered("the service is killed", over)


def kill_starting_service(stage: Stage):
    """kill -9 again and again while it starts, at any moment between its first step and its readiness."""
    stage.service.kill()
    for _ in range(2):
        stage.service.launch()
        time.sleep(stage.chance.uniform(0.05, 3))
        stage.service.kill()
    over = time.monotonic()
    stage.service.start()
    stage.recovered("the service is killed while it starts", over)


def freeze_service(stage: Stage):
    """The process stops and goes on, longer than a worker's lease: what it held may be another's, or its own again."""
    stage.service.process.send_signal(signal.SIGSTOP)
    time.sleep(stage.chance.uniform(2, 9))
    stage.service.process.send_signal(signal.SIGCONT)
    stage.recovered("the service stands still", time.monotonic())


def kill_backend(stage: Stage):
    """A backend that dies takes all others along: PostgreSQL recovers by itself, and the service must with it."""
    processes = stage.service.postgres_processes()
    backends = [pid for pid, title in processes.items() if " refrain refrain_" in title]
    os.kill(stage.chance.choice(backends), signal.SIGKILL)
    over = time.monotonic()
    stage.recovered("a backend of PostgreSQL is killed", over)
    stage.require_alive("a backend of PostgreSQL was killed")


def kill_postmaster(stage: Stage):
    """PostgreSQL goes and comes back on the same port under a service that goes on, as where somebody else runs it. Then its
    guard goes: the service ends, and the next start takes over from the PostgreSQL that nobody owns."""
    cluster = Cluster(stage.service)
    cluster.take_away()
    watch_outage(stage, stage.chance.uniform(1.5, 4))
    cluster.bring_back()
    stage.recovered("PostgreSQL comes back", time.monotonic())
    stage.require_alive("PostgreSQL was away and came back")
    time.sleep(stage.chance.uniform(0, 1))
    cluster.give_up()
    end_and_start(stage, "the guard of PostgreSQL was killed")
    cluster.again.wait(END_PATIENCE)


def end_postmaster(stage: Stage):
    """PostgreSQL goes for good: `refrain up` ends, not in order, so that whoever runs it starts it again."""
    os.kill(stage.service.postmaster, signal.SIGKILL)
    end_and_start(stage, "the postmaster was killed")


def end_and_start(stage: Stage, why: str):
    started = time.monotonic()
    try:
        code = stage.service.process.wait(END_PATIENCE)
        stage.ledger.expect(code == 1, f"{why}, and the service ended with {code}")
    except subprocess.TimeoutExpired:
        stage.ledger.find(f"{why}, and the service has not ended after {END_PATIENCE} s")
        stage.service.kill()
    over = time.monotonic()
    stage.measure("until the service ended without its PostgreSQL", over - started)
    stage.service.start()
    stage.recovered("PostgreSQL ends and the service with it", over)


def hang(stage: Stage):
    """PostgreSQL stops in the middle of everything (SIGSTOP) and goes on."""
    longest = 4 if stage.is_short else 15
    stage.service.signal_postgres(signal.SIGSTOP)
    asking = threading.Thread(target=ask_meanwhile, args=(stage,))
    asking.start()
    until = time.monotonic() + stage.chance.uniform(2, longest)
    try:
        while time.monotonic() < until:
            for path, expected in (("/health/live", 200), ("/health/ready", 503)):
                status = stage.service.status(path)
                stage.ledger.expect(status == expected, f"{path} while PostgreSQL hangs: {status}")
            time.sleep(0.2)
    finally:
        stage.service.signal_postgres(signal.SIGCONT)
    over = time.monotonic()
    asking.join()
    stage.recovered("PostgreSQL hangs", over)
    stage.require_alive("PostgreSQL hung")


def ask_meanwhile(stage: Stage):
    """How long somebody waits who asks while PostgreSQL hangs."""
    started = time.monotonic()
    try:
        stage.onlooker.ask("GET", "/api/library/liked-tracks")
        stage.measure("longest wait for an answer while PostgreSQL hangs", time.monotonic() - started)
    except NoAnswer:
        stage.measure("longest wait, without an answer, while PostgreSQL hangs", time.monotonic() - started)


def watch_outage(stage: Stage, seconds: float):
    """While PostgreSQL is away everything is answered: alive, not ready, and 503 to those who want something of it."""
    play, until = stage.probe.play(), time.monotonic() + seconds
    wishes = [("POST", "/api/library/track-play", play), ("GET", "/api/library/liked-tracks", None),
              ("GET", "/api/storage/files", None), ("GET", "/api/entries", None)]
    while time.monotonic() < until:
        for method, path, body in wishes:
            asked, started = f"{method} {path} while PostgreSQL is away", time.monotonic()
            try:
                status = stage.probe.person.ask(method, path, body).status
                stage.ledger.expect(status == 503, f"{asked}: {status} in place of 503")
            except NoAnswer as none:
                stage.ledger.find(f"{asked}: no answer: {none}")
            stage.measure("longest wait for a 503 while PostgreSQL is away", time.monotonic() - started)
        for path, expected in (("/health/live", 200), ("/health/ready", 503)):
            status = stage.service.status(path)
            stage.ledger.expect(status == expected, f"{path} while PostgreSQL is away: {status}")
    stage.owe(play)
