#!/usr/bin/env python3
"""REDbot on download, stream and view of a public picture, as it is and in another size: no note of it may be bad. Argument:
the program."""

import json
import random
import subprocess
import sys
import zlib

from server import Server, running

BOUNDARY = "refrain"
SIDE = 128


def picture() -> bytes:
    """A PNG of noise, large enough to be asked for in parts."""
    def chunk(name: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")

    lines = b"".join(b"\0" + random.Random(line).randbytes(3 * SIDE) for line in range(SIDE))
    size = SIDE.to_bytes(4, "big") * 2
    return b"\x89PNG\r\n\x1a\n" + b"".join((
        chunk(b"IHDR", size + b"\x08\x02\0\0\0"), chunk(b"IDAT", zlib.compress(lines)), chunk(b"IEND", b"")))


def upload(server: Server) -> str:
    head = (f'--{BOUNDARY}\r\ncontent-disposition: form-data; name="isPublic"\r\n\r\ntrue\r\n'
            f'--{BOUNDARY}\r\ncontent-disposition: form-data; name="file"; filename="picture.png"\r\n\r\n')
    body = head.encode() + picture() + f"\r\n--{BOUNDARY}--\r\n".encode()
    headers = server.authorization | {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}
    return server.ask("POST", "/api/storage/files", body, headers).headers["location"]


def notes(found) -> list[dict]:
    """Every note, wherever it is in the document."""
    if isinstance(found, dict):
        own = [found] if "note_id" in found else []
        return own + [note for value in found.values() for note in notes(value)]
    return [note for value in found for note in notes(value)] if isinstance(found, list) else []


def main(program: str) -> int:
    failed = 0
    with running(program) as (server, _):
        file = upload(server)
        for way in ("download", "stream", "view", "view?w=64&format=webp", "versions/1/content"):
            url = server.url._replace(path=f"{file}/{way}").geturl()
            said = subprocess.run(["redbot", "-o", "har", url], check=True, stdout=subprocess.PIPE, timeout=60).stdout
            told = notes(json.loads(said))
            if not told:
                sys.exit(f"{way}: REDbot said nothing")
            for note in told:
                if note["level"] in ("BAD", "WARN"):
                    print(f"{note['level']} {way}: {note['summary']}")
            bad = sum(note["level"] == "BAD" for note in told)
            failed += bad > 0
            print(f"{'FAILED' if bad else 'ok'} {way}: {len(told)} notes, {bad} bad")
    return failed


sys.exit(main(*sys.argv[1:]))
