"""The few moves on the local disk that the lake's promise rests on: durable, atomic, exclusive."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from data.errors import LakeError

TEMPORARY = ".tmp-"
# Engines read `__HIVE_DEFAULT_PARTITION__` as a null, so a value never starts like that.
PLAIN_VALUE = re.compile(r"(?!__)[A-Za-z0-9._-]{1,32}")


def sync_folder(folder: Path) -> None:
    """Make the names inside a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path) -> None:
    """Create a folder and its parents, each made durable in its own parent."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def temporary(folder: Path) -> Path:
    """A name in that folder which nobody else uses and every reader ignores."""
    return folder / f"{TEMPORARY}{uuid.uuid4().hex}"


def settle(written: Path, final: Path) -> None:
    """Turn a finished temporary into its final name: content first, then name, durably."""
    handle = os.open(written, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    os.replace(written, final)
    sync_folder(final.parent)


def write_file(final: Path, content: bytes) -> None:
    """Replace a small file whole: readers see the old content or the new one."""
    written = temporary(final.parent)
    try:
        with open(written, "xb") as out:
            out.write(content)
        settle(written, final)
    except BaseException:
        with contextlib.suppress(OSError):
            written.unlink()
        raise


Identity = tuple[int, ...]


def identity(path: str | Path) -> Identity:
    """What tells one file at a path from another; nothing where none can be seen."""
    try:
        stat = os.stat(path)
    except OSError:
        return ()
    return stat.st_ino, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size


def sha256(path: str | Path) -> str:
    """Hash of a file's bytes."""
    with open(path, "rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a file lock, waiting for its holder; the kernel frees it when the holder dies."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def path_value(value: object) -> str:
    """A partition value as part of a path: plain, or percent-encoded; never a way out."""
    word = str(value)
    if PLAIN_VALUE.fullmatch(word) and word not in {".", ".."}:
        return word
    coded = quote(word, safe="").replace(".", "%2E")
    return "%5F" + coded[1:] if coded.startswith("_") else coded


def explain(error: OSError, doing: str) -> LakeError:
    """The one sentence for what the disk refused."""
    hints = {
        errno.ENOSPC: "the disk is full; free some space",
        errno.EDQUOT: "the disk quota is used up; free some space",
        errno.EROFS: "the disk is read-only; mount it writable or set DATA_DIR elsewhere",
        errno.EACCES: "permission was denied; check the owner of the folder or set DATA_DIR",
        errno.EPERM: "permission was denied; check the owner of the folder or set DATA_DIR",
        errno.EIO: "the disk reported an I/O error; check it before going on",
    }
    hint = hints.get(error.errno or 0, error.strerror or str(error))
    return LakeError(f"{doing}: {hint}; what was in the lake stays, then run it again")
