"""What moved most for itself: the order, the gap at the open, and what coincides with a move."""

from __future__ import annotations

import math
import random
from datetime import datetime, time, timedelta
from typing import Any

import polars as pl
import pytest

from analytics.markets.movers import MOST, PATH, movers
from data.errors import ConfigError
from data.lake import Lake
from data.query import Db
from tests.analytics.quotes import FIRST, evening, quotes, table
from tests.pages.world import rows
from tests.spoil import spoil

LAST = 99


def walk(rng: random.Random, scale: float, last: float) -> dict[int, float | None]:
    """A hundred closes whose last move is so many times their usual one."""
    closes: dict[int, float | None] = {}
    price = 100.0
    for day in range(LAST):
        price *= math.exp(rng.gauss(0, scale))
        closes[day] = price
    closes[LAST] = price * math.exp(last * scale)
    return closes


@pytest.fixture
def market(lake: Lake, db: Db, rng: random.Random) -> Db:
    """A calm instrument that moved much for itself, a wild one that did not, one that gapped."""
    calm = quotes(walk(rng, 0.001, 9.0), "x:CALM", open=None, dividend=None)
    wild = quotes(walk(rng, 0.05, 0.5), "x:WILD", open=None, dividend=None)
    gap = quotes(walk(rng, 0.01, -0.1), "x:GAP", open=None, dividend=None)
    for bars in (calm, wild, gap):
        for bar in bars:
            bar["open"] = bar["close"]
    before = gap[-2]["close"]
    gap[-1] |= {"open": before * 1.15 / 2 - 1.0, "close": before * 1.001 / 2 - 1.0}
    gap[-1] |= {"split_ratio": 2.0, "dividend": 1.0}
    wild[-1]["volume"] = 50.0
    lake.upsert("prices", table(calm, wild, gap))
    return db


def happened(lake: Lake, *given: dict[str, Any]) -> None:
    """Events at noon of a day, known a minute later."""
    lake.upsert(
        "events",
        rows(
            "events",
            [
                {
                    "event_id": str(number),
                    "event_at": noon(row.pop("day")),
                    "precision": "minute",
                    "kind": "rate_decision",
                    "source": "test",
                }
                | row
                | {"known_at": row.get("known_at") or evening(LAST)}
                for number, row in enumerate(given)
            ],
        ),
    )


def noon(day: int) -> datetime:
    return datetime.combine(FIRST + timedelta(days=day), time(12), tzinfo=evening(0).tzinfo)


def test_what_is_much_for_itself_comes_first(market: Db) -> None:
    found = movers(market.at(evening(LAST))).frame
    assert found["symbol"].to_list()[0] == "x:CALM"
    assert found["sigmas"].abs().is_sorted(descending=True)
    assert found["sigmas"][0] == pytest.approx(9, rel=0.3)
    assert abs(found["total_return"][0]) < abs(
        found.filter(pl.col("symbol") == "x:WILD")["total_return"][0]
    )


def test_the_largest_return_comes_first_where_it_is_asked_for(market: Db) -> None:
    found = movers(market.at(evening(LAST)), by="move").frame
    assert found["symbol"][0] != "x:CALM"
    assert found["total_return"].abs().is_sorted(descending=True)
    assert found["total_return"].null_count() == 0


def test_turnover_ranks_surges_and_leaves_falls_out(market: Db) -> None:
    found = movers(market.at(evening(LAST)), by="turnover").frame
    assert found["symbol"][0] == "x:WILD"
    assert (found["volume_surge"] > 0).all()
    assert "x:GAP" not in found["symbol"].to_list()  # half the price for as many shares


def test_a_gap_counts_neither_the_split_nor_the_dividend(market: Db) -> None:
    found = movers(market.at(evening(LAST)), by="gap").frame
    assert found["symbol"][0] == "x:GAP"
    assert found["gap"][0] == pytest.approx(0.15)
    assert found["gap_sigmas"][0] == pytest.approx(math.log(1.15) / found["usual"][0])


