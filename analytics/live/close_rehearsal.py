"""How a rule on daily closes or a formula would have fared: when it fired, and what came after.

Judged by the engine that judges it for alerts, over the closes as they stand at the clock. A value
stands from the beginning of its session's day to the next session, for seven days at most; that of
a formula until one of its parts is late.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.core.close_matrix import CloseMatrix, reach, read_panel
from analytics.core.closes import Floats, Ints
from analytics.core.ranking import FRESH_DAYS, ranking
from analytics.formulas.formula import formula_past
from analytics.formulas.values import formulas_in
from analytics.live.rehearsal import rule_of
from analytics.live.rules import OF_CLOSES, Event, Rule, RuleWatch, fold
from analytics.markets.market import HELD, LOOK_BACK, YEAR, above_low, below_high, own_deviation
from data.errors import ConfigError
from data.query import Answer, At

AFTER = (1, 5, 20)
LONGEST_YEARS = 10
EPOCH = date(1970, 1, 1)
DAY, LONGEST_DAYS = timedelta(days=1), 36_600
RECORD = {
    "symbol": pl.String(),
    "date": pl.Date(),
    "value": pl.Float64(),
    "ended_on": pl.Date(),
    "sessions": pl.Int64(),
    **{f"after_{count}": pl.Float64() for count in AFTER},
    **{f"usual_{count}": pl.Float64() for count in AFTER},
    "unit": pl.String(),
}


@dataclass(frozen=True, slots=True)
class Watched:
    """What a rule watches of one instrument or formula, session by session.

    `level` is what moves are taken of: the close, or the formula's value. `unit` is that of a
    difference; a price has none, since its moves are shares of it. A value counts until the next
    one comes, for as long as it `stands`.
    """

    symbol: str
    day: Ints
    value: Floats
    level: Floats
    unit: str | None
    stands: timedelta = timedelta(days=7)

    def move(self, sessions: int) -> Floats:
        """The move from each session to the one so many later; NaN where there is none yet."""
        found = np.full(len(self.level), np.nan)
        now, later = self.level[:-sessions], self.level[sessions:]
        if self.unit is None:
            sound = (now > 0) & (later > 0)
            np.divide(later, now, where=sound, out=found[: len(now)])
            return found - 1
        found[: len(now)] = later - now
        return found


def close_rule_record(
    at: At, *, definition: str, since: date, symbols: list[str] | None = None
) -> Answer:
    """Every time a rule on closes or a formula fired, and the move 1, 5 and 20 sessions later.

    `definition` is the rule's document as JSON. Moves are shares of the close; of rates and
    formulas they are differences in `unit`. `usual_1` to `usual_20` are the medians of the same
    moves in the same unit from all sessions since then, whether the rule fired or not; `sessions`
    counts those of an episode that met the trigger, of which the first alone fires.
    """
    rule = rule_of(definition)
    if rule.metric not in OF_CLOSES and rule.metric != "formula":
        words = ", ".join(sorted([*OF_CLOSES, "formula"]))
        raise ConfigError(f"metric {rule.metric!r} has no history of closes: expected {words}")
    first, last = (since - EPOCH).days, at.as_of.date()
    if not 0 < (last - since).days <= LONGEST_YEARS * 366:
        raise ConfigError(f"since {since}: expected a day in the {LONGEST_YEARS} years before")
    names = symbols
    if rule.symbols is not None:
        names = sorted(rule.symbols if symbols is None else rule.symbols & set(symbols))
    answer, watched = (
        _formulas(at, names or []) if rule.metric == "formula" else _closes(at, rule, since, names)
    )
    every = replace(rule, symbols=frozenset(one.symbol for one in watched))
    fires = [row for one in watched for row in _fires(every, one, first, at.as_of)]
    usual = {unit: _usual(watched, first, unit) for unit in {row["unit"] for row in fires}}
    rows = [row | usual[row["unit"]] for row in fires]
    frame = pl.DataFrame(rows, schema=RECORD).sort("date", "symbol")
    return answer.derive(frame, f"{rule.metric} {rule.side} {rule.trigger:g} since {since}")


def _formulas(at: At, symbols: list[str]) -> tuple[Answer, list[Watched]]:
    answers = [(f"={text}", *formula_past(at, text)) for text in formulas_in(symbols)]
    if not answers:
        raise ConfigError("a rule on a formula needs one: name it, such as =GOLD/SILVER")
    answer = answers[0][1]
    for _, other, _ in answers[1:]:
        answer = answer.join(other, other.frame, "")
    return answer, [_of_formula(symbol, found.frame, stands) for symbol, found, stands in answers]


def _of_formula(symbol: str, frame: pl.DataFrame, stands: float) -> Watched:
    """Its values; one of a late part is none, as for alerts."""
    fresh = frame.drop_nulls("value").filter(~pl.col("is_late"))
    value = fresh["value"].to_numpy()
    unit = fresh["unit"][-1] if fresh.height else ""
    day = fresh["date"].cast(pl.Int32).to_numpy()
    return Watched(symbol, day, value, value, unit, timedelta(days=min(stands, LONGEST_DAYS)))


def _closes(
    at: At, rule: Rule, since: date, symbols: list[str] | None
) -> tuple[Answer, list[Watched]]:
    """A column of each instrument, of the source that is shown; of one that several ids stand for
    the id that lists show, unless the rule names its instruments."""
    sessions = (at.as_of.date() - since).days + YEAR + 1
    panel = read_panel(at, sessions=sessions, symbols=symbols)
    last = pl.Series("date", panel.days[-1]).cast(pl.Date)
    newest = pl.col("date").max().over("symbol") - pl.duration(days=FRESH_DAYS)
    columns = panel.instruments.with_row_index("column").with_columns(last)
    fresh = columns.filter(pl.col("date") >= newest)
    ranks = ranking()
    kept = ranks.preferred(fresh) if symbols is None else ranks.one_source(fresh)
    values = _values(panel, rule.metric)
    found = []
    for column, symbol, kind in kept.select("column", "symbol", "asset_class").iter_rows():
        there = panel.days[:, column] >= 0
        day, close = panel.days[there, column], panel.closes[there, column]
        unit = "pp" if kind == "rate" else None
        found.append(Watched(symbol, day, values[there, column], close, unit))
    return panel.answer, found


def _values(panel: CloseMatrix, metric: str) -> Floats:
    """The metric at each session of a panel: what `market` says of the last one, row by row, and
    no session counts that lies too far back for it."""
    is_rate = (panel.instruments["asset_class"] == "rate").to_numpy()
    found = np.full(panel.closes.shape, np.nan)
    for row in range(1, len(found)):
        first = max(0, row - (LOOK_BACK + 1 if metric == "heat" else YEAR - 1))
        first = row - 1 if metric == "daily_move" else first
        past = (panel.level if metric == "heat" else panel.closes)[first : row + 1]
        oldest = panel.days[row] - reach(HELD).days
        if ((panel.days[first] >= 0) & (panel.days[first] < oldest)).any():
            past = np.where(panel.days[first : row + 1] >= oldest, past, np.nan)
        found[row] = _value(past, is_rate, metric)
    return found


def _value(past: Floats, is_rate: npt.NDArray[np.bool_], metric: str) -> Floats:
    """The metric of the last of some sessions."""
    ratio = np.full(past.shape[1], np.nan)
    if metric == "daily_move":
        sound = (past[-1] > 0) & (past[-2] > 0) & ~is_rate
        np.divide(past[-1], past[-2], where=sound, out=ratio)
        return ratio - 1
    if metric == "heat":
        steps = np.diff(past, axis=0)
        found: Floats = steps[-1] / own_deviation(steps)
        return found
    if len(past) < YEAR:
        return ratio
    return (
        below_high(past, is_rate, whole=True) if metric == "from_high" else above_low(past, is_rate)
    )


def _fires(rule: Rule, watched: Watched, first: int, clock: datetime) -> Iterator[dict[str, Any]]:
    """A row for each time that the rule fired since a day."""
    events = _events(rule, watched, first, clock)
    ended = {item.id: item.at.date() for item in events if item.kind == "ended"}
    moves = {count: watched.move(count) for count in AFTER}
    for item in events:
        if item.kind != "fired":
            continue
        day = (item.at.date() - EPOCH).days
        place = int(np.searchsorted(watched.day, day, side="right")) - 1
        if watched.day[place] < first:
            continue
        yield {
            "symbol": watched.symbol,
            "date": EPOCH + timedelta(days=int(watched.day[place])),
            "value": item.value,
            "ended_on": (end := ended.get(item.id)),
            "sessions": _beyond(rule, watched, place, end),
            "unit": watched.unit,
        } | {f"after_{count}": _number(moves[count][place]) for count in AFTER}


def _beyond(rule: Rule, watched: Watched, place: int, end: date | None) -> int:
    """How many sessions of an episode are at or beyond the trigger."""
    stop = None if end is None else int(np.searchsorted(watched.day, (end - EPOCH).days))
    value = watched.value[place:stop]
    meets = value >= rule.trigger if rule.side == "above" else value <= rule.trigger
    return int(meets.sum())


def _events(rule: Rule, watched: Watched, first: int, clock: datetime) -> list[Event]:
    """What the engine tells. A session is looked at when its day begins, and once more whenever it
    has held or the rule has rested for long enough, as long as its value stands."""
    watches, found = dict[str, RuleWatch](), list[Event]()
    places = _deciding(rule, watched, first)
    for place, value in zip(places.tolist(), watched.value[places].tolist(), strict=True):
        began = moment = _midnight(watched.day[place])
        is_last = place + 1 == len(watched.day)
        following = (
            datetime.max.replace(tzinfo=UTC) if is_last else _midnight(watched.day[place + 1])
        )
        while moment < following and moment <= min(clock, began + watched.stands):
            point = {"symbol": watched.symbol, "at": moment, "is_stale": False, rule.metric: value}
            watches, events = fold(rule, watches, [point])
            found += events
            watch = watches[watched.symbol]
            if watch.word == "pending" and watch.since:
                moment = watch.since + rule.hold
            elif watch.word == "recovering" and watch.fired_at and rule.meets(value):
                moment = watch.fired_at + rule.cooldown
            else:
                break
    return found


def _midnight(day: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=int(day))


def _deciding(rule: Rule, watched: Watched, first: int) -> npt.NDArray[np.intp]:
    """The sessions that can change where the rule stands.

    Of sessions beyond the re-arm level that follow each other the first is enough. A plain rule
    waits for nothing that lasts longer than a day: it fires at the first session of those at or
    beyond the trigger, what lies between the levels decides nothing, and before the first day only
    its last reset counts.
    """
    is_plain = not rule.hold and rule.cooldown <= DAY
    places = np.flatnonzero(np.isfinite(watched.value))
    value, is_above = watched.value[places], rule.side == "above"
    meets = value >= rule.trigger if is_above else value <= rule.trigger
    ends = value < rule.rearm if is_above else value > rule.rearm
    kind = np.where(meets, 1, np.where(ends, -1, 0))
    if is_plain:
        places, kind = places[kind != 0], kind[kind != 0]
        resets = np.flatnonzero((kind < 0) & (watched.day[places] < first))
        places, kind = places[resets[-1:].sum() :], kind[resets[-1:].sum() :]
    is_same = np.zeros(len(kind), dtype=bool)
    is_same[1:] = (kind[1:] == kind[:-1]) & (is_plain | (kind[1:] < 0))
    return places[~is_same]


def _usual(watched: list[Watched], first: int, unit: str | None) -> dict[str, float | None]:
    """The median moves in a unit, from every session since a day."""
    alike = [one for one in watched if one.unit == unit]
    found = dict[str, float | None]()
    for count in AFTER:
        every = np.concatenate([one.move(count)[one.day >= first] for one in alike])
        every = every[np.isfinite(every)]
        found[f"usual_{count}"] = float(np.median(every)) if len(every) else None
    return found


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
