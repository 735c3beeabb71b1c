"""Rules on what the lake and the ledgers say, judged by the scheduler after each refresh.

The same engine as live, a point for each run of the job; where the rules stand is kept in a file.
Where a measure says when its value became public, a rule made later does not count it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from analytics.core.catalogue import run
from analytics.core.coverage import lake_coverage
from analytics.formulas.values import formula_symbol, formula_values, formulas_in
from analytics.live.active_rules import ActiveRule, rules_of
from analytics.live.rules import LAKE, SCREENS, RuleWatch, fold
from analytics.macro.bias import bias
from analytics.macro.realtime import rules as regime_rules
from analytics.macro.surprises import surprise_index
from analytics.markets.market import market
from analytics.regimes.quadrants import quadrants
from data import streams
from data.bus import Bus, find_bus
from data.bus.blocks import Facts
from data.clock import parse_instant
from data.disk import make_folder, write_file
from data.errors import BusError
from data.profiles import quotas_in_force
from data.query import At, Db
from data.quotas import WINDOWS, Quota, read_quotas
from data.settings import Settings
from data.state import budgets, runs, timetable
from data.state.db import State
from data.state.runs import Outcome
from ingest.live.alerting import close_replaced, point_of, push, record
from ingest.live.checkpoint import from_words, to_words
from ingest.live.pauses import Pause, read_pauses, time_awake
from ingest.live.screen_rules import screen_points

TURNED = timedelta(days=7)
PUBLISHED = timedelta(hours=20)  # a figure that comes every day is a new one every day
OLD_CLOSE = timedelta(days=7)
SCHEMA = {"symbol": pl.String(), "value": pl.Float64()}
DATED = {**SCHEMA, "public_at": pl.Datetime("us", "UTC")}


@dataclass(frozen=True, slots=True)
class LakeQuestion:
    """What a metric may look at."""

    at: At
    state: State
    now: datetime
    notes: Mapping[str, Facts] = field(default_factory=dict)  # of the live processes
    pauses: tuple[Pause, ...] = ()  # of the scheduler
    formulas: tuple[str, ...] = ()  # that rules are about
    symbols: tuple[str, ...] = ()  # that rules name
    quotas: Mapping[str, Quota] = field(default_factory=read_quotas)


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
    return _closes(lake_question, "sigmas")


def _late_hours(lake_question: LakeQuestion) -> pl.DataFrame:
    """Hours in which the scheduler ran: while it stands still, nothing can come."""
    frame = lake_coverage(lake_question.at).frame
    hours = [
        None
        if due is None
        else time_awake(due, lake_question.now, lake_question.pauses).total_seconds() / 3600
        for due in frame["expected_by"]
    ]
    return pl.DataFrame({"symbol": frame["dataset"], "value": pl.Series(hours, dtype=pl.Float64)})


def _budget_used(lake_question: LakeQuestion) -> pl.DataFrame:
    used = {
        (item.source, item.unit, item.window): item.used
        for item in budgets.usage(lake_question.state)
    }
    rows = []
    for source, quota in lake_question.quotas.items():
        for limit in (item for item in quota.limits if item.per in WINDOWS):
            spent = used.get((source, limit.unit, quota.window(limit, lake_question.now)))
            if spent is not None:
                name = f"{source} {limit.unit} a {limit.per}"
                rows.append({"symbol": name, "value": spent / limit.amount})
    return pl.DataFrame(rows, schema=SCHEMA)


def _closes(lake_question: LakeQuestion, column: str) -> pl.DataFrame:
    """A column of the market; an instrument without a close in the last week has none.

    An id that lists leave out, since another stands for the same instrument, has one where a rule
    names it.
    """
    frame = market(lake_question.at, sessions=1).frame
    names = list(lake_question.symbols)
    named = market(lake_question.at, sessions=1, symbols=names).frame if names else frame.clear()
    others = named.join(frame, on="symbol", how="anti", maintain_order="left")
    every = pl.concat(
        [
            frame.with_columns(only_named=pl.lit(value=False)),
            others.with_columns(only_named=pl.lit(value=True)),
        ]
    )
    fresh = every.filter(pl.col("date") >= (lake_question.now - OLD_CLOSE).date())
    return fresh.select(
        "symbol", pl.col(column).alias("value"), pl.col("known_at").alias("public_at"), "only_named"
    )


def _daily_move(lake_question: LakeQuestion) -> pl.DataFrame:
    return _closes(lake_question, "price_return")


def _from_high(lake_question: LakeQuestion) -> pl.DataFrame:
    return _closes(lake_question, "from_high")


def _from_low(lake_question: LakeQuestion) -> pl.DataFrame:
    return _closes(lake_question, "from_low")


def _published(lake_question: LakeQuestion) -> pl.DataFrame:
    since = lake_question.now - PUBLISHED
    is_fresh = pl.col("is_new") & (pl.col("moment") > since)
    return run(lake_question.at, "parts/last_published").frame.select(
        pl.concat_str("country", pl.lit(" "), "indicator").alias("symbol"),
        is_fresh.cast(pl.Float64).alias("value"),
        pl.col("moment").alias("public_at"),
    )


def _formula(lake_question: LakeQuestion) -> pl.DataFrame:
    """The formulas of the rules; one that cannot be computed now, or of a late part, has none."""
    every = formula_values(lake_question.at, texts=list(lake_question.formulas)).frame
    values = every.filter(pl.col("late").is_null())
    symbols = [formula_symbol(text) for text in values["text"]]
    return values.select(
        pl.Series("symbol", symbols, pl.String), "value", pl.col("known_at").alias("public_at")
    )


def _job_failed(lake_question: LakeQuestion) -> pl.DataFrame:
    """A job that runs now, or that was not let run, keeps the word of before."""
    said = timetable.posted(lake_question.state, as_of=lake_question.now)
    words = {"failed": 1.0, "ok": 0.0, "empty": 0.0, "partial": 0.0}
    rows = []
    for line in said.table.jobs if said else ():
        last = runs.latest(lake_question.state, line.name, as_of=lake_question.now)
        if last is not None and last.outcome.status in words:
            value = words[last.outcome.status]
            rows.append({"symbol": line.name, "value": value, "public_at": last.ended_at})
    return pl.DataFrame(rows, schema=DATED)


def _silent_minutes(lake_question: LakeQuestion) -> pl.DataFrame:
    """One that never reported has no value: it may not be wanted here. A pause does not count."""
    rows = []
    for process, facts in sorted(lake_question.notes.items()):
        if isinstance(at := facts.get("at"), str):
            waited = time_awake(parse_instant(at), lake_question.now, lake_question.pauses)
            rows.append({"symbol": process, "value": waited.total_seconds() / 60})
    return pl.DataFrame(rows, schema=SCHEMA)


MEASURED: Mapping[str, Callable[[LakeQuestion], pl.DataFrame]] = {
    "bias": _bias,
    "surprise": _surprise,
    "regime_turned": _regime_turned,
    "heat": _heat,
    "late_hours": _late_hours,
    "budget_used": _budget_used,
    "daily_move": _daily_move,
    "from_high": _from_high,
    "from_low": _from_low,
    "published": _published,
    "formula": _formula,
    "job_failed": _job_failed,
    "silent_minutes": _silent_minutes,
}


def judge_lake(settings: Settings, state: State, now: datetime) -> Outcome:
    """The work of the job."""
    db = Db(settings.lake, memory_limit_mb=settings.memory_limit_mb, threads=1)
    bus = find_bus(settings)
    path = settings.root / "live" / "lake_rules.json"
    try:
        active, errors = rules_of(state, LAKE | SCREENS, now)
        watches = _load(path)
        rows, counted = [], 0
        lake_question = LakeQuestion(
            db.at(now),
            state,
            now,
            _notes(settings, bus),
            read_pauses(path.parent),
            _formulas(active),
            tuple(sorted({name for item in active for name in item.rule.symbols or ()})),
            quotas_in_force(settings),
        )
        measured = {
            metric: _points(metric, lake_question)
            for metric in {item.rule.metric for item in active} - set(SCREENS)
        }
        for item in active:
            before, rule = watches.get(item.rule.version, {}), item.rule
            if rule.metric in SCREENS:
                points = screen_points(lake_question.at, item, before)
                rule = replace(rule, symbols=None)  # by which the points were chosen
            else:
                points = _counting(measured[rule.metric], item)
            counted += points.height
            watches[rule.version], events = fold(rule, before, points.iter_rows(named=True))
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


def _formulas(active: Sequence[ActiveRule]) -> tuple[str, ...]:
    """What rules on formulas are about, each once."""
    rules = [item.rule for item in active if item.rule.metric == "formula"]
    return tuple(formulas_in(symbol for rule in rules for symbol in sorted(rule.symbols or ())))


def _notes(settings: Settings, bus: Bus) -> Mapping[str, Facts]:
    """What the live processes last reported; nothing where the bus is away."""
    try:
        return bus.notes(streams.ticks(streams.venue_of(settings)))
    except BusError:
        return {}


def _counting(points: pl.DataFrame, item: ActiveRule) -> pl.DataFrame:
    """What counts for a rule: no value that was public before it was made, and where it names
    nothing each instrument under one id."""
    is_later = pl.col("public_at").is_null() | (pl.col("public_at") >= item.since)
    is_meant = ~pl.col("only_named") | pl.lit(item.rule.symbols is not None)
    kept = points.filter(pl.col("at") >= item.since, is_later, is_meant)
    return kept.drop("public_at", "only_named")


def _points(metric: str, lake_question: LakeQuestion) -> pl.DataFrame:
    """A metric as points of now; what has no value has no point."""
    frame = MEASURED[metric](lake_question).drop_nulls("value")
    if "public_at" not in frame.columns:
        frame = frame.with_columns(pl.lit(None, DATED["public_at"]).alias("public_at"))
    if "only_named" not in frame.columns:
        frame = frame.with_columns(pl.lit(value=False).alias("only_named"))
    return frame.select(
        "symbol",
        "public_at",
        "only_named",
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
