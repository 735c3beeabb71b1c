"""One-minute bars of the last ten sessions; together they are the daily bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa

from data.datasets.bars import BARS
from ingest.sources.demo_world.draws import Floats, Ints, lognormals, normals, uniforms
from ingest.sources.demo_world.panels import PricePanel
from ingest.sources.demo_world.sessions import VENUES, sessions
from ingest.sources.demo_world.spec import Spec
from ingest.sources.demo_world.tables import assemble, coded, days_of, instants

SESSIONS = 10
MINUTE_US = 60_000_000
_DELAY_US = 2_000_000
_MISSED = 0.02  # of the hours of a venue
_CAUGHT_UP_US = 9 * 3_600_000_000  # after the beginning of the hour


@dataclass(frozen=True, slots=True)
class Minutes:
    """The minutes of one symbol on one day."""

    starts: Ints
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats


def watched(spec: Spec, panel: PricePanel) -> list[int]:
    """The columns whose minutes are kept; they do not depend on the world's last day."""
    count = spec.scale.minute_symbols
    if panel.asset_class == "index" or panel.venue.code not in spec.scale.minute_venues:
        return []
    if panel.leaves is None:
        return list(range(min(count, len(panel.symbols))))
    since_the_start = panel.listed[0] & ~panel.leaves
    return [int(column) for column in np.flatnonzero(since_the_start)[:count]]


def windows(spec: Spec) -> dict[str, int]:
    """The first day of the last ten sessions of each venue whose minutes are kept."""
    return {
        code: int(sessions(VENUES[code].calendar, spec.until).days[-SESSIONS:][0])
        for code in spec.scale.minute_venues
    }


def bar_table(spec: Spec, panels: Sequence[PricePanel]) -> pa.Table:
    """All minutes, ordered by venue, day, symbol and minute."""
    pieces = []
    for panel in panels:
        for column in watched(spec, panel):
            for session in range(len(panel.sessions.days))[-SESSIONS:]:
                if panel.listed[session, column]:
                    day = int(panel.sessions.days[session])
                    made = minutes(spec, panel, session, column)
                    pieces.append(
                        (panel.venue.code, day, panel.symbols[column], panel, column, made)
                    )
    pieces.sort(key=lambda piece: piece[:3])
    lengths = np.array([len(piece[5].starts) for piece in pieces])

    def each(values: list[str]) -> pa.Array:
        words = sorted(set(values))
        codes = np.array([words.index(value) for value in values])
        return coded(np.repeat(codes, lengths), words)

    def all_of(name: str) -> np.ndarray:
        return np.concatenate([getattr(piece[5], name) for piece in pieces])

    starts = all_of("starts")
    bars = assemble(
        BARS,
        {
            "venue": each([piece[0] for piece in pieces]),
            "date": days_of(np.repeat(np.array([piece[1] for piece in pieces]), lengths)),
            "symbol": each([piece[2] for piece in pieces]),
            "event_at": instants(starts),
            **{name: all_of(name) for name in ("open", "high", "low", "close", "volume")},
            "currency": each([piece[3].currencies[piece[4]] for piece in pieces]),
            "known_at": instants(starts + MINUTE_US + _DELAY_US),
        },
        spec,
    )
    return _caught_up(spec, bars)


def _caught_up(spec: Spec, bars: pa.Table) -> pa.Table:
    """Of some hours the archive missed trades: their bars are told again when it caught up.

    What it had of them is half the volume, and of the range what lies between open and close.
    """
    frame = pl.DataFrame(bars).with_columns(hour=pl.col("event_at").dt.truncate("1h"))
    hours = frame.select("venue", "hour").unique(maintain_order=True)
    names = [f"missed {venue} {hour:%Y-%m-%d %H}" for venue, hour in hours.iter_rows()]
    luck = [float(uniforms(spec.seed, name, 1)[0]) for name in names]
    missed = hours.with_columns(luck=pl.Series(luck, dtype=pl.Float64))
    whole = frame.join(missed, on=["venue", "hour"], how="left", maintain_order="left")
    is_missed = pl.col("luck") < _MISSED
    body = pl.max_horizontal("open", "close"), pl.min_horizontal("open", "close")
    first = whole.with_columns(
        high=pl.when(is_missed).then(body[0]).otherwise("high"),
        low=pl.when(is_missed).then(body[1]).otherwise("low"),
        volume=pl.when(is_missed).then((pl.col("volume") / 2).floor()).otherwise("volume"),
    )
    late = whole.filter(is_missed).with_columns(
        known_at=pl.col("hour") + pl.duration(microseconds=_CAUGHT_UP_US)
    )
    end = pl.lit(spec.end_us).cast(pl.Datetime("us", "UTC"))
    told = pl.concat([first, late.filter(pl.col("known_at") < end)]).select(bars.column_names)
    # Where nothing was missing in the minute, the second telling would be no other.
    told = told.unique([*BARS.key, *BARS.values], keep="first", maintain_order=True)
    return told.sort(BARS.order, maintain_order=True).to_arrow().cast(bars.schema)


def minutes(spec: Spec, panel: PricePanel, session: int, column: int) -> Minutes:
    """A bridge from the day's open to its close that touches its high and its low once each."""
    start, end = int(panel.sessions.opens[session]), int(panel.sessions.closes[session])
    count = (end - start) // MINUTE_US
    name = f"{panel.symbols[column]} minutes {panel.sessions.days[session]}"
    first, last = float(panel.open[session, column]), float(panel.close[session, column])
    high, low = float(panel.high[session, column]), float(panel.low[session, column])
    walk = np.cumsum(normals(spec.seed, name, count))
    along = np.arange(1, count + 1) / count
    bridge = (walk - along * walk[-1]) / np.sqrt(float(count))
    places = _grid(panel, column)
    close = first + (last - first) * along + bridge * (high - low) * 0.5
    close = np.rint(np.clip(close, low, high) * places) / places
    close[-1] = last
    opened = np.concatenate([[first], close[:-1]])
    top, bottom = np.maximum(opened, close), np.minimum(opened, close)
    reach = (high - low) * 0.03 * lognormals(spec.seed, f"{name} reach", count)
    top = np.minimum(np.rint((top + reach) * places) / places, high)
    bottom = np.maximum(np.rint((bottom - reach) * places) / places, low)
    top[int(np.argmax(top))] = high
    bottom[int(np.argmin(bottom))] = low
    shape = 0.5 + 2.0 * (2.0 * along - 1.0) ** 2
    share = shape * lognormals(spec.seed, f"{name} volume", count)
    volume = np.floor(panel.volume[session, column] * share / (1.3 * count))
    starts = start + MINUTE_US * np.arange(count, dtype=np.int64)
    return Minutes(starts, opened, top, bottom, close, volume)


def _grid(panel: PricePanel, column: int) -> float:
    """The finest grid that the printed prices of this symbol lie on."""
    decimals = panel.decimals[column]
    return float(10.0**decimals)
