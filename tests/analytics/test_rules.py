"""Rules over points: one alert per episode, hysteresis, hold and cooldown, and missing data."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.live.live import MEASURES, live_metrics
from analytics.live.rules import (
    LIVE,
    METRICS,
    NAMES,
    Event,
    Rule,
    RuleWatch,
    alert_id,
    fold,
    read_rule,
    rule_rehearsal,
    with_rearm,
)
from data.errors import ConfigError
from tests.demo_fixture import DemoLake

START = datetime(2024, 3, 4, 12, tzinfo=UTC)
STEP = timedelta(milliseconds=500)
STALE = "stale"
HIGH = Rule("return_z", "above", 4.0, 2.0, cooldown=timedelta(seconds=2))


def points(values: Sequence[float | str | None], symbol: str = "A") -> list[dict[str, Any]]:
    """A point each half second; "stale" is a value that is too old."""
    return [
        {
            "symbol": symbol,
            "at": START + n * STEP,
            "is_stale": value == STALE,
            "return_z": 9.0 if value == STALE else value,
        }
        for n, value in enumerate(values)
    ]


def outcomes(rule: Rule, values: Sequence[float | str | None]) -> list[tuple[str, float]]:
    """What is told, and after how many seconds."""
    _, events = fold(rule, {}, points(values))
    return [(event.kind, (event.at - START).total_seconds()) for event in events]


def test_an_episode_is_one_alert_until_it_is_back() -> None:
    values = [0.0, 4.0, 9.0, 3.0, 2.0, 5.0, 1.9, 0.0]
    _, events = fold(HIGH, {}, points(values))
    fired, ended = events
    assert (fired.kind, fired.value, fired.at) == ("fired", 4.0, START + STEP)
    assert (ended.kind, ended.value, ended.worst) == ("ended", 1.9, 9.0)
    assert ended.id == fired.id == alert_id(HIGH, "A", fired.at)
    assert ended.since == fired.at


def test_below_is_the_mirror_of_above() -> None:
    low = Rule("drawdown", "below", -0.1, -0.05)
    rows = [
        {"symbol": "A", "at": START + n * STEP, "is_stale": False, "drawdown": value}
        for n, value in enumerate([0.0, -0.1, -0.3, -0.05, -0.04])
    ]
    _, events = fold(low, {}, rows)
    assert [(event.kind, event.value, event.worst) for event in events] == [
        ("fired", -0.1, None),
        ("ended", -0.04, -0.3),
    ]


def test_it_must_hold_before_it_fires() -> None:
    slow = Rule("return_z", "above", 4.0, 2.0, hold=timedelta(seconds=1))
    assert outcomes(slow, [5, 5, 0, 5, 5, 5, 0]) == [("fired", 2.5), ("ended", 3.0)]
    assert outcomes(slow, [5, None, 5]) == [("fired", 1.0)]  # a hole is not a value below


def test_it_rests_after_it_fired() -> None:
    assert outcomes(HIGH, [5, 0, 5, 0, 5, 0, 5]) == [
        ("fired", 0.0),
        ("ended", 0.5),
        ("fired", 2.0),
        ("ended", 2.5),
    ]
    restless = Rule("return_z", "above", 4.0, 2.0, cooldown=timedelta(0))
    assert len(outcomes(restless, [5, 0, 5, 0])) == 4


def test_no_data_is_said_once_and_is_not_all_well() -> None:
    values = [0.0, 5.0, *[None] * 9, 5.0, 0.0]
    assert outcomes(HIGH, values) == [
        ("fired", 0.5),
        ("no data", 3.5),
        ("data again", 5.5),
        ("ended", 6.0),
    ]
    _, events = fold(HIGH, {}, points(values))
    assert len({event.id for event in events}) == 1  # all of one episode
    _, events = fold(HIGH, {}, points([5.0, 0.0, *[None] * 9]))
    assert (events[-1].kind, events[-1].id) == ("no data", "")
    assert outcomes(HIGH, [0.0, *[STALE] * 20]) == [("no data", 3.0)]
    assert outcomes(HIGH, [None] * 100) == []  # a window that fills is no loss


def test_a_rule_sees_its_own_instruments_only() -> None:
    only = Rule("return_z", "above", 4.0, 2.0, symbols=frozenset({"B"}))
    watches, events = fold(only, {}, [*points([5.0]), *points([5.0], "B")])
    assert [event.symbol for event in events] == ["B"]
    assert set(watches) == {"B"}


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"metric": "luck"}, "metric 'luck': expected one of price"),
        ({"side": "over"}, "side 'over': expected above or below"),
        ({"rearm": 5.0}, "lies beyond the trigger"),
        ({"side": "below", "rearm": -9.0}, "lies beyond the trigger"),
        ({"trigger": float("nan")}, "are finite numbers"),
        ({"hold": timedelta(seconds=-1)}, "not below nought"),
    ],
)
def test_a_rule_that_says_nothing_is_refused(terms: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        Rule(**({"metric": "return_z", "side": "above", "trigger": 4.0, "rearm": 2.0} | terms))


@given(
    st.lists(st.sampled_from([0.0, 1.9, 2.0, 3.0, 4.0, 6.0, None, STALE]), max_size=80),
    st.lists(st.integers(0, 80), max_size=5),
    st.sampled_from([0, 1, 3]),
)
@settings(max_examples=80, deadline=None)
def test_blocks_do_not_matter_and_episodes_alternate(
    values: list[float | str | None], cuts: list[int], seconds: int
) -> None:
    rule = Rule("return_z", "above", 4.0, 2.0, hold=timedelta(seconds=seconds / 2))
    rows = points(values)
    whole, events = fold(rule, {}, rows)
    watches: dict[str, RuleWatch] = {}
    pieces: list[Event] = []
    bounds = sorted(min(cut, len(rows)) for cut in cuts)
    for begin, end in zip([0, *bounds], [*bounds, len(rows)], strict=True):
        watches, found = fold(rule, watches, rows[begin:end])
        pieces += found
    assert pieces == events
    assert watches == whole
    kinds = [event.kind for event in events if event.kind in ("fired", "ended")]
    assert kinds == ["fired", "ended"] * (len(kinds) // 2) + ["fired"] * (len(kinds) % 2)
    fired = [event.at for event in events if event.kind == "fired"]
    assert all(b - a >= rule.cooldown for a, b in zip(fired, fired[1:], strict=False))
    assert len({event.id for event in events if event.kind == "fired"}) == len(fired)


def test_rehearsal_is_the_fold_over_the_archive(demo_lake: DemoLake) -> None:
    at = demo_lake.at()
    held = at.sql(
        "SELECT symbol, min(known_at) AS first FROM ticks GROUP BY symbol "
        "ORDER BY count(*) DESC, symbol LIMIT 2"
    ).frame
    start = held["first"].max()
    assert isinstance(start, datetime)
    window = {
        "symbols": held["symbol"].to_list(),
        "start": start,
        "end": start + timedelta(minutes=30),
    }
    frame = rule_rehearsal(at, metric="return_z", trigger=3.0, **window).frame
    rule = Rule("return_z", "above", 3.0, 2.7)
    _, events = fold(rule, {}, live_metrics(at, **window).frame.iter_rows(named=True))
    assert frame.filter(kind="fired").height > 0
    assert frame["id"].to_list() == [event.id for event in events]
    assert frame["kind"].to_list() == [event.kind for event in events]
    assert frame["at"].to_list() == [event.at for event in events]
    again = rule_rehearsal(at, metric="return_z", trigger=3.0, **window).frame
    assert again.equals(frame)


def test_a_document_becomes_a_rule() -> None:
    rule = read_rule(
        {"metric": "drawdown", "side": "below", "trigger": -0.02, "hold_s": 5, "symbols": ["A"]},
        "7.2",
    )
    assert rule == Rule(
        "drawdown",
        "below",
        -0.02,
        rule.rearm,
        timedelta(seconds=5),
        timedelta(seconds=60),
        frozenset({"A"}),
        "7.2",
    )
    assert rule.rearm == -0.01
    held = read_rule(
        {
            "metric": "gain_share",
            "side": "below",
            "trigger": -0.1,
            "portfolio": "Coins",
            "cooldown_s": 0,
        },
        "1",
    )
    assert (held.portfolio, held.cooldown, held.symbols) == ("Coins", timedelta(0), None)


@pytest.mark.parametrize(
    ("metric", "side", "trigger", "rearm"),
    [
        ("price", "above", 102.0, 100.98),
        ("price", "below", 50.0, 50.5),
        ("vwap", "above", 10.0, 9.9),
        ("max_drawdown", "below", -0.05, -0.045),
        ("return_z", "above", 4.0, 3.6),
        ("late_hours", "above", 10.0, 9.0),
        ("bias", "below", -0.5, -0.45),
        ("price", "below", -10.0, -9.9),
        ("return_z", "above", 0.0, 0.0),
    ],
)
def test_a_rule_without_a_word_resets_within_a_band_of_its_metric(
    metric: str, side: str, trigger: float, rearm: float
) -> None:
    document = with_rearm({"metric": metric, "side": side, "trigger": trigger})
    assert read_rule(document, "1").rearm == pytest.approx(rearm)
    assert with_rearm(document) == document


def test_a_rule_of_before_the_band_keeps_its_reset() -> None:
    assert read_rule({"metric": "price", "trigger": 102.0}, "1").rearm == 51.0
    assert with_rearm({"metric": "price", "trigger": 102.0, "rearm": 51.0})["rearm"] == 51.0
    with pytest.raises(ConfigError, match="needs a metric and a trigger"):
        read_rule(with_rearm({"metric": "price"}), "1")


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({}, "needs a metric and a trigger"),
        ({"metric": "price"}, "needs a metric and a trigger"),
        ({"metric": "colour", "trigger": 1}, "expected one of price"),
        ({"metric": "price", "trigger": "high"}, "expected a number"),
        ({"metric": "price", "trigger": True}, "expected a number"),
        ({"metric": "price", "trigger": math.inf}, "expected a number"),
        ({"metric": "price", "trigger": 1, "side": "left"}, "above or below"),
        ({"metric": "price", "trigger": 1, "rearm": 2}, "would end where it fires"),
        ({"metric": "price", "trigger": 1, "hold_s": -1}, "expected 0 to"),
        ({"metric": "price", "trigger": 1, "symbols": "A"}, "a list of texts"),
        ({"metric": "price", "trigger": 1, "when": "now"}, "has no 'when'"),
        ({"metric": "gain_share", "trigger": 1}, "name one"),
        ({"metric": 5, "trigger": 1}, "expected a text"),
    ],
)
def test_an_odd_document_is_refused_in_one_sentence(
    document: dict[str, object], words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        read_rule(document, "1")


def test_every_measure_of_the_live_desk_can_be_watched() -> None:
    assert set(LIVE) == set(MEASURES)


def test_the_age_of_a_price_is_watched_also_when_it_is_old() -> None:
    old = Rule("age_ms", "above", 8_000.0, 4_000.0)
    rows = [
        {"symbol": "A", "at": START + n * STEP, "is_stale": age > 5_000, "age_ms": age}
        for n, age in enumerate([0.0, 5_500.0, 8_000.0, 9_000.0, 100.0])
    ]
    _, events = fold(old, {}, rows)
    assert [event.kind for event in events] == ["fired", "ended"]


def test_every_metric_has_a_name_and_a_unit() -> None:
    assert list(NAMES) == list(METRICS)
    assert {unit for _, unit in NAMES.values()} <= {"", "%", "ms", "σ", "min", "h", "base currency"}
