#!/usr/bin/env python3
"""How long the journal of one person is looked at when it has 100,000 entries within the 90 days that count, and what memory
that takes. A few hundred entries are written over HTTP; the rest are their copies, by SQL. Argument: the program."""

import json
import re
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

from server import Server, running

ENTRIES = 100_000
WRITTEN = 200
MOODS = ["calm", "calm", "tense", "glad", "tired"]
TEXTS = [
    "We sang all evening and the music was wonderful, my sister played the cello.",
    "The office again. My boss was angry and I was worried about the meeting.",
    "I could not sleep. Father was at the hospital and I am afraid for him.",
    "A walk by the sea with my friends, and then a long dinner. Nothing was missing.",
]

CLONE = """
    CREATE TEMP TABLE copies AS
        SELECT entry.id AS of, gen_random_uuid() AS id, copy * {written} + entry.sort_order AS place,
               entry.user_date - copy * interval '7 minutes' AS at
        FROM lib_entries AS entry, generate_series(1, {copies}) AS copy;
    INSERT INTO lib_entries (id, sort_order, user_date, {columns})
        SELECT copies.id, place, at, {columns_of_entry} FROM copies JOIN lib_entries AS entry ON entry.id = of;
    INSERT INTO lib_entry_themes (user_id, entry_id, theme, source, weight)
        SELECT user_id, id, theme, source, weight FROM copies JOIN lib_entry_themes ON entry_id = of;
    ANALYZE lib_entries, lib_entry_themes;
"""


def sql(data: Path, statement: str) -> str:
    port = (data / "postgres/data/postmaster.pid").read_text().splitlines()[3]
    password = (data / "postgres/password").read_text().strip()
    url = f"postgresql://refrain:{password}@127.0.0.1:{port}/refrain_user"
    command = ["psql", "--no-psqlrc", "--quiet", "-At", "-v", "ON_ERROR_STOP=1", url, "-c", statement]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def write(server: Server):
    def post(path: str, body: dict) -> dict:
        headers = server.authorization | {"content-type": "application/json"}
        return json.load(server.ask("POST", path, json.dumps(body), headers))

    book = post("/api/books", {"title": "Diary"})
    chapter = post(f"/api/books/{book['id']}/chapters", {"title": "All of it"})
    now = datetime.now(timezone.utc)
    for place in range(WRITTEN):
        at = now - timedelta(days=80 * place / WRITTEN, hours=7 * place % 24)
        post("/api/entries", {
            "chapterId": chapter["id"], "entryType": "reflection", "content": f"{TEXTS[place % len(TEXTS)]} {place}",
            "moodContext": MOODS[place % len(MOODS)], "userDate": at.isoformat()})


def copy(data: Path):
    listed = sql(data, """SELECT column_name FROM information_schema.columns WHERE table_name = 'lib_entries'
        AND is_generated = 'NEVER' AND column_name NOT IN ('id', 'sort_order', 'user_date')""").split()
    sql(data, CLONE.format(
        written=WRITTEN, copies=ENTRIES // WRITTEN - 1, columns=", ".join(listed),
        columns_of_entry=", ".join(f"entry.{column}" for column in listed)))


def memory(server: Server, what: str) -> int:
    """MiB."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(re.search(rf"{what}:\s+(\d+)", status)[1]) // 1024


def analyse(server: Server) -> dict:
    me = json.load(server.ask("GET", "/api/auth/me"))["id"]
    server.ask("POST", f"/api/profiles/{me}/analysis", b"")
    while True:
        run = json.load(server.ask("GET", f"/api/profiles/{me}/runs?limit=1"))["items"][0]
        if run["status"] != "running":
            return run


def main(program: str):
    with running(program) as (server, folder):
        data = folder / "data"
        write(server)
        copy(data)
        before = memory(server, "VmRSS")
        for look in ["first", "second"]:
            run = analyse(server)
            seconds = datetime.fromisoformat(run["finishedAt"]) - datetime.fromisoformat(run["startedAt"])
            if (run["status"], run["counts"]["read"]["entries"]) != ("completed", ENTRIES):
                sys.exit(f"{run}")
            print(f"{look} look at {ENTRIES} entries: {seconds.total_seconds():.2f} s, {run['counts']['patterns']} patterns; "
                  f"resident {before} MiB before, {memory(server, 'VmHWM')} MiB at most")


main(*sys.argv[1:])
