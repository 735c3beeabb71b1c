"""The lake as it stands at one instant: every dataset's manifest, of versions that belong together.

The list of versions is read first. While it stays the same file, nothing is read again; where it
changed while manifests were read, they are read anew, so that no snapshot mixes two lists.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from data.datasets import DATASETS
from data.errors import LakeError
from data.lake.manifest import Manifest, manifest_path, read_listed
from data.lake.versions import Listed, list_path, read_list

ATTEMPTS = 50
Identity = tuple[int, ...]
Seen = tuple[Listed | None, Identity]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Each dataset's manifest; `closed` says of those that cannot be read why."""

    manifests: Mapping[str, Manifest]
    closed: Mapping[str, str]
    listed: Identity = ()
    seen: Mapping[str, Seen] = field(default_factory=dict)

    def of(self, dataset: str) -> Manifest:
        """The manifest of a dataset, or one sentence why there is none to be had."""
        if dataset in self.closed:
            raise LakeError(self.closed[dataset])
        return self.manifests[dataset]


def read_snapshot(lake: Path, snapshot: Snapshot | None = None) -> Snapshot:
    """The lake as it is now; what has not changed since `kept` is taken from there."""
    path = list_path(lake)
    for _ in range(ATTEMPTS):
        begun = identity(path)
        if snapshot is not None and snapshot.listed == begun and _stands(lake, snapshot):
            return snapshot
        found = _read(lake, begun, snapshot)
        if identity(path) == begun:
            return found
    raise LakeError(f"{lake} changed {ATTEMPTS} times while it was looked at; look again")


def identity(path: Path) -> Identity:
    """What tells one file at a path from another; nothing where there is none."""
    try:
        stat = os.stat(path)
    except OSError:
        return ()
    return stat.st_ino, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size


def _stands(lake: Path, snapshot: Snapshot) -> bool:
    """Whether the datasets that the list does not name are as they were, too."""
    return not snapshot.closed and all(
        listed is not None or identity(manifest_path(lake / name)) == was
        for name, (listed, was) in snapshot.seen.items()
    )


def _read(lake: Path, begun: Identity, groups: Snapshot | None) -> Snapshot:
    listed = read_list(lake)
    manifests: dict[str, Manifest] = {}
    closed: dict[str, str] = {}
    seen: dict[str, Seen] = {}
    for name in DATASETS:
        one = listed.get(name)
        seen[name] = one, () if one else identity(manifest_path(lake / name))
        if groups and name not in groups.closed and groups.seen.get(name) == seen[name]:
            manifests[name] = groups.manifests[name]
            continue
        try:
            manifests[name] = read_listed(lake / name, name, one)
        except LakeError as error:
            manifests[name], closed[name] = Manifest(name), str(error)
    return Snapshot(manifests, closed, begun, seen)
