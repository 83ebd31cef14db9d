#!/usr/bin/env python3
"""1 GiB up, by a form and by tus, and down again, with the memory that the program held at most while it lasted. Argument:
the program."""

import re
import sys
import time
from pathlib import Path

from server import Server, running

SIZE = 1024 * 1024 * 1024
PIECE = bytes(range(256)) * 4096
BOUNDARY = "refrain"


def high_water(server: Server) -> int:
    """MiB since the last reset."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) // 1024


def measure(server: Server, name: str, work):
    Path(f"/proc/{server.process.pid}/clear_refs").write_text("5")
    before, started = high_water(server), time.monotonic()
    result = work()
    seconds = time.monotonic() - started
    print(f"{name}: {SIZE / seconds / 1e6:.0f} MB/s, resident {before} MiB before, {high_water(server)} MiB at most")
    return result


def pieces():
    for _ in range(SIZE // len(PIECE)):
        yield PIECE


def by_form(server: Server) -> str:
    head = f"--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n".encode()
    tail = f"\r\n--{BOUNDARY}--\r\n".encode()

    def body():
        yield head
        yield from pieces()
        yield tail

    headers = server.authorization | {
        "content-type": f"multipart/form-data; boundary={BOUNDARY}",
        "content-length": str(SIZE + len(head) + len(tail)),
    }
    return server.ask("POST", "/api/storage/files", body(), headers).headers["location"]


def by_tus(server: Server) -> str:
    speak = server.authorization | {"tus-resumable": "1.0.0"}
    upload = server.ask("POST", "/api/storage/uploads", None, speak | {"upload-length": str(SIZE)})
    headers = speak | {
        "upload-offset": "0", "content-length": str(SIZE), "content-type": "application/offset+octet-stream"}
    end = server.ask("PATCH", upload.headers["location"], pieces(), headers)
    return f"/api/storage/files/{end.headers['upload-file-id']}"


def down(server: Server, file: str):
    answer, count = server.ask("GET", f"{file}/download"), 0
    while data := answer.read(1024 * 1024):
        count += len(data)
    if count != SIZE:
        sys.exit(f"{count} bytes came back")


def main(program: str):
    with running(program) as (server, _):
        file = measure(server, "up, by a form", lambda: by_form(server))
        measure(server, "up, by tus", lambda: by_tus(server))
        measure(server, "down", lambda: down(server, file))


main(*sys.argv[1:])
