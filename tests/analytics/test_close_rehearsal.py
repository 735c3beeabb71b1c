"""Rules on closes over a history: fires by hand, by pandas, by the engine and the live measure."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from analytics.core.catalogue import called, function_named
from analytics.formulas.values import formula_values
from analytics.live.close_rehearsal import close_rule_record
from analytics.live.rules import OF_CLOSES, fold, read_rule
from analytics.markets.market import market
from data.errors import ConfigError
from data.lake import Lake
from data.proof.receipt_check import verify
from data.proof.receipts import make_receipt
from data.query import Db
from tests.analytics.quotes import FIRST, evening, quotes, table
from tests.pages import world

DAY = 86_400
FALL = {"metric": "daily_move", "side": "below", "trigger": -0.03, "rearm": -0.015}


def rule(**words: Any) -> str:
    return json.dumps({**FALL, "cooldown_s": DAY, **words})


def fired(db: Db, number: int, **words: Any) -> pl.DataFrame:
    asked = {"since": FIRST, "definition": rule(), **words}
    return close_rule_record(db.at(evening(number)), **asked).frame


def days(frame: pl.DataFrame) -> list[int]:
    return [(day - FIRST).days for day in frame["date"]]


def walk(seed: int, sessions: int = 400) -> dict[int, float | None]:
    steps = np.random.default_rng(seed).standard_t(4, sessions) * 0.012
    return dict(enumerate((100 * np.exp(steps.cumsum())).tolist()))


def test_a_table_made_by_hand(lake: Lake, db: Db) -> None:
    # Falls of 10 % on day 2, 4 % on day 3 (the same episode), back on day 4, 5 % on day 6.
    closes: dict[int, float | None] = dict(enumerate([100.0, 100, 90, 86.4, 90, 90, 85.5, 90, 99]))
    lake.upsert("prices", table(quotes(closes)))
    frame = fired(db, 8)
    assert days(frame) == [2, 6]
    assert frame["value"].to_list() == pytest.approx([-0.1, -0.05])
    assert frame["sessions"].to_list() == [2, 1]
    assert frame["ended_on"].to_list() == [FIRST + timedelta(days=4), FIRST + timedelta(days=7)]
    assert frame["after_1"].to_list() == pytest.approx([86.4 / 90 - 1, 90 / 85.5 - 1])
    assert frame["after_5"][0] == pytest.approx(90 / 90 - 1)
    assert frame["after_5"][1] is None
    assert frame["after_20"].to_list() == [None, None]
    held = [closes[n + 1] / closes[n] - 1 for n in range(8)]  # type: ignore[operator]  # no gaps
    assert frame["usual_1"].to_list() == pytest.approx([np.median(held)] * 2)
    assert frame["usual_20"].to_list() == [None, None]


def test_fires_before_the_span_are_left_out_and_an_episode_that_goes_on_is_no_new_one(
    lake: Lake, db: Db
) -> None:
    closes: dict[int, float | None] = dict(enumerate([100.0, 95, 90, 85, 85, 80]))
    lake.upsert("prices", table(quotes(closes)))
    assert days(fired(db, 5)) == [1, 5]
    assert days(fired(db, 5, since=FIRST + timedelta(days=2))) == [5]


def test_the_cooldown_and_the_time_to_hold(lake: Lake, db: Db) -> None:
    closes: dict[int, float | None] = dict(enumerate([100.0, 95, 95, 90, 90, 90, 85]))
    lake.upsert("prices", table(quotes(closes)))
    assert days(fired(db, 6)) == [1, 3, 6]
    assert days(fired(db, 6, definition=rule(cooldown_s=4 * DAY))) == [1, 6]
    # A fall stands until the next close, a day later: it holds for an hour, not for a day.
    assert days(fired(db, 6, definition=rule(hold_s=3_600))) == [1, 3, 6]
    assert days(fired(db, 6, definition=rule(hold_s=DAY))) == []
    assert days(fired(db, 7, definition=rule(hold_s=DAY))) == [6]
    assert days(fired(db, 20, definition=rule(hold_s=8 * DAY))) == []


@pytest.mark.parametrize("metric", sorted(OF_CLOSES))
def test_the_values_are_those_that_the_scheduler_would_have_seen(
    lake: Lake, db: Db, metric: str
) -> None:
    """Each fire has the value of `market` at the evening of its session."""
    columns = {"daily_move": "price_return", "heat": "sigmas"}
    halved = [
        {day: close / (1 + (day >= 300)) for day, close in walk(seed).items() if close}
        for seed in (1, 2)
    ]
    bars = [quotes(dict(one), f"x:{n}", splits={300: 2.0}) for n, one in enumerate(halved)]
    lake.upsert("prices", table(*bars, quotes(walk(3), "x:RATE", asset_class="rate")))
    side, trigger = ("below", 0.05) if metric == "from_low" else ("above", 0.012)
    trigger = -0.01 if metric == "from_high" else trigger
    text = json.dumps({"metric": metric, "side": side, "trigger": trigger, "cooldown_s": 0})
    frame = fired(db, 399, definition=text)
    assert frame.height >= 2
    assert (set(frame["symbol"]) >= {"x:RATE"}) == (metric == "heat")
    for symbol, day, value in frame.select("symbol", "date", "value").head(40).iter_rows():
        seen = market(db.at(evening((day - FIRST).days)), sessions=1).frame
        one = seen.filter(pl.col("symbol") == symbol)
        assert one[columns.get(metric, metric)].item() == pytest.approx(value, rel=1e-9)


def test_against_pandas(lake: Lake, db: Db) -> None:
    closes = walk(7)
    lake.upsert("prices", table(quotes(closes)))
    frame = fired(db, 399, definition=rule(trigger=-0.02, rearm=-0.0199999999, cooldown_s=0))
    series = pd.Series(list(closes.values()), dtype=float)
    below = series.pct_change() <= -0.02
    first = below & ~below.shift(fill_value=False)
    assert days(frame) == list(np.flatnonzero(first))
    for count in (1, 5, 20):
        later = series.shift(-count) / series - 1
        expected = [None if np.isnan(value) else value for value in later[first]]
        assert frame[f"after_{count}"].to_list() == pytest.approx(expected)
        assert frame[f"usual_{count}"][0] == pytest.approx(later.median())


def test_a_rate_and_a_formula_move_by_their_difference(lake: Lake, db: Db) -> None:
    levels: dict[int, float | None] = dict(enumerate([*([2.0, 2.1] * 20), 4.0, 4.5]))
    lake.upsert("prices", table(quotes(levels, "x:RATE", asset_class="rate")))
    heat = json.dumps({"metric": "heat", "side": "above", "trigger": 5.0})
    row = fired(db, 41, definition=heat).row(0, named=True)
    assert (row["after_1"], row["unit"]) == (pytest.approx(0.5), "pp")
    twice = {"metric": "formula", "side": "above", "trigger": 7.0, "symbols": ['="x:RATE" * 2']}
    row = fired(db, 41, definition=json.dumps(twice)).row(0, named=True)
    assert row["date"] == FIRST + timedelta(days=40)
    assert (row["symbol"], row["value"]) == ('="x:RATE" * 2', 8.0)
    assert row["after_1"] == pytest.approx(1.0)
    assert row["unit"]


def test_of_two_sources_one_is_judged(lake: Lake, db: Db) -> None:
    closes = walk(5, 60)
    other = {day: 10 * (close or 0) for day, close in closes.items()}
    lake.upsert("prices", table(quotes(closes), quotes(other, source="another")))
    frame = fired(db, 59, definition=rule(trigger=-0.01, rearm=-0.005))
    assert frame.height == frame["date"].n_unique() > 0


def test_what_is_known_later_changes_nothing(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes(walk(9, 120))))
    before = fired(db, 60)
    held = {"since": FIRST, "definition": rule(hold_s=3_600)}
    fresh = close_rule_record(db.at(evening(60)), **held)
    later = quotes({61: 1.0}) + quotes({30: 500.0}, known_at=evening(90))
    lake.upsert("prices", table(later))
    assert fired(db, 60).equals(before)
    assert close_rule_record(db.at(evening(60)), **held).frame.equals(fresh.frame)
    assert not fired(db, 119).equals(fired(db, 89))


def test_its_receipt_runs_again(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes(walk(4, 90)), quotes(walk(6, 90), "x:BBB")))
    answer = called(close_rule_record, db.at(evening(89)), definition=rule(), since=FIRST)
    assert answer.frame.height
    assert all(one.same for one in verify(make_receipt(answer), lake.root, function_named))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"definition": "{"}, "expected a JSON document"),
        ({"definition": json.dumps({"metric": "bias", "trigger": 1})}, "no history of closes"),
        ({"since": date(1999, 1, 1)}, "10 years before"),
        ({"since": date(2031, 1, 1)}, "10 years before"),
        (
            {"definition": json.dumps({"metric": "formula", "trigger": 1, "watchlist": "mine"})},
            "name it, such as",
        ),
    ],
)
def test_odd_questions_are_refused_in_one_sentence(
    lake: Lake, db: Db, words: dict[str, Any], said: str
) -> None:
    lake.upsert("prices", table(quotes({0: 1.0})))
    with pytest.raises(ConfigError, match=said):
        fired(db, 5, **words)


def test_instruments_without_prices_never_fired(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes({0: 1.0})))
    assert fired(db, 5).height == 0
    assert fired(db, 5, symbols=["x:NOBODY"]).height == 0
    assert fired(db, 5, symbols=[]).height == 0


@pytest.mark.parametrize("words", [{}, {"hold_s": 2 * DAY}, {"cooldown_s": 9 * DAY}])
def test_sessions_left_out_decide_nothing(lake: Lake, db: Db, words: dict[str, float]) -> None:
    """The same fires as the engine's over a point for every hour of every session."""
    closes = {day: close for day, close in walk(11, 200).items() if day % 7 not in (4, 5)}
    lake.upsert("prices", table(quotes(closes)))
    definition = rule(trigger=-0.01, rearm=0.002, **words)
    points, before, known = [], np.nan, sorted(closes)
    for day, following in zip(known, [*known[1:], known[-1] + 7], strict=True):
        move = (closes[day] or 0) / before - 1
        before = closes[day] or 0
        start = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=day)
        hours = 24 * (following - day) if np.isfinite(move) else 0
        points += [
            {"symbol": "x:AAA", "at": start + timedelta(hours=n), "is_stale": False}
            | {"daily_move": move}
            for n in range(hours)
        ]
    _, events = fold(read_rule(json.loads(definition), "1"), {}, points)
    told = [(item.at.date() - FIRST).days for item in events if item.kind == "fired"]
    sessions = [max(day for day in known if day <= number) for number in told]
    assert len(sessions) > 3
    assert days(fired(db, 210, definition=definition)) == sessions


