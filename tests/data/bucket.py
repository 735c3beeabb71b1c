"""A second store for a lake: objects in memory, as a bucket keeps them, with faults on demand.

Each object has an ETag, which is the hash of its content; a put may ask for the ETag that it found,
or for there being none. Nothing is renamed and nothing is locked; a listing shows what is there.
"""

from __future__ import annotations

import hashlib
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from data.clock import utc_now
from data.lake import Lake
from data.lake.damage import find_damage
from data.lake.snapshot import read_snapshot
from data.lake.store import Store, Tag
from data.query import Db
from tests.data.samples import FAR, day, observation, table

ATTEMPTS = 50
NONE = ""
Fault = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Object:
    """What lies under a name."""

    content: bytes
    etag: str
    at: datetime


class ConditionError(Exception):
    """The service's answer 412: another object is there than the put asked for."""


def nothing(operation: str, name: str) -> None:
    """No fault."""


class Bucket:
    """Objects by name, and a folder of this machine in which engines find them.

    `before` and `after` are called around each change of an object, with what it is and its name:
    they may raise, as a line that breaks, or let another writer work.
    """

    takes_turns = False

    def __init__(self, cache: Path) -> None:
        self.objects: dict[str, Object] = {}
        self.before: Fault = nothing
        self.after: Fault = nothing
        self.refused = 0
        self._cache = cache
        self._lock = threading.Lock()

    def __str__(self) -> str:
        return "bucket"

    def names(self, prefix: str) -> Iterator[str]:
        """See `Store`."""
        with self._lock:
            return iter(sorted(name for name in self.objects if name.startswith(prefix)))

    def read(self, name: str) -> bytes | None:
        """See `Store`."""
        found = self.objects.get(name)
        return found.content if found else None

    def tag(self, name: str) -> Tag:
        """See `Store`."""
        found = self.objects.get(name)
        return (found.etag,) if found else ()

    def written_at(self, name: str) -> datetime | None:
        """See `Store`."""
        found = self.objects.get(name)
        return found.at if found else None

    def put(self, name: str, content: bytes, *, durable: bool = True) -> None:
        """See `Store`."""
        self._put(name, content, None)

    def claim(self, name: str, content: bytes) -> bool:
        """See `Store`."""
        try:
            self._put(name, content, NONE)
        except ConditionError:
            return self.read(name) == content
        return True

    def swap(self, name: str, change: Callable[[bytes | None], bytes]) -> None:
        """See `Store`."""
        for _ in range(ATTEMPTS):
            found = self.objects.get(name)
            content = change(found.content if found else None)
            try:
                return self._put(name, content, found.etag if found else NONE)
            except ConditionError:
                continue
        raise OSError(f"{name} changed {ATTEMPTS} times")

    def delete(self, name: str, *, durable: bool = False) -> None:
        """See `Store`."""
        self.before("delete", name)
        with self._lock:
            self.objects.pop(name, None)
        self.after("delete", name)

    def turn(self, name: str) -> AbstractContextManager[None]:
        """See `Store`. A bucket has no locks: everybody may go on."""
        return nullcontext()

    def location(self, name: str) -> str:
        """See `Store`. Data files never change their content, so a copy stays right."""
        path = self._cache / name
        if not path.exists():
            if name not in self.objects:
                raise FileNotFoundError(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self.objects[name].content)
        return str(path)

    def begin(self, folder: str) -> Path:
        """See `Store`."""
        self._cache.mkdir(parents=True, exist_ok=True)
        return self._cache / f"begun-{uuid.uuid4().hex}"

    def place(self, written: Path, name: str) -> None:
        """See `Store`."""
        self._put(name, written.read_bytes(), None)
        written.unlink()

    def _put(self, name: str, content: bytes, etag: str | None) -> None:
        """One object, whatever is there or only if its ETag is the one that is asked for."""
        self.before("put", name)
        with self._lock:
            found = self.objects.get(name)
            if etag is not None and etag != (found.etag if found else NONE):
                self.refused += 1
                raise ConditionError(name)
            digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
            self.objects[name] = Object(content, digest, utc_now())
        self.after("put", name)


def writer(store: Store, root: Path) -> Lake:
    """One of several programs that write to a store."""
    return Lake(root, workspace="live", store=store)


def macro(lake: Lake, value: int, **other: Any) -> int:
    """One value of a series of its own; gives the version."""
    rows = table(observation(float(value), day(1), series_id=f"s:{value}"))
    return lake.upsert("macro", rows, **other).version


def seen(store: Store, root: Path, sql: str = "SELECT value FROM macro ORDER BY 1") -> list[Any]:
    """What a reader that starts now finds; every listed file is whole."""
    for name, manifest in read_snapshot(store).manifests.items():
        assert find_damage(store, name, manifest.files) == []
    db = Db(root, threads=1, store=store)
    answer = db.at(FAR).sql(sql)
    db.close()
    assert answer.damaged == ()
    return answer.frame.to_series().to_list()


def collected(store: Store, root: Path, after: timedelta) -> list[str]:
    """What a collector takes so much later."""
    return writer(store, root).collect("macro", now=utc_now() + after + timedelta(minutes=1))


def data_files(store: Store, name: str = "macro") -> set[str]:
    names = store.names(f"{name}/")
    return {one.removeprefix(f"{name}/") for one in names if one.endswith(".parquet")}


class Once:
    """Lets something happen before, or after, the first put of a name, and only then."""

    def __init__(self, name: str, act: Callable[[], object]) -> None:
        self._name, self._act, self.done = name, act, False

    def __call__(self, operation: str, name: str) -> None:
        if operation == "put" and name == self._name and not self.done:
            self.done = True
            self._act()
