"""What each kind of surprise says for each asset, version by version, from plain files.

The project's own versions lie beside this module; a workspace adds its later ones in `bias.toml`
beside its lake. A clock reads the version of its time.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from pathlib import Path

import numpy as np

from analytics.core.known_history import Instants
from data.clock import iso
from data.disk import Identity, identity
from data.errors import ConfigError
from data.query import At

FILE = Path(__file__).parents[1] / "bias.toml"
OWN = "bias.toml"
KINDS = ("growth", "inflation", "labour", "external", "policy", "other")
Signs = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Weights:
    """One version: from which instant, and what each kind of surprise says for each asset."""

    since: datetime
    assets: Mapping[str, Signs]


@dataclass(frozen=True, slots=True)
class WeightBook:
    """All versions, the oldest first."""

    versions: tuple[Weights, ...]

    def at(self, moment: datetime) -> Weights:
        """The version of an instant; before the first, the first."""
        return self.versions[int(self.places(instants([moment]))[0])]

    def places(self, moments: Instants) -> np.ndarray:
        """The number of the version of each instant, in microseconds."""
        begun = instants([version.since for version in self.versions[1:]])
        return np.searchsorted(begun, moments, side="right")


def instants(moments: Sequence[datetime]) -> Instants:
    """Moments as frames have them, in microseconds."""
    return np.array([int(moment.timestamp() * 1_000_000) for moment in moments], dtype=np.int64)


def book(at: At) -> WeightBook:
    """The versions that count in a lake's workspace."""
    own = own_file(at.db.root)
    later = read(own) if own.exists() else ()
    return WeightBook(tuple(sorted((*read(FILE), *later), key=lambda item: item.since)))


def own_file(lake: Path) -> Path:
    """Where a workspace keeps its own versions."""
    return lake.parent / OWN


def state_of(at: At) -> Identity:
    """What tells one state of a workspace's own versions from another, for whoever keeps answers:
    they may be changed by hand while a server runs."""
    return identity(own_file(at.db.root))


def read(path: Path) -> tuple[Weights, ...]:
    """The versions of one file, read again only when it was replaced."""
    return _read(path, identity(path))


@lru_cache(maxsize=16)
def _read(path: Path, state: Identity) -> tuple[Weights, ...]:
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))["version"]
        return tuple(
            Weights(
                _instant(item["since"]), {name: checked(s) for name, s in item["assets"].items()}
            )
            for item in raw
        )
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise ConfigError(
            f"{path.name} cannot be read ({error}); expected [[version]] with `since` and "
            "[version.assets] of numbers from -1 to 1"
        ) from None


def _instant(since: date | datetime) -> datetime:
    if isinstance(since, datetime):
        return since if since.tzinfo else since.replace(tzinfo=UTC)
    return datetime.combine(since, time(), UTC)


def checked(given: Signs) -> dict[str, float]:
    """The weights of one asset; refuses a number beyond -1 to 1 and a kind that there is not."""
    signs = {name: float(value) for name, value in given.items()}
    if odd := [name for name in signs if name not in KINDS]:
        raise ValueError(f"{odd[0]!r} is no kind of surprise; there are {', '.join(KINDS)}")
    if any(not -1 <= value <= 1 for value in signs.values()):
        raise ValueError(f"{dict(given)}: beyond -1 to 1")
    return signs


def added(text: str, weights: Weights) -> str:
    """The text of a file with one more version at its end; no line that has counted is changed."""
    lines = [f"[[version]]\nsince = {iso(weights.since)}\n[version.assets]"]
    for asset, signs in weights.assets.items():
        told = ", ".join(f"{kind} = {float(value)}" for kind, value in checked(signs).items())
        lines.append(f'"{asset}" = {{ {told} }}')
    return f"{text.rstrip()}\n\n".lstrip() + "\n".join(lines) + "\n"