def test_a_time_to_hold_is_met_between_sessions_and_across_them(lake: Lake, db: Db) -> None:
    # Below on days 1 and 2: a day and a half is over at noon of day 2, before the close of day 3.
    closes: dict[int, float | None] = dict(enumerate([100.0, 95, 90, 90, 85, 85]))
    lake.upsert("prices", table(quotes(closes)))
    assert days(fired(db, 5, definition=rule(hold_s=1.5 * DAY))) == [2]
    assert days(fired(db, 5, definition=rule(hold_s=1.9 * DAY))) == [2]
    assert days(fired(db, 5, definition=rule(hold_s=2 * DAY))) == []


def test_a_cooldown_ends_between_sessions(lake: Lake, db: Db) -> None:
    # It fires on day 1 and rests for two and a half days; the fall of day 3 still stands then.
    closes: dict[int, float | None] = dict(enumerate([100.0, 95, 95, 90, 90, 90]))
    lake.upsert("prices", table(quotes(closes)))
    assert days(fired(db, 5, definition=rule(cooldown_s=2.5 * DAY))) == [1, 3]
    assert days(fired(db, 5, definition=rule(cooldown_s=3.5 * DAY))) == [1]


def test_a_list_without_an_instrument_of_the_rule_leaves_nothing(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes({0: 100.0, 1: 90})))
    named = rule(symbols=["x:AAA"])
    assert days(fired(db, 1, definition=named)) == [1]
    assert days(fired(db, 1, definition=named, symbols=["x:AAA"])) == [1]
    assert days(fired(db, 1, definition=named, symbols=[])) == []