def test_a_rate_gaps_by_its_level(lake: Lake, db: Db, rng: random.Random) -> None:
    bars = quotes({day: 2 + rng.gauss(0, 0.1) for day in range(100)}, "x:R", asset_class="rate")
    for bar in bars:
        bar |= {"open": bar["close"] + 0.5, "dividend": None}
    lake.upsert("prices", table(bars))
    assert movers(db.at(evening(LAST)), by="move").frame.is_empty()  # a level has no return
    (found,) = movers(db.at(evening(LAST)), by="gap").frame.iter_rows(named=True)
    assert found["gap"] == pytest.approx(bars[-1]["open"] - bars[-2]["close"])


def test_the_line_is_the_last_adjusted_closes(market: Db) -> None:
    found = dict(movers(market.at(evening(LAST))).frame.select("symbol", "path").iter_rows())
    assert {len(path) for path in found.values()} == {PATH}
    steps = [b / a for a, b in zip(found["x:GAP"], found["x:GAP"][1:], strict=False)]
    assert min(steps) > 0.9  # no jump at the split


def test_the_nearest_event_is_named_and_only_one_known_in_its_span(lake: Lake, market: Db) -> None:
    after_base = evening(LAST - 1) + timedelta(minutes=1)
    happened(
        lake,
        {"day": LAST, "title": "the world's"},
        {"day": LAST - 1, "title": "its own", "symbols": ["x:CALM"], "event_at": after_base},
        {"day": LAST - 5, "title": "before the span", "symbols": ["x:WILD"]},
        {
            "day": LAST,
            "title": "not known yet",
            "symbols": ["x:GAP"],
            "known_at": evening(LAST + 1),
        },
    )
    titles = dict(movers(market.at(evening(LAST))).frame.select("symbol", "title").iter_rows())
    assert titles == {"x:CALM": "its own", "x:WILD": "the world's", "x:GAP": "the world's"}
    longer = dict(
        movers(market.at(evening(LAST)), sessions=21).frame.select("symbol", "title").iter_rows()
    )
    assert longer["x:WILD"] == "before the span"


def test_what_came_after_the_close_was_known_is_no_reason(lake: Lake, market: Db) -> None:
    """The evening's news are in view at ten at night, but the session had ended without them."""
    clock = evening(LAST) + timedelta(hours=1)
    late = {"title": "after the close", "event_at": evening(LAST) + timedelta(minutes=1)}
    happened(lake, {"day": LAST} | late | {"known_at": clock})
    assert movers(market.at(clock)).frame["title"].null_count() == 3
    assert movers(market.at(clock), sessions=21).frame["title"].null_count() == 3
    happened(lake, {"day": LAST, "title": "just before", "event_at": evening(LAST)})
    assert set(movers(market.at(clock)).frame["title"]) == {"just before"}


def test_what_came_before_the_base_close_is_no_reason(lake: Lake, market: Db) -> None:
    """The base close knew of what happened on its own day, also where it was mended later."""
    base, clock = evening(LAST - 1), evening(LAST)

    def titles() -> set[str | None]:
        return set(movers(market.at(clock)).frame["title"])

    happened(lake, {"day": LAST - 1, "title": "at noon before"})
    happened(lake, {"day": LAST - 1, "title": "with the close", "event_at": base})
    happened(lake, {"day": LAST - 1, "title": "of that day", "precision": "day"})
    assert titles() == {None}
    assert set(movers(market.at(clock), sessions=2).frame["title"]) == {"with the close"}
    happened(lake, {"day": LAST - 1, "title": "behind", "event_at": base + timedelta(minutes=1)})
    assert titles() == {"behind"}
    mended = quotes({LAST - 1: 100.0}, "x:CALM", known_at=clock - timedelta(hours=1))
    lake.upsert("prices", table([bar | {"open": 100.0, "dividend": None} for bar in mended]))
    assert titles() == {"behind"}


