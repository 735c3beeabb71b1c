"""Which editions of data sets a job has stored, so that only what changed is asked for again.

A name is written after its rows are in the lake, never before. The file may be lost: then
everything is asked for once more, and adds nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from data.disk import temporary
from ingest.jobs import Edition
from ingest.runs.cache import call_id
from ingest.runs.journal import Stored

# An answer without rows may be a fault of that day: it is believed this long.
EMPTY_FOR = timedelta(days=7)


@dataclass(slots=True)
class StoredEditions:
    """By name of a data set the mark that was stored, and until when it is believed, if not for
    good."""

    path: Path
    marks: dict[str, tuple[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path, job: str) -> StoredEditions:
        """Those of one job; none where the file is missing or cannot be read."""
        found = cls(folder / f"{hashlib.sha256(job.encode()).hexdigest()[:32]}.json")
        with contextlib.suppress(OSError, ValueError, TypeError):
            stored = json.loads(found.path.read_text(encoding="utf-8"))
            found.marks = {str(name): (str(mark), str(until)) for name, mark, until in stored}
        return found

    def has(self, edition: Edition, now: datetime) -> bool:
        """Whether that very edition is stored."""
        mark, until = self.marks.get(edition.name, ("", ""))
        return mark == edition.mark and (not until or now < datetime.fromisoformat(until))

    def remember(self, stored: Stored, empty: Collection[str], now: datetime) -> None:
        """Note each edition all of whose calls are done, as the journal of the run says."""
        calls: dict[str, list[str]] = {}
        editions: dict[str, Edition] = {}
        for call in stored.follow:
            if call.edition is not None:
                calls.setdefault(call.edition.name, []).append(call_id(call))
                editions[call.edition.name] = call.edition
        for name in _done(calls, stored.done):
            until = (now + EMPTY_FOR).isoformat() if name in empty else ""
            self.marks[name] = (editions[name].mark, until)
        self._write()

    def _write(self) -> None:
        """In one step; a disk that refuses costs calls, not facts."""
        lines = [[name, *told] for name, told in sorted(self.marks.items())]
        with contextlib.suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            written = temporary(self.path.parent)
            written.write_text(json.dumps(lines), encoding="utf-8")
            os.replace(written, self.path)


def _done(calls: dict[str, list[str]], done: Collection[str]) -> Iterable[str]:
    return (name for name, asked in calls.items() if all(call in done for call in asked))
