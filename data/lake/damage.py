"""Find the files of a dataset that are not what their manifest says, before any row is used.

Each file is hashed at its first use in a process and again whenever it is not the same file any
more. Rot that leaves the file's times as they were is found by the next process.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable

from data.clock import utc_now
from data.errors import LakeError
from data.lake.manifest import LakeFile
from data.lake.store import Store

KEPT = 200_000
# The clock of a file system moves in steps of some milliseconds: a file that was written just now
# may be written again without a change of its times, so what was found of it is not kept.
JUST_NOW_NS = 50_000_000
_whole: dict[str, tuple[str, int, int, int, int]] = {}


def find_damage(
    store: Store, name: str, files: Iterable[LakeFile], seen: set[str] | None = None
) -> list[str]:
    """Names of a dataset's missing, truncated or altered files.

    `seen` holds the names of those that were found whole before and need no look; whole ones of
    this look are added to it.
    """
    seen = set() if seen is None else seen
    folder, bad = f"{name}/", []
    for entry in files:
        if entry.file in seen:
            continue
        if _is_whole(store, folder + entry.file, entry.sha256):
            seen.add(entry.file)
        else:
            bad.append(entry.file)
    return bad


def refuse_damage(store: Store, name: str, files: Iterable[LakeFile]) -> None:
    """For whoever writes rows of these files anew: a damaged one is never merged into another."""
    if bad := find_damage(store, name, files):
        raise LakeError(
            f"{name}: {store}/{name}/{bad[0]} is damaged or missing (its content is not what was "
            "written), so nothing was published; put the file back from a backup, then run it again"
        )


def _is_whole(store: Store, file: str, sha256: str) -> bool:
    try:
        path = store.location(file)
        stat = os.stat(path)
        known = sha256, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns
        return _whole.get(path) == known or _hash(path, sha256)
    except OSError:
        return False


def _hash(path: str, sha256: str) -> bool:
    with open(path, "rb") as content:
        before = os.fstat(content.fileno())
        if hashlib.file_digest(content, "sha256").hexdigest() != sha256:
            return False
        after = os.fstat(content.fileno())
    times = after.st_mtime_ns, after.st_ctime_ns
    if times == (before.st_mtime_ns, before.st_ctime_ns) and _is_settled(max(times)):
        if len(_whole) >= KEPT:
            _whole.clear()
        _whole[path] = sha256, after.st_ino, after.st_size, *times
    return True


def _is_settled(changed_ns: int) -> bool:
    return not 0 <= int(utc_now().timestamp() * 1e9) - changed_ns < JUST_NOW_NS
