"""Watchlists decide what is fetched besides a source's own list, within what its quota allows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from data.quotas import Limit, Quota, read_quotas
from data.state import watchlists
from data.state.db import State
from data.state.values import Edit
from data.state.watchlists import Member
from ingest.jobs import Source, Window
from ingest.quota.watchlist_demand import affordable, left_out, room_for, watchlist_names
from ingest.registry import SOURCES

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
WITH_LISTS = [source for source in SOURCES.values() if source.ids is not None]


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    opened = State.open(tmp_path / "state.db")
    yield opened
    opened.close()


def keep(state: State, title: str, *symbols: str, day: int = 1) -> None:
    edit = Edit("ann", NOW - timedelta(days=30 - day))
    watchlists.create(state, title, [Member(symbol) for symbol in symbols], edit=edit)


def asked(source: Source, *names: str) -> str:
    """All that the calls of the source's first job say, for its list and these wishes."""
    job = source.jobs[0]
    span = Window((), NOW, date(2026, 3, 9), None, job.name, names)
    return " ".join(f"{call.url} {dict(call.params)}" for call in source.plan(span))


def test_members_go_to_the_source_whose_ids_they_bear(state: State) -> None:
    keep(state, "Z first", "binance:LINKUSDT", "demo:ACME", "yahoo:SAP.DE", day=1)
    keep(state, "A later", "binance:AVAXUSDT", "binance:LINKUSDT", day=2)
    assert watchlist_names(state, SOURCES["binance"], now=NOW) == ("LINKUSDT", "AVAXUSDT")
    assert watchlist_names(state, SOURCES["yahoo_chart"], now=NOW) == ("SAP.DE",)
    assert watchlist_names(state, SOURCES["fred"], now=NOW) == ()


def test_a_deleted_list_and_one_of_later_wish_for_nothing(state: State) -> None:
    keep(state, "gone", "binance:LINKUSDT")
    listed = watchlists.find(state, "gone", as_of=NOW)
    assert listed is not None
    watchlists.delete(state, listed.id, edit=Edit("ann", NOW))
    assert watchlist_names(state, SOURCES["binance"], now=NOW) == ()
    assert watchlist_names(state, SOURCES["binance"], now=NOW - timedelta(days=1)) == ("LINKUSDT",)


@pytest.mark.parametrize("source", WITH_LISTS, ids=lambda source: source.name)
def test_every_such_source_asks_for_what_was_wished(source: Source) -> None:
    assert source.ids is not None
    assert "QQXY" not in asked(source).upper()
    assert "QQXY" in asked(source, "QQXY").upper()
    job = source.jobs[0]
    named = Window(("AAA",), NOW, date(2026, 3, 9), None, job.name, ("QQXY",))
    calls = " ".join(f"{call.url} {dict(call.params)}" for call in source.plan(named))
    assert "QQXY" not in calls.upper(), "names that were asked for stand alone"


def test_what_is_listed_is_not_asked_for_twice() -> None:
    source = SOURCES["binance"]
    assert asked(source, "BTCUSDT") == asked(source)
    assert asked(SOURCES["openexchangerates"], "EUR") == asked(SOURCES["openexchangerates"])


def test_a_coin_in_another_currency_is_asked_for_in_it() -> None:
    assert "/coins/monero/market_chart {'vs_currency': 'eur'" in asked(
        SOURCES["coingecko"], "monero:eur"
    )


def test_the_first_ones_are_kept_as_far_as_the_month_has_room() -> None:
    quotas = read_quotas()
    names = tuple(f"S{number}" for number in range(40))
    kept = affordable(SOURCES["marketstack"], names, quotas, now=NOW)
    assert kept == names[: len(kept)]
    assert len(kept) < len(names)
    assert left_out(SOURCES["marketstack"], names, names) == ""
    told = left_out(SOURCES["marketstack"], names, kept)
    assert f"{40 - len(kept)} of 40 watchlist symbols are not fetched" in told
    assert affordable(SOURCES["yahoo_chart"], names, quotas, now=NOW) == names


def test_room_is_measured_against_the_quota_in_force() -> None:
    source = SOURCES["marketstack"]
    limit = (Limit.parse("10_000 credits per month"),)
    wide = {"marketstack": Quota("marketstack", limit, "UTC", "https://example.org", date.max)}
    names = tuple(f"S{number}" for number in range(40))
    kept, words = room_for([source], {"marketstack": names}, wide, now=NOW)
    assert kept == {"marketstack": names}
    assert words == []
    kept, words = room_for([source], {"marketstack": names}, read_quotas(), now=NOW)
    assert len(kept["marketstack"]) < 40
    assert len(words) == 1
