"""Writers of playlists and of journal entries."""

from collections import Counter

from writers import Writer

PLAYLISTS = "/api/playlists"
MOST_TRACKS = 8


class Playlists(Writer):
    """Makes playlists, puts tracks on them, takes them off, orders them; knows the order that each must have."""

    kind = "playlist changes"

    def __init__(self, *arguments, tracks: list[str]):
        super().__init__(*arguments)
        self.tracks = tracks
        self.names: dict[str, str] = {}
        self.lists: dict[str, list[str]] = {}
        self.deeds: Counter[str] = Counter()

    def step(self):
        if not self.lists or not self.chance.randrange(12):
            done = self.create()
        else:
            done = self.change(self.chance.choice(list(self.lists)))
        if done:
            self.ledger.acknowledge(self.kind)

    def create(self) -> bool:
        name = self.new_name()
        answer, _ = self.insist("POST", PLAYLISTS, {"name": name}, self.once())
        if not self.wants(answer, (201,), "a playlist"):
            return False
        self.names[answer.json["id"]], self.lists[answer.json["id"]] = name, []
        self.deeds["created"] += 1
        return True

    def change(self, playlist: str) -> bool:
        on_it = self.lists[playlist]
        deed = self.chance.choice(["add", "add", "remove", "order"])
        if not on_it or deed == "add" and len(on_it) < MOST_TRACKS:
            return self.add(playlist, on_it)
        return self.remove(playlist, on_it) if deed == "remove" else self.order(playlist, on_it)

    def add(self, playlist: str, on_it: list[str]) -> bool:
        track = self.chance.choice([track for track in self.tracks if track not in on_it])
        place = self.chance.randint(0, len(on_it))
        told = {"trackId": track, "position": place}
        answer, _ = self.insist("POST", f"{PLAYLISTS}/{playlist}/tracks", told, self.once())
        if not self.wants(answer, (201,), "a track for a playlist"):
            return False
        on_it.insert(place, track)
        self.deeds["track_added"] += 1
        return True

    def remove(self, playlist: str, on_it: list[str]) -> bool:
        track = self.chance.choice(on_it)
        answer, in_doubt = self.insist("DELETE", f"{PLAYLISTS}/{playlist}/tracks?trackId={track}")
        if not self.wants(answer, (204, 404) if in_doubt else (204,), "a track off a playlist"):
            return False
        on_it.remove(track)
        self.deeds["track_removed"] += 1
        return True

    def order(self, playlist: str, on_it: list[str]) -> bool:
        wish = self.chance.sample(on_it, len(on_it))
        answer, _ = self.insist("PUT", f"{PLAYLISTS}/{playlist}/tracks/order", {"trackIds": wish})
        if not self.wants(answer, (200,), "an order"):
            return False
        self.lists[playlist] = wish
        return True

    def check(self, service, final: bool):
        self.check_orders(service)
        told = service.sql("music", f"""
            SELECT action, count(*) FROM mus_playlist_activities WHERE user_id = '{self.person.id}' GROUP BY action""")
        told = {action: int(count) for action, count in told if action in self.deeds}
        self.ledger.expect(told == self.deeds, f"playlist activities: {told}, done were {dict(self.deeds)}")

    def check_orders(self, service):
        rows = service.sql("music", f"SELECT id, name FROM mus_playlists WHERE user_id = '{self.person.id}'")
        self.ledger.compare("playlists", set(self.names.items()), [tuple(row) for row in rows], "mus_playlists")
        entries = service.sql("music", f"""
            SELECT entry.playlist_id, entry.track_id FROM mus_playlist_tracks AS entry
            JOIN mus_playlists AS list ON list.id = entry.playlist_id
            WHERE list.user_id = '{self.person.id}' ORDER BY entry.playlist_id, entry.position""")
        stored: dict[str, list[str]] = {}
        for playlist, track in entries:
            stored.setdefault(playlist, []).append(track)
        for playlist, expected in self.lists.items():
            read = [item["track"]["id"] for item in self.person.pages(f"{PLAYLISTS}/{playlist}/tracks")]
            if not read == stored.get(playlist, []) == expected:
                self.ledger.compare(self.kind, set(expected), stored.get(playlist, []), "mus_playlist_tracks")
                self.ledger.compare(self.kind, set(expected), read, "GET tracks")
                self.ledger.find(f"{self.kind}: a playlist has not the order that was acknowledged")


class Entries(Writer):
    """Journal entries, for the third of the services."""

    kind = "journal entries"
    pause = 0.3

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.chapter, self.acknowledged = "", {}

    def step(self):
        if not self.chapter:
            self.chapter = self.begin()
            return
        told = {"chapterId": self.chapter, "entryType": "reflection", "content": f"It rained on {self.new_name()}."}
        answer, _ = self.insist("POST", "/api/entries", told, self.once())
        if self.wants(answer, (201,), "an entry"):
            self.acknowledged[answer.json["id"]] = told["content"]
            self.ledger.acknowledge(self.kind)

    def begin(self) -> str:
        book, _ = self.insist("POST", "/api/books", {"title": self.new_name()}, self.once())
        if not self.wants(book, (201,), "a book"):
            return ""
        path = f"/api/books/{book.json['id']}/chapters"
        chapter, _ = self.insist("POST", path, {"title": self.new_name()}, self.once())
        return chapter.json["id"] if self.wants(chapter, (201,), "a chapter") else ""

    def check(self, service, final: bool):
        query = f"SELECT id, content FROM lib_entries WHERE user_id = '{self.person.id}'"
        rows = [tuple(row) for row in service.sql("user", query)]
        self.ledger.compare(self.kind, set(self.acknowledged.items()), rows, "lib_entries")
        read = [(item["id"], item["content"]) for item in self.person.pages("/api/entries")]
        self.ledger.compare(self.kind, set(self.acknowledged.items()), read, "GET entries")
