"""Writers of plays and of likes."""

import time
from collections import Counter
from datetime import datetime, timedelta, timezone

from writers import Writer

PATIENCE = 60
# One in so many reports of plays is one of an offline client, with several at once.
OFFLINE = 6


def is_failure(item: dict) -> bool:
    """Whether a play failed for a reason on the service's side."""
    return item["verdict"] == "rejected" and item["problem"]["status"] >= 500


class Plays(Writer):
    """Every play is reported until it is acknowledged, always with the same `playId`."""

    kind = "plays"
    pause = 0.05

    def __init__(self, *arguments, tracks: list[str]):
        super().__init__(*arguments)
        self.tracks, self.acknowledged = tracks, {}
        # Long ago, so that a clock that is set back does not make them plays of the future.
        self.played_at = datetime.now(timezone.utc) - timedelta(days=30)
        self.known: set[str] = set()

    def step(self):
        if self.chance.randrange(OFFLINE):
            self.report_one(self.play())
        else:
            self.report_all([self.play() for _ in range(self.chance.randint(2, 20))])

    def play(self) -> dict:
        self.played_at += timedelta(seconds=1)
        return {
            "trackId": self.chance.choice(self.tracks), "playId": self.uuid(), "playedAt": self.played_at.isoformat(),
            "duration": 1.0, "context": {"source": "library"}, "deviceType": "mobile",
        }

    def report_one(self, play: dict):
        answer, in_doubt = self.insist("POST", "/api/library/track-play", play)
        if self.wants(answer, (200, 201) if in_doubt else (201,), "a play"):
            self.keep([play])

    def report_all(self, plays: list[dict]):
        in_doubt, deadline = False, time.monotonic() + PATIENCE
        while plays:
            answer, doubted = self.insist("POST", "/api/library/track-plays", {"plays": plays})
            if not self.wants(answer, (200,), "plays"):
                return
            in_doubt = in_doubt or doubted
            told = list(zip(plays, answer.json["items"], strict=True))
            # Some may have failed on our side while others were stored: those are sent again.
            plays = [play for play, item in told if is_failure(item)]
            verdicts = {item["verdict"] for _, item in told if not is_failure(item)}
            expected = {"recorded", "duplicate"} if in_doubt else {"recorded"}
            self.ledger.expect(verdicts <= expected, f"plays: verdicts {sorted(verdicts)}, in doubt: {in_doubt}")
            self.keep([play for play, item in told if not is_failure(item)])
            in_doubt = in_doubt or bool(plays)
            if plays and time.monotonic() > deadline:
                self.ledger.find(f"plays: still refused after {PATIENCE} s: {answer.json['items']}")
                return

    def keep(self, plays: list[dict]):
        self.acknowledged |= {play["playId"]: play["trackId"] for play in plays}
        self.ledger.acknowledge(self.kind, len(plays))

    def check(self, service, final: bool):
        rows = service.column("music", f"SELECT play_id FROM mus_recently_played WHERE user_id = '{self.person.id}'")
        self.ledger.compare(self.kind, set(self.acknowledged), rows, "mus_recently_played")
        if final:
            self.known.clear()
        read, wanted = [], set(self.acknowledged) - self.known
        for item in self.person.pages("/api/library/recently-played"):
            if item["playId"] in self.known or not wanted:
                break
            read.append(item["playId"])
        self.ledger.compare(self.kind, wanted, read, "GET recently-played")
        self.known |= wanted


class Likes(Writer):
    """Likes and takes back, tracks and a playlist; what counts is the last acknowledged word."""

    kind = "likes"

    def __init__(self, *arguments, targets: list[str]):
        super().__init__(*arguments)
        self.targets, self.liked = targets, {}

    def step(self):
        target = self.chance.choice(self.targets)
        wish = not self.liked.get(target, False)
        answer, _ = self.insist("POST" if wish else "DELETE", f"{target}/like")
        if self.wants(answer, (200,), "a like"):
            self.ledger.expect(answer.json["liked"] == wish, f"likes: {target} is {answer.json}, wished {wish}")
            self.liked[target] = wish
            self.ledger.acknowledge(self.kind)

    def check(self, service, final: bool):
        liked = {target.rsplit("/", 1)[1] for target, wish in self.liked.items() if wish}
        tracks = {target.rsplit("/", 1)[1] for target in self.targets if "/track/" in target}
        rows = service.column("music", f"""
            SELECT track_id FROM mus_favorite_tracks WHERE user_id = '{self.person.id}'
            UNION ALL SELECT playlist_id FROM mus_playlist_likes WHERE user_id = '{self.person.id}'""")
        self.ledger.compare(self.kind, liked, rows, "the tables of likes")
        read = [item["trackId"] for item in self.person.pages("/api/library/liked-tracks")]
        self.ledger.compare(self.kind, liked & tracks, read, "GET liked-tracks")


def check_counts(writers: list[Writer], tracks: list[str]):
    """What everybody did, as each track tells it."""
    plays, likes = Counter(), Counter()
    for writer in writers:
        if isinstance(writer, Plays):
            plays.update(writer.acknowledged.values())
        elif isinstance(writer, Likes):
            likes.update(target.rsplit("/", 1)[1] for target, wish in writer.liked.items() if wish)
    reader = writers[0].person
    for track in tracks:
        told = reader.read(f"/api/library/track/{track}").json
        count, expected = (told["playCount"], told["likeCount"]), (plays[track], likes[track])
        reader.ledger.expect(count == expected, f"a track tells (plays, likes) {count}, there were {expected}")
