"""The manifest of a dataset: which files are live. Its atomic replacement is the commit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from data.clock import iso
from data.contracts import Dataset
from data.disk import write_file
from data.errors import LakeError

FORMAT = 1
KEPT_MANIFESTS = 100
KEPT_PUBLISHES = 256
# A retired file stays listed longer than any collector's grace, so that a collector which
# comes late still knows how old it is; after that it would count as an orphan, a day old.
KEPT_RETIRED = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class LakeFile:
    """One live Parquet file; `low` and `high` bound the dataset's time column."""

    file: str
    partition: str
    rows: int
    bytes: int
    sha256: str
    schema: str
    low: str | None
    high: str | None


@dataclass(frozen=True, slots=True)
class Publication:
    """One commit that was acknowledged; repeating its id is answered with it, as `repeated`."""

    id: str
    version: int
    rows_added: int = 0
    vintages_added: int = 0
    unchanged: int = 0
    conflicts: int = 0
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Manifest:
    """One version of one dataset, whole."""

    dataset: str
    version: int = 0
    published_at: str | None = None
    files: tuple[LakeFile, ...] = ()
    retired: dict[str, str] = field(default_factory=dict)
    publishes: tuple[Publication, ...] = ()
    positions: dict[str, str] = field(default_factory=dict)
    schemas: dict[str, list[str]] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def rows(self) -> int:
        """Rows on disk, all vintages."""
        return sum(entry.rows for entry in self.files)

    def publication(self, publish_id: str) -> Publication | None:
        """The commit with that id, if it is among the last ones."""
        found = (done for done in self.publishes if done.id == publish_id)
        return next((replace(done, repeated=True) for done in found), None)

    def next(
        self,
        added: Iterable[LakeFile],
        done: Publication,
        now: datetime,
        *,
        retire: Iterable[str] = (),
        positions: dict[str, str] | None = None,
    ) -> Manifest:
        """The version that follows: files added, files retired, the publication remembered."""
        gone = set(retire)
        cut = iso(now - KEPT_RETIRED)
        retired = {name: at for name, at in self.retired.items() if at >= cut}
        live = (entry for entry in self.files if entry.file not in gone)
        files = sorted([*live, *added], key=lambda entry: (entry.partition, entry.file))
        return replace(
            self,
            version=done.version,
            published_at=iso(now),
            files=tuple(files),
            retired=retired | dict.fromkeys(sorted(gone), iso(now)),
            publishes=(*self.publishes[-(KEPT_PUBLISHES - 1) :], done),
            positions=self.positions | (positions or {}),
        )


def schema_id(dataset: Dataset) -> str:
    """A short name for the stored columns, their types and the rule of `superseded_at`.

    Files of figures from before grades ended vintages bear another name, so that readers can tell.
    """
    text = ";".join(f"{column.name}:{column.type}" for column in dataset.schema)
    if not dataset.descriptive and not dataset.appended:
        text += ";superseded_at:by grade"
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def manifest_path(folder: Path) -> Path:
    """Where a dataset's manifest lies."""
    return folder / "_meta" / "manifest.json"


def read_manifest(folder: Path, name: str, version: int | None = None) -> Manifest:
    """The manifest in a dataset's folder (an older version if asked); empty where there is none."""
    path = manifest_path(folder)
    if version is not None:
        path = path.with_name(f"manifest-{version:012d}.json")
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        if version is not None:
            raise LakeError(
                f"{name}: version {version} is no longer kept; the last {KEPT_MANIFESTS} are"
            ) from None
        return Manifest(name)
    except OSError as error:
        raise LakeError(f"{name}: its manifest cannot be read ({error.strerror})") from error
    return parse_manifest(content, path)


def parse_manifest(content: bytes, path: Path) -> Manifest:
    """A manifest from its JSON; refuses damage and what a newer version wrote."""
    damaged = (
        f"{path} is damaged: expected a manifest written by this program; restore it from the "
        f"newest manifest-*.json beside it, or from a backup"
    )
    try:
        raw = json.loads(content)
        found = raw["format"]
    except (ValueError, KeyError, TypeError):
        raise LakeError(damaged) from None
    if found != FORMAT:
        raise LakeError(
            f"{path.parent.parent} was written in lake format {found!r}, this version reads "
            f"format {FORMAT}; update Barograph to open this lake"
        )
    try:
        raw["files"] = tuple(LakeFile(**entry) for entry in raw["files"])
        raw["publishes"] = tuple(Publication(**entry) for entry in raw["publishes"])
        return Manifest(**raw)
    except (KeyError, TypeError):
        raise LakeError(damaged) from None


def commit(folder: Path, manifest: Manifest) -> None:
    """Replace the manifest: the instant at which every file of the call goes live at once.

    The numbered copy is written first, so that every committed version has one; a copy whose
    commit never came is overwritten by the next writer of that version.
    """
    content = json.dumps(asdict(manifest), indent=1).encode()
    path = manifest_path(folder)
    write_file(path.with_name(f"manifest-{manifest.version:012d}.json"), content)
    write_file(path, content)
    if manifest.version > KEPT_MANIFESTS:
        old = path.with_name(f"manifest-{manifest.version - KEPT_MANIFESTS:012d}.json")
        old.unlink(missing_ok=True)
