"""Rules on closes: what the scheduler tells day by day is what their rehearsal says afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from analytics.live.close_rehearsal import close_rule_record
from analytics.live.rules import RuleWatch, fold, read_rule
from analytics.markets.market import market
from data.lake import Lake
from data.query import Db
from data.settings import Settings
from data.state import alerts, rules
from data.state.db import State
from data.state.rules import Terms
from data.state.values import Edit
from ingest.live.lake_rules import MEASURED, LakeQuestion, judge_lake
from tests.analytics.quotes import FIRST, evening, quotes, table
from tests.pages import world

DAY, SESSIONS = 86_400, 65


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(world.settings(tmp_path, "live"), redis_url="redis://127.0.0.1:1/0")


@pytest.fixture
def lake(settings: Settings) -> Lake:
    return Lake(settings.lake, workspace="live")


@pytest.fixture
def db(lake: Lake) -> Iterator[Db]:
    reader = Db(lake.root, threads=1)
    yield reader
    reader.close()


@pytest.fixture
def state(settings: Settings) -> Iterator[State]:
    opened = State.open(settings.state)
    yield opened
    opened.close()


def walk(seed: int) -> dict[int, float | None]:
    steps = np.random.default_rng(seed).standard_t(4, SESSIONS) * 0.012
    closes = dict(enumerate((100 * np.exp(steps.cumsum())).tolist()))
    return {day: close for day, close in closes.items() if day % 7 not in (4, 5)}


def many(lake: Lake) -> None:
    """Prices with a split, a long gap, an end, prices below nought, a rate, and one of two ids."""
    split = {day: (close or 0) / (1 + (day >= 55)) for day, close in walk(1).items()}
    oil = {day: (close or 0) / 10 - 10 for day, close in walk(2).items()}
    parts = [
        quotes(dict(split), "x:SPLIT", splits={min(day for day in split if day >= 55): 2.0}),
        quotes({day: close for day, close in walk(3).items() if not 45 <= day < 57}, "x:GAP"),
        quotes({day: close for day, close in walk(4).items() if day < 52}, "x:ENDED"),
        quotes(dict(oil), "x:OIL"),
        quotes({d: (c or 0) / 30 for d, c in walk(5).items()}, "x:RATE", asset_class="rate"),
        quotes(walk(6), "marketstack:AAPL.XNAS"),
        quotes(walk(7), "yahoo:AAPL"),
    ]
    lake.upsert("prices", table(*parts))


HELD = [
    {"cooldown_s": 60},
    {"hold_s": 1.5 * DAY, "cooldown_s": 0},
    {"hold_s": 2.5 * DAY},
    {"cooldown_s": 2.5 * DAY},
    {"hold_s": 1.25 * DAY, "cooldown_s": 9.25 * DAY},
]


def test_every_fire_is_rehearsed_and_no_other(lake: Lake, db: Db, state: State) -> None:
    """The judge looks each hour, day by day, at what was known then."""
    many(lake)
    falls = [
        {"metric": metric, "side": "below", "trigger": trigger, "rearm": 0.5 * trigger}
        for metric, trigger in (("daily_move", -0.012), ("heat", -0.8))
    ]
    definitions = [json.dumps(fall | words) for fall in falls for words in HELD]
    read = [read_rule(json.loads(text), "1") for text in definitions]
    watches: list[dict[str, RuleWatch]] = [{} for _ in read]
    told: list[set[tuple[str, int]]] = [set() for _ in read]
    for half in range(2 * SESSIONS + 20):
        # What is known changes in the evening, and what is old at midnight.
        moment = datetime(2020, 1, 1, 22, tzinfo=UTC) + timedelta(days=half // 2)
        moment += timedelta(hours=2) * (half % 2)
        question = LakeQuestion(db.at(moment), state, moment)
        values = {metric: known(question, metric) for metric in ("daily_move", "heat")}
        last = dict(market(question.at).frame.select("symbol", "date").rows())
        for number in range(2 if half % 2 == 0 else 22):
            at = moment + timedelta(hours=number)
            for place, rule in enumerate(read):
                points = [
                    {"symbol": symbol, "at": at, "is_stale": False, rule.metric: value}
                    for symbol, value in values[rule.metric]
                ]
                watches[place], events = fold(rule, watches[place], points)
                fires = [item.symbol for item in events if item.kind == "fired"]
                told[place] |= {(symbol, (last[symbol] - FIRST).days) for symbol in fires}
    for text, expected in zip(definitions, told, strict=True):
        record = close_rule_record(db.at(evening(SESSIONS + 9)), definition=text, since=FIRST)
        found = {(s, (day - FIRST).days) for s, day in record.frame.select("symbol", "date").rows()}
        assert found == expected
        assert found
    assert {symbol for symbol, _ in told[0]} >= {"x:SPLIT", "x:GAP", "x:ENDED"}


def known(question: LakeQuestion, metric: str) -> list[tuple[str, float]]:
    """What a rule about all instruments sees."""
    frame = MEASURED[metric](question).drop_nulls("value").filter(only_named=False)
    return frame.select("symbol", "value").rows()


def test_a_rule_that_names_an_id_is_told_of_it(
    settings: Settings, lake: Lake, state: State
) -> None:
    """Where lists show another id of the same instrument; a rule about all fires once."""
    ids = ["marketstack:AAPL.XNAS", "yahoo:AAPL"]
    lake.upsert("prices", table(*(quotes({0: 100.0, 1: 90.0}, one) for one in ids)))
    fall = {"metric": "daily_move", "side": "below", "trigger": -0.03, "rearm": -0.01}
    made = Edit("tester", evening(0) + timedelta(hours=1))
    named = rules.create(state, Terms("named", fall | {"symbols": ids[1:]}, "info"), edit=made)
    every = rules.create(state, Terms("every", fall, "info"), edit=made)
    judge_lake(settings, state, evening(1) + timedelta(minutes=15))
    told = alerts.known(state, as_of=evening(2))
    assert {(alert.firing.rule_id, alert.firing.symbol) for alert in told} == {
        (named.id, ids[1]),
        (every.id, ids[0]),
    }
