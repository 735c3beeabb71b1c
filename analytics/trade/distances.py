"""How far two countries are apart: the great circle between the places that name the time zones of
their capitals, from `zone.tab` of the time zone database.

Of most countries that place is the capital; of some it is their largest city instead (New York,
Shanghai, Kolkata), which moves a distance by some hundred kilometres. A zone that the list does not
have gives no distance.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

EARTH_KM = 6371.0
PLACE = re.compile(r"([+-])(\d{2})(\d{2})(\d{2})?([+-])(\d{3})(\d{2})(\d{2})?")


@cache
def places() -> dict[str, tuple[float, float]]:
    """Latitude and longitude in degrees of the place that a zone is named after."""
    text = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    found = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        _, where, zone, *_ = line.split("\t")
        match = PLACE.fullmatch(where)
        if match:
            north, east = match.groups()[:4], match.groups()[4:]
            found[zone] = _degrees(*north), _degrees(*east)
    return found


def _degrees(sign: str, whole: str, minutes: str, seconds: str | None) -> float:
    size = int(whole) + int(minutes) / 60 + int(seconds or 0) / 3600
    return -size if sign == "-" else size


def kilometres(zones: list[str | None]) -> npt.NDArray[np.float64]:
    """Distances between all pairs, NaN where a zone has no place."""
    nowhere = (np.nan, np.nan)
    known = places()
    at = np.radians([known.get(zone, nowhere) if zone else nowhere for zone in zones])
    at = at.reshape(len(zones), 2)
    north, east = at[:, 0], at[:, 1]
    half = (
        np.sin((north[:, None] - north) / 2) ** 2
        + np.cos(north[:, None]) * np.cos(north) * np.sin((east[:, None] - east) / 2) ** 2
    )
    return np.asarray(2 * EARTH_KM * np.arcsin(np.sqrt(np.minimum(half, 1.0))))
