"""Event replay: everything that became known within a window, at the instant at which it did.

A bar comes at its close, a print at its release, a correction when it was made; an event that was
told of late comes late. What later instants brought is never asked for: the clock is set to the
window's end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import groupby
from typing import Any, Literal

import numpy as np
import polars as pl

from analytics.core.catalogue import run
from analytics.live.live import MOST, POINTS, SLOW_US, live_metrics
from analytics.macro.bias import bias_history
from analytics.regimes.quadrants import quadrants
from analytics.replay.frames import in_order, items
from data.errors import ConfigError
from data.query import Answer, At, Value

Scale = Literal["ticks", "minutes", "days"]
SCALES: tuple[Scale, ...] = ("ticks", "minutes", "days")
LONGEST = {"ticks": MOST, "minutes": timedelta(days=14), "days": timedelta(days=366 * 30)}
MOST_SYMBOLS, MOST_FRAMES = 20, 2_400
WARM = timedelta(microseconds=SLOW_US * (POINTS + 1))  # the windows of the live points are full
STEP = timedelta(milliseconds=500)
EVENING = time(23, 59, 59)
Window = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Reach:
    """How bars of a scale are looked back on: returns of a deviation, bars of a fall."""

    returns: int
    bars: int
    before: timedelta
    per_year: bool


REACH = {
    "minutes": Reach(60, 240, timedelta(hours=5), per_year=False),
    "days": Reach(20, 252, timedelta(days=400), per_year=True),
}


def replay(  # noqa: PLR0913 - what is played, from when to when, how finely, and whose news
    at: At,
    *,
    symbols: list[str],
    start: datetime,
    end: datetime,
    scale: str = "days",
    country: str | None = None,
) -> Answer:
    """All items of a window in the order of (known_at, sequence): bars, events, headlines, prints.

    Scales are ticks (points of half a second), minutes and days. `volatility` and `drawdown` are
    those of the live desk for ticks; else the deviation of the last 60 one-minute or 20 daily
    returns (daily ones by the year) and the close below the highest of 240 minutes or 252 sessions,
    each as known at that instant. More than 2,400 points are gathered into bars.
    """
    _check(symbols, start, end, scale)
    clock = at if at.as_of <= end else at.earlier(end)
    bars = _of_ticks if scale == "ticks" else _of_bars
    answer, found = bars(clock, symbols, (start, end), scale)
    parts, whole = [found], answer
    for other, frame in _happened(clock, symbols, start, country):
        parts.append(frame)
        whole = whole.join(other, whole.frame, "happened")
    closed = {"macro", "series", "releases", "expectations"} & clock.closed.keys()
    if country and at.mode != "house" and not closed:
        # The house clock would have to know when each print was taken in; that it does not tell.
        for view in (_turns, _scores) if scale == "days" else (_turns,):
            other, more = view(clock, country, start)
            parts.append(more)
            whole = whole.join(other, whole.frame, "standing")
    return whole.derive(in_order(*parts), "what became known, in order; bars gathered")


def _check(symbols: list[str], start: datetime, end: datetime, scale: str) -> None:
    if scale not in SCALES:
        raise ConfigError(f"scale {scale[:20]!r}: expected one of {', '.join(SCALES)}")
    if start >= end:
        raise ConfigError(f"a window from {start} to {end}: expected the start before the end")
    if not 1 <= len(symbols) <= MOST_SYMBOLS:
        raise ConfigError(f"{len(symbols)} instruments: expected 1 to {MOST_SYMBOLS}")
    if end - start > LONGEST[scale]:
        raise ConfigError(
            f"a window of {end - start} by {scale}: expected at most {LONGEST[scale]}; take a "
            "coarser scale or a shorter window"
        )


def replay_span(at: At, *, symbols: list[str], scale: str = "days") -> Answer:
    """From when to when a scale has anything at the clock; single trades are kept for some days."""
    if scale == "days":
        return run(at, "parts/held_days", symbols=symbols)
    dataset, query = ("ticks", "held_span") if scale == "ticks" else ("bars", "held_minutes")
    clock = at.as_of.strftime("%Y-%m-%d %H:%M:%S")
    known = [
        (file.low or "", file.file)
        for file in at.manifests[dataset].files
        if file.low is not None and file.low <= clock
    ]
    ends = {min(known)[1], max(known)[1]} if known else set()
    return run(at.only(dataset, ends), f"parts/{query}")


def window_points(at: At, *, symbols: list[str], start: datetime, end: datetime) -> Answer:
    """The points of the live desk over a window, its longer windows full from the start on.

    Under the house clock a point is known once this lake had the trades that made it.
    """
    begin, until = max(start - WARM, end - MOST), end + timedelta.resolution
    answer = live_metrics(at, symbols=symbols, start=begin, end=until, carried=True)
    if at.mode != "house":
        return answer
    part = at.within("ticks", begin - MOST, until + MOST)
    taken = run(part, "parts/taken_in", symbols=symbols, start=begin, end=until)
    points = answer.frame.sort("known_at", maintain_order=True).join_asof(
        taken.frame, on="known_at", strategy="backward"
    )
    known = points.with_columns(pl.max_horizontal("known_at", "taken_at").alias("known_at"))
    return answer.join(taken, known.drop("taken_at"), "points, by when this lake had them")


def gathered(start: datetime, end: datetime) -> timedelta:
    """How long each bar of a window of trades is: what is drawn is thinned where it is long, what
    is reckoned rests on every trade."""
    return STEP * max(1, -(-(end - start) // (MOST_FRAMES * STEP)))


def _of_ticks(
    clock: At, symbols: list[str], window: Window, scale: str
) -> tuple[Answer, pl.DataFrame]:
    """The points of the live desk that became whole within the window, gathered where many."""
    start, end = window
    answer = window_points(clock, symbols=symbols, start=start, end=end)
    points = answer.frame.filter(pl.col("known_at").is_between(start, end))
    every = gathered(start, end)
    bars = (
        points.sort("symbol", "at")
        .group_by(
            "symbol",
            (-(-pl.col("at").to_physical() // (every // timedelta(microseconds=1)))),
            maintain_order=True,
        )
        .agg(
            pl.col("known_at", "volatility", "drawdown").last(),
            pl.col("at").last().alias("until"),
            pl.col("price").first().alias("open"),
            pl.col("price").max().alias("high"),
            pl.col("price").min().alias("low"),
            pl.col("price").last().alias("close"),
            pl.col("volume").sum(),
            pl.col("is_stale").last(),
        )
    )
    stale = pl.when("is_stale").then(pl.lit("stale"))
    columns = bars.with_columns(pl.lit("bar").alias("kind"), stale.alias("precision"))
    found = columns.drop("at", "is_stale").rename({"until": "about"})
    return answer, items(**{name: found[name] for name in found.columns})


def _of_bars(
    clock: At, symbols: list[str], window: Window, scale: str
) -> tuple[Answer, pl.DataFrame]:
    """Bars as they came, each with deviation and fall as they then stood."""
    start, end = window
    reach = REACH[scale]
    begin = start - reach.before
    if scale == "days":
        answer = run(
            clock.within("prices", begin.date(), end.date()),
            "parts/replay_days",
            symbols=symbols,
            asset_class=None,
            since=begin.date(),
            until=end.date(),
        )
    else:
        answer = run(
            clock.within("bars", begin, end),
            "parts/replay_minutes",
            symbols=symbols,
            start=begin,
            end=end,
        )
    rows = answer.frame
    measures = _looked_back(rows.iter_rows(named=True), reach)
    stood = (
        rows.with_columns(
            pl.lit("bar").alias("kind"),
            pl.col("split_ratio").alias("split"),
            pl.Series("volatility", [one for one, _ in measures], dtype=pl.Float64),
            pl.Series("drawdown", [fall for _, fall in measures], dtype=pl.Float64),
        )
        .filter(pl.col("known_at") >= start)
        .drop("split_ratio", "asset_class")
    )
    return answer, items(**{name: stood[name] for name in stood.columns})


@dataclass(slots=True)
class _Known:
    """The bars of an instrument as far as they are known, in the order of their instants."""

    at: list[datetime] = field(default_factory=list)
    close: list[float] = field(default_factory=list)
    split: list[float] = field(default_factory=list)

    def put(self, row: dict[str, Any], most: int) -> None:
        """A new bar, or another account of one."""
        at, close, split = row["about"], row["close"], row["split_ratio"] or 1.0
        place = len(self.at)
        while place and self.at[place - 1] > at:
            place -= 1
        if place and self.at[place - 1] == at:
            self.close[place - 1], self.split[place - 1] = close, split
            return
        self.at.insert(place, at)
        self.close.insert(place, close)
        self.split.insert(place, split)
        del self.at[:-most], self.close[:-most], self.split[:-most]


def _looked_back(
    rows: Iterable[dict[str, Any]], reach: Reach
) -> list[tuple[float | None, float | None]]:
    """After each row, in the order in which they came: the deviation and the fall of its
    instrument."""
    known: dict[str, _Known] = {}
    found: list[tuple[float | None, float | None]] = []
    for _, one in groupby(rows, key=lambda row: (row["known_at"], row["symbol"])):
        together = list(one)  # what comes at one instant is known all at once
        held = known.setdefault(together[0]["symbol"], _Known())
        for row in together:
            held.put(row, max(reach.bars, reach.returns + 1))
        year = (365 if row["asset_class"] == "crypto" else 252) if reach.per_year else 1
        found += [_measured(held, reach, year)] * len(together)
    return found


def _measured(known: _Known, reach: Reach, year: int) -> tuple[float | None, float | None]:
    closes = np.array(known.close)
    if (closes <= 0).any():
        return None, None  # a price at or below zero has no logarithm
    moves = np.log(closes[1:] / closes[:-1] * np.array(known.split)[1:])
    path = np.concatenate([[0.0], np.cumsum(moves)])
    fall = float(np.expm1(path[-1] - path.max()))
    if len(moves) < reach.returns:
        return None, fall
    return float(moves[-reach.returns :].std(ddof=1) * year**0.5), fall


def _happened(
    clock: At, symbols: list[str], start: datetime, country: str | None
) -> Iterator[tuple[Answer, pl.DataFrame]]:
    """Events, headlines and prints; a dataset that cannot be opened is left out, and said."""
    rows: dict[str, dict[str, Value]] = {
        "events": {"symbols": symbols, "country": country},
        "news": {"symbols": symbols, "country": country},
    }
    if country:
        rows["releases"] = {"country": country, "importance": 2}
    for dataset, params in rows.items():
        if dataset in clock.closed:
            continue
        query = "parts/replay_" + ("prints" if dataset == "releases" else dataset)
        answer = run(clock, query, start=start, **params)
        yield answer, items(**{name: answer.frame[name] for name in answer.frame.columns})


def regime_turns(at: At, *, country: str) -> Answer:
    """Each turn of a country's quadrant, when it could be known; what stood first is the first."""
    answer = quadrants(at, country=country)
    known = answer.frame.drop_nulls(["quadrant", "known_at"]).sort("known_at", "month")
    newest = known.filter(pl.col("month") == pl.col("month").cum_max())
    turned = newest.filter((pl.col("quadrant") != pl.col("quadrant").shift(1)).fill_null(True))
    return answer.derive(turned.select("known_at", "month", "quadrant"), "turns of the quadrant")


