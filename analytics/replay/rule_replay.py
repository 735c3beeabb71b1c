"""What rules would have told over a window: every alert that they fire when they are folded there.

The same fold as live, over the same points, from nothing: an episode that had begun before the
five minutes that warm the windows up is not among them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import polars as pl

from analytics.live.rules import LIVE, Rule, fold, read_rule
from analytics.replay.replay import window_points
from data.errors import ConfigError
from data.query import Answer, At

INSTANT = pl.Datetime("us", "UTC")
FIRED = pl.Schema(
    {
        "rule_id": pl.Int64(),
        "rule": pl.String(),
        "symbol": pl.String(),
        "at": INSTANT,
        "known_at": INSTANT,
        "metric": pl.String(),
        "value": pl.Float64(),
        "trigger": pl.Float64(),
        "ended_at": INSTANT,
    }
)
NEAR = timedelta(seconds=1)
COMPARED = pl.Schema(
    {
        "verdict": pl.String(),
        "rule": pl.String(),
        "symbol": pl.String(),
        "now_at": INSTANT,
        "then_at": INSTANT,
        "value": pl.Float64(),
        "trigger": pl.Float64(),
        "ended_at": INSTANT,
    }
)


def rule_replay(
    at: At, *, rules: str, symbols: list[str], start: datetime, end: datetime
) -> Answer:
    """The alerts of some rules within a window, in the order in which they would have been known.

    `rules` is JSON: a list of objects with id, name, version, the rule's definition, and symbols
    where its scope has some.
    """
    told = _read(rules)
    answer = window_points(at, symbols=symbols, start=start, end=end)
    rows = [row for item in told for row in _fires(item, answer.frame, start)]
    frame = pl.DataFrame(rows, schema=FIRED).sort("known_at", "rule_id", "symbol")
    return answer.derive(frame, f"{len(told)} rules folded over the points of the window")


def _read(text: str) -> list[tuple[int, str, Rule]]:
    try:
        documents = json.loads(text)
        found = []
        for document in documents:
            rule = read_rule(document["definition"], f"{document['id']}.{document['version']}")
            if rule.metric in LIVE:
                scope = document.get("symbols")
                named = replace(rule, symbols=None if scope is None else frozenset(scope))
                found.append((int(document["id"]), str(document["name"]), named))
    except (ValueError, TypeError, KeyError) as error:
        raise ConfigError(f"rules: expected a list of documents, found {error}") from None
    return found


def _fires(
    told: tuple[int, str, Rule], points: pl.DataFrame, start: datetime
) -> list[dict[str, object]]:
    number, name, rule = told
    _, events = fold(rule, {}, points.iter_rows(named=True))
    ends = {event.id: event.at for event in events if event.kind == "ended"}
    return [
        {
            "rule_id": number,
            "rule": name,
            "symbol": event.symbol,
            "at": event.at,
            "known_at": event.known_at,
            "metric": rule.metric,
            "value": event.value,
            "trigger": rule.trigger,
            "ended_at": ends.get(event.id),
        }
        for event in events
        if event.kind == "fired" and (event.known_at or event.at) >= start
    ]


def beside(now: pl.DataFrame, then: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    """What would fire now beside what fired then: both, only now, or only then.

    `then` has rule_id, rule, symbol, at, value and trigger of each alert on record. Two are the
    same where rule and instrument are, and their moments lie within a second.
    """
    left = list(then)
    rows: list[dict[str, object]] = []
    for fire in now.iter_rows(named=True):
        match = next((item for item in left if _same(fire, item)), None)
        row = {name: fire[name] for name in ("rule", "symbol", "value", "trigger", "ended_at")}
        row |= {"now_at": fire["at"], "verdict": "only now"}
        if match is not None:
            left.remove(match)
            row |= {"verdict": "as then", "then_at": match["at"]}
        rows.append(row)
    rows += [
        {"verdict": "only then", "then_at": item["at"]}
        | {name: item[name] for name in ("rule", "symbol", "value", "trigger")}
        for item in left
    ]
    frame = pl.DataFrame(rows, schema=COMPARED)
    return frame.sort(pl.coalesce("now_at", "then_at"), "rule", "symbol", maintain_order=True)


def _same(fire: Mapping[str, object], alert: Mapping[str, object]) -> bool:
    if (fire["rule_id"], fire["symbol"]) != (alert["rule_id"], alert["symbol"]):
        return False
    one, other = fire["at"], alert["at"]
    return isinstance(one, datetime) and isinstance(other, datetime) and abs(one - other) <= NEAR
