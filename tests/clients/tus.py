#!/usr/bin/env python3
"""tuspy and tus-js-client, the latter in one piece after another and in four parts at once, upload 200 MB each to the started
program, through connections that are cut again and again; what comes back is compared by checksum. Arguments: the program,
the folder of node's modules."""

import hashlib
import json
import random
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
from pathlib import Path

from server import Server, running
from tusclient import client

SIZE = 200 * 1000 * 1000
# A connection is cut after so many bytes, or an eighth, or anything between.
CUT = 48 * 1024 * 1024


class Cutter:
    """A proxy that loses connections."""

    def __init__(self, upstream: tuple[str, int]):
        self.upstream, self.cuts = upstream, 0
        self.chance = random.Random(4)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            near, _ = self.listener.accept()
            far = socket.create_connection(self.upstream)
            budget = self.chance.randrange(CUT // 8, CUT)
            threading.Thread(target=self.pass_on, args=(near, far, budget), daemon=True).start()
            threading.Thread(target=self.pass_on, args=(far, near, None), daemon=True).start()

    def pass_on(self, source: socket.socket, sink: socket.socket, budget: int | None):
        try:
            while data := source.recv(256 * 1024):
                if budget is not None and (budget := budget - len(data)) < 0:
                    self.cuts += 1
                    break
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                # Wakes the other thread; closing then resets, so that a client that still sends finds out.
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()


def verify(server: Server, upload: str, expected: str, parts: int):
    session = json.load(server.ask("GET", urllib.parse.urlsplit(upload).path))
    joined = session.get("concat", "").removeprefix("final;").split()
    if len(joined) != (parts if parts > 1 else 0):
        sys.exit(f"it is made of {len(joined)} parts, not of {parts}")
    download = server.ask("GET", f"/api/storage/files/{session['fileId']}/download")
    found = hashlib.sha256()
    while data := download.read(1024 * 1024):
        found.update(data)
    if {expected} != {found.hexdigest(), session["checksum"]}:
        sys.exit("what came back is something else")


def upload_with_python(endpoint: str, authorization: dict, path: Path) -> str:
    uploader = client.TusClient(endpoint, headers=authorization).uploader(
        str(path), chunk_size=16 * 1024 * 1024, retries=100, retry_delay=0, upload_checksum=True,
        metadata={"filename": "from-python.bin", "category": "general"},
    )
    uploader.upload()
    return uploader.url


def upload_with_node(endpoint: str, token: str, path: Path, modules: str, parts: int) -> str:
    script = Path(__file__).with_suffix(".mjs")
    command = ["node", script, endpoint, token, path, modules, str(parts)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=120).stdout.strip()


def main(program: str, modules: str):
    with running(program) as (server, folder):
        path = folder / "200-mb"
        content = random.Random(7).randbytes(SIZE)
        path.write_bytes(content)
        expected = hashlib.sha256(content).hexdigest()
        del content
        cutter = Cutter((server.url.hostname, server.url.port))
        endpoint = f"http://127.0.0.1:{cutter.port}/api/storage/uploads"
        clients = {
            "tuspy, checksums": (1, lambda: upload_with_python(endpoint, server.authorization, path)),
            "tus-js-client": (1, lambda: upload_with_node(endpoint, server.token, path, modules, 1)),
            "tus-js-client, 4 at once": (4, lambda: upload_with_node(endpoint, server.token, path, modules, 4)),
        }
        for name, (parts, upload) in clients.items():
            started, before = time.monotonic(), cutter.cuts
            verify(server, upload(), expected, parts)
            cuts = cutter.cuts - before
            if not cuts:
                sys.exit(f"{name}: nothing was interrupted")
            print(f"{name}: {SIZE // 1_000_000} MB, {cuts} interruptions, {time.monotonic() - started:.1f} s")


main(*sys.argv[1:])
