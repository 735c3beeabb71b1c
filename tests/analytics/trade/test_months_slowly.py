"""Months as the analytics tell them, against plain loops over the rows that stand at a clock."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from analytics.trade.flows import trade_partners
from analytics.trade.history import trade_month_history
from data.lake.views import Mode
from data.query import At, Db
from tests.analytics import revised_world

FIRST, LAST = datetime(2021, 6, 1, tzinfo=UTC), datetime(2024, 6, 28, tzinfo=UTC)
SIDES = ("DEU", "USA,FRA", "CHN")
Month = tuple[int, int]


def clocks(mode: Mode) -> list[datetime]:
    """At random, and about the days on which rows are told anew or taken in."""
    rng = random.Random(f"months {mode}")
    span = (LAST - FIRST) // timedelta(minutes=1)
    drawn = [FIRST + timedelta(minutes=rng.randrange(span)) for _ in range(6)]
    edges = (revised_world.RETOLD, *revised_world.PARTS, revised_world.TAKEN_IN)
    return [*drawn, *(edge + timedelta(seconds=by) for edge in edges for by in (-1, 0))]


def slow(at: At, members: list[str]) -> dict[Month, dict[str, dict[str, float]]]:
    """Exports of all goods by month, partner and reporter, of the source that is shown: the one
    whose rows are best known, then the one that was there first."""
    rows = at.sql(
        "SELECT * FROM trade_months WHERE flow = 'export' AND product = 'TOTAL' ORDER BY ALL"
    ).frame
    by_source: dict[tuple[str, Month, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows.iter_rows(named=True):
        month = (row["period"].year, row["period"].month)
        by_source[row["reporter"], month, row["source"]].append(row)
    found: dict[Month, dict[str, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    for (reporter, month, source), told in by_source.items():
        others = [key for key in by_source if key[:2] == (reporter, month) and key[2] != source]
        is_second = source == revised_world.RESTATED
        if reporter in members and not (is_second and others):
            for row in told:
                found[month][row["partner"]][reporter] = row["value_usd"]
    return found


def values(found: dict[str, dict[str, float]], members: list[str]) -> dict[str, tuple[float, str]]:
    """Value and reporters of each partner; the World is a line of its own."""
    return {
        partner: (sum(told.values()), " ".join(sorted(told)))
        for partner, told in found.items()
        if partner not in members
    }


@pytest.mark.parametrize("mode", ["public", "house"])
@pytest.mark.parametrize("country", SIDES)
def test_partners_of_a_month_are_those_of_plain_loops(
    revised: Db, country: str, mode: Mode
) -> None:
    members, compared = country.split(","), 0
    for clock in clocks(mode):
        at = revised.at(clock, mode)
        every = slow(at, members)
        for year, month in sorted(every)[-2:]:
            frame = trade_partners(at, country=country, month=f"{year}-{month:02}", top=99).frame
            told = {
                row["code"]: row
                for row in frame.iter_rows(named=True)
                if row["kind"] in ("country", "unspecified", "world")
            }
            now = values(every[year, month], members)
            before = values(every.get((year - 1, month), {}), members)
            named = {code.replace("world", "WLD"): row for code, row in told.items()}
            assert {code: row["value_usd"] for code, row in named.items() if row["value_usd"]} == {
                code: pytest.approx(value) for code, (value, _) in now.items()
            }
            for code, (value, who) in now.items():
                past = before.get(code)
                grown = value / past[0] - 1 if past and past[1] == who else None
                assert named[code]["growth"] == pytest.approx(grown), (clock, year, month, code)
                compared += 1
    assert compared > 40


@pytest.mark.parametrize("mode", ["public", "house"])
@pytest.mark.parametrize("country", SIDES)
def test_months_in_a_row_are_those_of_plain_loops(revised: Db, country: str, mode: Mode) -> None:
    members, compared = country.split(","), 0
    for clock in clocks(mode):
        at = revised.at(clock, mode)
        every = slow(at, members)
        value = {month: world(partners, members) for month, partners in every.items()}
        shown = trade_month_history(at, country=country).frame
        assert len(value) == shown.height
        for row in shown.iter_rows(named=True):
            month = (row["year"], row["month"])
            assert row["value_usd"] == pytest.approx(value[month])
            place = month[0] * 12 + month[1] - 1
            run = [((place - back) // 12, (place - back) % 12 + 1) for back in range(12)]
            who = every[month]["WLD"].keys()
            is_whole = all(one in every and every[one]["WLD"].keys() == who for one in run)
            twelve = sum(value[one] for one in run) if is_whole else None
            assert row["sum_12_usd"] == pytest.approx(twelve), (clock, month)
            compared += is_whole
    assert compared > 40


def world(partners: dict[str, dict[str, float]], members: list[str]) -> float:
    """The World of all members, less their trade with each other."""
    inside = sum(sum(partners.get(code, {}).values()) for code in members)
    return sum(partners["WLD"].values()) - inside
