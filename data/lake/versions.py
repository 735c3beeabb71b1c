"""The list of versions: one small file that says which version of each dataset is the lake's.

Its atomic replacement is the commit, of one dataset or of several at once. A reader that reads it
first sees a batch whole or not at all. A dataset that it does not name, as in a lake of before,
stands as its own `manifest.json` says.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from data.disk import TEMPORARY, locked, make_folder, write_file
from data.errors import LakeError

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Listed:
    """The version of a dataset, and the hash of the manifest that tells it."""

    version: int
    sha256: str


def list_path(lake: Path) -> Path:
    """Where a lake's list lies."""
    return lake / "_meta" / "versions.json"


def read_list(lake: Path) -> dict[str, Listed]:
    """The versions that are the lake's, by dataset; none where nothing was committed yet."""
    path = list_path(lake)
    try:
        raw = json.loads(path.read_bytes())
        found = raw["format"]
        if found == FORMAT:
            return {name: _listed(**one) for name, one in raw["datasets"].items()}
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise LakeError(f"{path} cannot be read ({error.strerror})") from error
    except (ValueError, KeyError, TypeError, AttributeError):
        raise LakeError(
            f"{path} is damaged: expected a list of versions written by this program; stop what "
            "writes to this lake, then remove the file: every dataset is then read by its own "
            "manifest.json"
        ) from None
    raise LakeError(
        f"{lake} was written with a list of versions of format {found!r}, this version reads "
        f"format {FORMAT}; update Barograph to open this lake"
    )


def _listed(version: object, sha256: object) -> Listed:
    if type(version) is not int or version < 1 or not isinstance(sha256, str):
        raise ValueError(f"version {version!r}, hash {sha256!r}")
    return Listed(version, sha256)


def swap_list(lake: Path, changed: Mapping[str, Listed]) -> None:
    """Put these versions on the list: the instant at which all of them are the lake's.

    The lake's lock is held for these few calls alone, and nobody waits for a dataset's lock
    meanwhile, so that writers of different datasets never lose each other's change.
    """
    path = list_path(lake)
    make_folder(path.parent)
    with locked(path.with_name("lock")):
        for left in path.parent.glob(f"{TEMPORARY}*"):
            left.unlink(missing_ok=True)  # under the lock only the dead can have left one
        listed = read_list(lake) | dict(changed)
        datasets = {name: asdict(one) for name, one in sorted(listed.items())}
        write_file(path, json.dumps({"format": FORMAT, "datasets": datasets}, indent=1).encode())
