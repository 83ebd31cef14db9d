#!/usr/bin/env python3
"""Events by way of a real NATS server with JetStream: they arrive once each; while the broker is away they wait; what is forged,
altered or for another is refused; what a service cannot read ends with the dead letters and holds up no other. Argument: the program."""

import asyncio
import json
import os
import sys
import tempfile
import time
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "chaos"))

import nats
from broker import Broker
from ledger import Ledger
from main import form, sound
from people import PASSWORD, Person
from service import Service

PATIENCE = 60
PLAYS = "/api/library/track-play"
TO_USER = "refrain.events.music.user"


def require(holds: bool, what: object):
    if not holds:
        sys.exit(f"nats: {what}")


def wait_for(what: str, condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        require(time.monotonic() < deadline, f"not after {PATIENCE} s: {what}")
        time.sleep(0.1)


class Listener:
    """Somebody who hears one track again and again."""

    def __init__(self, service: Service):
        self.service, ledger = service, Ledger()
        librarian = Person(service.address, ledger, "librarian")
        service.run("user", "create", librarian.email, "--role", "librarian", told=f"{PASSWORD}\n")
        librarian.log_in()
        body, headers = form("a.wav", sound(1), category="track", isPublic="true")
        file = librarian.ask("POST", "/api/storage/files", body, headers).json["id"]
        told = {"title": "A", "fileId": file, "visibility": "public"}
        self.track = librarian.ask("POST", "/api/library/tracks", told).json["id"]
        self.person = Person(service.address, ledger, "listener")
        self.person.register()
        self.played = 0

    def play(self, times: int):
        for _ in range(times):
            told = {"trackId": self.track, "playId": str(uuid.uuid4()), "duration": 1.0}
            answer = self.person.ask("POST", PLAYS, told)
            require(answer.status == 201, f"a play: {answer.status} {answer.body!r}")
        self.played += times

    def heard(self) -> int:
        query = f"SELECT count(*) FROM usr_heard_plays WHERE user_id = '{self.person.id}'"
        return int(self.service.column("user", query)[0])

    def require_all_heard(self):
        wait_for("user-service hears every play", lambda: self.heard() == self.played)


async def send(client, subject: str, body: bytes, token: str | None) -> dict:
    """What the service answers to a delivery."""
    inbox = client.new_inbox()
    answers = await client.subscribe(inbox)
    headers = {"Refrain-Answer-To": inbox} | ({"Refrain-Token": token} if token else {})
    await client.jetstream().publish(subject, body, headers=headers)
    return json.loads((await answers.next_msg(PATIENCE)).data)


async def overhear(client, listener: Listener):
    """A delivery as the broker sees it."""
    overheard = await client.subscribe(TO_USER)
    listener.play(1)
    message = await overheard.next_msg(PATIENCE)
    await overheard.unsubscribe()
    listener.require_all_heard()
    return message


async def forge(client, listener: Listener, delivery):
    token, body = delivery.headers["Refrain-Token"], delivery.data
    again = await send(client, TO_USER, body, token)
    require(again == {"applied": 0}, f"a delivery that comes again: {again}")
    events = json.loads(body)
    events[0]["id"], events[0]["data"]["playId"] = str(uuid.uuid4()), str(uuid.uuid4())
    forged = json.dumps(events).encode()
    for what, subject, sent, said in [
        ("altered", TO_USER, forged, token), ("unsigned", TO_USER, forged, None), ("nonsense", TO_USER, b"{", "a.b.c"),
        ("for another", "refrain.events.music.storage", body, token),
    ]:
        answer = await send(client, subject, sent, said)
        require(answer.get("status") == 401, f"{what}: {answer}")
    # An answer goes to an inbox, and nowhere else.
    elsewhere = await client.subscribe("refrain.elsewhere")
    await client.jetstream().publish(TO_USER, b"[]", headers={"Refrain-Answer-To": "refrain.elsewhere"})
    await wait_until_taken(client)
    require(elsewhere.pending_msgs == 0, "an answer went where a stranger said")
    require(listener.heard() == listener.played, "a forged play was heard")


async def wait_until_taken(client):
    deadline = time.monotonic() + PATIENCE
    while (await client.jetstream().stream_info("REFRAIN")).state.messages:
        require(time.monotonic() < deadline, "a delivery stays in the broker")
        await asyncio.sleep(0.1)


async def wait_in_broker(client, listener: Listener, delivery):
    """The broker keeps a delivery, and one at most, until the service is back."""
    listener.service.stop()
    stream, headers = client.jetstream(), {"Refrain-Token": delivery.headers["Refrain-Token"]}
    await stream.publish(TO_USER, delivery.data, headers=headers)
    try:
        await stream.publish(TO_USER, delivery.data, headers=headers)
        sys.exit("nats: the broker takes a second delivery")
    except nats.js.errors.APIError as error:
        require("per subject" in str(error.description), error)
    listener.service.start()
    listener.person.wire.close()
    await wait_until_taken(client)
    listener.require_all_heard()


def refuse(listener: Listener):
    """An event that cannot be read is tried again and kept back; those of others pass."""
    service, subject = listener.service, uuid.uuid4()
    service.sql("music", f"""INSERT INTO mus_outbox (id, type, subject, data, occurred_at, taken_by)
        VALUES ('{subject}', 'music.track.played', '{subject}', '{{}}', now(), '{{}}')""")
    listener.play(3)
    listener.require_all_heard()
    refusals = f"SELECT attempts, last_error FROM mus_outbox_refusals WHERE event_id = '{subject}' AND subscriber = 'user'"
    wait_for("it is refused again", lambda: any(int(row[0]) > 1 for row in service.sql("music", refusals)))
    said = service.sql("music", refusals)[0][1]
    require("missing field" in said, said)


def outage(broker: Broker, listener: Listener):
    broker.kill()
    listener.play(5)
    waiting = "SELECT count(*) FROM mus_outbox WHERE settled_at IS NULL AND type = 'music.track.played'"
    require(int(listener.service.column("music", waiting)[0]) >= 5, "nothing waits for a broker that is away")
    require(listener.service.is_ready(), "the service is not ready because the broker is away")
    broker.start()
    listener.require_all_heard()


async def with_broker(broker: Broker, service: Service):
    listener = Listener(service)
    listener.play(20)
    listener.require_all_heard()
    client = await nats.connect(broker.url)
    delivery = await overhear(client, listener)
    await forge(client, listener, delivery)
    await wait_in_broker(client, listener, delivery)
    await client.close()
    refuse(listener)
    outage(broker, listener)
    drift = service.run("reconcile")
    require(drift.returncode == 0, drift.stdout)
    print(f"nats: {listener.played} plays reported, {listener.heard()} heard; 4 forged deliveries refused, one that came again "
          "known; a delivery waits in the broker, events in the outbox; 1 refused, which held up no other")


def main(program: str):
    with tempfile.TemporaryDirectory(prefix="refrain-nats-") as folder:
        os.chmod(folder, 0o755)
        broker, service = Broker(Path(folder) / "nats"), Service(program, Path(folder))
        broker.start()
        service.settings["REFRAIN_NATS_URL"] = broker.url
        service.start()
        try:
            asyncio.run(with_broker(broker, service))
        finally:
            service.stop()
            broker.kill()


main(*sys.argv[1:])
