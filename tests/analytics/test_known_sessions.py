"""Sessions read once per version: at any clock those that the queries find in the files."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from analytics.core import known_sessions
from analytics.core.catalogue import function_named, run
from analytics.core.closes import read_closes
from analytics.core.known_sessions import price_rows_known, sessions_known
from analytics.core.query_texts import query_text
from analytics.markets.instrument import instrument_events
from analytics.markets.returns import FIRST_SESSION, history
from data.errors import LakeError
from data.lake import Lake
from data.lake.views import MODES, Mode
from data.proof.receipt_check import verify
from data.proof.receipts import make_receipt
from data.query import Answer, At, Db, Value
from tests import tiers
from tests.analytics import revised_world
from tests.analytics.quotes import evening, quotes, table
from tests.analytics.test_known_history import drawn
from tests.spoil import spoil

SYMBOLS = tiers.amount("SESSION_SYMBOLS", day=3, night=12)
PLACED = ["place", "source", "date"]


def chosen(db: Db, seed: str) -> list[str]:
    """Instruments of one source and of several, some of which came afterwards."""
    at = db.at(revised_world.TAKEN_IN + timedelta(days=9), "restated")
    frame = at.sql(
        "SELECT symbol, count(DISTINCT source) AS sources FROM prices GROUP BY symbol ORDER BY ALL"
    ).frame
    rng = random.Random(f"{seed} {tiers.commit()}")
    several = frame.filter(pl.col("sources") > 1)["symbol"].to_list()
    return [rng.choice(several), *rng.sample(frame["symbol"].to_list(), SYMBOLS)]


def rows(at: At, symbols: Sequence[str], since: date) -> pl.DataFrame:
    """The slow way."""
    text = query_text("parts/price_rows")
    return at.sql(text, symbols=list(symbols), since=since, pairs=None).frame


@pytest.mark.sampled(3)
@pytest.mark.parametrize("mode", MODES)
def test_at_any_clock_as_the_queries_say(revised: Db, mode: Mode) -> None:
    symbols = chosen(revised, mode)
    several = seen = 0
    for clock in drawn(f"sessions {mode}"):
        at = revised.at(clock, mode)
        for symbol in symbols:
            kinds = [None, "equity"]
            for since, kind in zip((FIRST_SESSION, date(2023, 3, 1)), kinds, strict=True):
                fields = {"symbol": symbol, "since": since, "asset_class": kind}
                found = sessions_known(at, at, symbol=symbol, since=since, asset_class=kind)
                assert found is not None
                slow = run(at, "history", **fields).frame
                assert found.frame.equals(slow), (clock, mode, symbol, since)
                several += slow["standing"].max() == 2
                seen += slow.height
        pair = symbols[:2]  # whose sessions are kept by now, so that short spans are cut as well
        closes = price_rows_known(at, at, pair, date(2023, 1, 1))
        assert closes is not None
        slow = rows(at, pair, date(2023, 1, 1))
        assert closes.frame.schema == slow.schema
        assert closes.frame.sort(PLACED).equals(slow.sort(PLACED)), (clock, mode)
    assert seen > 1_000
    assert several or mode == "public", "two sources of one instrument are told apart"


@pytest.mark.sampled(3)
@pytest.mark.parametrize("mode", MODES)
def test_events_since_a_day_begin_those_of_all(revised: Db, mode: Mode) -> None:
    cut = 0
    for clock in drawn(f"events {mode}"):
        at = revised.at(clock, mode)
        symbol = chosen(revised, mode)[0]
        for top in (5, 200):
            since = clock.date() - timedelta(days=300)
            fields = {"symbol": symbol, "country": "USA", "top": top}
            slow = run(at, "instrument_events", since=since, **fields).frame
            found = instrument_events(at, symbol=symbol, country="USA", since=since, top=top)
            assert found.frame.equals(slow), (clock, mode)
            whole = instrument_events(at, symbol=symbol, country="USA", top=top).frame
            cut += 0 < slow.height < whole.height
    assert cut or mode == "house"


def test_an_instrument_is_read_once_per_version(
    lake: Lake, db: Db, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[datetime] = []
    plain = At.sql

    def heard(self: At, query: str, **params: Value) -> Answer:
        asked.append(self.as_of)
        return plain(self, query, **params)

    lake.upsert("prices", table(quotes({0: 8.0, 1: 4.0, 2: 5.0}, "x:A", splits={1: 2.0})))
    monkeypatch.setattr(At, "sql", heard)
    for day, closes in ((0, [8.0]), (1, [4.0, 4.0]), (5, [4.0, 4.0, 5.0])):
        at = db.at(evening(day))
        assert history(at, symbol="x:A").frame["adjusted_close"].to_list() == closes
        assert len(read_closes(at, ["x:A"], FIRST_SESSION).close) == len(closes)
    assert len(asked) == 1
    lake.upsert("prices", table(quotes({2: 6.0}, "x:A", known_at=evening(4))))
    shown = [history(db.at(evening(day)), symbol="x:A").frame["close"][-1] for day in (3, 4)]
    assert shown == [5.0, 6.0]
    assert len(asked) == 2
    at = db.at(evening(4))
    assert price_rows_known(at, at, ["x:A"], at.as_of.date()) is not None
    assert price_rows_known(at, at, ["x:B"], at.as_of.date()) is None, "few rows of a new one"
    many = [f"x:{number}" for number in range(known_sessions.MOST_SYMBOLS + 1)]
    assert price_rows_known(db.at(evening(5)), db.at(evening(5)), many, FIRST_SESSION) is None


def test_two_sources_are_told_apart_and_the_shown_one_is_taken(lake: Lake, db: Db) -> None:
    for source, close in (("test", 1.0), ("other", 2.0)):
        lake.upsert("prices", table(quotes({0: close, 1: close}, "x:A", source=source)))
    at = db.at(evening(3))
    assert history(at, symbol="x:A").frame.height == 4
    assert len(read_closes(at, ["x:A"], FIRST_SESSION).close) == 2


def test_what_is_not_whole_is_left_to_the_query(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes({0: 1.0, 400: 2.0}, "x:A")))
    at = db.at(evening(401))
    fields = {"symbol": "x:A", "since": FIRST_SESSION, "asset_class": None}
    assert sessions_known(db.at(at.as_of, all_vintages=True), at, **fields) is None
    entry = db.manifest("prices").files[0]
    path = lake.root / "prices" / entry.file
    content = path.read_bytes()
    path.write_bytes(content[:-9])
    hurt = history(db.at(evening(401)), symbol="x:A")
    assert (hurt.frame.height, len(hurt.damaged)) == (1, 1)
    path.write_bytes(content)
    assert history(db.at(evening(401)), symbol="x:A").frame.height == 2
    lake.upsert("prices", table(quotes({402: 2.0}, "x:A")))
    spoil(lake.root, "prices")
    with pytest.raises(LakeError, match="damaged"):
        history(db.at(evening(403)), symbol="x:A")


def test_receipts_run_again(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes({0: 8.0, 1: 4.0, 2: 5.0}, "x:A", splits={1: 2.0})))
    lake.upsert("prices", table(quotes({1: 4.5}, "x:A", known_at=evening(3))))
    for day in (1, 2, 3, 9):
        at = db.at(evening(day).astimezone(UTC))
        for answer in (
            history(at, symbol="x:A", since=date(2020, 1, 1)),
            read_closes(at, ["x:A"], FIRST_SESSION).answer,
        ):
            receipt = make_receipt(answer)
            queries = [one for one in verify(receipt, lake.root, function_named)]
            assert queries[0].same, queries


@pytest.mark.parametrize("mode", MODES)
def test_sessions_of_another_kind_end_none_of_a_receipts_files(
    lake: Lake, db: Db, mode: Mode
) -> None:
    lake.upsert("prices", table(quotes({0: 1.0, 1: 2.0}, "x:A")), ingested_at=evening(2))
    later = quotes({1: 9.0}, "x:A", asset_class="etf", known_at=evening(4))
    lake.upsert("prices", table(later), ingested_at=evening(5))
    for clock in (evening(3), evening(4), evening(6)):
        at = db.at(clock, mode)
        for kind in (None, "equity", "etf"):
            part = at if kind is None else at.part("prices", asset_class=kind)
            fields = {"symbol": "x:A", "since": FIRST_SESSION, "asset_class": kind}
            slow = part.sql(query_text("history"), **fields).frame
            found = history(at, symbol="x:A", asset_class=kind)
            assert found.asked[0].frame.equals(slow), (clock, mode, kind)
            assert verify(make_receipt(found), lake.root, function_named)[0].same
