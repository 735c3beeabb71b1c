"""Rules on what the lake and the ledgers say, judged by the scheduler after each refresh.

The same engine as live, a point for each run of the job; where the rules stand is kept in a file.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from analytics.core.catalogue import run
from analytics.core.coverage import lake_coverage
from analytics.live.active_rules import ActiveRule, rules_of
from analytics.live.rules import LAKE, RuleWatch, fold
from analytics.macro.bias import bias
from analytics.macro.realtime import rules as regime_rules
from analytics.macro.surprises import surprise_index
from analytics.markets.market import market
from analytics.regimes.quadrants import quadrants
from data.bus import find_bus
from data.disk import make_folder, write_file
from data.query import At, Db
from data.quotas import WINDOWS, read_quotas
from data.settings import Settings
from data.state import budgets
from data.state.db import State
from data.state.runs import Outcome
from ingest.live.alerting import close_replaced, point_of, push, record
from ingest.live.checkpoint import from_words, to_words

TURNED = timedelta(days=7)
SCHEMA = {"symbol": pl.String(), "value": pl.Float64()}


@dataclass(frozen=True, slots=True)
class LakeQuestion:
    """What a metric may look at."""

    at: At
    state: State
    now: datetime


def _bias(lake_question: LakeQuestion) -> pl.DataFrame:
    frame = bias(lake_question.at).frame
    return frame.select(
        pl.concat_str("country", pl.lit(" "), "asset").alias("symbol"),
        pl.col("score").alias("value"),
    )


def _surprise(lake_question: LakeQuestion) -> pl.DataFrame:
    frame = surprise_index(lake_question.at).frame
    return frame.select(
        pl.concat_str("country", pl.lit(" "), "dimension").alias("symbol"),
        pl.col("index").alias("value"),
    )


def _regime_turned(lake_question: LakeQuestion) -> pl.DataFrame:
    """By when the turn became known, not by the month that turned."""
    found = regime_rules()
    names = run(
        lake_question.at, "regime_countries", growth=list(found.growth), prices=list(found.prices)
    )
    rows = []
    for country in names.frame["country"]:
        known = quadrants(lake_question.at, country=country).frame.drop_nulls("quadrant")
        changed = known.filter(pl.col("quadrant") != pl.col("quadrant").shift())
        is_fresh = bool(changed.height) and lake_question.now - changed["known_at"][-1] <= TURNED
        if known.height:
            rows.append({"symbol": country, "value": float(is_fresh)})
    return pl.DataFrame(rows, schema=SCHEMA)


def _heat(lake_question: LakeQuestion) -> pl.DataFrame:
    return market(lake_question.at, sessions=1).frame.select(
        "symbol", pl.col("sigmas").alias("value")
    )


def _late_hours(lake_question: LakeQuestion) -> pl.DataFrame:
    hours = (pl.lit(lake_question.now) - pl.col("expected_by")).dt.total_seconds() / 3600
    frame = lake_coverage(lake_question.at).frame
    return frame.select(pl.col("dataset").alias("symbol"), hours.clip(lower_bound=0).alias("value"))


def _budget_used(lake_question: LakeQuestion) -> pl.DataFrame:
    used = {
        (item.source, item.unit, item.window): item.used
        for item in budgets.usage(lake_question.state)
    }
    rows = []
    for source, quota in read_quotas().items():
        for limit in (item for item in quota.limits if item.per in WINDOWS):
            spent = used.get((source, limit.unit, quota.window(limit, lake_question.now)))
            if spent is not None:
                name = f"{source} {limit.unit} a {limit.per}"
                rows.append({"symbol": name, "value": spent / limit.amount})
    return pl.DataFrame(rows, schema=SCHEMA)


MEASURED: Mapping[str, Callable[[LakeQuestion], pl.DataFrame]] = {
    "bias": _bias,
    "surprise": _surprise,
    "regime_turned": _regime_turned,
    "heat": _heat,
    "late_hours": _late_hours,
    "budget_used": _budget_used,
}


def judge_lake(settings: Settings, state: State, now: datetime) -> Outcome:
    """The work of the job."""
    db = Db(settings.lake, memory_limit_mb=settings.memory_limit_mb, threads=1)
    bus = find_bus(settings)
    path = settings.root / "live" / "lake_rules.json"
    try:
        active, errors = rules_of(state, LAKE, now)
        watches = _load(path)
        rows, counted = [], 0
        lake_question = LakeQuestion(db.at(now), state, now)
        measured = {
            metric: _points(metric, lake_question)
            for metric in {item.rule.metric for item in active}
        }
        for item in active:
            points = measured[item.rule.metric].filter(pl.col("at") >= item.since)
            counted += points.height
            before = watches.get(item.rule.version, {})
            watches[item.rule.version], events = fold(
                item.rule, before, points.iter_rows(named=True)
            )
            rows += record(state, item, events, now, point_of(points))
        _forget(state, watches, active, now)
        _save(path, watches)
        push(bus, rows, now)
    finally:
        bus.close()
        db.close()
    fired = sum(word["kind"] == "fired" for word in rows)
    words = f"{len(active)} rules over {counted} values: {fired} fired, {len(rows) - fired} ended"
    words += f"; {len(errors)} rules cannot be used" if errors else ""
    return Outcome("ok" if rows else "empty", message=words)


def _points(metric: str, lake_question: LakeQuestion) -> pl.DataFrame:
    """A metric as points of now; what has no value has no point."""
    frame = MEASURED[metric](lake_question).drop_nulls("value")
    return frame.select(
        "symbol",
        pl.lit(lake_question.now).alias("at"),
        pl.lit(False).alias("is_stale"),
        pl.col("value").alias(metric),
    )


def _forget(
    state: State, watches: dict[str, dict[str, RuleWatch]], active: list[ActiveRule], now: datetime
) -> None:
    names = {item.rule.version for item in active}
    for version in [version for version in watches if version not in names]:
        close_replaced(state, version, watches.pop(version).values(), now)


def _load(path: Path) -> dict[str, dict[str, RuleWatch]]:
    try:
        return from_words(json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return {}


def _save(path: Path, watches: Mapping[str, Mapping[str, RuleWatch]]) -> None:
    make_folder(path.parent)
    write_file(path, json.dumps(to_words(watches)).encode())
