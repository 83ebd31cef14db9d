"""HTTP that tells an answer from none: whoever gets none does not know whether it was done."""

import contextlib
import dataclasses
import http.client
import json
import time

# Longer than the service may take for anything that is asked of it here.
PATIENCE = 20
# A connection that was idle for longer may be closed by the service at any moment, even now.
IDLE = 2


class NoAnswer(Exception):
    """Nothing came back. What was never sent was not done; the rest is in doubt."""

    def __init__(self, cause: Exception, sent: bool):
        super().__init__(repr(cause))
        self.sent = sent


@dataclasses.dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


class Wire:
    """A connection to the service, made again when it is lost. For one thread."""

    def __init__(self, address: tuple[str, int], patience: float = PATIENCE):
        self.address, self.patience = address, patience
        self.connection: http.client.HTTPConnection | None = None
        self.used = 0.0

    def ask(self, method: str, path: str, body: bytes | None = None, headers: dict | None = None) -> Answer:
        if time.monotonic() - self.used > IDLE:
            self.close()
        connection = self.connection or self.connect()
        try:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                # Who refuses a body need not read it to its end: the answer may be there already.
                connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            answer = Answer(response.status, response.headers, response.read())
        except (OSError, http.client.HTTPException) as cause:
            self.close()
            raise NoAnswer(cause, sent=True) from cause
        self.used = time.monotonic()
        if response.will_close:
            self.close()
        return answer

    def connect(self) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection(*self.address, timeout=self.patience)
        try:
            connection.connect()
        except OSError as cause:
            raise NoAnswer(cause, sent=False) from cause
        self.connection = connection
        return connection

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None
