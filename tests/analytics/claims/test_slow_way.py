"""Values of findings against the analytics that read one series or instrument at a time, at many
clocks of a lake with corrections, late rows and a second source."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from analytics.claims.judging.judge import judge_many
from analytics.claims.statement import Quantity, Span, Statement, Subject
from analytics.core.closes import read_closes
from analytics.macro.prints import series_history
from data.query import At, Db
from tests.analytics import revised_world

RANDOM = random.Random(16)
FIRST = datetime(2019, 3, 1, tzinfo=revised_world.TAKEN_IN.tzinfo)


def clocks() -> list[datetime]:
    days = (revised_world.TAKEN_IN - FIRST).days
    busy = [revised_world.AFTERWARDS, *revised_world.PARTS]
    found = [FIRST + timedelta(days=RANDOM.randrange(days), minutes=7) for _ in range(8)]
    return [*found, *busy, *(moment - timedelta(seconds=1) for moment in busy)]


def stated(subject: Subject, period: Span, number: float) -> Statement:
    quantity = Quantity(0, 1, round(number, 1), 0.05)
    return Statement(0, 1, "level", (subject,), quantity, period)


@pytest.mark.parametrize("mode", ["public", "house"])
def test_levels_are_those_of_the_history_of_each_series(revised: Db, mode: Any) -> None:
    compared = 0
    for clock in clocks():
        at = revised.at(clock, mode)
        frame = at.sql("SELECT DISTINCT series_id FROM macro ORDER BY ALL").frame
        names = RANDOM.sample(frame["series_id"].to_list(), min(6, frame.height))
        wanted, values = [], []
        for name in names:
            for day, value in RANDOM.sample(_history(at, name), 4):
                wanted.append(stated(Subject("series", name), Span(day, day, "day"), value))
                values.append(value)
        for finding, statement, value in zip(judge_many(at, wanted), wanted, values, strict=True):
            assert statement.quantity is not None
            assert finding.value == pytest.approx(value, abs=1e-12), (clock, statement, finding)
            assert finding.holds
            exact = abs(statement.quantity.value - value) <= 1e-9 * max(1, abs(value))
            assert finding.verdict == ("supported" if exact else "within rounding")
            compared += 1
    assert compared > 150


def _history(at: At, name: str) -> list[tuple[date, float]]:
    rows = series_history(at, series=name).frame.drop_nulls("value")
    return list(rows.select("period", "value").iter_rows())


def test_closes_are_those_that_returns_are_made_of(revised: Db) -> None:
    compared = 0
    for clock in clocks():
        at = revised.at(clock)
        frame = at.sql("SELECT DISTINCT symbol FROM prices ORDER BY ALL").frame
        names = RANDOM.sample(frame["symbol"].to_list(), min(5, frame.height))
        wanted, values = [], []
        for name in names:
            closes = read_closes(at, [name], date(1900, 1, 1))
            days = closes.dates().to_list()
            for place in RANDOM.sample(range(1, len(days)), 3):
                day, before = days[place], days[place - 1]
                move = closes.close[place] * closes.split[place] / closes.close[place - 1]
                wanted.append(
                    Statement(
                        0,
                        1,
                        "percent change",
                        (Subject("instrument", name),),
                        Quantity(0, 1, 0.0, 0.05, unit="%"),
                        Span(day, day, "day"),
                        Span(before, before, "day"),
                    )
                )
                values.append(100 * (move - 1))
        for finding, value in zip(judge_many(at, wanted), values, strict=True):
            if finding.unit == "%":  # a rate's move is in points where the digits say so
                assert finding.value == pytest.approx(value, abs=1e-8)
                assert finding.holds == bool(np.abs(value) <= 0.05 + 1e-9)
                compared += 1
    assert compared > 100
