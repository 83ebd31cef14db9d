"""The program under test, and the PostgreSQL that it starts."""

import os
import resource
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

from wire import NoAnswer, Wire

# Recovery of a database and a start on a machine with much else to do.
START_PATIENCE = 180
STOP_PATIENCE = 90
SETTINGS = {
    "REFRAIN_RATE_LIMIT": "off", "REFRAIN_LOG_FORMAT": "text",
    # What a killed worker had is another's soon.
    "REFRAIN_JOB_LEASE_SECONDS": "5", "REFRAIN_JOB_RETRY_SECONDS": "1",
}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Service:
    """`refrain up` on a data dir of its own, always on the same port."""

    def __init__(self, program: str, folder: Path):
        self.program, self.data, self.log = program, folder / "data", folder / "service.log"
        self.address = ("127.0.0.1", free_port())
        self.settings: dict[str, str] = {}
        self.process: subprocess.Popen | None = None

    def start(self):
        """Returns when it is ready."""
        self.launch()
        deadline = time.monotonic() + START_PATIENCE
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"it did not start ({self.process.poll()}):\n{self.last_words()}")
            time.sleep(0.05)

    def launch(self):
        command = [self.program, "up", "--listen", f"127.0.0.1:{self.address[1]}", "--data-dir", str(self.data)]
        # Python ignores SIGXFSZ; so must the program, or a limit on its files would kill it.
        self.process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, restore_signals=False,
            env=os.environ | SETTINGS | self.settings)
        threading.Thread(target=self.keep_log, args=(self.process.stderr,), daemon=True).start()

    def keep_log(self, said):
        """Through a pipe, which no limit on files holds."""
        with said, self.log.open("ab") as log:
            for line in said:
                log.write(line)
                log.flush()

    def is_ready(self) -> bool:
        return self.status("/health/ready") == 200

    def status(self, path: str, patience: float = 10) -> int | None:
        """Of an answer, if there is one in time."""
        wire = Wire(self.address, patience)
        try:
            return wire.ask("GET", path).status
        except NoAnswer:
            return None
        finally:
            wire.close()

    def last_words(self) -> str:
        return "".join(self.log.read_text(errors="replace").splitlines(keepends=True)[-20:])

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.terminate()
        self.wait()

    def wait(self) -> int:
        return self.process.wait(STOP_PATIENCE)

    def run(self, *arguments: str, told: str = "") -> subprocess.CompletedProcess:
        """A command against the running service, and what it is told on its standard input."""
        command = [self.program, *arguments, "--data-dir", str(self.data)]
        return subprocess.run(command, input=told, text=True, capture_output=True, timeout=START_PATIENCE)

    def limit_files(self, size: int):
        """No file of the process grows beyond so many bytes: a write says EFBIG."""
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    # PostgreSQL

    @property
    def cluster(self) -> Path:
        return (self.data / "postgres" / "data").resolve()

    @property
    def pid_file(self) -> list[str]:
        try:
            return (self.cluster / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    @property
    def postmaster(self) -> int:
        return int(self.pid_file[0])

    def postgres_processes(self) -> dict[int, str]:
        """The children of the postmaster and what they are."""
        listed = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], check=True, text=True, stdout=subprocess.PIPE).stdout
        rows = (line.split(None, 2) for line in listed.splitlines())
        return {int(row[0]): row[2] for row in rows if int(row[1]) == self.postmaster}

    def signal_postgres(self, number: signal.Signals):
        """To the postmaster first, so that it makes no more processes while they are gone through."""
        os.kill(self.postmaster, number)
        for pid in self.postgres_processes():
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def sql(self, database: str, query: str) -> list[list[str]]:
        """Rows of a query as text."""
        program = Path(os.readlink(f"/proc/{self.postmaster}/exe")).parent / "psql"
        password = (self.data / "postgres" / "password").read_text().strip()
        command = [program, "-h", "127.0.0.1", "-p", self.pid_file[3], "-U", "refrain", "-d", f"refrain_{database}"]
        run = subprocess.run(
            [*command, "-XAtq", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-c", query],
            env=os.environ | {"PGPASSWORD": password}, check=True, text=True, stdout=subprocess.PIPE)
        return [line.split("\t") for line in run.stdout.splitlines()]

    def column(self, database: str, query: str) -> list[str]:
        return [row[0] for row in self.sql(database, query)]
