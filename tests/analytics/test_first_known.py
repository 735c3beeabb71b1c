"""What is mended, restated or filled in later moves nothing of what an earlier clock showed."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import polars as pl
import pytest

from analytics.book.holdings import last_prices
from analytics.core.catalogue import find
from analytics.core.close_matrix import read_panel
from analytics.core.closes import read_closes
from analytics.core.query_texts import query_text
from analytics.core.resolve import resolve
from analytics.home.overview import moves
from analytics.macro.agenda import reactions
from analytics.macro.countries import country_indicators, indicator_ranking
from analytics.macro.prints import series_history
from analytics.macro.vintages import prices_with_macro
from analytics.markets.comparison import compared
from analytics.markets.event_study import event_paths
from analytics.markets.instrument import rebased
from analytics.markets.market import horizons, market
from analytics.markets.returns import history
from analytics.markets.seasons import universe_months
from analytics.regimes.quadrants import quadrants
from analytics.replay.frames import frames
from analytics.replay.moves import replay_moves
from analytics.replay.replay import replay
from data.lake import Lake
from data.lake.views import Mode
from data.query import At, Db

X, S = "x:A", "s:CPI"
FIRST = date(2020, 1, 1)
TAKEN_IN = datetime(2020, 7, 1, tzinfo=UTC)
LATER = datetime(2026, 5, 5, 12, tzinfo=UTC)
SESSIONS = [day for n in range(200) if (day := FIRST + timedelta(days=n)).weekday() < 5]
EVENTS = [40, 63, 86, 109]
CLOCKS = [
    datetime(2020, 3, 10, 15, tzinfo=UTC),
    datetime(2020, 6, 1, tzinfo=UTC),
    datetime(2020, 12, 31, tzinfo=UTC),
    LATER - timedelta(seconds=1),
]
NOW = datetime(2026, 11, 20, tzinfo=UTC)
Rows = list[dict[str, Any]]


def close_of(number: int) -> datetime:
    return datetime.combine(SESSIONS[number], time(21), UTC)


def walk(seed: int = 1) -> list[float]:
    draw, level, found = random.Random(seed), 100.0, []
    for _ in SESSIONS:
        level *= math.exp(draw.gauss(0, 0.02))
        found.append(round(level, 2))
    return found


def bars(closes: list[float], source: str, **more: Any) -> Rows:
    delay = more.pop("delay", timedelta())
    return [
        {
            "symbol": X,
            "asset_class": "equity",
            "date": day,
            "open": close,
            "high": close,
            "low": close,
            "close": close,
            "volume": 1.0,
            "currency": "USD",
            "vintage_grade": "lagged",
            "source": source,
            "known_at": close_of(n) + delay,
        }
        | more
        for n, (day, close) in enumerate(zip(SESSIONS, closes, strict=True))
    ]


def minutes(closes: list[float], source: str, venue: str, **more: Any) -> Rows:
    start = datetime.combine(SESSIONS[80], time(15), UTC)
    return [
        {
            "symbol": X,
            "venue": venue,
            "date": SESSIONS[80],
            "event_at": start + timedelta(minutes=n),
            "open": close,
            "high": close,
            "low": close,
            "close": close,
            "volume": 1.0,
            "currency": "USD",
            "vintage_grade": "lagged",
            "source": source,
            "known_at": start + timedelta(minutes=n + 1),
        }
        | more
        for n, close in enumerate(closes[:90])
    ]


def months(series: str, source: str, level: float, **more: Any) -> Rows:
    draw = random.Random(len(series))
    return [
        {
            "series_id": series,
            "period": date(2012 + n // 12, n % 12 + 1, 1),
            "unit": "index",
            "value": level + n + draw.gauss(0, 2),
            "is_forecast": False,
            "source": source,
            "known_at": datetime(2012 + (n + 1) // 12, (n + 1) % 12 + 1, 14, 13, tzinfo=UTC),
            "vintage_grade": "lagged",
        }
        | more
        for n in range(100)
    ]


def described(series: str, source: str, indicator: str = "cpi") -> Rows:
    return [
        {
            "series_id": series,
            "indicator": indicator,
            "title": series,
            "country": "USA",
            "frequency": "monthly",
            "unit": "index",
            "adjustment": "sa",
            "dimension": "inflation",
            "direction": 1,
            "timezone": "UTC",
            "source": source,
            "known_at": datetime(2012, 1, 1, tzinfo=UTC),
            "vintage_grade": "current",
        }
    ]


def listed(source: str, **more: Any) -> Rows:
    return [
        {
            "symbol": X,
            "ticker": "A",
            "name": f"A of {source}",
            "asset_class": "index",
            "country": "USA",
            "currency": "USD",
            "source": source,
            "known_at": datetime(2019, 1, 1, tzinfo=UTC),
            "vintage_grade": "lagged",
        }
        | more
    ]


def nation(source: str, currency: str) -> Rows:
    return [
        {
            "country": "USA",
            "name": f"USA by {source}",
            "currency": currency,
            "source": source,
            "known_at": datetime(2019, 1, 1, tzinfo=UTC),
            "vintage_grade": "current",
        }
    ]


@pytest.fixture
def lake(lake: Lake) -> Lake:
    """One instrument, one country, one event a month, all of a source that ranks last by name."""
    put(
        lake,
        TAKEN_IN,
        prices=bars(walk(), "zeta"),
        bars=minutes(walk(3), "zeta", "zz"),
        macro=months(S, "zeta", 100) + months("s:IP", "zeta", 90),
        series=described(S, "zeta") + described("s:IP", "zeta", "industrial_production"),
        instruments=listed("zeta"),
        countries=nation("zeta", "USD"),
        events=[
            {
                "event_id": f"e{n}",
                "event_at": close_of(n) - timedelta(hours=9),
                "precision": "minute",
                "kind": "planted",
                "title": f"event {n}",
                "source": "zeta",
                "vintage_grade": "native",
                "known_at": close_of(n) - timedelta(hours=9),
            }
            for n in EVENTS
        ],
    )
    return lake


def put(lake: Lake, ingested_at: datetime, **datasets: Rows) -> None:
    for name, rows in datasets.items():
        frame = pl.DataFrame(rows, infer_schema_length=None)
        lake.upsert(name, frame, ingested_at=ingested_at)


def asked() -> list[datetime]:
    return [close_of(n) - timedelta(hours=9) for n in EVENTS]


WINDOW: dict[str, Any] = {"symbols": [X], "start": close_of(60), "end": close_of(100)}
MINUTES: dict[str, Any] = {
    "symbols": [X],
    "start": datetime.combine(SESSIONS[80], time(15, 10), UTC),
    "end": datetime.combine(SESSIONS[80], time(16, 10), UTC),
}
SHOWN: dict[str, Callable[[At], Any]] = {
    "reactions": lambda at: reactions(at, symbol=X, moments=asked()).frame,
    "paths": lambda at: event_paths(at, symbol=X, of="event:planted", before=3, after=3).frame,
    "joined": lambda at: prices_with_macro(at, series=[S]).frame.filter(source="zeta"),
    "replay": lambda at: frames(replay(at, **WINDOW, country="USA").frame).hashes,
    "minutes": lambda at: frames(replay(at, **MINUTES, scale="minutes").frame).hashes,
    "evenings": lambda at: replay_moves(at, start=close_of(60), end=close_of(100)).frame,
    "last": lambda at: last_prices(at, symbols=[X], currencies=["USD"]).frame,
    "market": lambda at: market(at).frame,
    "listed": lambda at: market(at, symbols=[X]).frame,
    "horizons": lambda at: horizons(at).frame,
    "closes": lambda at: read_closes(at, [X], FIRST).close.tolist(),
    "rebased": lambda at: rebased(at, symbols=[X], since=FIRST).frame,
    "compared": lambda at: (
        compared(at, symbol=X, others=['="s:CPI" / 2', f"=sma({X}, 3)", "=s:CPI"]).frame
    ),
    "drawn": lambda at: history(at, symbol=X).frame.filter(standing=1)["close"].to_list(),
    "moves": lambda at: moves(at).frame,
    "months": lambda at: universe_months(at).frame,
    "months of a list": lambda at: universe_months(at, symbols=[X]).frame,
    "splits": lambda at: find("splits").call(at, symbols=[X]).frame,
    "countries": lambda at: country_indicators(at, dimension="inflation").frame,
    "ranking": lambda at: indicator_ranking(at, indicator="cpi").frame,
    "quadrants": lambda at: quadrants(at, country="USA").frame,
    "series": lambda at: series_history(at, series=S, frequency="monthly").frame,
    "tickers": lambda at: find("tickers").call(at).frame,
    "stand ins": lambda at: find("stand_ins").call(at).frame,
    "currencies": lambda at: at.sql(query_text("parts/currencies")).frame,
    "resolved": lambda at: resolve(at, words=["A"]).frame,
    "directory": lambda at: find("directory").call(at).frame,
}


def seen(lake: Lake, clocks: list[datetime], mode: Mode = "public") -> dict[str, Any]:
    db = Db(lake.root, threads=1)
    found = {}
    for clock in clocks:
        for name, ask in SHOWN.items():
            try:
                answer = ask(db.at(clock, mode))
            except Exception as error:  # noqa: BLE001 - a refusal is an answer too
                answer = str(error)
            found[f"{name} at {clock:%F}"] = (
                answer.rows() if isinstance(answer, pl.DataFrame) else answer
            )
    db.close()
    return found


def differing(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    return [name for name, answer in before.items() if not alike(answer, after[name])]


def alike(was: Any, now: Any) -> bool:
    """Sums over a matrix of another shape may differ in their last bit, as receipts allow."""
    if isinstance(was, list | tuple) and isinstance(now, list | tuple):
        return len(was) == len(now) and all(map(alike, was, now))
    if isinstance(was, float) and isinstance(now, float):
        return math.isclose(was, now, rel_tol=1e-12) or was == now or was != was and now != now
    return bool(was == now)


CLOSES = {"joined", "rebased", "compared", "closes", "drawn"}  # show the mended close itself
MODES: tuple[Mode, ...] = ("public", "house")


def test_what_is_looked_at_is_there(lake: Lake) -> None:
    """The positive control: of the clock of today each has something to show."""
    found = seen(lake, [CLOCKS[1]])
    empty = [name for name, answer in found.items() if not answer or isinstance(answer, str)]
    assert empty == [f"splits at {CLOCKS[1]:%F}"]


@pytest.mark.sampled(8)
@pytest.mark.parametrize("mode", MODES)
def test_a_cent_years_later_moves_nothing(lake: Lake, mode: Mode) -> None:
    clocks = [*CLOCKS, NOW]
    before = seen(lake, clocks, mode)
    rows = bars(walk(), "zeta")[50]
    put(
        lake,
        LATER,
        prices=[rows | {"close": rows["close"] + 0.01}],
        bars=[minutes(walk(3), "zeta", "zz")[5] | {"close": 1.0}],
    )
    after = seen(lake, clocks, mode)
    # Of today's clock the mended close itself is shown, and nothing is dated by it.
    changed = [name for name in differing(before, after) if name.endswith(f"{NOW:%F}")]
    assert differing(before, after) == changed
    assert {name.split(" at ")[0] for name in changed} <= CLOSES
    was, now = (found[f"joined at {NOW:%F}"] for found in (before, after))
    other = [(a, b) for a, b in zip(was, now, strict=True) if a != b]
    assert [
        (a[2], [place for place, pair in enumerate(zip(a, b, strict=True)) if len({*pair}) > 1])
        for a, b in other
    ] == [(SESSIONS[50], [3])]


@pytest.mark.sampled(8)
@pytest.mark.parametrize("source", ["zeta", "alpha"])
@pytest.mark.parametrize("mode", MODES)
def test_a_restated_backfill_is_not_seen_before_its_ingestion(
    lake: Lake, mode: Mode, source: str
) -> None:
    before = seen(lake, CLOCKS, mode)
    restated: dict[str, Any] = {"vintage_grade": "current"}
    wide = {"delay": timedelta(hours=1)} | restated
    put(
        lake,
        LATER,
        prices=bars(walk(9), source, **wide),
        bars=minutes(walk(8), source, "aa", **restated),
        macro=[
            row | {"known_at": row["known_at"] + timedelta(hours=1)}
            for row in months(S, source, 300, **restated)
        ],
    )
    assert differing(before, seen(lake, CLOCKS, mode)) == []


@pytest.mark.sampled(8)
@pytest.mark.parametrize("early", [timedelta(hours=1), -timedelta(hours=1)])
@pytest.mark.parametrize("grade", ["lagged", "snapshot"])
@pytest.mark.parametrize("mode", MODES)
def test_another_source_filled_in_later_replaces_nothing(
    lake: Lake, mode: Mode, grade: str, early: timedelta
) -> None:
    """Not even where it claims to have known everything an hour before."""
    clocks = [*CLOCKS, NOW]
    before = seen(lake, clocks, mode)
    more: dict[str, Any] = {"vintage_grade": grade}
    put(
        lake,
        LATER,
        prices=bars(walk(9), "alpha", delay=early, split_ratio=2.0, **more),
        bars=minutes(walk(8), "alpha", "aa", **more),
        macro=[
            row | {"known_at": row["known_at"] + early}
            for row in months(S, "alpha", 300, **more) + months("s:AA", "alpha", 7, **more)
        ],
        series=described(S, "alpha") + described("s:AA", "alpha"),
        instruments=listed("alpha", country="FRA", **more),
        countries=nation("alpha", "XXX"),
    )
    found = differing(before, seen(lake, clocks, mode))
    # The list of names gains the new series, which is another thing and not another source.
    assert {name.split(" at ")[0] for name in found} <= {"directory"}


def test_a_better_grade_and_a_better_rank_do_replace(lake: Lake) -> None:
    """The positive control of the one before."""
    db = Db(lake.root, threads=1)
    closes = walk(9)
    put(lake, LATER, prices=bars(closes, "alpha", vintage_grade="native"))
    assert SHOWN["closes"](db.at(NOW)) == closes
    put(lake, LATER, prices=bars(walk(5), "marketstack"))
    assert SHOWN["closes"](db.at(NOW)) == closes  # the grade comes before the rank
    put(lake, LATER, prices=bars(walk(6), "stooq", vintage_grade="native"))
    assert SHOWN["closes"](db.at(NOW)) == walk(6)
    chosen = SHOWN["last"](db.at(CLOCKS[1])).filter(kind="price")["source"].to_list()
    assert chosen == ["stooq"]
    db.close()


@pytest.mark.sampled(6)
@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_rows_changes_nothing(tmp_path: Any, lake: Lake, seed: int) -> None:
    rows = {
        "prices": bars(walk(), "zeta") + bars(walk(2), "alpha"),
        "macro": months(S, "zeta", 100) + months(S, "alpha", 50) + months("s:IP", "zeta", 9),
        "series": described(S, "zeta")
        + described(S, "alpha")
        + described("s:IP", "zeta", "industrial_production"),
        "instruments": listed("zeta") + listed("alpha"),
        "countries": nation("zeta", "USD") + nation("alpha", "XXX"),
    }
    found = []
    for number, order in enumerate((random.Random(seed), None)):
        other = Lake(tmp_path / str(number) / "live" / "lake", workspace="live")
        for name, held in rows.items():
            mixed = order.sample(held, len(held)) if order else held
            put(other, TAKEN_IN, **{name: mixed})
        found.append(seen(other, [NOW, CLOCKS[0]]))
    assert differing(*found) == []


def test_an_older_session_that_came_late_is_no_news(lake: Lake) -> None:
    """Stamps that are searched never fall: what was not held back is not overtaken either."""
    db = Db(lake.root, threads=1)
    late = bars(walk(), "zeta")
    put(
        lake,
        TAKEN_IN,
        prices=[
            row | {"symbol": "x:B", "known_at": close_of(n + 30 * (n == 62))}
            for n, row in enumerate(late)
        ],
    )
    at = db.at(NOW)
    known = at.sql(query_text("parts/session_moments"), symbol="x:B").frame["known_at"]
    assert known.is_sorted()
    assert known[62] == known[63] == close_of(63)
    (row,) = reactions(at, symbol="x:B", moments=[asked()[1]]).frame.to_dicts()
    # On the day of the event the session of the day before was not known yet.
    assert (row["before_at"], row["after_at"]) == (close_of(61), close_of(63))
    assert row["move"] == pytest.approx(walk()[63] / walk()[61] - 1)
    db.close()


def test_splits_between_two_known_closes_are_taken_in(lake: Lake) -> None:
    db = Db(lake.root, threads=1)
    rows = [row | {"symbol": "x:C"} for row in bars(walk(), "zeta")]
    rows[62] |= {"close": None, "split_ratio": 2.0}
    put(lake, TAKEN_IN, prices=rows)
    (row,) = reactions(db.at(NOW), symbol="x:C", moments=[asked()[1]]).frame.to_dicts()
    assert row["before"] == pytest.approx(walk()[61] / 2)
    db.close()


def test_the_panel_gathers_what_the_rule_needs(lake: Lake) -> None:
    db = Db(lake.root, threads=1)
    row = read_panel(db.at(CLOCKS[1])).instruments.row(0, named=True)
    assert (row["grade"], row["taken_in"]) == (2, TAKEN_IN)
    db.close()
