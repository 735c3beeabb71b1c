"""What an instrument did around all events of a kind: paths aligned at the first close after each
became known, their median with its band, and how that compares with other days.

A path is the log of the close against the last one before the event was known, for a rate the
difference in points. Nothing of an event is used before its moment; windows that the clock cuts off
count as far as they go.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.core.catalogue import run
from analytics.core.closes import Floats, Ints, levels, read_closes
from analytics.macro.surprises import surprises
from data.errors import ConfigError
from data.query import Answer, At

FIRST = date(1900, 1, 1)
DRAWS, AT_ONCE, BAND, PATHS = 1_000, 50, (0.025, 0.975), (0.1, 0.9)
NEAR = 250  # sessions around an event from which other days are drawn
MOST, MOST_EVENTS = 250, 500
SIDES = {"up": 1, "down": -1}
DAILY = {"fall": -1, "rise": 1}
DIGITS = 9  # of a move in percent: 100 to 97 is a fall of 3, whatever the last bit says
FORMS = (
    "event:KIND, event:KIND:COUNTRY, event:KIND:COUNTRY:up (or :down), "
    "surprise:INDICATOR:COUNTRY:Z, drawdown:SHARE, fall:PERCENT or rise:PERCENT"
)
EVENTS = pl.Schema({"event": pl.String(), "title": pl.String(), "moment": pl.Datetime("us", "UTC")})
STUDY = pl.Schema(
    {
        "offset": pl.Int64(),
        "events": pl.Int64(),
        "median": pl.Float64(),
        "low": pl.Float64(),
        "high": pl.Float64(),
        "paths_low": pl.Float64(),
        "paths_high": pl.Float64(),
        "others_low": pl.Float64(),
        "others_high": pl.Float64(),
        "p": pl.Float64(),
    }
)


@dataclass(frozen=True, slots=True)
class StudySessions:
    """The sessions of an instrument: when each close was first known, and what moves are
    differences of."""

    dates: pl.Series
    moments: pl.Series
    level: Floats
    is_rate: bool

    def was_news(self) -> npt.NDArray[np.bool_]:
        """Whether each close was known before the next one: those of a history that was loaded at
        once were not, and what came after them is no reaction."""
        stamps = self.moments.cast(pl.Int64).to_numpy()
        return np.append(stamps[1:] > stamps[:-1], [True])[: len(stamps)]


@dataclass(frozen=True, slots=True)
class Aligned:
    """Events on the sessions of an instrument: `place` is the first close known after each."""

    events: pl.DataFrame
    place: Ints
    level: Floats
    is_rate: bool
    answer: Answer


def event_study(  # noqa: PLR0913 - an instrument, a kind of event, a window and the draw
    at: At, *, symbol: str, of: str, before: int = 5, after: int = 20, seed: int = 7
) -> Answer:
    """The median path with 95 % by resampling events, against as many days drawn near each event.

    `of` is one of: event:KIND, event:KIND:COUNTRY, event:KIND:COUNTRY:up or :down (by the sign of
    the magnitude), surprise:INDICATOR:COUNTRY:Z (below nought for surprises to that side),
    drawdown:SHARE, fall:PERCENT or rise:PERCENT (every session whose close moved so far from the
    one before; of a rate in points). `paths_low` and `paths_high` hold eight paths of ten;
    `p` is how often other days moved as far as the median did; `overlapping` counts the events
    whose window shares a session with another's. Paths of a rate (`is_rate`) are in points.
    """
    _check(before, after)
    found = _aligned(at, symbol, of)
    frame = studied(found.level, found.place, (before, after), seed)
    words = f"{len(found.place)} events, median of their paths; {DRAWS} draws, seed {seed}"
    frame = frame.with_columns(
        pl.lit(_overlapping(found.place, before + after)).alias("overlapping"),
        pl.lit(found.is_rate).alias("is_rate"),
    )
    return found.answer.derive(frame, words)


def studied(level: Floats, place: Ints, reach: tuple[int, int], seed: int) -> pl.DataFrame:
    """The study of some places in a row of levels; what `event_study` answers."""
    paths, rng = _paths(level, place, reach), np.random.default_rng(seed)
    count = len(place)
    low, high = np.maximum(place - NEAR, 1), np.minimum(place + NEAR, len(level) - 1)
    medians = _medians(lambda many: paths[rng.integers(0, count, (many, count))])

    def other(many: int) -> Floats:
        days = rng.integers(low, high + 1, (many, count)).astype(np.int32)
        return _paths(level, days, reach)

    others = _medians(other)
    middle = _median(paths)
    with np.errstate(invalid="ignore"):
        further = (np.abs(others) >= np.abs(middle)).sum(axis=0)
    columns = {
        "offset": np.arange(-reach[0], reach[1] + 1),
        "events": (~np.isnan(paths)).sum(axis=0),
        "median": middle,
        "low": _cut(medians, BAND[0]),
        "high": _cut(medians, BAND[1]),
        "paths_low": _cut(paths, PATHS[0]),
        "paths_high": _cut(paths, PATHS[1]),
        "others_low": _cut(others, BAND[0]),
        "others_high": _cut(others, BAND[1]),
        "p": np.where(np.isnan(middle), np.nan, (further + 1) / (DRAWS + 1)),
    }
    frame = pl.DataFrame({name: pl.Series(v, nan_to_null=True) for name, v in columns.items()})
    return frame.cast(STUDY)


def event_paths(at: At, *, symbol: str, of: str, before: int = 5, after: int = 20) -> Answer:
    """Each path of such a study: event, its moment, and its move since at each session."""
    _check(before, after)
    found = _aligned(at, symbol, of)
    paths = _paths(found.level, found.place, (before, after))
    width = before + after + 1
    frame = found.events.select(pl.all().repeat_by(width).explode()).with_columns(
        pl.Series("offset", np.tile(np.arange(-before, after + 1), len(paths)), dtype=pl.Int64),
        pl.Series("path", paths.ravel(), nan_to_null=True),
        pl.lit(found.is_rate).alias("is_rate"),
    )
    return found.answer.derive(frame, "moves since the last close before each event")


def _check(before: int, after: int) -> None:
    if not (1 <= before <= MOST and 1 <= after <= MOST):
        raise ConfigError(f"before={before}, after={after}: expected 1 to {MOST} sessions each")


def _aligned(at: At, symbol: str, of: str) -> Aligned:
    """The events asked for, on the sessions that follow them; those without one are left out."""
    closes = read_closes(at, [symbol], FIRST)
    is_rate = symbol in closes.rates
    if is_rate and of.startswith("drawdown:"):
        raise ConfigError(
            f"{symbol} is a rate, and a fall is a share of a price; choose other events"
        )
    # A price at or below zero has no log, and its session stays: no path passes it unseen.
    level = levels(closes)
    known = run(at, "parts/session_moments", symbol=symbol)
    moments = pl.DataFrame({"date": closes.dates()}).join(
        known.frame, on="date", how="left", maintain_order="left"
    )["known_at"]
    answer, events = _events(at, of, StudySessions(closes.dates(), moments, level, is_rate))
    stamps = moments.cast(pl.Int64).to_numpy() if len(moments) else np.empty(0, dtype=np.int64)
    place = np.searchsorted(stamps, events["moment"].cast(pl.Int64).to_numpy(), side="right")
    is_inside = (place > 0) & (place < len(level))
    frame = events.filter(pl.Series(is_inside))
    if frame.is_empty():
        raise ConfigError(
            f"no event of {of[:60]!r} lies within the sessions of {symbol} at this clock; "
            f"expected one of {FORMS}"
        )
    if frame.height > MOST_EVENTS:
        raise ConfigError(
            f"{frame.height:,} events of {of[:60]!r}: expected at most {MOST_EVENTS}; name a "
            "country, a larger move or a rarer kind"
        )
    whole = known if answer is None else known.join(answer, answer.frame, "events on sessions")
    joined = whole.join(closes.answer, closes.answer.frame, "closes around events")
    return Aligned(frame, place[is_inside].astype(np.int32), level, is_rate, joined)


def _events(at: At, of: str, sessions: StudySessions) -> tuple[Answer | None, pl.DataFrame]:
    """The events that a text names, in order of their moments."""
    kind, *words = of.split(":")
    if kind == "event" and words[0:1] != [""] and _is_sided(words):
        country = words[1] if len(words) > 1 else None
        side = SIDES[words[2]] if len(words) > 2 else 0
        answer = run(at, "parts/events_of_kind", kind=words[0], country=country, side=side)
        return answer, answer.frame.select(*EVENTS).cast(EVENTS)
    if kind == "surprise" and len(words) == 3:
        bound = _number(words[2], of)
        answer = surprises(at, countries=[words[1]])
        far = pl.col("z") >= bound if bound >= 0 else pl.col("z") <= bound
        frame = answer.frame.filter(pl.col("indicator") == words[0], far)
        return answer, frame.sort("released_at").select(
            pl.concat_str("series_id", pl.lit(" "), "period").alias("event"),
            pl.format("{} of {}: z {}", "indicator", "period", pl.col("z").round(2)).alias("title"),
            pl.col("released_at").alias("moment"),
        ).cast(EVENTS)
    if kind == "drawdown" and len(words) == 1:
        return None, _falls(sessions, _number(words[0], of))
    if kind in DAILY and len(words) == 1:
        return None, _daily_moves(sessions, kind, _number(words[0], of))
    raise ConfigError(f"events {of[:60]!r}: expected {FORMS}")


def _is_sided(words: list[str]) -> bool:
    """A kind, then a country, then a direction, as far as they are given."""
    return len(words) in (1, 2) or len(words) == 3 and words[2] in SIDES


def _number(text: str, of: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ConfigError(f"events {of[:60]!r}: {text[:20]!r} is no number; {FORMS}") from None


def _daily_moves(sessions: StudySessions, kind: str, bound: float) -> pl.DataFrame:
    """Closes that moved so far from the close before: each of them, also days in a row."""
    unit = "points" if sessions.is_rate else "%"
    if not 0 < bound < math.inf:
        raise ConfigError(f"a {kind} of {bound:g} {unit}: expected a number above 0, such as 3")
    steps = np.diff(sessions.level, prepend=np.nan)
    moves = np.round(steps if sessions.is_rate else 100 * np.expm1(steps), DIGITS)
    places = np.flatnonzero((DAILY[kind] * moves >= bound) & sessions.was_news())
    rows = [
        (
            f"{kind} {sessions.dates[place]}",
            f"{moves[place]:+.2f} {unit} in the session of {sessions.dates[place]:%d %b %Y}",
            sessions.moments[place],
        )
        for place in places.tolist()
    ]
    return pl.DataFrame(rows, schema=EVENTS, orient="row")


def _falls(sessions: StudySessions, share: float) -> pl.DataFrame:
    """Closes at which the fall from the highest so far first reached a share; again after a new
    high."""
    if not 0 < share < 1:
        raise ConfigError(f"a drawdown of {share:g}: expected a share between 0 and 1")
    level, moments = sessions.level, sessions.moments
    falls = 1 - np.exp(level - np.maximum.accumulate(level))
    rows, is_armed, was_news = [], True, sessions.was_news()
    for place, fall in enumerate(falls.tolist()):
        if is_armed and fall >= share:
            is_armed = False
            if not was_news[place]:
                continue
            rows.append((f"fall {place}", f"drawdown of {100 * fall:.1f} %", moments[place]))
        elif fall == 0:
            is_armed = True
    return pl.DataFrame(rows, schema=EVENTS, orient="row")


def _overlapping(place: Ints, width: int) -> int:
    """How many windows share a session with another one."""
    near = np.diff(np.sort(place)) <= width
    return int((np.append(near, False) | np.insert(near, 0, False)).sum())


def _paths(level: Floats, place: Ints, reach: tuple[int, int]) -> Floats:
    """A row for each place, from some sessions before it to some after; null outside."""
    where = place[..., None] + np.arange(-reach[0], reach[1] + 1)
    inside = (where >= 0) & (where < len(level))
    found = np.where(inside, level[np.clip(where, 0, len(level) - 1)], np.nan)
    return found - level[place - 1][..., None]


def _medians(draw: Callable[[int], Floats]) -> Floats:
    """Medians of many draws, some at a time: a bound on memory, not on the answer."""
    return np.concatenate([_median(draw(AT_ONCE)) for _ in range(DRAWS // AT_ONCE)])


def _median(paths: Floats) -> Floats:
    """By session over the events, of one draw or of many; null where no path reaches."""
    if not np.isnan(paths).any():
        return np.asarray(np.median(paths, axis=-2))
    with warnings.catch_warnings(action="ignore"):  # of sessions that no path reaches
        return np.asarray(np.nanmedian(paths, axis=-2))


def _cut(values: Floats, share: float) -> Floats:
    with warnings.catch_warnings(action="ignore"):
        return np.asarray(np.nanquantile(values, share, axis=0))
