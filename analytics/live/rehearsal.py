"""How a rule would have fared over the archive, against falls that one would want to be told of.

An event is the begin of a fall as deep as asked within five minutes, found by the same engine. A
fire is a hit when an event of its instrument begins within the time given after it, or has begun
as long ago; an event without such a fire was missed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import polars as pl

from analytics.live.live import live_metrics
from analytics.live.rules import LIVE, Event, Rule, fold, read_rule, with_rearm
from data.errors import ConfigError
from data.query import Answer, At

RECORD = {
    "verdict": pl.String(),
    "symbol": pl.String(),
    "fired_at": pl.Datetime("us", "UTC"),
    "value": pl.Float64(),
    "event_at": pl.Datetime("us", "UTC"),
    "lead_s": pl.Float64(),
    "ended_at": pl.Datetime("us", "UTC"),
}


def rule_record(  # noqa: PLR0913 - a rule, a window, and what counts as an event
    at: At,
    *,
    definition: str,
    symbols: list[str],
    start: datetime,
    end: datetime,
    fall: float = 0.02,
    before_s: float = 300.0,
) -> Answer:
    """Every fire of a rule as hit or false alarm, and every event that it missed, with lead times.

    `definition` is the rule's document as JSON. The lead is positive where the fire came first.
    """
    rule = rule_of(definition)
    if rule.metric not in LIVE:
        raise ConfigError(f"metric {rule.metric!r} is not among the points of the live desk")
    if not 0 < fall < 1 or before_s <= 0:
        raise ConfigError("a fall lies between 0 and 1, and the time given above 0 seconds")
    answer = live_metrics(at, symbols=symbols, start=start, end=end)
    points = answer.frame
    named = replace(rule, symbols=None if rule.symbols is None else rule.symbols & set(symbols))
    _, told = fold(named, {}, points.iter_rows(named=True))
    sign = Rule("max_drawdown_5m", "below", -fall, -fall / 2, cooldown=timedelta(0))
    _, events = fold(sign, {}, points.iter_rows(named=True))
    rows = judged(
        told, [item for item in events if item.kind == "fired"], timedelta(seconds=before_s)
    )
    frame = pl.DataFrame(rows, schema=RECORD)
    when = pl.coalesce("fired_at", "event_at")
    frame = frame.sort(when, "symbol", maintain_order=True)
    return answer.derive(frame, f"{rule.metric} {rule.side} {rule.trigger:g} judged by falls")


def rule_of(definition: str) -> Rule:
    """The rule of a document written as JSON."""
    try:
        document = json.loads(definition)
    except ValueError:
        raise ConfigError(f"definition {definition[:40]!r}: expected a JSON document") from None
    return read_rule(with_rearm(document), "rehearsal")


def judged(
    told: Sequence[Event], events: Sequence[Event], before: timedelta
) -> list[dict[str, object]]:
    """Fires against events, instrument by instrument; an event is met by its earliest fire."""
    ends = {item.id: item.at for item in told if item.kind == "ended"}
    rows: list[dict[str, object]] = []
    met: set[int] = set()
    for fire in (item for item in told if item.kind == "fired"):
        near = [
            (number, event)
            for number, event in enumerate(events)
            if event.symbol == fire.symbol and abs(event.at - fire.at) <= before
        ]
        row = {
            "symbol": fire.symbol,
            "fired_at": fire.at,
            "value": fire.value,
            "ended_at": ends.get(fire.id),
        }
        if not near:
            rows.append(row | {"verdict": "false alarm"})
            continue
        fresh = [pair for pair in near if pair[0] not in met] or near
        number, event = fresh[0]
        lead = (event.at - fire.at).total_seconds()
        rows.append(
            row
            | {"verdict": "again" if number in met else "hit", "event_at": event.at, "lead_s": lead}
        )
        met.add(number)
    rows += [
        {"verdict": "missed", "symbol": event.symbol, "event_at": event.at}
        for number, event in enumerate(events)
        if number not in met
    ]
    return rows
