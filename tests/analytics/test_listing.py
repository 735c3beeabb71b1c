"""Ids that only prices know: looked for among all prices where there are any, and never missed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from analytics.core.catalogue import run
from analytics.core.listing import HINT, listing_hint
from analytics.core.query_texts import query_text
from data.clock import LAST
from data.lake import Lake
from data.lake.views import MODES, Mode
from data.query import Db
from tests.analytics import revised_world
from tests.analytics.quotes import evening, quotes, table
from tests.analytics.test_market import instruments, listed

TEXT = query_text("tickers")


@pytest.mark.parametrize("mode", MODES)
def test_the_list_is_that_of_the_whole_search(revised: Db, mode: Mode) -> None:
    hints = set()
    for moment in (*revised_world.PARTS, revised_world.AFTERWARDS, revised_world.TAKEN_IN):
        for hours in (-24 * 600, -30, -1, 1, 30):
            at = revised.at(moment + timedelta(hours=hours), mode)
            whole = at.sql(TEXT, **{HINT: True}).frame
            assert run(at, "tickers").frame.equals(whole), at.as_of
            hints.add(listing_hint(at, TEXT)[HINT])
    assert False in hints, "where all are described no price is read"


def test_an_id_is_there_before_it_is_described_and_after(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes({0: 1.0, 5: 2.0}, "x:A"), quotes({3: 1.0}, "x:B")))
    lake.upsert("instruments", instruments(listed("x:A", known_at=evening(2))))
    lake.upsert("instruments", instruments(listed("x:B", known_at=evening(1))))
    before = datetime(1999, 1, 1, tzinfo=UTC)
    for clock, hint, ids in (
        (before, False, []),
        (evening(0), True, ["x:A"]),
        (evening(1), True, ["x:A", "x:B"]),
        (evening(2), False, ["x:A", "x:B"]),
        (evening(9), False, ["x:A", "x:B"]),
    ):
        at = db.at(clock)
        assert listing_hint(at, TEXT) == {HINT: hint}, clock
        assert run(at, "tickers").frame["symbol"].sort().to_list() == ids
    assert listing_hint(db.at(evening(9), all_vintages=True), TEXT) == {HINT: True}
    lake.upsert("prices", table(quotes({8: 1.0}, "x:C")))
    assert listing_hint(db.at(evening(7)), TEXT) == {HINT: False}
    assert listing_hint(db.at(evening(8)), TEXT) == {HINT: True}
    shown = run(db.at(evening(8)), "tickers").frame["symbol"].to_list()
    assert shown == ["x:A", "x:B", "x:C"]
    assert run(db.at(LAST), "tickers").frame["symbol"].to_list() == shown
    assert listing_hint(db.at(evening(8)), query_text("lake_coverage")) == {}
