"""Starts nginx with the committed configuration in front of three small backends, and asks it.

Only the addresses differ from the real thing: the upstreams and the port are on loopback. Run by ../check.
"""

import contextlib
import http.client
import json
import shutil
import socket
import subprocess
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

GATEWAY = Path(__file__).resolve().parent
MEBIBYTE = 1024 * 1024
PROBLEM_CODES = {400: "unreadable", 404: "not_found", 413: "too_large", 503: "unavailable"}


class Backend(BaseHTTPRequestHandler):
    """Answers every request with what it saw of it."""

    protocol_version = "HTTP/1.1"

    def setup(self):
        super().setup()
        self.server.connections.append(self.connection)

    def answer(self):
        left = int(self.headers.get("Content-Length", 0))
        received = 0
        while chunk := self.rfile.read1(min(left - received, 65536)) if received < left else b"":
            received += len(chunk)
            self.server.saw_bytes.set()
        if self.path.endswith("/refused"):
            return self.send(404, b"said by the service")
        seen = {"service": self.server.service, "path": self.path, "bytes": received,
                "headers": {name.lower(): value for name, value in self.headers.items()}}
        return self.send(200, json.dumps(seen).encode())

    do_GET = do_POST = do_PUT = answer

    def send(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def backends(services):
    servers = {}
    for service in services:
        server = ThreadingHTTPServer(("127.0.0.1", 0), Backend)
        server.service, server.saw_bytes, server.daemon_threads = service, threading.Event(), True
        server.connections = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers[service] = server
    try:
        yield servers
    finally:
        for server in servers.values():
            server.shutdown()
            server.server_close()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def nginx(report, servers):
    """The gateway on a free port; yields the port, or None when nginx refuses the configuration."""
    with tempfile.TemporaryDirectory(prefix="gateway-") as folder:
        root, port = Path(folder), free_port()
        root.chmod(0o755)  # a root nginx works as another account
        for file in GATEWAY.glob("*.conf"):
            shutil.copy(file, root)
        upstreams = (root / "upstreams.conf").read_text()
        for service, server in servers.items():
            upstreams = upstreams.replace(f"server {service}:8080;", f"server 127.0.0.1:{server.server_port};")
        (root / "upstreams.conf").write_text(upstreams)
        (root / "listen.conf").write_text(f"listen 127.0.0.1:{port};\n")
        command = ["nginx", "-p", f"{root}/", "-c", root / "nginx.conf", "-e", "error.log"]
        tested = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
        faults = [tested.stderr] if tested.returncode or "[warn]" in tested.stderr else []
        report.check("nginx -t without a warning", faults)
        if tested.returncode:
            yield None
            return
        # Without `daemon off` the command returns when the port is open. Its workers keep what it was given as standard
        # error: a file, for a pipe would never end.
        with (root / "stderr").open("w") as stderr:
            subprocess.run(command, check=True, stdout=stderr, stderr=stderr)
        try:
            yield port
        finally:
            subprocess.run([*command, "-s", "stop"], check=True, capture_output=True)


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    def json(self):
        return json.loads(self.body)

    def is_problem(self, status):
        """Whether this is the gateway's own refusal, in the form that the services use."""
        if self.status != status or self.headers["Content-Type"] != "application/problem+json":
            return False
        problem = self.json()
        return (problem["status"], problem["code"]) == (status, PROBLEM_CODES[status]) \
            and problem["type"] == f"urn:refrain:problem:{problem['code']}" \
            and problem["instance"] == self.headers["X-Request-Id"]


def ask(port, path, method="GET", body=None, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    with contextlib.closing(connection):
        connection.request(method, path, body, headers or {})
        return Answer(connection.getresponse())


def announce(port, path, length):
    """Opens a POST that announces a body, and sends none of it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.putrequest("POST", path)
    connection.putheader("Content-Length", str(length))
    connection.endheaders()
    return connection


def check_prefixes(report, port, table):
    faults = []
    for service, prefixes in table.items():
        for prefix in prefixes:
            deeper = [] if prefix.startswith("/.well-known") else [f"{prefix}/a/b?q=%2F", f"{prefix}?q=1"]
            for path in [prefix, *deeper]:
                answer = ask(port, path)
                if answer.status != 200 or (answer.json()["service"], answer.json()["path"]) != (service, path):
                    faults.append(f"{path}: {answer.status} {answer.body}")
            if not ask(port, f"{prefix}x").is_problem(404):
                faults.append(f"{prefix}x is routed")
    report.check("every prefix reaches its service with the path as sent, and no neighbour of it does", faults)


def check_inside_stays_inside(report, port):
    paths = ["/", "/api", "/api/", "/api/admin", "/internal", "/internal/x", "/internal/user/jwks.json", "/metrics",
             "/health/live", "/health/ready", "/openapi.json", "/docs", "/api/admin/audit", "//internal/x", "/.well-known/other",
             "/INTERNAL/x", "/api/library/../../internal/x", "/internal/../api/library",
             "/internal/%2E%2e%2fapi/library", "/internal/x/..%2f..%2fapi/library", "/api/library/./x",
             "/api/library/..", "/%69nternal/x"]
    refused = {path: ask(port, path) for path in paths}
    report.check("everything else is 404 as a problem",
                 [f"{path}: {answer.status} {answer.body}" for path, answer in refused.items()
                  if not answer.is_problem(404)])
    answer = ask(port, "/%2e%2e/api/library")
    report.check("a path that leaves the root is 400 as a problem",
                 [] if answer.is_problem(400) else [answer.status, answer.body])
    report.check("dots in a name or a query are no dot segment",
                 [path for path in ("/api/library/a..b", "/api/library/.hidden", "/api/library?next=/../x")
                  if ask(port, path).status != 200])


def check_bodies(report, port, storage):
    answer = ask(port, "/api/library/x", "POST", b"x" * MEBIBYTE)
    report.check("1 MiB passes to /api/library",
                 [] if answer.status == 200 and answer.json()["bytes"] == MEBIBYTE else [answer.status])
    with contextlib.closing(announce(port, "/api/library/x", 3 * MEBIBYTE)) as connection:
        answer = Answer(connection.getresponse())
    report.check("3 MiB is 413 on /api/library", [] if answer.is_problem(413) else [answer.status, answer.body])

    storage.saw_bytes.clear()
    with contextlib.closing(announce(port, "/api/storage/upload", 3 * MEBIBYTE)) as connection:
        connection.send(b"x" * 65536)
        streamed = storage.saw_bytes.wait(10)
        connection.send(b"x" * (3 * MEBIBYTE - 65536))
        answer = Answer(connection.getresponse())
    report.check("3 MiB passes to /api/storage",
                 [] if answer.status == 200 and answer.json()["bytes"] == 3 * MEBIBYTE else [answer.status])
    report.check("storage sees the first bytes of an upload before the last are sent", [] if streamed else ["spooled"])


def check_headers(report, port):
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    sent = {"traceparent": trace, "X-Request-Id": "abc.DEF-1", "X-Forwarded-For": "192.0.2.7", "Range": "bytes=0-1"}
    seen = ask(port, "/api/storage/x", headers=sent).json()["headers"]
    expected = {"traceparent": trace, "x-request-id": "abc.DEF-1", "x-forwarded-for": "192.0.2.7, 127.0.0.1",
                "x-forwarded-proto": "http", "host": f"127.0.0.1:{port}", "range": "bytes=0-1"}
    report.check("a service is told the trace, the request id and the client",
                 [f"{name}: {seen.get(name)}" for name, value in expected.items() if seen.get(name) != value])
    forged = ask(port, "/api/library", headers={"X-Request-Id": 'a" b'}).json()["headers"]["x-request-id"]
    report.check("a request id with other characters is replaced", [] if len(forged) == 32 else [forged])


def check_errors(report, port, library):
    answer = ask(port, "/api/library/refused")
    report.check("a service's refusal passes unchanged",
                 [] if (answer.status, answer.body) == (404, b"said by the service") else [answer.body])
    library.shutdown()
    library.server_close()
    for connection in library.connections:  # nginx keeps them open
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
    answer = ask(port, "/api/library")
    report.check("a service that is away is 503 with Retry-After",
                 [] if answer.is_problem(503) and answer.headers["Retry-After"] else [answer.status, answer.body])


def run(report, table):
    with backends(table) as servers, nginx(report, servers) as port:
        if port:
            check_prefixes(report, port, table)
            check_inside_stays_inside(report, port)
            check_bodies(report, port, servers["storage-service"])
            check_headers(report, port)
            check_errors(report, port, servers["music-service"])
