"""Where a lake's files lie: contents under names, and one of them swapped. Today that is a disk.

Whatever decides the state of a lake goes through these few operations: its list of versions,
manifests, finished data files, and what is deleted. The rules of versions stand above them and
know neither a lock nor an ETag. Engines read a file where `location` says that it lies.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from data.disk import (
    TEMPORARY,
    identity,
    locked,
    make_folder,
    settle,
    sync_folder,
    temporary,
    write_file,
)

Tag = tuple[object, ...]


class Store(Protocol):
    """Names are relative paths with `/`. What has a name is whole, and it outlasts a power cut.

    `takes_turns` says whether `turn` keeps every other writer away, as a lock does. Where it does
    not, whoever swaps first has published, and the others begin anew from what is there then.
    Its text says where it is. What it cannot do it says with an `OSError`.
    """

    takes_turns: bool

    def names(self, prefix: str) -> Iterator[str]:
        """Every name that begins so, those of unfinished files too."""

    def read(self, name: str) -> bytes | None:
        """The content under a name; nothing where there is none."""

    def tag(self, name: str) -> Tag:
        """What tells one content under a name from another; nothing where there is none."""

    def written_at(self, name: str) -> datetime | None:
        """When it was put there, by the clock of the store."""

    def put(self, name: str, content: bytes, *, durable: bool = True) -> None:
        """Put a content under a name, over what may be there."""

    def claim(self, name: str, content: bytes) -> bool:
        """Put a content under a name for the first who comes; false for whoever comes later.

        Where writers take turns nobody else can, so what is there was left by one that died.
        """

    def swap(self, name: str, change: Callable[[bytes | None], bytes]) -> None:
        """Replace a content by what `change` makes of it, of which nothing is lost.

        `change` is asked again where another content came in between; what it raises ends it.
        """

    def delete(self, name: str, *, durable: bool = False) -> None:
        """Gone, if it was there."""

    def turn(self, name: str) -> AbstractContextManager[None]:
        """Wait for this name's turn and keep it; freed when its holder dies."""

    def location(self, name: str) -> str:
        """A path on this machine at which an engine reads that content."""

    def begin(self, folder: str) -> Path:
        """A path on this machine at which an engine may write a file that is to lie there."""

    def place(self, written: Path, name: str) -> None:
        """Give a file that was begun its name; its path is free then."""


def _refuse_unreadable(error: OSError) -> None:
    """A folder that cannot be listed is not an empty one; one that is not there is."""
    if not isinstance(error, FileNotFoundError):
        raise error


class DiskStore:
    """A folder on a local disk, never on a network's: its locks are the kernel's."""

    takes_turns = True

    def __init__(self, root: Path) -> None:
        self._root = root
        self._base = f"{root}/"

    def __str__(self) -> str:
        return str(self._root)

    def names(self, prefix: str) -> Iterator[str]:
        """See `Store`."""
        for folder, _, files in os.walk(
            self._base + prefix.rpartition("/")[0], onerror=_refuse_unreadable
        ):
            inside = folder.removeprefix(self._base).rstrip("/")
            for file in files:
                name = f"{inside}/{file}" if inside else file
                if name.startswith(prefix):
                    yield name

    def read(self, name: str) -> bytes | None:
        """See `Store`."""
        try:
            with open(self._base + name, "rb") as content:
                return content.read()
        except FileNotFoundError:
            return None

    def tag(self, name: str) -> Tag:
        """See `Store`."""
        return identity(self._base + name)

    def written_at(self, name: str) -> datetime | None:
        """See `Store`."""
        try:
            return datetime.fromtimestamp(os.stat(self._base + name).st_mtime, UTC)
        except FileNotFoundError:
            return None

    def put(self, name: str, content: bytes, *, durable: bool = True) -> None:
        """See `Store`."""
        path = self._root / name
        if durable:
            make_folder(path.parent)
            write_file(path, content)
        else:
            path.write_bytes(content)

    def claim(self, name: str, content: bytes) -> bool:
        """See `Store`."""
        self.put(name, content)
        return True

    def swap(self, name: str, change: Callable[[bytes | None], bytes]) -> None:
        """See `Store`. The lock is held for these few calls alone."""
        path = self._root / name
        make_folder(path.parent)
        with locked(path.with_name("lock")):
            for left in path.parent.glob(f"{TEMPORARY}*"):
                left.unlink(missing_ok=True)  # under the lock only the dead can have left one
            write_file(path, change(self.read(name)))

    def delete(self, name: str, *, durable: bool = False) -> None:
        """See `Store`."""
        path = self._root / name
        path.unlink(missing_ok=True)
        if durable:
            sync_folder(path.parent)

    @contextlib.contextmanager
    def turn(self, name: str) -> Iterator[None]:
        """See `Store`. The name is that of a lock file."""
        path = self._root / name
        make_folder(path.parent)
        with locked(path):
            yield

    def location(self, name: str) -> str:
        """See `Store`."""
        return self._base + name

    def begin(self, folder: str) -> Path:
        """See `Store`. It lies beside its final name, so that a rename is all it takes."""
        path = self._root / folder
        make_folder(path)
        return temporary(path)

    def place(self, written: Path, name: str) -> None:
        """See `Store`."""
        settle(written, self._root / name)
