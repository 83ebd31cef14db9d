"""Accounts that write."""

import json
import time

from ledger import Ledger
from wire import Answer, NoAnswer, Wire

PASSWORD = "a pass phrase of chaos"


class Person:
    """An account, logged in anew whenever its token is no good any more. For one thread."""

    def __init__(self, address: tuple[str, int], ledger: Ledger, name: str):
        self.wire, self.ledger = Wire(address), ledger
        self.email = f"{name}@example.org"
        self.id, self.token = "", ""

    def register(self):
        told = {"email": self.email, "password": PASSWORD, "displayName": self.email.split("@")[0]}
        self.take(self.wire.ask("POST", "/api/auth/register", json.dumps(told).encode(), {"content-type": "application/json"}))

    def log_in(self):
        told = json.dumps({"email": self.email, "password": PASSWORD}).encode()
        answer = self.wire.ask("POST", "/api/auth/login", told, {"content-type": "application/json"})
        self.ledger.judge(answer, "POST /api/auth/login")
        if answer.status == 503:
            raise NoAnswer(ConnectionError("the login has to wait"), sent=False)
        self.take(answer)

    def take(self, answer: Answer):
        if answer.status not in (200, 201):
            raise RuntimeError(f"{self.email} cannot come in: {answer.status} {answer.body!r}")
        self.id, self.token = answer.json["user"]["id"], answer.json["accessToken"]

    def ask(self, method: str, path: str, body: dict | bytes | None = None, headers: dict | None = None) -> Answer:
        """An answer in this person's name; a dictionary is sent as JSON."""
        sent = dict(headers or {})
        if isinstance(body, dict):
            body, sent["content-type"] = json.dumps(body).encode(), "application/json"
        for _ in range(2):
            answer = self.wire.ask(method, path, body, sent | {"authorization": f"Bearer {self.token}"})
            if answer.status != 401:
                break
            self.log_in()
        self.ledger.judge(answer, f"{method} {shape(path)}")
        return answer

    def read(self, path: str, headers: dict | None = None) -> Answer:
        """An answer of a service that is well, or that will be in a moment."""
        deadline = time.monotonic() + self.wire.patience
        while True:
            try:
                answer = self.ask("GET", path, None, headers)
                if answer.status == 200 or time.monotonic() > deadline:
                    return answer
            except NoAnswer:
                if time.monotonic() > deadline:
                    raise
            time.sleep(0.2)

    def pages(self, path: str, limit: int = 100):
        """Every item of a list."""
        cursor = ""
        while cursor is not None:
            answer = self.read(f"{path}{'&' if '?' in path else '?'}limit={limit}{cursor}")
            if answer.status != 200:
                self.ledger.find(f"GET {path}: {answer.status} {answer.body[:200]!r}")
                return
            yield from answer.json["items"]
            following = answer.json["nextCursor"]
            cursor = f"&cursor={following}" if following else None


def shape(path: str) -> str:
    """A path without its ids, so that equal findings are one."""
    parts = path.split("?")[0].split("/")
    return "/".join("{id}" if len(part) == 36 and part.count("-") == 4 else part for part in parts)
