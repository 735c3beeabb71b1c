"""What a run has already stored, line by line, so that a run that was killed goes on from there.

A line is written after its rows are in the lake, never before: what is repeated adds nothing,
what was skipped would be lost.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from data.clock import iso
from ingest.jobs import Call, Edition

KEPT = timedelta(days=14)


@dataclass(slots=True)
class Tally:
    """Counts of a run or of a part of it; `rows` as parsed, `unchanged` as known before."""

    calls: int = 0
    bytes: int = 0
    rows: int = 0
    rows_added: int = 0
    vintages_added: int = 0

    def add(self, other: Tally) -> None:
        """Count the other in."""
        for name, value in asdict(other).items():
            setattr(self, name, getattr(self, name) + value)


@dataclass(slots=True)
class Stored:
    """What the journal says: calls done, what they led to, publications made, their counts."""

    done: set[str] = field(default_factory=set)
    follow: list[Call] = field(default_factory=list)
    published: set[str] = field(default_factory=set)
    tally: Tally = field(default_factory=Tally)


@dataclass(frozen=True, slots=True)
class Journal:
    """The journal of one run."""

    path: Path

    @classmethod
    def of(cls, folder: Path, job: str, due_at: datetime) -> Journal:
        """Named by what identifies a run, so that a restored state finds the same one."""
        digest = hashlib.sha256(f"{job} {iso(due_at)}".encode()).hexdigest()[:32]
        return cls(folder / f"{digest}.jsonl")

    def read(self) -> Stored:
        """All whole lines; a last one that was cut off counts as never written."""
        stored = Stored()
        try:
            lines = self.path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return stored
        for line in lines:
            try:
                facts = json.loads(line)
                follow = [_call(call) for call in facts["follow"]]
                tally = Tally(**facts["tally"])
                done, published = set(facts["done"]), set(facts["published"])
            except (ValueError, KeyError, TypeError):
                continue
            stored.done |= done
            stored.published |= published
            stored.follow += follow
            stored.tally.add(tally)
        return stored

    def write(
        self, done: list[str], follow: list[Call], published: list[str], tally: Tally
    ) -> None:
        """One more line."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        facts = {
            "done": done,
            "follow": [_plain(call) for call in follow],
            "published": published,
            "tally": asdict(tally),
        }
        with open(self.path, "ab") as file:
            # A leading line end closes a line that a kill cut off.
            file.write(f"\n{json.dumps(facts)}\n".encode())

    def clear(self, now: datetime) -> None:
        """The run is complete; journals that nobody came back for go too."""
        self.path.unlink(missing_ok=True)
        if not self.path.parent.is_dir():
            return
        for path in self.path.parent.glob("*.jsonl"):
            if now.timestamp() - path.stat().st_mtime > KEPT.total_seconds():
                path.unlink(missing_ok=True)


def _plain(call: Call) -> Mapping[str, object]:
    plain: dict[str, object] = {
        "url": call.url,
        "params": dict(call.params),
        "headers": dict(call.headers),
        "credits": call.credits,
    }
    if call.body is not None:
        plain["body"] = dict(call.body)
    if call.edition is not None:
        named = asdict(call.edition)
        plain["edition"] = {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in named.items()
        }
    return plain


def _call(plain: Mapping[str, Any]) -> Call:
    facts = dict(plain)
    stated = facts.pop("edition", None)
    call = Call(**facts)
    if stated is None:
        return call
    moments = {
        name: datetime.fromisoformat(stated[name]) if stated[name] else None
        for name in ("released_at", "good_until")
    }
    return replace(call, edition=Edition(stated["name"], stated["mark"], **moments))
