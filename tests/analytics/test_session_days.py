"""The days on which a universe traded, counted by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest

from analytics.markets.session_days import session_days
from data.errors import ConfigError
from data.lake import Lake
from data.query import Db
from tests.analytics.quotes import FIRST, evening, quotes, table


def test_days_are_those_on_which_a_tenth_traded(lake: Lake, db: Db) -> None:
    shares = [quotes(dict.fromkeys(range(0, 20, 2), 5.0), f"x:S{n:02}") for n in range(20)]
    coin = quotes(dict.fromkeys(range(20), 5.0), "x:COIN", asset_class="crypto")
    lake.upsert("prices", table(*shares, coin))
    found = session_days(db.at(evening(19))).frame
    assert found["date"].to_list() == [FIRST + timedelta(days=n) for n in range(0, 20, 2)]
    assert found["instruments"].to_list() == [21] * 10
    alone = session_days(db.at(evening(19)), universe="class:crypto", count=3).frame
    assert alone.rows() == [(FIRST + timedelta(days=n), 1) for n in (17, 18, 19)]


def test_a_later_session_is_not_known_and_none_is_none(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes(dict.fromkeys(range(5), 5.0))))
    assert session_days(db.at(evening(2))).frame.height == 3
    assert session_days(db.at(evening(2)), universe="class:fx").frame.is_empty()
    with pytest.raises(ConfigError, match="count=0: expected 1 to 252"):
        session_days(db.at(evening(2)), count=0)
