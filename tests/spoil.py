"""Damage to a lake's manifests, as a disk or a hand might do it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from data.lake.manifest import manifest_name, numbered_name
from data.lake.store import DiskStore
from data.lake.versions import LIST, Listed, read_list, swap_list


def list_path(lake: Path) -> Path:
    """Where a lake's list of versions lies on the disk."""
    return lake / LIST


def manifest_path(folder: Path) -> Path:
    """Where a dataset's manifest lies on the disk."""
    return folder.parent / manifest_name(folder.name)


def numbered_path(folder: Path, version: int) -> Path:
    """Where a version of it lies."""
    return folder.parent / numbered_name(folder.name, version)


def spoil(lake: Path, name: str, change: Callable[[bytes], bytes] = lambda _: b"{") -> Path:
    """Change both copies of a dataset's manifest; gives the one that is named as damaged."""
    listed = read_list(DiskStore(lake))[name]
    copies = numbered_path(lake / name, listed.version), manifest_path(lake / name)
    for path in copies:
        path.write_bytes(change(path.read_bytes()))
    return copies[0]


def write_format(lake: Path, name: str, number: int) -> None:
    """Let a dataset be of another format, as a later program would write it."""

    def change(content: bytes) -> bytes:
        return json.dumps(json.loads(content) | {"format": number}).encode()

    path = spoil(lake, name, change)
    version = read_list(DiskStore(lake))[name].version
    listed = Listed(version, hashlib.sha256(path.read_bytes()).hexdigest())
    swap_list(DiskStore(lake), {name: listed}, {name: version})
