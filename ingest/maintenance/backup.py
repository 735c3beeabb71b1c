"""Backups: restore points of state and lake, whole, checked, thinned with age.

A point is one small file that names everything it needs by its hash, and it is written last: what
lacks its point is no backup, what has it can be restored. Refuses to pass on a damaged file, and
to restore onto anything that is there.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from data.clock import iso
from data.datasets import DATASETS
from data.disk import make_folder, sha256
from data.errors import ConfigError, LakeError
from data.lake.manifest import Manifest, listed_content, manifest_name, parse_manifest
from data.lake.store import DiskStore, Store
from data.lake.versions import Listed, read_list
from data.settings import Settings
from data.state import backup as state_copy
from data.state.db import State
from ingest.maintenance.backup_store import BackupStore

FORMAT = 1
DAILY, WEEKLY, MONTHLY = 7, 5, 12
ATTEMPTS = 5
STAMP = "%Y%m%dT%H%M%SZ"
# An object that no point names may belong to a backup that is being made elsewhere.
ORPHAN_AGE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class BackupEntry:
    """One file of a workspace: where it lies there, and which object holds it."""

    path: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Point:
    """One restore point."""

    workspace: str
    at: datetime
    entries: tuple[BackupEntry, ...]

    @property
    def name(self) -> str:
        """Of its file; the order of names is the order in time."""
        return f"points/{self.at:{STAMP}}.json"


@dataclass(frozen=True, slots=True)
class FinishedBackup:
    """What a backup did."""

    point: Point
    objects_added: int
    bytes_added: int
    points_removed: int
    objects_removed: int


def back_up(settings: Settings, state: State, store: BackupStore, now: datetime) -> FinishedBackup:
    """Add a restore point, then thin the old ones."""
    known = store.names("objects/")
    adding = _Adding(store, known)
    # The state first: what the lake gained since, the ledger does not claim yet, and a run that is
    # done again adds nothing. The other way round a run would be noted whose rows are lost.
    entries = [_add_state(settings, state, adding), *_add_lake(DiskStore(settings.lake), adding)]
    point = Point(settings.workspace, now, tuple(entries))
    store.put_bytes(point.name, _dump(point))
    removed = thin(store)
    return FinishedBackup(point, adding.count, adding.bytes, removed, _sweep(store, now))


@dataclass(slots=True)
class _Adding:
    """Objects are named by their content, so that each is stored once."""

    store: BackupStore
    known: set[str]
    count: int = 0
    bytes: int = 0

    def add(self, source: Path, path: str, digest: str, size: int) -> BackupEntry:
        name = object_name(digest)
        if name not in self.known:
            if source.stat().st_size != size or sha256(source) != digest:
                raise LakeError(
                    f"{source} is not the file that was written; restore it from an earlier "
                    "backup, which stays untouched"
                )
            self.store.put(name, source)
            self.known.add(name)
            self.count, self.bytes = self.count + 1, self.bytes + size
        return BackupEntry(path, digest, size)


def object_name(digest: str) -> str:
    """Where the content with that hash lies."""
    return f"objects/{digest[:2]}/{digest}"


def _add_state(settings: Settings, state: State, adding: _Adding) -> BackupEntry:
    make_folder(settings.run)
    with tempfile.TemporaryDirectory(dir=settings.run, prefix="backup-") as folder:
        copy = Path(folder) / "state.db"
        state_copy.copy(state, copy)
        return adding.add(copy, "state.db", sha256(copy), copy.stat().st_size)


def _add_lake(lake: Store, adding: _Adding) -> list[BackupEntry]:
    """Versions that belong together; all anew where a collector took a file in between."""
    for _ in range(ATTEMPTS):
        listed = read_list(lake)
        entries: list[BackupEntry] = []
        try:
            for name in DATASETS:
                entries += _add_dataset(lake, name, listed.get(name), adding)
        except FileNotFoundError as error:
            if read_list(lake) != listed:
                continue
            raise LakeError(
                f"{error.filename} is missing, though a version in the lake names it; restore it "
                "from an earlier backup"
            ) from None
        return entries
    raise LakeError(f"the lake changed {ATTEMPTS} times while it was copied; try again")


def _add_dataset(lake: Store, name: str, one: Listed | None, adding: _Adding) -> list[BackupEntry]:
    """A manifest and its files."""
    own = manifest_name(name)
    content = lake.read(own) if one is None else listed_content(lake, name, one)
    if content is None:
        return []
    entries = []
    for file in parse_manifest(content, f"{lake}/{own}").files:
        path = f"{name}/{file.file}"
        source = Path(lake.location(path))
        entries.append(adding.add(source, f"lake/{path}", file.sha256, file.bytes))
    return [*entries, _add_manifest(content, name, adding)]


def _add_manifest(content: bytes, name: str, adding: _Adding) -> BackupEntry:
    """From the bytes that were read: the file may be of the next version by now."""
    digest = hashlib.sha256(content).hexdigest()
    if object_name(digest) not in adding.known:
        adding.store.put_bytes(object_name(digest), content)
        adding.known.add(object_name(digest))
        adding.count, adding.bytes = adding.count + 1, adding.bytes + len(content)
    return BackupEntry(f"lake/{manifest_name(name)}", digest, len(content))


def kept(moments: Iterable[datetime]) -> set[datetime]:
    """Of the points, the newest of each of the last 7 days, 5 weeks and 12 months that have one."""
    found: set[datetime] = set()
    newest_first = sorted(moments, reverse=True)
    for form, most in (("%Y-%m-%d", DAILY), ("%G-%V", WEEKLY), ("%Y-%m", MONTHLY)):
        spans: dict[str, datetime] = {}
        for moment in newest_first:
            spans.setdefault(moment.strftime(form), moment)
        found.update(list(spans.values())[:most])
    return found


def points(store: BackupStore) -> list[str]:
    """Names of the restore points, oldest first."""
    return sorted(name for name in store.names("points/") if name.endswith(".json"))


def moment_of(name: str) -> datetime:
    """When a point was made, from its name."""
    try:
        return datetime.strptime(Path(name).stem, STAMP).replace(tzinfo=UTC)
    except ValueError:
        raise ConfigError(
            f"{name[:80]!r} is no restore point; expected points/20260131T030000Z.json"
        ) from None


def thin(store: BackupStore) -> int:
    """Remove the points that age has made too many; gives how many they were."""
    names = {moment_of(name): name for name in points(store)}
    gone = names.keys() - kept(names)
    for moment in gone:
        store.remove(names[moment])
    return len(gone)


def _sweep(store: BackupStore, now: datetime) -> int:
    """Remove the objects that no point names; points are read after the list is made."""
    present = store.ages("objects/")
    named = {
        object_name(entry.sha256)
        for name in points(store)
        for entry in read_point(store, name).entries
    }
    gone = [name for name, at in present.items() if name not in named and now - at > ORPHAN_AGE]
    for name in gone:
        store.remove(name)
    return len(gone)


def read_point(store: BackupStore, name: str) -> Point:
    """One restore point."""
    try:
        raw = json.loads(store.read(name))
        if raw["format"] != FORMAT:
            raise ValueError(raw["format"])
        entries = tuple(BackupEntry(**entry) for entry in raw["entries"])
        return Point(raw["workspace"], datetime.fromisoformat(raw["at"]), entries)
    except (ValueError, KeyError, TypeError):
        raise LakeError(
            f"{name} of {store} is no restore point that this program can read; choose another one"
        ) from None


def restore(store: BackupStore, name: str, target: Path) -> Point:
    """Everything of a point below `target`, each file checked; all of it or nothing.

    `target` must be absent or an empty folder.
    """
    point = read_point(store, name)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ConfigError(f"{target} is not empty; restore into a new folder, then swap the two")
    partial = target.with_name(f"{target.name}.restoring")
    shutil.rmtree(partial, ignore_errors=True)
    make_folder(partial)
    try:
        for entry, path in _placed(point, partial):
            _fetch(store, entry, path)
        for dataset in DATASETS:
            _refuse_incomplete(partial / "lake", dataset, point)
        os.replace(partial, target)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return point


def _placed(point: Point, folder: Path) -> Iterator[tuple[BackupEntry, Path]]:
    for entry in point.entries:
        path = (folder / entry.path).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise LakeError(f"the restore point names {entry.path!r}, outside the workspace")
        yield entry, path


def _fetch(store: BackupStore, entry: BackupEntry, path: Path) -> None:
    make_folder(path.parent)
    store.get(object_name(entry.sha256), path)
    if path.stat().st_size != entry.bytes or sha256(path) != entry.sha256:
        raise LakeError(
            f"the backup of {entry.path} is damaged (its hash differs), so nothing was restored; "
            "choose an earlier restore point"
        )


def _refuse_incomplete(lake: Path, dataset: str, point: Point) -> None:
    path, folder = lake / manifest_name(dataset), lake / dataset
    if not path.exists():
        return
    manifest: Manifest = parse_manifest(path.read_bytes(), str(path))
    if lacking := [file.file for file in manifest.files if not (folder / file.file).exists()]:
        raise LakeError(
            f"the restore point of {iso(point.at)} lacks {len(lacking)} files of {folder.name}, "
            f"the first is {lacking[0]}; choose another one"
        )


def _dump(point: Point) -> bytes:
    facts = {
        "format": FORMAT,
        "workspace": point.workspace,
        "at": iso(point.at),
        "entries": [asdict(entry) for entry in point.entries],
    }
    return json.dumps(facts, indent=1).encode()
