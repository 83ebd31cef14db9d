"""Writers of files: forms, pieces (tus), replacements."""

import base64
import hashlib

from wire import NoAnswer
from writers import Writer

BOUNDARY = "chaos"
FILES, UPLOADS = "/api/storage/files", "/api/storage/uploads"
TUS = {"tus-resumable": "1.0.0"}


def form(name: str, content: bytes, **fields: str) -> tuple[bytes, dict]:
    """A file as a browser sends it, and the headers."""
    parts = "".join(
        f'--{BOUNDARY}\r\ncontent-disposition: form-data; name="{field}"\r\n\r\n{value}\r\n' for field, value in fields.items())
    head = f'{parts}--{BOUNDARY}\r\ncontent-disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body = head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()
    return body, {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Files(Writer):
    """Knows the bytes of every acknowledged file, and by its name that it is there once."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.files: dict[str, tuple[str, str]] = {}
        self.known: set[str] = set()

    def keep(self, file: str, name: str, content: bytes):
        self.files[file] = (name, digest(content))
        self.ledger.acknowledge(self.kind)

    def check(self, service, final: bool):
        rows = service.sql("storage", f"SELECT original_name, checksum FROM stg_files WHERE user_id = '{self.person.id}'")
        self.ledger.compare(self.kind, set(self.files.values()), [tuple(row) for row in rows], "stg_files")
        for file in self.files if final else self.files.keys() - self.known:
            read_back(self, f"{FILES}/{file}/download", self.files[file][1])
        self.known |= self.files.keys()


def read_back(writer: Writer, path: str, expected: str):
    """The bytes themselves."""
    answer = writer.person.read(path)
    if answer.status != 200 or digest(answer.body) != expected:
        writer.ledger.lose(writer.kind, path)
        writer.ledger.find(f"{writer.kind}: {path} is {answer.status} with {len(answer.body)} bytes that are not those sent")


class Forms(Files):
    """Small files, each with an `Idempotency-Key`."""

    kind = "uploads by form"

    def step(self):
        name, content = self.new_name(), self.chance.randbytes(self.chance.randint(1, 60_000))
        body, headers = form(name, content, category="general")
        answer, _ = self.insist("POST", FILES, body, headers | self.once())
        if self.wants(answer, (201,), "a file"):
            self.ledger.expect(answer.json["checksum"] == digest(content), "a form was taken for other bytes")
            self.keep(answer.json["id"], name, content)


class Pieces(Files):
    """Files in several pieces. After whatever breaks off, the offset is asked for; it never goes back behind what was told."""

    kind = "uploads by tus"

    def step(self):
        name, content = self.new_name(), self.chance.randbytes(self.chance.randint(200_000, 900_000))
        named = base64.b64encode(name.encode()).decode()
        headers = TUS | {"upload-length": str(len(content)), "upload-metadata": f"filename {named}"}
        answer, _ = self.insist("POST", UPLOADS, None, headers)
        if not self.wants(answer, (201,), "an upload"):
            return
        place, told, file = answer.headers["location"], 0, None
        while file is None:
            told, file = self.send(place, content, told)
            if told is None:
                return
        self.keep(file, name, content)

    def send(self, place: str, content: bytes, told: int) -> tuple[int | None, str | None]:
        """One piece; how far the upload is then, and the file that it became."""
        piece = content[told:told + self.chance.randint(50_000, 250_000)]
        headers = TUS | {"upload-offset": str(told), "content-type": "application/offset+octet-stream"}
        try:
            answer = self.person.ask("PATCH", place, piece, headers)
        except NoAnswer:
            return self.resume(place, told, len(content))
        if answer.status != 204:
            # 409: the piece before was taken although nobody heard of it.
            self.wants(answer, (409, 503), "a piece")
            return self.resume(place, told, len(content))
        offset = int(answer.headers["upload-offset"])
        self.ledger.expect(offset == told + len(piece), f"tus: {offset} after {told} + {len(piece)}")
        self.ledger.acknowledge("pieces of tus")
        return offset, answer.headers["upload-file-id"]

    def resume(self, place: str, told: int, length: int) -> tuple[int | None, str | None]:
        self.ledger.doubt("pieces of tus")
        answer, _ = self.insist("HEAD", place, None, TUS)
        if not self.wants(answer, (200,), "where is it"):
            self.ledger.lose("pieces of tus", place)
            return None, None
        offset, file = int(answer.headers["upload-offset"]), answer.headers["upload-file-id"]
        if offset < told:
            self.ledger.lose("pieces of tus", place)
            self.ledger.find(f"tus: the offset was told to be {told} and is {offset}")
        self.ledger.expect((offset == length) == (file is not None), f"tus: {offset} of {length}, file {file}")
        return offset, file


class Replacements(Writer):
    """One file whose bytes are replaced. `If-Match` makes a repetition harmless."""

    kind = "replacements"
    pause = 0.15

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.file, self.versions = "", {}
        self.known: set[int] = set()

    def step(self):
        content = self.chance.randbytes(self.chance.randint(1, 40_000))
        if not self.file:
            body, headers = form(self.new_name(), content, category="general")
            answer, _ = self.insist("POST", FILES, body, headers | self.once())
        else:
            current = self.versions[max(self.versions)]
            headers = {"if-match": f'"{current}"', "content-type": "application/octet-stream"}
            answer, in_doubt = self.insist("PUT", f"{FILES}/{self.file}/content", content, headers)
            if answer.status == 412 and in_doubt:
                # It was done, and nobody heard of it.
                answer, _ = self.insist("GET", f"{FILES}/{self.file}")
        if self.wants(answer, (200, 201), "other bytes"):
            told = answer.json
            right = told["checksum"] == digest(content) and told["currentVersion"] == len(self.versions) + 1
            self.ledger.expect(right, f"a replacement is version {told['currentVersion']} after {len(self.versions)}")
            self.file = told["id"]
            self.versions[told["currentVersion"]] = digest(content)
            self.ledger.acknowledge(self.kind)

    def check(self, service, final: bool):
        if not self.file:
            return
        rows = service.sql("storage", f"SELECT version_number, checksum FROM stg_versions WHERE file_id = '{self.file}'")
        found = [(int(number), checksum) for number, checksum in rows]
        self.ledger.compare(self.kind, set(self.versions.items()), found, "stg_versions")
        for number in self.versions if final else self.versions.keys() - self.known:
            read_back(self, f"{FILES}/{self.file}/versions/{number}/content", self.versions[number])
        self.known |= self.versions.keys()
