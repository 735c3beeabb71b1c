"""The hidden story: a monthly chain over growth and inflation with rare crises.

Everything else in the demo world follows from it, and nothing but tests may read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from ingest.sources.demo_world.draws import Floats, autoregress, normals, uniforms
from ingest.sources.demo_world.spec import FIRST_MONTH, Spec

STATES = ("boom", "goldilocks", "stagflation", "slump", "crisis")
CRISIS = 4
# Rows: from; columns: to. States last about a year and a half, a crisis about four months.
_CHAIN = (
    (0.930, 0.030, 0.030, 0.008, 0.002),
    (0.030, 0.940, 0.008, 0.020, 0.002),
    (0.030, 0.015, 0.915, 0.034, 0.006),
    (0.010, 0.055, 0.015, 0.914, 0.006),
    (0.020, 0.060, 0.020, 0.180, 0.720),
)
# Months that are a crisis in every world, so that the three named crashes have their place.
PINNED = (
    ("2008-09", "2008-12"),
    ("2014-08", "2014-09"),
    ("2020-02", "2020-04"),
)
GROWTH = np.array([1.5, 1.1, -0.9, -1.1, -4.5])
INFLATION = np.array([1.4, -0.5, 2.2, -0.8, -1.0])
DRIFT = np.array([0.16, 0.20, 0.03, 0.04, -0.45])
MARKET_VOL = np.array([0.85, 0.70, 1.15, 1.05, 2.60])
OWN_VOL = np.array([0.95, 0.90, 1.05, 1.05, 1.30])


@dataclass(frozen=True, slots=True)
class Story:
    """Months from January 2003 and what they were like; later months are never published."""

    first: date
    states: NDArray[np.int64]
    growth: Floats
    inflation: Floats

    @property
    def months(self) -> int:
        """How many."""
        return len(self.states)

    def month_index(self, year: int, month: int) -> int:
        """The position of a month."""
        return (year - self.first.year) * 12 + month - 1


def month_at(position: int) -> date:
    """The first day of the month at that position."""
    return date(FIRST_MONTH.year + position // 12, position % 12 + 1, 1)


def tell(spec: Spec) -> Story:
    """The story to the end of the year after `until`: calendars look that far ahead."""
    months = (spec.until.year + 2 - FIRST_MONTH.year) * 12
    states = _chain(uniforms(spec.seed, "regime", months), _pinned(months))
    shock = normals(spec.seed, "global growth", months)
    growth = autoregress(0.18 * GROWTH[states] + 0.12 * shock, 0.82)
    shock = normals(spec.seed, "global inflation", months)
    inflation = autoregress(0.07 * INFLATION[states] + 0.05 * shock, 0.93)
    return Story(FIRST_MONTH, states, growth, inflation)


def _chain(chances: Floats, pinned: NDArray[np.bool_]) -> NDArray[np.int64]:
    steps = np.cumsum(np.array(_CHAIN), axis=1)
    states = np.empty(len(chances), dtype=np.int64)
    state = 1
    for at, chance in enumerate(chances):
        drawn = int(np.searchsorted(steps[state], chance, side="right"))
        state = CRISIS if pinned[at] else min(drawn, CRISIS)
        states[at] = state
    return states


def _pinned(months: int) -> NDArray[np.bool_]:
    names = [month_at(at).strftime("%Y-%m") for at in range(months)]
    return np.array([any(a <= name <= b for a, b in PINNED) for name in names])
