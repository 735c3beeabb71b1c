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
from typing import NamedTuple

from data.disk import temporary
from ingest.jobs import Call, Edition
from ingest.runs.cache import call_id
from ingest.runs.journal import Stored

# An answer without rows may be a fault of that day: it is believed this long.
EMPTY_FOR = timedelta(days=7)


class StoredEdition(NamedTuple):
    """The mark of a data set that was stored, empty where none ever was; until when it is believed,
    if not for good; and when it was asked for last, if that is known."""

    mark: str
    until: str = ""
    asked_at: str = ""


@dataclass(slots=True)
class StoredEditions:
    """What was stored last of each data set that was asked for, by its name."""

    path: Path
    marks: dict[str, StoredEdition] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path, job: str) -> StoredEditions:
        """Those of one job; none where the file is missing or cannot be read."""
        found = cls(folder / f"{hashlib.sha256(job.encode()).hexdigest()[:32]}.json")
        with contextlib.suppress(OSError, ValueError, TypeError, RecursionError):
            stored = json.loads(found.path.read_text(encoding="utf-8"))
            found.marks = {str(name): _read(facts) for name, *facts in stored}
        return found

    def has(self, edition: Edition, now: datetime) -> bool:
        """Whether that very edition is stored."""
        stored = self.marks.get(edition.name)
        if stored is None or stored.mark != edition.mark:
            return False
        return not stored.until or now < datetime.fromisoformat(stored.until)

    def forget(self) -> None:
        """None of them is stored any more; whose turn it is stays."""
        self.marks = {
            name: StoredEdition("", asked_at=stored.asked_at) for name, stored in self.marks.items()
        }

    def in_turn(self, calls: Iterable[Call]) -> list[Call]:
        """The calls for data sets that were never asked for, then for those asked for longest ago:
        one that changes every hour, or fails every day, keeps no other waiting for ever."""

        def last(call: Call) -> str:
            stored = self.marks.get(call.edition.name) if call.edition is not None else None
            return stored.asked_at if stored is not None else ""

        return sorted(calls, key=last)

    def remember(
        self,
        stored: Stored,
        empty: Collection[str],
        now: datetime,
        begun: Collection[str] = (),
    ) -> None:
        """Note each edition all of whose calls are done, as the journal of the run says, and of
        those that were begun that they had their turn."""
        calls: dict[str, list[str]] = {}
        editions: dict[str, Edition] = {}
        for call in stored.follow:
            if call.edition is not None:
                calls.setdefault(call.edition.name, []).append(call_id(call))
                editions[call.edition.name] = call.edition
        for name in begun:
            before = self.marks.get(name, StoredEdition(""))
            self.marks[name] = before._replace(asked_at=now.isoformat())
        for name in _done(calls, stored.done):
            until = (now + EMPTY_FOR).isoformat() if name in empty else ""
            self.marks[name] = StoredEdition(editions[name].mark, until, now.isoformat())
        self._write()

    def _write(self) -> None:
        """In one step; a disk that refuses costs calls, not facts."""
        lines = [[name, *facts] for name, facts in sorted(self.marks.items())]
        with contextlib.suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            written = temporary(self.path.parent)
            written.write_text(json.dumps(lines), encoding="utf-8")
            os.replace(written, self.path)


def _read(facts: list[object]) -> StoredEdition:
    """One line of the file; an instant without a zone makes the file unreadable."""
    read = StoredEdition(*map(str, facts))
    for instant in (read.until, read.asked_at):
        if instant and datetime.fromisoformat(instant).tzinfo is None:
            raise ValueError(f"{instant} has no zone")
    return read


def _done(calls: dict[str, list[str]], done: Collection[str]) -> Iterable[str]:
    return (name for name, asked in calls.items() if all(call in done for call in asked))
