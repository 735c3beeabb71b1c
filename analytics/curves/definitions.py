"""Which series make which yield curve: `analytics/curves.toml`, read once and checked."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from data.errors import ConfigError

FILE = Path(__file__).parents[1] / "curves.toml"
TENOR = re.compile(r"(\d+(?:\.\d+)?)([my])")
# Each slope is the second tenor less the first one.
SLOPES: Mapping[str, tuple[str, str]] = {
    "10y-2y": ("2y", "10y"),
    "10y-3m": ("3m", "10y"),
    "30y-5y": ("5y", "30y"),
}


@dataclass(frozen=True, slots=True)
class Curve:
    """One curve; `series` are the templates of the ids of its tenors."""

    name: str
    title: str
    quoted: str
    country: str
    series: tuple[str, ...]
    tenors: tuple[str, ...]
    real: str = ""


def curve_named(name: str) -> Curve:
    """The curve of that name, or one sentence that lists the names there are."""
    if found := curves().get(name):
        return found
    raise ConfigError(f"no yield curve named {name[:60]!r}; there are {', '.join(curves())}")


def months_of(tenor: str) -> float:
    """How many months a tenor has."""
    match = TENOR.fullmatch(tenor)
    if match is None:
        raise ConfigError(f"{FILE.name}: tenor {tenor!r}: expected one like 3m, 1.5m or 10y")
    return float(match.group(1)) * (12 if match.group(2) == "y" else 1)


def ladder(chosen: Sequence[Curve]) -> dict[str, list[Any]]:
    """The series of some curves as parallel lists: ids, and of each its curve, tenor and months."""
    rows = [
        (template.format(tenor=tenor, TENOR=tenor.upper()), curve.name, tenor, months_of(tenor))
        for curve in chosen
        for template in curve.series
        for tenor in curve.tenors
    ]
    ids, names, tenors, months = (list(column) for column in zip(*rows, strict=True))
    return {"series": ids, "curves": names, "tenors": tenors, "months": months}


@cache
def curves(path: Path = FILE) -> Mapping[str, Curve]:
    """What the file says, in its order."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        found = {
            name: Curve(
                name,
                part["title"],
                part["quoted"],
                part["country"],
                tuple(part["series"]),
                tuple(part["tenors"]),
                part.get("real", ""),
            )
            for name, part in raw.items()
        }
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(
            f"{path.name} cannot be read ({error}); expected curves with `title`, `quoted`, "
            "`country`, `series` and `tenors`"
        ) from None
    for curve in found.values():
        if curve.real and curve.real not in found:
            raise ConfigError(f"{path.name}: {curve.name} names {curve.real!r}, which is no curve")
        steps = [months_of(tenor) for tenor in curve.tenors]
        if steps != sorted(set(steps)):
            raise ConfigError(f"{path.name}: the tenors of {curve.name} do not rise")
    return found
