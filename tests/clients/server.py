"""A `refrain up` of its own, with one account."""

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import urllib.parse
from pathlib import Path

EMAIL, PASSWORD = "clients@example.org", "correct horse"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Server:
    def __init__(self, program: str, process: subprocess.Popen, data: Path, url: str):
        self.process, self.url = process, urllib.parse.urlsplit(url)
        create = [program, "user", "create", EMAIL, "--data-dir", str(data)]
        subprocess.run(create, check=True, input=f"{PASSWORD}\n", text=True, stdout=subprocess.DEVNULL)
        login = json.dumps({"email": EMAIL, "password": PASSWORD}).encode()
        answer = self.ask("POST", "/api/auth/login", login, {"content-type": "application/json"})
        self.token = json.load(answer)["accessToken"]

    def ask(self, method: str, path: str, body=None, headers: dict | None = None) -> http.client.HTTPResponse:
        """An answer that says that it went well; its body is still to be read."""
        connection = http.client.HTTPConnection(self.url.hostname, self.url.port, timeout=300)
        connection.request(method, path, body, headers or self.authorization)
        answer = connection.getresponse()
        if answer.status >= 300:
            sys.exit(f"{method} {path}: {answer.status} {answer.read()!r}")
        return answer

    @property
    def authorization(self) -> dict:
        return {"Authorization": f"Bearer {self.token}"}


@contextlib.contextmanager
def running(program: str, settings: dict | None = None):
    """The server with settings of its environment, and a folder for files."""
    with tempfile.TemporaryDirectory() as folder:
        # PostgreSQL does not run as root: its account must be able to enter.
        os.chmod(folder, 0o755)
        data = Path(folder) / "data"
        command = [program, "up", "--listen", "127.0.0.1:0", "--data-dir", str(data)]
        environment = os.environ | {"REFRAIN_RATE_LIMIT": "off"} | (settings or {})
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
        try:
            url = process.stdout.readline().removeprefix("ready ").strip()
            yield Server(program, process, data, url), Path(folder)
        finally:
            process.terminate()
            process.wait()
