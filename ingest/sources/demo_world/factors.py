"""Daily returns that cluster: the market, sectors and every entity's own part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ingest.sources.demo_world import regime
from ingest.sources.demo_world.calamity import CRASHES
from ingest.sources.demo_world.draws import Floats, Ints, normals, quantiles, shorts
from ingest.sources.demo_world.issuers import SECTORS
from ingest.sources.demo_world.regime import Story
from ingest.sources.demo_world.sessions import weekdays
from ingest.sources.demo_world.spec import Spec
from ingest.sources.demo_world.tables import day_number

MARKET_DAILY = 0.0085
SECTOR_DAILY = 0.0045
_TAIL_CHANCE, _TAIL, _BODY = 2600, 2.4, 0.87  # of 65,536: about 4 % of days are 2.4 times wilder


@dataclass(frozen=True, slots=True)
class Habit:
    """How variance remembers: news, bad news, itself. The three must sum to less than one."""

    news: float
    bad_news: float
    memory: float


MARKET_HABIT = Habit(0.0, 0.20, 0.85)
OWN_HABIT = Habit(0.06, 0.05, 0.88)
CALM_HABIT = Habit(0.05, 0.0, 0.90)


@dataclass(frozen=True, slots=True)
class Factors:
    """Weekdays, the state of each, and the returns that many entities share."""

    days: Ints
    states: Ints
    market: Floats
    sectors: Floats  # [day, sector]


def states_of(story: Story, days: Ints) -> Ints:
    """The hidden state of each day."""
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    first = (story.first.year - 1970) * 12 + story.first.month - 1
    return story.states[months - first]


def shocks(seed: int, names: Sequence[str], count: int) -> Floats:
    """Fat-tailed shocks of about unit variance, [day, name]."""
    table = quantiles()
    out = np.empty((count, len(names)))
    for column, name in enumerate(names):
        tail = shorts(seed, f"{name} tail", count) < _TAIL_CHANCE
        out[:, column] = table[shorts(seed, f"{name} shock", count)] * np.where(tail, _TAIL, _BODY)
    return out


def clustered(
    shock: Floats, scale: Floats, habit: Habit, forced: Floats | None = None
) -> tuple[Floats, Floats]:
    """Returns and their expected size, day by day; a forced return overrides that day's draw."""
    floor = 1.0 - habit.news - habit.bad_news / 2 - habit.memory
    variance = np.ones(shock.shape[1])
    returns, sizes = np.empty_like(shock), np.empty_like(shock)
    for day in range(len(shock)):
        size = np.sqrt(variance)
        part = size * shock[day]
        sizes[day] = size * scale[day]
        returns[day] = part * scale[day]
        if forced is not None and forced[day] < 0:
            returns[day] = forced[day]
            part = forced[day] / scale[day]
        bad = np.minimum(part, 0.0)
        variance = (
            floor + habit.news * part * part + habit.bad_news * bad * bad + habit.memory * variance
        )
        np.minimum(variance, 9.0, out=variance)
    return returns, sizes


def reverting(returns: Floats, start: Floats, pull: float) -> tuple[Floats, Floats]:
    """Levels that drift back to where they began, and the returns that led there, day by day."""
    levels, led = np.empty_like(returns), np.empty_like(returns)
    away = np.zeros(returns.shape[1])
    for day in range(len(returns)):
        led[day] = returns[day] - pull * away
        away = (1.0 + away) * (1.0 + led[day]) - 1.0
        levels[day] = start * (1.0 + away)
    return levels, led


def market_factors(spec: Spec, story: Story) -> Factors:
    """What all markets share."""
    days = weekdays(spec.until)
    states = states_of(story, days)
    forced = np.zeros(len(days))
    for crash in CRASHES:
        forced[days == day_number(crash.day)] = crash.drop
    scale = (MARKET_DAILY * regime.MARKET_VOL[states])[:, None]
    shock = shocks(spec.seed, ["market"], len(days))
    market, _ = clustered(shock, scale, MARKET_HABIT, forced)
    names = [f"sector {sector}" for sector in SECTORS]
    scale = np.repeat((SECTOR_DAILY * regime.OWN_VOL[states])[:, None], len(names), axis=1)
    sectors, _ = clustered(shocks(spec.seed, names, len(days)), scale, OWN_HABIT)
    drift = regime.DRIFT[states] / 252
    return Factors(days, states, market[:, 0] + drift, sectors + _tilt(story, days)[:, None] * TILT)


# What a sector earns on a day for each point of the hidden growth gap.
TILT = np.array([3, 3, 2, 2, -2, -2, 1, 2, 0, -3, -1]) * 1e-5


def _tilt(story: Story, days: Ints) -> Floats:
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return story.growth[months - (story.first.year - 1970) * 12 - story.first.month + 1]


def noise(seed: int, names: Sequence[str], count: int) -> Floats:
    """Plain normals, [day, name]."""
    out = np.empty((count, len(names)))
    for column, name in enumerate(names):
        out[:, column] = normals(seed, name, count)
    return out
