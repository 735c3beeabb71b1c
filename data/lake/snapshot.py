"""The lake as it stands at one instant: every dataset's manifest, of versions that belong together.

The list of versions is read first. While it stays the same file, nothing is read again; where it
changed while manifests were read, they are read anew, so that no snapshot mixes two lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from data.datasets import DATASETS
from data.errors import LakeError
from data.lake.manifest import Manifest, manifest_name, read_listed
from data.lake.store import Store, Tag
from data.lake.versions import LIST, Listed, read_list

ATTEMPTS = 50
Seen = tuple[Listed | None, Tag]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Each dataset's manifest; `closed` says of those that cannot be read why."""

    manifests: Mapping[str, Manifest]
    closed: Mapping[str, str]
    listed: Tag = ()
    seen: Mapping[str, Seen] = field(default_factory=dict)

    def of(self, dataset: str) -> Manifest:
        """The manifest of a dataset, or one sentence why there is none to be had."""
        if dataset in self.closed:
            raise LakeError(self.closed[dataset])
        return self.manifests[dataset]


def read_snapshot(store: Store, kept: Snapshot | None = None) -> Snapshot:
    """The lake as it is now; what has not changed since `kept` is taken from there."""
    for _ in range(ATTEMPTS):
        begun = store.tag(LIST)
        if kept is not None and kept.listed == begun and _stands(store, kept):
            return kept
        found = _read(store, begun, kept)
        if store.tag(LIST) == begun:
            return found
    raise LakeError(f"{store} changed {ATTEMPTS} times while it was looked at; look again")


def _stands(store: Store, kept: Snapshot) -> bool:
    """Whether the datasets that the list does not name are as they were, too."""
    return not kept.closed and all(
        listed is not None or store.tag(manifest_name(name)) == was
        for name, (listed, was) in kept.seen.items()
    )


def _read(store: Store, begun: Tag, kept: Snapshot | None) -> Snapshot:
    listed = read_list(store)
    manifests: dict[str, Manifest] = {}
    closed: dict[str, str] = {}
    seen: dict[str, Seen] = {}
    for name in DATASETS:
        one = listed.get(name)
        seen[name] = one, () if one else store.tag(manifest_name(name))
        if kept and name not in kept.closed and kept.seen.get(name) == seen[name]:
            manifests[name] = kept.manifests[name]
            continue
        try:
            manifests[name] = read_listed(store, name, one)
        except LakeError as error:
            manifests[name], closed[name] = Manifest(name), str(error)
    return Snapshot(manifests, closed, begun, seen)