def test_the_usual_move_is_of_what_moves_alike(lake: Lake, db: Db) -> None:
    """Shares of a price beside differences of a rate: each has its own median."""
    price, level = walk(21, 60), dict(enumerate([2.0, 2.1, 2.3] * 20))
    parts = [quotes(price), quotes(dict(level), "x:RATE", asset_class="rate")]
    lake.upsert("prices", table(*parts))
    heat = json.dumps({"metric": "heat", "side": "above", "trigger": 0.5})
    both = fired(db, 59, definition=heat)
    for symbol in ("x:AAA", "x:RATE"):
        alone = fired(db, 59, definition=heat, symbols=[symbol])
        assert alone.height
        usual = [f"usual_{count}" for count in (1, 5, 20)]
        assert (
            both.filter(symbol=symbol).select("date", *usual).equals(alone.select("date", *usual))
        )


def test_a_source_that_stopped_hides_no_other(lake: Lake, db: Db) -> None:
    """As the live judge has it: of the sources that are fresh the better one."""
    better = quotes(walk(3, 40), source="yahoo_chart")
    other = quotes({**dict.fromkeys(range(60), 100.0), 55: 90.0}, source="zzz")
    lake.upsert("prices", table(better, other))
    assert days(fired(db, 59)) == [55]
    assert 55 not in days(fired(db, 45))