def test_a_base_close_that_came_late_has_ended_with_its_day(
    lake: Lake, db: Db, rng: random.Random
) -> None:
    """All bars were taken in today; what happened on the days since counts, by the day."""
    clock = evening(LAST + 3)
    bars = quotes(walk(rng, 0.01, 5.0), "x:COPY", known_at=clock, open=None, dividend=None)
    lake.upsert("prices", table(bars))
    happened(lake, {"day": LAST - 1, "title": "the day before"})
    assert movers(db.at(clock)).frame["title"].to_list() == [None]
    midnight = datetime.combine(FIRST + timedelta(days=LAST), time(0), tzinfo=clock.tzinfo)
    row = {"title": "of the day", "event_at": midnight, "precision": "day"}
    happened(lake, {"day": LAST} | row)
    assert movers(db.at(clock)).frame["title"].to_list() == ["of the day"]


def test_headlines_stand_behind_events_and_without_either_nothing_is_said(
    lake: Lake, market: Db
) -> None:
    assert movers(market.at(evening(LAST))).frame["title"].null_count() == 3
    lake.upsert(
        "news",
        rows(
            "news",
            [
                {
                    "news_id": name,
                    "event_at": noon(LAST),
                    "headline": name,
                    "symbols": ["x:CALM"],
                    "known_at": noon(LAST),
                    "source": "test",
                }
                for name in ("a headline", "another")
            ],
        ),
    )
    titles = dict(movers(market.at(evening(LAST))).frame.select("symbol", "title").iter_rows())
    assert titles == {"x:CALM": "a headline", "x:WILD": None, "x:GAP": None}
    happened(lake, {"day": LAST, "title": "an event", "symbols": ["x:CALM"]})
    assert (
        dict(movers(market.at(evening(LAST))).frame.select("symbol", "title").iter_rows())["x:CALM"]
        == "an event"
    )


def test_events_that_cannot_be_read_leave_the_moves(lake: Lake, market: Db) -> None:
    happened(lake, {"day": LAST, "title": "the world's"})
    whole = movers(market.at(evening(LAST))).frame
    spoil(lake.root, "events")
    again = Db(lake.root, threads=1)
    torn = movers(again.at(evening(LAST)))
    again.close()
    assert torn.frame.schema == whole.schema
    assert torn.frame["symbol"].equals(whole["symbol"])
    assert torn.frame["title"].null_count() == 3


def test_no_more_rows_than_a_page_holds(lake: Lake, db: Db, rng: random.Random) -> None:
    parts = [quotes(walk(rng, 0.01, 1.0), f"x:{n:02}", open=None, dividend=None) for n in range(45)]
    lake.upsert("prices", table(*parts))
    found = movers(db.at(evening(LAST)))
    assert found.frame.height == MOST
    assert len(found.asked) == 5  # closes, splits, names, gaps, and what happened
    with pytest.raises(ConfigError, match="expected one of sigmas, move, turnover, gap"):
        movers(db.at(evening(LAST)), by="luck")


@pytest.mark.parametrize("by", ["sigmas", "move", "turnover", "gap"])
def test_who_is_left_out_is_counted(market: Db, lake: Lake, by: str) -> None:
    young = quotes({day: 10.0 + day for day in range(95, 100)}, "x:YOUNG", dividend=None)
    still = quotes(dict.fromkeys(range(100), 50.0), "x:STILL", dividend=None)
    lake.upsert("prices", table(young, still))
    found = movers(market.at(evening(LAST)), by=by).frame
    counted = found.select("instruments", "unranked", "unmoved").unique()
    assert counted.height == 1
    every, unranked, unmoved = counted.row(0)
    assert every == 5
    assert found.height == every - unranked - unmoved
    absent = {"x:YOUNG", "x:STILL"} - set(found["symbol"])
    assert len(absent) <= unranked + unmoved
    if by == "move":
        assert (unranked, unmoved) == (0, 1)  # x:STILL has a return, of nought
    if by == "sigmas":
        assert "x:YOUNG" in absent  # it has no twenty sessions
