"""Calm and storm: ranks from the past alone, and returns after the state could be known."""

from __future__ import annotations

import math
import random
import statistics

import pytest

from analytics.markets.volatility_states import (
    LEAST,
    WINDOW,
    returns_by_volatility,
    volatility_regime,
)
from data.lake import Lake
from data.query import Db
from tests.analytics.quotes import evening, quotes, table

DAYS = 700


def walk(rng: random.Random, days: int = DAYS) -> dict[int, float | None]:
    """Calm at first, then wild, then calm again."""
    closes: dict[int, float | None] = {}
    price = 100.0
    for day in range(days):
        price *= math.exp(rng.gauss(0, 0.03 if 400 <= day < 550 else 0.008))
        closes[day] = price
    return closes


def test_a_rank_is_taken_among_the_values_before(lake: Lake, db: Db, rng: random.Random) -> None:
    lake.upsert("prices", table(quotes(walk(rng))))
    frame = volatility_regime(db.at(evening(DAYS)), symbol="x:AAA").frame
    values = frame["volatility"].to_list()
    first = WINDOW + LEAST
    assert frame["rank"].null_count() == first
    for place in (first, 450, DAYS - 1):
        past = values[WINDOW:place]
        wanted = sum(value < values[place] for value in past) / len(past)
        assert frame["rank"][place] == pytest.approx(wanted)
    assert frame["state"][480] == "high"
    assert frame["state"][DAYS - 1] in ("low", "mid")


def test_what_comes_later_changes_no_state(lake: Lake, db: Db, rng: random.Random) -> None:
    lake.upsert("prices", table(quotes(walk(rng))))
    whole = volatility_regime(db.at(evening(DAYS)), symbol="x:AAA").frame
    for clock in (300, 420, 560):
        part = volatility_regime(db.at(evening(clock)), symbol="x:AAA").frame
        assert part.equals(whole.head(part.height))


def test_a_return_belongs_to_the_state_of_the_session_before(
    lake: Lake, db: Db, rng: random.Random
) -> None:
    closes = walk(rng)
    lake.upsert("prices", table(quotes(closes)))
    at = db.at(evening(DAYS))
    states = volatility_regime(at, symbol="x:AAA").frame["state"].to_list()
    prices = [close or 1.0 for close in closes.values()]
    moves = [
        math.log(prices[day] / prices[day - 1])
        for day in range(1, DAYS)
        if states[day - 1] == "high"
    ]
    found = returns_by_volatility(at, symbol="x:AAA").frame
    assert found["state"].to_list() == ["low", "mid", "high"]
    high = found.row(2, named=True)
    assert high["sessions"] == len(moves)
    assert high["mean"] == pytest.approx(252 * statistics.mean(moves))
    error = statistics.stdev(moves) / math.sqrt(len(moves))
    assert high["high"] - high["mean"] == pytest.approx(252 * 1.96 * error)
    assert high["volatility"] > 2 * found["volatility"][0]
    assert found["is_now"].sum() == 1


def test_moves_of_a_rate_are_changes_of_its_level(lake: Lake, db: Db, rng: random.Random) -> None:
    level, levels = -0.1, dict[int, float | None]()
    for day in range(DAYS):
        levels[day] = level
        level += rng.gauss(0, 0.02)
    lake.upsert("prices", table(quotes(levels, asset_class="rate")))
    at = db.at(evening(DAYS))
    frame = volatility_regime(at, symbol="x:AAA").frame
    assert frame["move"][1:].to_list() == pytest.approx(
        [(levels[day] or 0.0) - (levels[day - 1] or 0.0) for day in range(1, DAYS)]
    )
    assert frame["is_rate"].all()
    low = returns_by_volatility(at, symbol="x:AAA").frame.row(0, named=True)
    assert low["is_rate"]
    after = frame["move"].filter(frame["state"].shift(1) == "low").to_list()
    assert low["mean"] == pytest.approx(252 * statistics.mean(after))


def test_too_short_a_past_has_no_state(lake: Lake, db: Db, rng: random.Random) -> None:
    lake.upsert("prices", table(quotes(walk(rng, 200))))
    at = db.at(evening(DAYS))
    assert volatility_regime(at, symbol="x:AAA").frame["state"].null_count() == 200
    assert returns_by_volatility(at, symbol="x:AAA").frame.is_empty()
    assert returns_by_volatility(at, symbol="x:NONE").frame.is_empty()