def test_an_instrument_under_several_ids_fires_once_unless_named(lake: Lake, db: Db) -> None:
    closes: dict[int, float | None] = {0: 100.0, 1: 90.0}
    ids = ["marketstack:AAPL.XNAS", "yahoo:AAPL"]
    lake.upsert("prices", table(*(quotes(dict(closes), one) for one in ids)))
    assert fired(db, 1)["symbol"].to_list() == ids[:1]
    assert fired(db, 1, symbols=ids)["symbol"].to_list() == ids
    assert fired(db, 1, definition=rule(symbols=ids[1:]))["symbol"].to_list() == ids[1:]


@pytest.mark.parametrize("pause", [700, 900])
def test_a_close_of_years_ago_is_no_base(lake: Lake, db: Db, pause: int) -> None:
    """Neither here nor for the live judge, which looks back two years and two months."""
    closes: dict[int, float | None] = {0: 100.0, 1: 100.0, 1 + pause: 60.0}
    lake.upsert("prices", table(quotes(closes)))
    seen = market(db.at(evening(1 + pause))).frame["price_return"].item()
    assert days(fired(db, 1 + pause)) == ([] if seen is None else [1 + pause])
    assert (seen is None) == (pause == 900)


def monthly(lake: Lake, months: int, series: str = "x:M") -> None:
    """A monthly index of months of 2020, each known on the tenth of the next month."""
    base = {"series_id": series, "unit": "index", "source": "exchange"}
    about = {
        "indicator": "CPI",
        "title": "Index",
        "country": "USA",
        "frequency": "monthly",
        "adjustment": "nsa",
        "dimension": "inflation",
        "direction": 1,
        "timezone": "UTC",
        "known_at": evening(0),
    }
    months_known = [
        base
        | {"period": date(2020, month, 1), "value": float(month), "is_forecast": False}
        | {"known_at": datetime(2020, month + 1, 10, tzinfo=UTC)}
        for month in range(1, months + 1)
    ]
    world.put(lake, "series", [base | about])
    world.put(lake, "macro", months_known)


def test_no_fire_on_a_formula_whose_part_was_late_then(lake: Lake, db: Db) -> None:
    """The index ends with March, so it is late from September on, beside prices that go on."""
    lake.upsert("prices", table(quotes({day: 100.0 + day for day in range(366)})))
    monthly(lake, 3)
    text = '"x:AAA" * "x:M"'
    last_fresh = (date(2020, 3, 31) - FIRST).days + 155
    for number, is_late in ((last_fresh, False), (last_fresh + 1, True)):
        words = {"metric": "formula", "side": "above", "rearm": 0.0, "symbols": [f"={text}"]}
        definition = json.dumps(words | {"trigger": 3.0 * (100 + number)})
        assert days(fired(db, 360, definition=definition)) == ([] if is_late else [number])
        live = formula_values(db.at(evening(number)), texts=[text]).frame
        assert (live["late"].item() is not None) == is_late


def test_a_monthly_formula_holds_from_month_to_month(lake: Lake, db: Db) -> None:
    monthly(lake, 6)
    text = {"metric": "formula", "side": "above", "trigger": 3.0, "symbols": ['="x:M" * 1']}
    for hold, month in ((0, 3), (20, 3), (30, 3), (29, 3)):
        record = fired(db, 300, definition=json.dumps(text | {"hold_s": hold * DAY}))
        assert [day.month for day in record["date"]] == [month + (hold == 30)]
