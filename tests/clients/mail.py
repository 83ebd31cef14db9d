#!/usr/bin/env python3
"""A forgotten password: the started program hands its mail to a real SMTP server (aiosmtpd), which wants TLS, a name
and a password, and is busy at first; the token of the link in the mail sets another password, once. Argument: the program."""

import email
import email.policy
import http.client
import json
import logging
import queue
import ssl
import subprocess
import sys
import tempfile
import urllib.parse
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from server import EMAIL, PASSWORD, Server, free_port, running

SENDER = "Refrain <no-reply@example.org>"
PAGE = "https://app.example.org/new-password?token="
LOGIN = LoginPassword(b"refrain", b"a=secret")
# A mail that did not leave is tried again within a minute.
PATIENCE = 120


class Mailbox:
    """Turns the first mail away, keeps the others."""

    def __init__(self):
        self.turned_away, self.mails = [], queue.Queue()

    async def handle_DATA(self, _server, session, envelope):
        if not session.authenticated:
            return "530 who are you?"
        if not self.turned_away:
            self.turned_away.append(envelope)
            return "451 later"
        self.mails.put(envelope)
        return "250 taken"


def token_of(envelope) -> str:
    """Reads a mail as a mail program does."""
    message = email.message_from_bytes(envelope.content, policy=email.policy.default)
    if (envelope.rcpt_tos, message["to"], message["from"]) != ([EMAIL], EMAIL, SENDER):
        sys.exit(f"from whom to whom? {envelope.rcpt_tos} {message}")
    links = [word for word in message.get_content().split() if word.startswith(PAGE)]
    if len(links) != 1:
        sys.exit(f"no link, or several: {message.get_content()!r}")
    return urllib.parse.parse_qs(urllib.parse.urlsplit(links[0]).query)["token"][0]


def expect(server: Server, status: int, path: str, body: dict):
    connection = http.client.HTTPConnection(server.url.hostname, server.url.port, timeout=60)
    connection.request("POST", path, json.dumps(body), {"content-type": "application/json"})
    answer = connection.getresponse()
    if answer.status != status:
        sys.exit(f"{path}: {answer.status} in place of {status}: {answer.read()!r}")


def forget_and_reset(server: Server, mailbox: Mailbox):
    reset = "/api/auth/password-reset"
    expect(server, 202, f"{reset}/request", {"email": EMAIL})
    token = token_of(mailbox.mails.get(timeout=PATIENCE))
    # The mail that was turned away may have been read all the same: its token is no good any more.
    expect(server, 404, f"{reset}/confirm", {"token": token_of(mailbox.turned_away[0]), "newPassword": "not this one"})
    expect(server, 204, f"{reset}/confirm", {"token": token, "newPassword": "another battery"})
    expect(server, 410, f"{reset}/confirm", {"token": token, "newPassword": "a third one"})
    expect(server, 401, "/api/auth/login", {"email": EMAIL, "password": PASSWORD})
    expect(server, 200, "/api/auth/login", {"email": EMAIL, "password": "another battery"})


def identity(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A certificate of the server's own, which is its own authority."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=127.0.0.1"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE"]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    return tls, certificate


def forget_over(program: str, mailbox: Mailbox, address: str, certificate: Path):
    name, password = (urllib.parse.quote(part, safe="") for part in LOGIN)
    settings = {
        "REFRAIN_SMTP_URL": f"smtp://{name}:{password}@{address}?tls=required", "REFRAIN_MAIL_FROM": SENDER,
        "REFRAIN_PASSWORD_RESET_URL": PAGE, "SSL_CERT_FILE": str(certificate),
    }
    with running(program, settings) as (server, folder):
        forget_and_reset(server, mailbox)
        if not mailbox.mails.empty() or any((folder / "data").glob("mail/*")):
            sys.exit("more than one mail")


def main(program: str):
    # aiosmtpd logs that it does itself what it calls deprecated.
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    mailbox, port = Mailbox(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        tls, certificate = identity(Path(folder))
        smtp = Controller(
            mailbox, hostname="127.0.0.1", port=port, tls_context=tls, require_starttls=True, auth_required=True,
            authenticator=lambda *asked: AuthResult(success=asked[-1] == LOGIN))
        smtp.start()
        try:
            forget_over(program, mailbox, f"127.0.0.1:{port}", certificate)
        finally:
            smtp.stop()
    print("a forgotten password: turned away once, then taken; the token of its link is good once")


main(*sys.argv[1:])
