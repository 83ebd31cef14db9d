#!/usr/bin/env python3
"""Runs a command beside an S3 server (moto), which `REFRAIN_TEST_S3` names to it."""

import os
import socket
import subprocess
import sys
import time

from server import free_port


def main(command: list[str]) -> int:
    port = free_port()
    server = subprocess.Popen(
        ["moto_server", "-H", "127.0.0.1", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except ConnectionRefusedError:
                time.sleep(0.1)
        environment = os.environ | {"REFRAIN_TEST_S3": f"http://127.0.0.1:{port}"}
        return subprocess.run(command, env=environment).returncode
    finally:
        server.terminate()
        server.wait()


sys.exit(main(sys.argv[1:]))
