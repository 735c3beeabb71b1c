"""Damage to a lake's manifests, as a disk or a hand might do it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from data.lake.manifest import manifest_path, numbered_path
from data.lake.versions import Listed, read_list, swap_list


def spoil(lake: Path, name: str, change: Callable[[bytes], bytes] = lambda _: b"{") -> Path:
    """Change both copies of a dataset's manifest; gives the one that is named as damaged."""
    listed = read_list(lake)[name]
    copies = numbered_path(lake / name, listed.version), manifest_path(lake / name)
    for path in copies:
        path.write_bytes(change(path.read_bytes()))
    return copies[0]


def write_format(lake: Path, name: str, number: int) -> None:
    """Let a dataset be of another format, as a later program would write it."""

    def change(content: bytes) -> bytes:
        return json.dumps(json.loads(content) | {"format": number}).encode()

    path = spoil(lake, name, change)
    version = read_list(lake)[name].version
    swap_list(lake, {name: Listed(version, hashlib.sha256(path.read_bytes()).hexdigest())})
