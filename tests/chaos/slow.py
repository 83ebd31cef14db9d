"""Clients that send a byte now and then, many at once."""

import socket
import time

from stage import Stage
from wire import PATIENCE

# Half of them are still in their headers, half in the body of an upload.
CLIENTS = 200
PAUSE = 0.5
# Whoever else asks meanwhile waits this long at most.
LIMIT = 5


def dawdle(stage: Stage):
    sockets = [begin(stage, is_upload=number % 2 == 0) for number in range(CLIENTS)]
    until = time.monotonic() + (3 if stage.is_short else 12)
    while time.monotonic() < until:
        for client in sockets:
            try:
                client.send(b"a")
            except OSError:
                # It was given up, which is what slow clients come to.
                pass
        started = time.monotonic()
        stage.probe.report_one(stage.probe.play())
        stage.onlooker.read("/api/library/liked-tracks")
        waited = time.monotonic() - started
        stage.measure(f"longest wait beside {CLIENTS} slow clients", waited)
        stage.ledger.expect(waited < LIMIT, f"others wait {waited:.0f} s beside slow clients")
        time.sleep(PAUSE)
    for client in sockets:
        client.close()


def begin(stage: Stage, is_upload: bool) -> socket.socket:
    client = socket.create_connection(stage.service.address, timeout=PATIENCE)
    client.setblocking(True)
    head = "GET /api/library/liked-tracks HTTP/1.1\r\nhost: refrain\r\nx-slow: "
    if is_upload:
        head = (f"POST /api/storage/files HTTP/1.1\r\nhost: refrain\r\nauthorization: Bearer {stage.onlooker.token}\r\n"
                "content-type: multipart/form-data; boundary=slow\r\ncontent-length: 100000\r\n\r\n"
                '--slow\r\ncontent-disposition: form-data; name="file"; filename="slow.bin"\r\n\r\n')
    client.sendall(head.encode())
    return client
