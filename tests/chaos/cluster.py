"""PostgreSQL taken out of the hands of its guard, so that it can go and come back under a service that goes on."""

import os
import signal
import subprocess
import time
from pathlib import Path

from service import Service

PATIENCE = 60


class Cluster:
    """The PostgreSQL of a running service. Its guard and the postmaster are one process group."""

    def __init__(self, service: Service):
        self.service, self.postmaster = service, service.postmaster
        self.group = os.getpgid(self.postmaster)
        command = Path(f"/proc/{self.postmaster}/cmdline").read_bytes()
        self.command = [os.fsdecode(word) for word in command.rstrip(b"\0").split(b"\0")]
        self.again: subprocess.Popen | None = None

    def take_away(self):
        """The guard is held, and so does not tell the service that its PostgreSQL has gone."""
        processes = self.service.postgres_processes()
        os.killpg(self.group, signal.SIGSTOP)
        os.kill(self.postmaster, signal.SIGKILL)
        deadline = time.monotonic() + PATIENCE
        while any(Path(f"/proc/{pid}").exists() for pid in processes) and time.monotonic() < deadline:
            time.sleep(0.02)

    def bring_back(self):
        """As the guard started it."""
        # Its parent is held and cannot bury the one before: PostgreSQL would take the zombie for a running server.
        (self.service.cluster / "postmaster.pid").unlink()
        owner, deadline = self.service.cluster.stat(), time.monotonic() + PATIENCE
        account = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if os.geteuid() == 0 else {}
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        while time.monotonic() < deadline:
            with self.service.log.open("ab") as log:
                self.again = subprocess.Popen(
                    self.command, cwd="/", env=environment | {"LC_ALL": "C"}, stdout=log, stderr=log,
                    stdin=subprocess.DEVNULL, start_new_session=True, **account)
            while self.again.poll() is None:
                if self.is_ready():
                    return
                time.sleep(0.02)
        raise RuntimeError("PostgreSQL does not come back")

    def is_ready(self) -> bool:
        lines = self.service.pid_file
        return len(lines) > 7 and lines[0] == str(self.again.pid) and lines[7].strip() == "ready"

    def give_up(self):
        """The guard goes, whereupon the service ends; its next start finds a PostgreSQL without an owner and stops it."""
        os.killpg(self.group, signal.SIGKILL)
