"""Rules on the lake: by the same engine, once for each episode, at the instant of the refresh."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from analytics.live.rules import LAKE
from analytics.regimes.quadrants import quadrants
from data.quotas import read_quotas
from data.settings import Settings
from data.state import alerts, budgets, rules
from data.state.budgets import Ask
from data.state.db import State
from data.state.rules import Terms
from data.state.values import Edit
from ingest.live.lake_rules import MEASURED, LakeQuestion, judge_lake
from tests.demo_fixture import DemoLake


@pytest.fixture
def desk(demo_lake: DemoLake, tmp_path: Path) -> Iterator[tuple[Settings, State]]:
    """The demo lake under a workspace of the test's own, with no bus."""
    root = tmp_path / "demo"
    root.mkdir()
    (root / "lake").symlink_to(demo_lake.settings.lake)
    settings = replace(demo_lake.settings, data_dir=tmp_path, redis_url="redis://127.0.0.1:1/0")
    state = State.open(settings.state)
    yield settings, state
    state.close()


def test_every_metric_of_the_lake_is_measured(
    desk: tuple[Settings, State], demo_lake: DemoLake
) -> None:
    assert set(MEASURED) == set(LAKE)
    now = demo_lake.spec.end
    quota = read_quotas()["alpha_vantage"]
    limit = next(item for item in quota.limits if item.per == "day")
    ask = Ask("alpha_vantage", quota.window(limit, now), limit.amount, 5, limit.unit)
    budgets.reserve(desk[1], [ask])
    asked = LakeQuestion(demo_lake.at(), desk[1], now)
    for name, measure in MEASURED.items():
        frame = measure(asked)
        assert frame.columns == ["symbol", "value"], name
        assert frame.height > 0, name
        assert frame["symbol"].is_unique().all(), name
    used = MEASURED["budget_used"](asked)
    assert used["value"].to_list() == [5 / limit.amount]


def test_a_rule_fires_once_and_ends_when_the_lake_says_so(
    desk: tuple[Settings, State], demo_lake: DemoLake
) -> None:
    settings, state = desk
    now = demo_lake.spec.end
    scores = MEASURED["bias"](LakeQuestion(demo_lake.at(), state, now)).sort("value")
    top, value = scores.row(-1)
    edit = Edit("tester", now - timedelta(days=1))
    rule = rules.create(
        state,
        Terms(
            "Strong",
            {"metric": "bias", "trigger": value - 0.001, "symbols": [top], "cooldown_s": 0},
        ),
        edit=edit,
    )
    rules.create(state, Terms("Odd", {"metric": "bias", "trigger": 1, "colour": 3}), edit=edit)
    first = judge_lake(settings, state, now)
    assert "1 fired" in first.message
    assert "1 rules cannot be used" in first.message
    for _ in range(2):
        assert "0 fired" in judge_lake(settings, state, now + timedelta(minutes=15)).message
    (alert,) = alerts.known(state, as_of=now)
    assert (alert.firing.symbol, alert.firing.known_at) == (top, now)
    assert alert.firing.trigger_value == pytest.approx(value)
    rules.delete(state, rule.id, edit=Edit("tester", now + timedelta(minutes=20)))
    judge_lake(settings, state, now + timedelta(minutes=30))
    (alert,) = alerts.known(state, as_of=now + timedelta(hours=1))
    assert alert.condition == "normal"


def test_a_country_that_turned_is_told_for_a_week(
    desk: tuple[Settings, State], demo_lake: DemoLake
) -> None:
    def turned(moment: datetime) -> float:
        asked = LakeQuestion(demo_lake.db.at(moment), desk[1], moment)
        frame = MEASURED["regime_turned"](asked)
        return float(frame.filter(symbol="USA")["value"].item())

    known = quadrants(demo_lake.at(), country="USA").frame.drop_nulls("quadrant")
    change = known.filter(known["quadrant"] != known["quadrant"].shift())["known_at"][-1]
    assert turned(change) == 1.0
    assert turned(change + timedelta(days=6)) == 1.0
    assert turned(change - timedelta(seconds=1)) == 0.0
