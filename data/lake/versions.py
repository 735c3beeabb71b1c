"""The list of versions: one small file that says which version of each dataset is the lake's.

Its atomic replacement is the commit, of one dataset or of several at once. A reader that reads it
first sees a batch whole or not at all. A dataset that it does not name, as in a lake of before,
stands as its own `manifest.json` says.

Where writers take turns at a dataset, none finds another's version in place of the one it began
from. Where they do not, the swap decides who was first; the others are overtaken and begin anew.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import TypeVar

from data.errors import LakeError
from data.lake.store import Store

FORMAT = 1
LIST = "_meta/versions.json"
ATTEMPTS = 20
LONGEST_WAIT_S = 2.0
T = TypeVar("T")


class OvertakenError(LakeError):
    """Another writer published a dataset first, so that nothing of this publication counts."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name}: another writer published it meanwhile, so nothing of this was published; "
            "run it again"
        )


@dataclass(frozen=True, slots=True)
class Listed:
    """The version of a dataset, and the hash of the manifest that tells it."""

    version: int
    sha256: str


def read_list(store: Store) -> dict[str, Listed]:
    """The versions that are the lake's, by dataset; none where nothing was committed yet."""
    try:
        content = store.read(LIST)
    except OSError as error:
        raise LakeError(f"{store}/{LIST} cannot be read ({error.strerror})") from error
    return _parse(store, content)


def _parse(store: Store, content: bytes | None) -> dict[str, Listed]:
    if content is None:
        return {}
    try:
        raw = json.loads(content)
        found = raw["format"]
        if found == FORMAT:
            return {name: _listed(**one) for name, one in raw["datasets"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise LakeError(
            f"{store}/{LIST} is damaged: expected a list of versions written by this program; stop "
            "what writes to this lake, then remove the file: every dataset is then read by its own "
            "manifest.json"
        ) from None
    raise LakeError(
        f"{store} was written with a list of versions of format {found!r}, this version reads "
        f"format {FORMAT}; update Barograph to open this lake"
    )


def _listed(version: object, sha256: object) -> Listed:
    if type(version) is not int or version < 1 or not isinstance(sha256, str):
        raise ValueError(f"version {version!r}, hash {sha256!r}")
    return Listed(version, sha256)


def swap_list(store: Store, changed: Mapping[str, Listed], bases: Mapping[str, int]) -> None:
    """Put these versions on the list: the instant at which all of them are the lake's.

    Each follows the version that `bases` names; where the list has come to name another one,
    nothing is changed. What others did to other datasets meanwhile stays.
    """

    def change(content: bytes | None) -> bytes:
        listed = _parse(store, content)
        for name, one in changed.items():
            now = listed.get(name)
            # It is named already where a swap was done though its answer never came.
            if now not in (None, one) and now.version != bases[name]:
                raise OvertakenError(name)
        every = sorted((listed | dict(changed)).items())
        datasets = {name: asdict(one) for name, one in every}
        return json.dumps({"format": FORMAT, "datasets": datasets}, indent=1).encode()

    store.swap(LIST, change)


def until_first(publish: Callable[[], T]) -> T:
    """Publish, anew from what is there then where another writer was first."""
    for attempt in range(1, ATTEMPTS):
        try:
            return publish()
        except OvertakenError:
            time.sleep(random.uniform(0.0, min(LONGEST_WAIT_S, 0.01 * 2**attempt)))
    return publish()
