"""A disk without room for bytes of files."""

import os
import resource
import subprocess
import time
from pathlib import Path

from files import FILES, form
from stage import Stage
from wire import NoAnswer

ROOM = "4g"
# Of a file at most, where the disk itself cannot be made small; a step towards its size, where it can.
SMALL = 16 * 1024


class Disk:
    """The folder of the bytes: a file system of its own where we may mount one."""

    def __init__(self, folder: Path):
        self.folder, self.is_mounted, self.why_not = folder, False, ""

    def mount(self):
        self.folder.mkdir(parents=True)
        command = ["mount", "-t", "tmpfs", "-o", f"size={ROOM},mode=0700", "tmpfs", str(self.folder)]
        try:
            run = subprocess.run(command, text=True, capture_output=True)
            self.is_mounted, self.why_not = run.returncode == 0, run.stderr.strip()
        except FileNotFoundError as cause:
            self.why_not = str(cause)
        if not self.is_mounted:
            print(f"the disk is filled by a limit on the size of a file, because nothing can be mounted: {self.why_not}")

    def unmount(self):
        if self.is_mounted:
            subprocess.run(["umount", "--lazy", str(self.folder)], check=True)

    def resize(self, size: str) -> bool:
        command = ["mount", "-o", f"remount,size={size}", str(self.folder)]
        return subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0

    def fill(self, service):
        """To the brim, which others who write meanwhile may have raised before it is set."""
        if not self.is_mounted:
            service.limit_files(SMALL)
        elif not any(self.resize(str(self.used() + attempt * SMALL)) for attempt in range(100)):
            raise RuntimeError("the disk cannot be made small")

    def used(self) -> int:
        room = os.statvfs(self.folder)
        return (room.f_blocks - room.f_bfree) * room.f_frsize

    def free(self, service):
        if self.is_mounted:
            if not self.resize(ROOM):
                raise RuntimeError("the disk cannot be made large again")
        else:
            service.limit_files(resource.RLIM_INFINITY)


def fill_disk(stage: Stage):
    """Uploads are refused with a reason, all else goes on, nothing half-done stays."""
    stage.disk.fill(stage.service)
    until = time.monotonic() + stage.chance.uniform(1.5, 4)
    body, headers = form("full.bin", stage.chance.randbytes(300_000), category="general")
    try:
        while time.monotonic() < until:
            refuse(stage, body, headers)
            stage.probe.report_one(stage.probe.play())
            stage.ledger.expect(stage.service.status("/health/live") == 200, "/health/live while the disk is full")
    finally:
        stage.disk.free(stage.service)
    stage.recovered("the disk is full", time.monotonic())
    stage.require_alive("the disk was full")


def refuse(stage: Stage, body: bytes, headers: dict):
    """The onlooker's files are nobody's business: what is taken here is a finding."""
    try:
        status = stage.onlooker.ask("POST", FILES, body, headers).status
        stage.ledger.expect(status == 503, f"an upload to a full disk: {status} in place of 503")
    except NoAnswer as none:
        stage.ledger.find(f"an upload to a full disk: no answer: {none}")
