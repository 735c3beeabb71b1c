"""Lines and headlines of the cards: the newest that was known, and only of the instrument."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from analytics.markets.market import market
from analytics.markets.market_cards import HEADLINE_DAYS, PATH, market_cards
from data.lake import Lake
from data.query import Db
from tests.analytics.quotes import evening, quotes, table
from tests.pages.world import rows
from tests.spoil import spoil

LAST = 50


@pytest.fixture
def filled(lake: Lake, db: Db) -> Db:
    """Two shares, the second of which was split on the last day, and headlines of the first."""
    first = quotes({day: 100.0 + day for day in range(LAST + 1)}, "x:A")
    second = quotes({day: 50.0 for day in range(LAST)} | {LAST: 25.0}, "x:B", splits={LAST: 2.0})
    lake.upsert("prices", table(first, second))
    lake.upsert(
        "news",
        rows(
            "news",
            [
                story("old", evening(LAST) - timedelta(days=HEADLINE_DAYS + 1), ["x:A"]),
                story("yesterday", evening(LAST - 1), ["x:Z", "x:A"]),
                story("today", evening(LAST), ["x:A"]),
                story("of all", evening(LAST), []),
                story("later", evening(LAST - 2), ["x:A"], known_at=evening(LAST + 1)),
            ],
        ),
    )
    return db


def story(name: str, moment: datetime, symbols: list[str], **other: Any) -> dict[str, Any]:
    return {
        "news_id": name,
        "event_at": moment,
        "headline": name,
        "symbols": symbols,
        "known_at": moment,
        "source": "test",
    } | other


def headlines(db: Db, day: int) -> dict[str, str | None]:
    found = market_cards(db.at(evening(day))).frame
    return dict(found.select("symbol", "headline").iter_rows())


def test_the_headline_is_the_newest_known_of_the_instrument(filled: Db) -> None:
    assert headlines(filled, LAST) == {"x:A": "today", "x:B": None}
    assert headlines(filled, LAST - 1) == {"x:A": "yesterday", "x:B": None}
    assert headlines(filled, LAST - 3) == {"x:A": "old", "x:B": None}
    assert headlines(filled, LAST + 2) == {"x:A": "today", "x:B": None}


def test_the_line_is_the_last_closes_in_shares_of_today(filled: Db) -> None:
    found = market_cards(filled.at(evening(LAST))).frame
    paths = dict(found.select("symbol", "path").iter_rows())
    assert paths["x:A"] == [100.0 + day for day in range(LAST + 1 - PATH, LAST + 1)]
    assert paths["x:B"] == [25.0] * PATH


def test_the_market_is_the_same_also_where_the_news_cannot_be_read(lake: Lake, filled: Db) -> None:
    plain = market(filled.at(evening(LAST)), sessions=5).frame
    whole = market_cards(filled.at(evening(LAST)), sessions=5).frame
    assert whole.select(plain.columns).equals(plain)
    spoil(lake.root, "news")
    again = Db(lake.root, threads=1)
    torn = market_cards(again.at(evening(LAST)), sessions=5).frame
    again.close()
    assert torn.schema == whole.schema
    assert torn.drop("headline", "headline_at").equals(whole.drop("headline", "headline_at"))
    assert torn["headline"].null_count() == 2