def _turns(clock: At, country: str, start: datetime) -> tuple[Answer, pl.DataFrame]:
    """The quadrant as it stood at the start, and each turn of it when it could be known."""
    answer = regime_turns(clock, country=country)
    turned = answer.frame
    before = turned.filter(pl.col("known_at") < start).tail(1 if clock.as_of >= start else 0)
    shown = pl.concat(
        [
            before.with_columns(pl.lit(start).cast(turned.schema["known_at"]).alias("known_at")),
            turned.filter(pl.col("known_at") >= start),
        ]
    )
    text = pl.format(f"{country}: {{}}", "quadrant")
    rows = shown.select(
        "known_at", pl.col("month").cast(pl.Datetime("us")).alias("about"), text.alias("text")
    )
    return answer, items(
        kind=pl.Series(["regime"] * rows.height, dtype=pl.String),
        known_at=rows["known_at"],
        about=rows["about"].dt.replace_time_zone("UTC"),
        text=rows["text"],
        precision=pl.Series(["month"] * rows.height, dtype=pl.String),
    )


def _scores(clock: At, country: str, start: datetime) -> tuple[Answer, pl.DataFrame]:
    """The bias of the country's equities at each evening on which it was another one."""
    answer = bias_history(clock, country=country, since=start)
    known = (
        answer.frame.drop_nulls("score")
        .filter(
            # The last row stands at the clock itself, which mostly is no evening.
            pl.col("moment") >= start,
            pl.col("moment").dt.time() == EVENING,
        )
        .with_columns(pl.col("score").round() + 0.0)
    )
    changed = known.filter((pl.col("score") != pl.col("score").shift(1)).fill_null(True))
    text = [f"{country} equities: {int(score):+d}" for score in changed["score"]]
    return answer, items(
        kind=pl.Series(["bias"] * changed.height, dtype=pl.String),
        known_at=changed["moment"],
        about=changed["moment"],
        value=changed["score"],
        text=pl.Series(text, dtype=pl.String),
    )
