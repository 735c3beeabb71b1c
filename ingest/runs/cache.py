"""Replies kept on disk: fresh ones spare a call, older ones let us ask whether anything changed.

Refuses an entry whose bytes are not those that were written. Nothing here holds a key: a call is
filed before its key is added, and a reply has lost every echo of one.
"""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from data.clock import iso
from data.disk import temporary
from ingest.jobs import Call, Reply

KEPT = timedelta(days=7)
HEADERS = ("etag", "last-modified", "content-type")


@dataclass(frozen=True, slots=True)
class CachedReply:
    """One kept reply."""

    reply: Reply
    etag: str | None
    last_modified: str | None

    def is_fresh(self, seconds: int, now: datetime) -> bool:
        """Young enough to be used as it is; one from the future is not."""
        age = now - self.reply.fetched_at
        return timedelta(0) <= age < timedelta(seconds=seconds)

    @property
    def conditions(self) -> dict[str, str]:
        """The headers that ask for the reply only if it changed."""
        found = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in found.items() if value}


@dataclass(frozen=True, slots=True)
class Cache:
    """The kept replies of all sources, in `folder`."""

    folder: Path
    _pruned: set[str] = field(default_factory=set)

    def find(self, source: str, call: Call) -> CachedReply | None:
        """The kept reply to that call, if there is a whole one."""
        try:
            head, _, packed = self._path(source, call).read_bytes().partition(b"\n")
            facts = json.loads(head)
            body = zlib.decompress(packed)
            if hashlib.sha256(body).hexdigest() != facts["sha256"]:
                return None
            at = datetime.fromisoformat(facts["fetched_at"])
            reply = Reply(call, facts["status"], facts["headers"], body, at)
        except (OSError, ValueError, KeyError, TypeError, zlib.error):
            return None
        headers = reply.headers
        return CachedReply(reply, headers.get("etag"), headers.get("last-modified"))

    def keep(self, source: str, reply: Reply, seconds: int) -> None:
        """Keep a good reply, if it can be of use again; the disk may refuse, which costs a call."""
        headers = {name: reply.headers[name] for name in HEADERS if name in reply.headers}
        if not seconds and not {"etag", "last-modified"} & headers.keys():
            return
        facts = {
            "status": reply.status,
            "headers": headers,
            "fetched_at": iso(reply.fetched_at),
            "sha256": hashlib.sha256(reply.body).hexdigest(),
        }
        path = self._path(source, reply.call)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._prune(path.parent, reply.fetched_at, max(timedelta(seconds=seconds), KEPT))
            written = temporary(path.parent)
            written.write_bytes(json.dumps(facts).encode() + b"\n" + zlib.compress(reply.body, 1))
            os.replace(written, path)
        except OSError:
            return

    def _path(self, source: str, call: Call) -> Path:
        return self.folder / source / f"{call_id(call)}.reply"

    def _prune(self, folder: Path, now: datetime, span: timedelta) -> None:
        """Once per process and source: delete what nobody asked for in a long time."""
        if folder.name in self._pruned:
            return
        self._pruned.add(folder.name)
        for path in folder.iterdir():
            if now.timestamp() - path.stat().st_mtime > span.total_seconds():
                path.unlink(missing_ok=True)


def call_id(call: Call) -> str:
    """The identity of a call: what is asked, not with which key, nor in which order."""
    facts: dict[str, object] = {"url": call.url, "params": call.params, "headers": call.headers}
    if call.body is not None:
        facts["body"] = call.body
    return _digest(facts)


def _digest(facts: Mapping[str, object]) -> str:
    plain = {
        name: dict(value) if isinstance(value, Mapping) else value for name, value in facts.items()
    }
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:32]
