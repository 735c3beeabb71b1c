"""Rehearsal: fires against planted falls, counted exactly, with lead times."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from analytics.live.rehearsal import judged, rule_record
from analytics.live.rules import Event
from data.errors import ConfigError
from data.lake import Lake
from data.query import Db
from tests.ingest.live.desk import START, SYMBOLS, tape

BEFORE = timedelta(seconds=60)


def event(kind: str, second: float, *, symbol: str = "A", number: str = "") -> Event:
    at = START + timedelta(seconds=second)
    return Event(kind, number or f"{symbol}{second}", symbol, at, -0.1, at)  # type: ignore[arg-type]  # the tests' own words


def verdicts(told: list[Event], falls: list[Event]) -> list[tuple[str, float | None]]:
    rows = judged(told, falls, BEFORE)
    return [(str(row["verdict"]), row.get("lead_s")) for row in rows]  # type: ignore[misc]  # a number or none


def test_ten_planted_falls_give_exact_counts() -> None:
    falls = [event("fired", 1_000 * n) for n in range(10)]
    told = [event("fired", 1_000 * n - 5 * n) for n in range(7)]  # 0 to 30 s early
    told += [event("fired", 500), event("fired", 1_500), event("fired", 2_020)]
    told.sort(key=lambda item: item.at)
    found = verdicts(told, falls)
    assert [word for word, _ in found].count("hit") == 7
    assert [word for word, _ in found].count("false alarm") == 2
    assert [word for word, _ in found].count("again") == 1
    assert [word for word, _ in found].count("missed") == 3
    leads = [lead for word, lead in found if word == "hit"]
    assert leads == [0.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0]


def test_a_fall_of_another_instrument_is_no_hit() -> None:
    assert verdicts([event("fired", 10)], [event("fired", 10, symbol="B")]) == [
        ("false alarm", None),
        ("missed", None),
    ]


def test_a_fire_after_the_fall_has_a_lead_below_nought() -> None:
    assert verdicts([event("fired", 40)], [event("fired", 10)]) == [("hit", -30.0)]


@pytest.fixture
def db(tmp_path: Path) -> Db:
    lake = Lake(tmp_path / "demo" / "lake", workspace="demo")
    lake.append("ticks", tape(900, rate=2, crashes=[400, 700]), publish_id="tape")
    return Db(lake.root, memory_limit_mb=512, threads=1)


def record(db: Db, definition: object, **words: object) -> pl.DataFrame:
    text = definition if isinstance(definition, str) else json.dumps(definition)
    asked = {"symbols": list(SYMBOLS), "start": START, "end": START + timedelta(minutes=16)}
    clock = START + timedelta(hours=1)
    return rule_record(db.at(clock), definition=text, fall=0.05, **asked | words).frame  # type: ignore[arg-type]  # of several kinds


def test_a_rule_is_judged_over_the_archive(db: Db) -> None:
    quick = {"metric": "max_drawdown", "side": "below", "trigger": -0.05, "cooldown_s": 30}
    found = record(db, quick)
    assert found["verdict"].to_list() == ["hit", "hit"]
    assert set(found["symbol"]) == {SYMBOLS[0]}
    assert found["lead_s"].min() is not None
    assert found["lead_s"].min() >= 0  # type: ignore[operator]  # the windows of five minutes see it later
    deaf = record(db, quick | {"trigger": -0.5})
    assert deaf["verdict"].to_list() == ["missed", "missed"]
    nobody = record(db, quick | {"symbols": [SYMBOLS[1]]})
    assert nobody["verdict"].to_list() == ["missed", "missed"]


@pytest.mark.parametrize(
    ("definition", "words", "said"),
    [
        ("{", {}, "expected a JSON document"),
        ({"metric": "bias", "trigger": 1}, {}, "not among the points"),
        ({"metric": "price", "trigger": 1}, {"fall": 2.0}, "between 0 and 1"),
        ({"metric": "price", "trigger": 1}, {"before_s": 0.0}, "above 0 seconds"),
    ],
)
def test_odd_questions_are_refused_in_one_sentence(
    db: Db, definition: object, words: dict[str, object], said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        rule_record(
            db.at(START),
            definition=definition if isinstance(definition, str) else json.dumps(definition),
            symbols=[SYMBOLS[0]],
            start=START,
            end=START + timedelta(minutes=5),
            **words,
        )  # type: ignore[arg-type]  # of several kinds


def test_nothing_later_than_the_clock_is_judged(db: Db) -> None:
    quick = {"metric": "max_drawdown", "side": "below", "trigger": -0.05, "cooldown_s": 30}
    clock: datetime = START + timedelta(seconds=600)
    asked = {"symbols": list(SYMBOLS), "start": START, "end": START + timedelta(minutes=16)}
    found = rule_record(db.at(clock), definition=json.dumps(quick), fall=0.05, **asked)  # type: ignore[arg-type]  # of several kinds
    assert found.frame["verdict"].to_list() == ["hit"]
