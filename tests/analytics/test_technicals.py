"""Technical indicators against published values, tables made by hand, and the rule of causality."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analytics.core import technical
from analytics.core.catalogue import called, function_named
from analytics.core.closes import Floats
from analytics.markets.technicals import INDICATORS, chosen_indicator, technicals
from data.errors import ConfigError
from data.lake import Lake
from data.proof.receipt_check import verify
from data.proof.receipts import make_receipt
from data.query import At, Db
from tests.analytics.quotes import FIRST, evening, quotes, table

NAN = float("nan")


def array(*values: float | None) -> Floats:
    return np.array([NAN if value is None else value for value in values], dtype=np.float64)


def same(found: Floats, *wanted: float | None, within: float = 1e-12) -> None:
    np.testing.assert_allclose(found, array(*wanted), rtol=0, atol=within)


# Published values on 502 sessions -------------------------------------------------------------


@pytest.fixture
def fund(lake: Lake, db: Db, shared: Path) -> At:
    """The fund and the index beside it, of 2017 and 2018, with opens, highs, lows and volumes."""
    parts = []
    for name, symbol in (("default", "x:FUND"), ("compare", "x:OTHER")):
        file = pl.read_csv(shared / f"real/quotes_{name}_2017_2018.csv", try_parse_dates=True)
        days = [(day - FIRST).days for day in file["date"]]
        rows = quotes(dict(zip(days, file["close"].to_list(), strict=True)), symbol)
        for row, bar in zip(rows, file.iter_rows(named=True), strict=True):
            row |= {key: float(bar[key]) for key in ("open", "high", "low", "volume")}
        parts.append(rows)
    lake.upsert("prices", table(*parts))
    return db.at(evening(0))


def reference(shared: Path, name: str) -> list[float | None]:
    rows = json.loads((shared / f"real/ref_{name}.json").read_text(encoding="utf-8"))
    return [row[name] for row in rows]


@pytest.mark.needs("shared")
@pytest.mark.parametrize("word", ["sma_20", "ema_20", "rsi_14", "roc_14"])
def test_every_session_agrees_with_the_reference(fund: At, shared: Path, word: str) -> None:
    found = technicals(fund, symbol="x:FUND", indicators=[word]).frame[word].to_list()
    wanted = reference(shared, word.partition("_")[0])
    assert len(found) == len(wanted) == 502
    assert [value is None for value in found] == [value is None for value in wanted]
    assert found == pytest.approx(wanted, abs=1e-6)


# Values that the tests of DaveSkender/Stock.Indicators (Apache-2.0) state for the same sessions,
# rounded as they are there.
PUBLISHED = {
    "macd": {49: 1.7203, 249: 2.2353, 501: -6.2198},
    "macd_signal": {49: 1.9675, 249: 2.3141, 501: -5.8569},
    "macd_histogram": {49: -0.2472, 249: -0.0789, 501: -0.3629},
    "bollinger_middle": {249: 255.55, 501: 251.86},
    "bollinger_upper": {249: 259.5642, 501: 273.7004},
    "bollinger_lower": {249: 251.5358, 501: 230.0196},
    "bollinger_percent_b": {249: 0.803923, 501: 0.349362},
    "bollinger_width": {249: 0.031416, 501: 0.173433},
    "atr_14": {249: 1.3381, 501: 6.1497},
    "adx_14": {19: None, 29: 19.7949, 248: 30.5903, 501: 34.2987},
    "adx_14_plus": {19: 21.0361, 29: 37.9719, 248: 32.3167, 501: 17.7565},
    "adx_14_minus": {19: 25.0124, 29: 14.1658, 248: 18.2471, 501: 31.1510},
    "stochastic_k": {501: 43.1353},
    "stochastic_d": {501: 35.5674},
    "ulcer_14": {501: 5.7255},
    "obv": {249: 1780918888.0, 501: 539843504.0},
}
# How many sessions have a value there.
FILLED = {"macd": 477, "macd_signal": 469, "bollinger_width": 483, "adx_14": 475,
          "stochastic_k": 487, "stochastic_d": 485, "ulcer_14": 489, "obv": 502}  # fmt: skip


@pytest.mark.needs("shared")
def test_indicators_agree_with_published_values(fund: At) -> None:
    words = ["macd", "bollinger", "atr", "adx", "stochastic", "ulcer", "obv"]
    frame = technicals(fund, symbol="x:FUND", indicators=words).frame
    for column, values in PUBLISHED.items():
        for place, wanted in values.items():
            digits = 6 if column in ("bollinger_percent_b", "bollinger_width") else 4
            found = frame[column][place]
            rounded = None if found is None else round(found, digits)
            assert rounded == wanted, (column, place)
    assert {name: frame[name].count() for name in FILLED} == FILLED


@pytest.mark.needs("shared")
def test_what_needs_a_benchmark_agrees_with_another_library(fund: At) -> None:
    asked = {"indicators": ["beta", "relative_strength", "outperformance_20"]}
    frame = technicals(fund, symbol="x:FUND", benchmark="x:OTHER", **asked).frame
    own, other = (
        technicals(fund, symbol=name, indicators=["sma"]).frame["close"].to_numpy()
        for name in ("x:FUND", "x:OTHER")
    )
    moves = [np.diff(closes) / closes[:-1] for closes in (own, other)]
    for last in (60, 61, 300, 501):
        slope = stats.linregress(moves[1][last - 60 : last], moves[0][last - 60 : last]).slope
        assert frame["beta_60"][last] == pytest.approx(slope, abs=1e-12)
    assert frame["beta_60"].null_count() == 60
    # The same source states the benchmark over the fund: 1.356817 at the end.
    assert round(1 / frame["relative_strength"][501], 6) == 1.356817
    wanted = (own[501] / own[481]) / (other[501] / other[481]) - 1
    assert frame["outperformance_20"][501] == pytest.approx(wanted, abs=1e-12)


# Tables made by hand --------------------------------------------------------------------------


def test_averages_by_hand() -> None:
    same(technical.sma(array(1, 2, 6, 3), 3), None, None, 3, 11 / 3)
    # Seed (1 + 2 + 6) / 3 = 3; then 3 + (5 - 3) / 2 = 4 and 4 + (2 - 4) / 2 = 3.
    same(technical.ema(array(1, 2, 6, 5, 2), 3), None, None, 3, 4, 3)
    # Wilder: seed 3, then (2 * 3 + 9) / 3 = 5, (2 * 5 + 2) / 3 = 4.
    same(technical.wilder(array(1, 2, 6, 9, 2), 3), None, None, 3, 5, 4)
    same(technical.sma(array(1, 2), 3), None, None)


def test_rsi_by_hand() -> None:
    # Changes +2, -1, +2: gains 2, 0, 2, losses 0, 1, 0. Seeds of two: 1 and 0.5; then 1.5 and 0.25.
    same(technical.rsi(array(10, 12, 11, 13), 2), None, None, 100 / 1.5, 150 / 1.75, within=1e-9)
    same(technical.rsi(array(1, 2, 3), 2), None, None, 100)
    same(technical.rsi(array(3, 2, 1), 2), None, None, 0)
    same(technical.rsi(array(2, 2, 2), 2), None, None, None)


def test_macd_by_hand() -> None:
    # EMA 2 of 1 2 4 8: -, 1.5, 1.5 + 2/3 * 2.5 = 19/6, 19/6 + 2/3 * 29/6 = 115/18.
    # EMA 3: -, -, 7/3, 7/3 + (8 - 7/3) / 2 = 31/6. Their difference: 5/6, 11/9; signal of two.
    line, signal, histogram = technical.macd(array(1, 2, 4, 8), 2, 3, 2)
    same(line, None, None, 5 / 6, 22 / 18)
    same(signal, None, None, None, 37 / 36)
    same(histogram, None, None, None, 22 / 18 - 37 / 36)


def test_bollinger_by_hand_with_the_population_deviation() -> None:
    # 2 4 4 4 5 5 7 9: mean 5, population deviation exactly 2.
    middle, upper, lower, percent, width = technical.bollinger(array(2, 4, 4, 4, 5, 5, 7, 9), 8, 2)
    assert (middle[7], upper[7], lower[7]) == (5, 9, 1)
    assert (percent[7], width[7]) == (1, 8 / 5)
    flat = technical.bollinger(np.full(5, 0.1), 3, 2)
    assert flat[1][4] == flat[2][4] == flat[0][4]
    assert np.isnan(flat[3]).all()


HIGH, LOW, CLOSE = array(10, 12, 13, 12, 16), array(8, 9, 11, 9, 12), array(9, 11, 12, 10, 15)


def test_true_range_and_its_average_by_hand() -> None:
    # From the second bar: 12-9 = 3, 13-11 = 2, 12-9 = 3, 16-10 = 6 (the close before lies below).
    same(technical.true_range(HIGH, LOW, CLOSE), None, 3, 2, 3, 6)
    same(technical.atr(HIGH, LOW, CLOSE, 2), None, None, 2.5, 2.75, 4.375)


def test_adx_by_hand() -> None:
    # Up moves 2, 1, -1, 4 and down moves -1, -2, 2, -3: +DM 2, 1, 0, 4 and -DM 0, 0, 2, 0.
    # Wilder of two: +DM 1.5, .75, 2.375; -DM 0, 1, .5; true range 2.5, 2.75, 4.375.
    index, plus, minus = technical.adx(HIGH, LOW, CLOSE, 2)
    same(plus, None, None, 60, 75 / 2.75, 237.5 / 4.375)
    same(minus, None, None, 0, 100 / 2.75, 50 / 4.375)
    # DX 100, 100 * .25 / 1.75 = 14.2857, 100 * 1.875 / 2.875 = 65.2174.
    first = (100 + 100 / 7) / 2
    same(index, None, None, None, first, (first + 187.5 / 2.875) / 2)


def test_stochastic_by_hand() -> None:
    # Two bars: highest 12, 13, 13, 16 and lowest 8, 9, 9, 9: fast 75, 75, 25, 600/7.
    slow, signal = technical.stochastic(HIGH, LOW, CLOSE, 2, 2, 2)
    same(slow, None, None, 75, 50, (25 + 600 / 7) / 2)
    same(signal, None, None, None, 62.5, (50 + (25 + 600 / 7) / 2) / 2)
    still = np.full(4, 5.0)
    assert np.isnan(technical.stochastic(still, still, still, 2, 1, 1)[0]).all()


def test_ulcer_obv_roc_by_hand() -> None:
    # Window 100 90 120: drawdowns 0, -10, 0; then 90 120 60: 0, 0, -50.
    same(
        technical.ulcer(array(100, 90, 120, 60), 3),
        None,
        None,
        np.sqrt(100 / 3),
        np.sqrt(2500 / 3),
    )
    same(technical.obv(array(5, 6, 6, 4), array(10, 20, 30, 40)), 0, 20, 20, -20)
    same(technical.roc(array(100, 110, 99), 1), None, 10, -10)
    # Nothing is a share of a price at or below zero.
    same(technical.roc(array(20, -37, 10), 1), None, None, None)
    assert np.isnan(technical.ulcer(array(20, -37, 10), 2)[1:]).all()


def test_a_crossing_is_marked_once_and_a_touch_is_none() -> None:
    # The close against its average of two: below, equal, below, above, above, equal, above, below.
    close = array(4, 2, 2, 1, 3, 5, 5, 6, 2)
    same(technical.crossing(close, 1, 2), None, None, 0, 0, 1, 0, 0, 0, -1)


def test_extremes_and_distances(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes(dict(enumerate([10.0, 20.0, 15.0, 12.0])))))
    asked = ["high_3", "low_3", "distance_2"]
    frame = technicals(db.at(evening(3)), symbol="x:AAA", indicators=asked).frame
    assert frame["high_3"].to_list() == [None, None, 20, 20]
    assert frame["low_3"].to_list() == [None, None, 10, 12]
    assert frame["high_3_distance"].to_list()[2:] == pytest.approx([-0.25, -0.4])
    assert frame["low_3_distance"].to_list()[2:] == pytest.approx([0.5, 0])
    assert frame["distance_2"].to_list()[1:] == pytest.approx([1 / 3, -1 / 7, -1 / 9])


# The clock, gaps, splits ----------------------------------------------------------------------

PRICE = st.integers(1, 400).map(lambda cents: cents / 4)
BAR = st.tuples(PRICE, PRICE, PRICE, st.integers(0, 1000))


def computed(bars: list[tuple[float, float, float, int]]) -> dict[str, Floats]:
    """Every indicator with short windows, over bars whose second price is the close."""
    high, low = (array(*(pick(bar[:3]) for bar in bars)) for pick in (max, min))
    close, volume = array(*(bar[1] for bar in bars)), array(*(bar[3] for bar in bars))
    other = array(*(bar[2] for bar in bars))
    held = {
        "high": high,
        "low": low,
        "close": close,
        "volume": volume,
        "benchmark": other,
        "vwap": close,
    }
    short = {1: (3,), 2: (2, 4), 3: (2, 3, 2), 0: ()}
    found = {}
    for name, indicator in INDICATORS.items():
        inputs = [held[needed] for needed in indicator.inputs]
        result = indicator.compute(*inputs, *short[len(indicator.defaults)])
        for number, values in enumerate(result if isinstance(result, tuple) else (result,)):
            found[f"{name} {number}"] = values
    return found


@given(st.lists(BAR, min_size=1, max_size=40), st.lists(BAR, min_size=1, max_size=10))
def test_no_value_changes_when_later_sessions_come(bars: list[Any], later: list[Any]) -> None:
    """Not even in its last bit."""
    before, after = computed(bars), computed(bars + later)
    for name, values in before.items():
        assert np.array_equal(values, after[name][: len(bars)], equal_nan=True), name
        assert not np.isinf(after[name]).any(), name


def test_the_check_of_causality_finds_what_looks_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """Positive control: an average in the middle of its window."""

    def centred(close: Floats, window: int) -> Floats:
        return np.convolve(close, np.ones(window), "same")

    planted = {**INDICATORS, "sma": replace(INDICATORS["sma"], compute=centred)}
    monkeypatch.setattr(f"{__name__}.INDICATORS", planted)
    bars = [(float(n), float(n), float(n), 1) for n in range(1, 9)]
    before, after = computed(bars[:-1]), computed(bars)
    assert not np.array_equal(before["sma 0"], after["sma 0"][:7], equal_nan=True)


def test_a_correction_changes_later_clocks_only(lake: Lake, db: Db) -> None:
    closes: dict[int, float | None] = {n: 100.0 + n * n % 7 for n in range(30)}
    lake.upsert("prices", table(quotes(closes)))
    mended = quotes({10: 50.0}, known_at=evening(20) + timedelta(hours=1))
    lake.upsert("prices", table(mended))
    ask = {"symbol": "x:AAA", "indicators": ["sma_5", "rsi_5"]}
    earlier, later = (technicals(db.at(evening(n)), **ask).frame for n in (20, 21))
    assert earlier["sma_5"][12] == pytest.approx(sum(closes[n] or 0 for n in range(8, 13)) / 5)
    assert later["sma_5"][12] == pytest.approx(earlier["sma_5"][12] - (closes[10] - 50.0) / 5)
    assert later["sma_5"][:10].equals(earlier["sma_5"][:10])
    assert later["known_at"][10] == evening(20) + timedelta(hours=1)


def test_a_session_without_a_close_is_none_and_its_split_counts(lake: Lake, db: Db) -> None:
    closes: dict[int, float | None] = {0: 100.0, 1: 104.0, 2: None, 3: 53.0, 4: 55.0}
    lake.upsert("prices", table(quotes(closes, splits={2: 2.0})))
    frame = technicals(db.at(evening(4)), symbol="x:AAA", indicators=["sma_2", "roc_1"]).frame
    assert frame["date"].to_list() == [FIRST + timedelta(days=n) for n in (0, 1, 3, 4)]
    assert frame["close"].to_list() == [50, 52, 53, 55]
    assert frame["sma_2"].to_list() == [None, 51, 52.5, 54]
    assert frame["known_at"].to_list() == [evening(n) for n in (0, 1, 3, 4)]


def test_a_session_without_a_high_counts_in_no_range(lake: Lake, db: Db) -> None:
    rows = quotes(dict(enumerate([9.0, 11.0, 11.5, 12.0, 10.0])))
    for row, high, low in zip(rows, [10, 12, None, 13, 12], [8, 9, None, 11, 9], strict=True):
        row |= {"high": high, "low": low}
    frame_of = table(rows).with_columns(pl.col("high", "low").cast(pl.Float64))
    lake.upsert("prices", frame_of)
    asked = ["atr_2", "obv", "stochastic_2_1_1"]
    frame = technicals(db.at(evening(4)), symbol="x:AAA", indicators=asked).frame
    assert frame["atr_2"].to_list() == [None, None, None, 2.5, 2.75]
    assert frame["stochastic_2_1_1_k"].to_list() == [None, 75, None, 75, 25]
    assert frame["obv"].to_list() == [0, 10, 20, 30, 20]


def test_vwap_of_a_session_from_its_minutes(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes({0: 100.0, 1: 51.0}, splits={1: 2.0})))
    rows = [
        {
            "symbol": "x:AAA",
            "venue": "v",
            "date": FIRST,
            "event_at": evening(0) + timedelta(minutes=n - 90),
            "open": price,
            "high": price + 1,
            "low": price - 1,
            "close": price,
            "volume": volume,
            "currency": "USD",
            "known_at": evening(0) + timedelta(minutes=n - 89),
            "vintage_grade": "native",
            "source": "exchange",
        }
        for n, (price, volume) in enumerate([(100.0, 10.0), (104.0, 30.0), (90.0, None)])
    ]
    lake.upsert("bars", pl.DataFrame(rows, infer_schema_length=None))
    frame = technicals(db.at(evening(1)), symbol="x:AAA", indicators=["vwap"]).frame
    # (100 * 10 + 104 * 30) / 40 = 103, in shares of after the split; the second day has no minutes.
    assert frame["vwap"].to_list() == [51.5, None]


def test_a_benchmark_counts_on_common_dates_and_is_known_with_them(lake: Lake, db: Db) -> None:
    late = evening(3) + timedelta(hours=5)
    lake.upsert(
        "prices",
        table(
            quotes(dict(enumerate([10.0, 11.0, 12.0, 12.0]))),
            quotes({0: 5.0, 1: 5.0, 3: 6.0}, "x:BBB", known_at=late),
        ),
    )
    ask = {"symbol": "x:AAA", "indicators": ["relative_strength", "outperformance_1"]}
    frame = technicals(db.at(late), benchmark="x:BBB", **ask).frame
    assert frame["relative_strength"].to_list() == [2, 2.2, None, 2]
    assert frame["outperformance_1"][3] == pytest.approx((12 / 11) / (6 / 5) - 1)
    assert frame["known_at"].to_list() == [late, late, evening(2), late]
    before = technicals(db.at(evening(3)), benchmark="x:BBB", **ask).frame
    assert before["relative_strength"].null_count() == 4
    with pytest.raises(ConfigError, match="compares with a benchmark and none is given"):
        technicals(db.at(late), **ask)


def test_the_span_shown_changes_no_value(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes({n: 100.0 + (n * 37) % 11 for n in range(80)})))
    ask = {"symbol": "x:AAA", "indicators": ["ema_10", "rsi", "macd", "bollinger", "obv"]}
    at, since = db.at(evening(80)), FIRST + timedelta(days=50)
    whole = technicals(at, **ask).frame
    part = technicals(at, since=since, **ask).frame
    assert part.equals(whole.filter(pl.col("date") >= since))
    assert part.columns[:3] == ["date", "close", "ema_10"] and part.columns[-1] == "known_at"


def test_the_receipt_runs_again(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes({n: 100.0 + (n * 37) % 11 for n in range(60)})))
    answer = called(
        technicals, db.at(evening(60)), symbol="x:AAA", indicators=["macd", "vwap", "sma_5"]
    )
    receipt = json.loads(json.dumps(make_receipt(answer)))
    assert all(verdict.same for verdict in verify(receipt, lake.root, function_named))


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("smaa", "there is no indicator 'smaa'; expected one of sma, ema"),
        ("sma_", "there is no indicator"),
        ("sma_0", "expected windows of 1 to 1000 sessions"),
        ("sma_9999", "expected windows of 1 to 1000 sessions"),
        ("sma_2.5", "expected windows of 1 to 1000 sessions"),
        ("macd_12", "expected 3 numbers, as in macd_12_26_9"),
        ("macd_26_12_9", "a fast average shorter than the slow one"),
        ("bollinger_20_0", "bands 0 to 10 deviations wide"),
        ("obv_3", "expected 0 numbers, as in obv"),
    ],
)
def test_a_wrong_indicator_is_refused_in_a_sentence(word: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        chosen_indicator(word)


def test_usual_numbers_need_no_mention() -> None:
    assert chosen_indicator("macd_12_26_9").columns == ("macd", "macd_signal", "macd_histogram")
    assert chosen_indicator("macd_5_35_5").columns[0] == "macd_5_35_5"
    assert chosen_indicator("rsi").columns == ("rsi_14",)
    assert chosen_indicator("bollinger_20_2.5").columns[1] == "bollinger_20_2.5_upper"


def test_twenty_years_of_sessions_take_few_milliseconds() -> None:
    rng = np.random.default_rng(3)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, 5040)))
    held = {
        "close": close,
        "high": close * 1.01,
        "low": close * 0.99,
        "volume": close,
        "benchmark": close[::-1].copy(),
        "vwap": close,
    }
    slow = {}
    for name, indicator in INDICATORS.items():
        inputs = [held[needed] for needed in indicator.inputs]
        times = []
        for _ in range(5):
            begun = time.perf_counter()
            indicator.compute(*inputs, *indicator.defaults)
            times.append(time.perf_counter() - begun)
        if min(times) > 0.02:
            slow[name] = min(times)
    assert not slow


def test_an_instrument_without_prices_has_no_rows(db: Db) -> None:
    frame = technicals(db.at(evening(1)), symbol="x:NONE", indicators=["sma"]).frame
    assert frame.is_empty() and frame.columns == ["date", "close", "sma_20", "known_at"]


def test_since_may_lie_before_everything(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes({0: 1.0})))
    found = technicals(
        db.at(evening(0)), symbol="x:AAA", indicators=["sma_1"], since=date(1950, 1, 1)
    )
    assert found.frame["sma_1"].to_list() == [1.0]
