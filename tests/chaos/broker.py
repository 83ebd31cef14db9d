"""A NATS server that events go through, and what happens to it."""

import signal
import socket
import subprocess
import time
from pathlib import Path

from service import free_port
from stage import Stage

START_PATIENCE = 30


class Broker:
    """`nats-server` with JetStream on loopback, always on the same port and the same folder."""

    def __init__(self, folder: Path):
        self.folder, self.port = folder, free_port()
        self.process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def start(self):
        """Returns when it takes connections."""
        command = ["nats-server", "--addr", "127.0.0.1", "--port", str(self.port), "--jetstream", "--store_dir", self.folder]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + START_PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("nats-server did not start") from None
                time.sleep(0.05)

    def kill(self):
        self.process.kill()
        self.process.wait()


def kill_broker(stage: Stage):
    """Nobody who reports a play notices; what is told meanwhile waits in the outboxes."""
    stage.broker.kill()
    stage.recovered("the broker is killed", time.monotonic())
    time.sleep(stage.chance.uniform(0.5, 3))
    stage.broker.start()
    stage.require_alive("the broker was killed")


def freeze_broker(stage: Stage):
    """Longer than a relay waits for an answer, or not."""
    stage.broker.process.send_signal(signal.SIGSTOP)
    time.sleep(stage.chance.uniform(1, 15))
    stage.broker.process.send_signal(signal.SIGCONT)
    stage.require_alive("the broker stood still")
