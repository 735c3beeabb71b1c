"""The manifest of a dataset: which files are live in a version of it; kept with the last ones."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta

from data.clock import iso
from data.contracts import Dataset
from data.errors import LakeError
from data.lake.store import Store
from data.lake.versions import Listed, OvertakenError, read_list, swap_list

# Format 2 tells programs that do not know the lake's list of versions to keep their hands off.
FORMAT = 2
READABLE = (1, 2)
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
    """One commit that was acknowledged; repeating its id is answered with it, as `repeated`.

    `content` is the hash of the rows that came under the id; it is empty where an earlier program
    committed, and where files were only moved.
    """

    id: str
    version: int
    rows_added: int = 0
    vintages_added: int = 0
    unchanged: int = 0
    conflicts: int = 0
    repeated: bool = False
    content: str = ""


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


def manifest_name(dataset: str) -> str:
    """Under which name a dataset's manifest lies."""
    return f"{dataset}/_meta/manifest.json"


def numbered_name(dataset: str, version: int) -> str:
    """Under which name a version of a dataset's manifest lies, as long as it is kept."""
    return f"{_numbered(dataset)}{version:012d}.json"


def _numbered(dataset: str) -> str:
    return f"{dataset}/_meta/manifest-"


def read_manifest(store: Store, name: str, version: int | None = None) -> Manifest:
    """The manifest that is the lake's (an older version if asked); empty where there is none."""
    if version is not None:
        numbered = numbered_name(name, version)
        content = _content(store, numbered, name)
        if content is None:
            raise LakeError(
                f"{name}: version {version} is no longer kept; the last {KEPT_MANIFESTS} are"
            )
        return parse_manifest(content, f"{store}/{numbered}")
    listed = read_list(store).get(name)
    while True:
        try:
            return read_listed(store, name, listed)
        except LakeError:
            before, listed = listed, read_list(store).get(name)
            if listed == before:
                raise


def read_listed(store: Store, name: str, listed: Listed | None) -> Manifest:
    """The manifest that the lake's list names; where it names none, the dataset's own."""
    own = manifest_name(name)
    content = _content(store, own, name) if listed is None else listed_content(store, name, listed)
    if content is None:
        _refuse_lost(store, name)
        return Manifest(name)
    return parse_manifest(content, f"{store}/{own}")


def _refuse_lost(store: Store, name: str) -> None:
    """A dataset that had a second version has a manifest: where it is gone, nothing is empty.

    A first version alone may be of a writer that died before its commit.
    """
    try:
        newest = max(store.names(_numbered(name)), default="")
    except OSError as error:
        raise LakeError(f"{name}: its manifests cannot be listed ({error.strerror})") from error
    if newest > numbered_name(name, 1):
        raise LakeError(
            f"{store}/{manifest_name(name)} is missing, and the lake's list does not name {name}; "
            f"copy {newest.rpartition('/')[2]}, the newest beside it, to this name, or restore a "
            "backup"
        )


def listed_content(store: Store, name: str, listed: Listed) -> bytes:
    """The bytes of a listed manifest. It lies there twice; the one with the right hash counts."""
    numbered = numbered_name(name, listed.version)
    for copy in (numbered, manifest_name(name)):
        content = _content(store, copy, name)
        if content is not None and hashlib.sha256(content).hexdigest() == listed.sha256:
            return content
    found = "damaged" if store.tag(numbered) else "missing"
    raise LakeError(
        f"{store}/{numbered} is {found}: expected a manifest written by this program, with the "
        "hash that the lake's list of versions gives; restore it from a backup"
    )


def _content(store: Store, manifest: str, name: str) -> bytes | None:
    try:
        return store.read(manifest)
    except OSError as error:
        raise LakeError(f"{name}: its manifest cannot be read ({error.strerror})") from error


def parse_manifest(content: bytes, place: str) -> Manifest:
    """A manifest from its JSON; refuses damage and what a newer version wrote."""
    damaged = (
        f"{place} is damaged: expected a manifest written by this program; restore it from the "
        f"newest manifest-*.json beside it, or from a backup"
    )
    try:
        raw = json.loads(content)
        found = raw["format"]
    except (ValueError, KeyError, TypeError):
        raise LakeError(damaged) from None
    if found not in READABLE:
        raise LakeError(
            f"{place.rpartition('/_meta/')[0]} was written in lake format {found!r}, this version "
            f"reads formats up to {FORMAT}; update Barograph to open this lake"
        )
    try:
        raw["files"] = tuple(LakeFile(**entry) for entry in raw["files"])
        raw["publishes"] = tuple(Publication(**entry) for entry in raw["publishes"])
        return Manifest(**raw)
    except (KeyError, TypeError):
        raise LakeError(damaged) from None


def next_version(store: Store, base: Manifest) -> int:
    """The number of the version that follows.

    Where writers do not take turns, another one may have claimed the number after this one, and
    nobody can tell whether it is still at work: so the number after all that were claimed.
    """
    if store.takes_turns:
        return base.version + 1
    claimed = max(store.names(_numbered(base.dataset)), default=numbered_name(base.dataset, 0))
    last = claimed.removeprefix(_numbered(base.dataset)).removesuffix(".json")
    return max(base.version, int(last)) + 1


def commit(store: Store, steps: Iterable[tuple[Manifest, Manifest]]) -> None:
    """Make versions, each given after the one that it follows, the lake's at one instant.

    That is the swap of its list. The numbered copies are written first, so that every listed
    version has one; no two writers ever write the same. `manifest.json` follows the list, for tools
    that read one dataset by itself; it may lag behind until the next version is published.
    """
    bases, contents = dict[str, int](), dict[str, tuple[int, bytes]]()
    for base, manifest in steps:
        name = manifest.dataset
        content = json.dumps(asdict(replace(manifest, format=FORMAT)), indent=1).encode()
        bases[name], contents[name] = base.version, (manifest.version, content)
        if not store.claim(numbered_name(name, manifest.version), content):
            raise OvertakenError(name)
    swap_list(
        store,
        {
            name: Listed(version, hashlib.sha256(content).hexdigest())
            for name, (version, content) in contents.items()
        },
        bases,
    )
    for name, (version, content) in contents.items():
        store.put(manifest_name(name), content)
        for old in range(bases[name] + 1, version + 1):
            if old > KEPT_MANIFESTS:
                store.delete(numbered_name(name, old - KEPT_MANIFESTS))
