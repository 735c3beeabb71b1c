"""What could not be used, kept with its reason: the reply as it came, without any key.

Refuses to fill the disk: of each source the last thousand are kept, of each body a megabyte.
"""

from __future__ import annotations

import contextlib
import json
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from data.clock import iso
from ingest.jobs import Problem, Reply
from ingest.runs.keys import Keys

KEPT = 1000
BODY = 1 << 20


# Why a reply is kept here: what it was, or that its rows broke the contract of their dataset.
Refusal = Literal[Problem, "contract"]


@dataclass(frozen=True, slots=True)
class Rejects:
    """The refused replies of all sources, in `folder`."""

    folder: Path
    keys: Keys

    def keep(self, source: str, reply: Reply, *, problem: Refusal, reason: str) -> Path | None:
        """Write the reply and why it was refused; gives the note, none if the disk refused."""
        note = {
            "source": source,
            "at": iso(reply.fetched_at),
            "problem": problem,
            "reason": self.keys.redact(reason),
            "status": reply.status,
            "url": self.keys.redact(reply.call.url),
            "params": {name: self.keys.redact(text) for name, text in reply.call.params.items()},
            "posted": self.keys.redact(json.dumps(reply.call.body)) if reply.call.body else None,
            "headers": self.keys.redact_headers(dict(reply.headers)),
            "bytes": len(reply.body),
            "bytes_kept": min(len(reply.body), BODY),
        }
        folder = self.folder / source
        stem = folder / f"{reply.fetched_at:%Y%m%dT%H%M%S%f}-{uuid.uuid4().hex[:8]}"
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            stem.with_suffix(".body").write_bytes(self.keys.redact_bytes(reply.body)[:BODY])
            stem.with_suffix(".json").write_text(json.dumps(note, indent=1), encoding="utf-8")
            _prune(folder)
            return stem.with_suffix(".json")
        return None


def _prune(folder: Path) -> None:
    for path in sorted(folder.glob("*.json"))[:-KEPT]:
        path.unlink(missing_ok=True)
        path.with_suffix(".body").unlink(missing_ok=True)
