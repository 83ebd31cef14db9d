"""Writers of processing jobs."""

import random
import zlib

from files import FILES, form
from writers import Writer

SIDE = 64
# Widths that a picture is asked in before another one is uploaded.
WIDTHS = 40


def picture(chance: random.Random) -> bytes:
    """A PNG of noise."""
    def chunk(name: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")

    lines = b"".join(b"\0" + chance.randbytes(3 * SIDE) for _ in range(SIDE))
    size = SIDE.to_bytes(4, "big") * 2
    return b"\x89PNG\r\n\x1a\n" + b"".join((
        chunk(b"IHDR", size + b"\x08\x02\0\0\0"), chunk(b"IDAT", zlib.compress(lines)), chunk(b"IEND", b"")))


class Jobs(Writer):
    """Pictures in other sizes, each ordered once: one job, one result."""

    kind = "jobs"
    pause = 0.4

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.files: dict[str, list[int]] = {}
        self.ordered: dict[str, tuple[str, int]] = {}
        self.known: set[str] = set()

    def step(self):
        file = next(reversed(self.files), None)
        if file is None or len(self.files[file]) == WIDTHS:
            body, headers = form(self.new_name(), picture(self.chance), category="illustration")
            answer, _ = self.insist("POST", FILES, body, headers | self.once())
            if self.wants(answer, (201,), "a picture"):
                self.files[answer.json["id"]] = []
            return
        width = len(self.files[file]) + 8
        order = {"jobType": "resize", "inputParams": {"width": width, "format": "png"}}
        answer, _ = self.insist("POST", f"{FILES}/{file}/jobs", order, self.once())
        if self.wants(answer, (202,), "a job"):
            self.files[file].append(width)
            self.ordered[answer.json["id"]] = (file, width)
            self.ledger.acknowledge(self.kind)

    def check(self, service, final: bool):
        rows = service.sql("storage", f"""
            SELECT id, status, coalesce(error_code, '') FROM stg_processing_jobs
            WHERE user_id = '{self.person.id}' AND job_type = 'resize'""")
        self.ledger.compare(self.kind, set(self.ordered), [row[0] for row in rows], "stg_processing_jobs")
        ended = {job: (status, error) for job, status, error in rows}
        for job in self.ordered if final else self.ordered.keys() - self.known:
            told = self.person.read(f"/api/storage/jobs/{job}").json
            stored = ended.get(job)
            self.ledger.expect(stored and told["status"] == stored[0], f"a job tells {told}, its row {stored}")
            # A worker that dies four times over one job has given it up, and says so.
            self.ledger.expect(stored in (("completed", ""), ("dead", "interrupted")), f"a job ended as {stored}")
        self.known |= self.ordered.keys()
        self.check_results(service, {place for job, place in self.ordered.items() if ended.get(job) == ("completed", "")})

    def check_results(self, service, completed: set[tuple[str, int]]):
        """One version for each completed job: not none, not two."""
        rows = service.sql("storage", f"""
            SELECT version.file_id, job.input_params ->> 'width' FROM stg_processing_jobs AS job
            JOIN stg_versions AS version ON version.id = job.output_version_id
            WHERE job.user_id = '{self.person.id}' AND job.job_type = 'resize'""")
        self.ledger.compare("results of jobs", completed, [(file, int(width)) for file, width in rows], "output_version_id")
        doubled = service.column("storage", f"""
            SELECT version.variant_key FROM stg_versions AS version JOIN stg_files AS file ON file.id = version.file_id
            WHERE file.user_id = '{self.person.id}' AND version.variant_key IS NOT NULL
            GROUP BY version.file_id, version.variant_of, version.variant_key HAVING count(*) > 1""")
        self.ledger.compare("results of jobs", set(), doubled, "stg_versions (the same variant twice)")
