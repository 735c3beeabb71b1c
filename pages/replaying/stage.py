"""What the player is given: a window's frames as plain columns, ready to be drawn; no Streamlit.

The same document goes to a page and into an exported file.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import numpy as np
import polars as pl

from analytics.replay.frames import Frames, frames, in_order, items
from data.clock import iso
from data.state.alerts import Alert
from data.state.notes import Note
from pages.desk.tables import short
from pages.frame.packed import packed
from pages.frame.theme import Palette
from pages.replaying.window import ReplayWindow

DIGITS = 9
PLAIN = ("name", "f", "t", "c", "split", "old")  # of all but the first instrument
NONE = -32_768  # a tile without a move
OLD_MS = {"ticks": 5_000, "minutes": 300_000, "days": 5 * 86_400_000}
WORDS = {
    "ticks": ("σ 30 s", "drawdown, 30 s"),
    "minutes": ("σ 60 min, per minute", "drawdown, 4 h"),
    "days": ("σ 20 sessions, a year", "drawdown from 52-week high"),
}


def alert_items(
    alerts: Sequence[Alert], notes: Sequence[Note], symbols: Sequence[str]
) -> pl.DataFrame:
    """Alerts and notes as items of a window, each at the instant at which it was known."""
    lines: list[tuple[Any, ...]] = [
        (
            "alert",
            alert.shown_at,
            moment_of(alert),
            alert.firing.symbol,
            alert.firing.trigger_value,
            f"{short(alert.firing.symbol)} "
            f"{alert.firing.context.get('rule') or alert.firing.metric}",
        )
        for alert in alerts
        if alert.firing.symbol in symbols
    ]
    lines += [
        ("note", note.written_at, note.about_at, None, None, f"{note.text} ({note.author})")
        for note in notes
    ]
    names = ("kind", "known_at", "about", "symbol", "value", "text")
    columns = dict(zip(names, map(list, zip(*lines, strict=True)), strict=True)) if lines else {}
    return items(**columns)


def moment_of(alert: Alert) -> datetime:
    """The point that fired it."""
    at = alert.firing.context.get("at")
    return datetime.fromisoformat(at) if isinstance(at, str) else alert.firing.known_at


def window_frames(lake: pl.DataFrame, more: pl.DataFrame, window: ReplayWindow) -> Frames:
    """The frames of the lake's items and of those of the state, within the window."""
    if more.is_empty():
        return frames(lake)
    inside = more.filter(pl.col("known_at").is_between(window.start, window.end))
    return frames(in_order(lake.drop("sequence"), inside))


def stage(  # noqa: PLR0913 - a window, what is in it, and how it is to look
    window: ReplayWindow,
    held: Frames,
    paint: Palette,
    *,
    zone: str,
    mark: str,
    at: datetime | None,
    tiles: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The document that the player plays."""
    drawn = [] if tiles else [_series(held.items, name) for name in window.symbols]
    plain = [{key: item[key] for key in PLAIN} for item in drawn[1:]]
    return {
        "id": f"{window.text()} {held.hashes[-1] if held.hashes else ''} {tiles is not None}",
        "scale": window.scale,
        "zone": zone,
        "mark": mark,
        "start": _ms(window.start),
        "end": _ms(window.end),
        "centre": _ms(window.centre) if window.centre else None,
        "at": _ms(at) if at else None,
        "old": OLD_MS[window.scale],
        "words": WORDS[window.scale],
        "moments": [_ms(moment) for moment in held.moments],
        "hashes": list(held.hashes),
        "series": [one | {"rich": True} for one in drawn[:1]] + plain,
        "events": _event_list(held),
        "tiles": tiles,
        "look": _look(paint),
    }


def _look(paint: Palette) -> dict[str, Any]:
    names = ("ink", "dim", "grid", "surface", "accent", "warn", "up", "down")
    # Told apart by eyes that do not see all colours, on either ground.
    lines = [paint.accent, paint.warn, paint.ink, "#009e73", "#cc79a7", "#d55e00", paint.dim]
    return {name: getattr(paint, name) for name in names} | {
        "lines": lines,
        "diverging": list(paint.diverging),
    }


def _ms(moment: datetime) -> int:
    """Milliseconds, upwards: a frame is never said to have been earlier than it was."""
    return -((datetime(1970, 1, 1, tzinfo=UTC) - moment) // timedelta(milliseconds=1))


def _series(rows: pl.DataFrame, symbol: str) -> dict[str, Any]:
    mine = rows.filter(pl.col("kind") == "bar", pl.col("symbol") == symbol)
    figures = mine.select(pl.col(pl.Float64).round_sig_figs(DIGITS))
    found = {
        "name": short(symbol),
        "f": mine["frame"].to_list(),
        "t": mine["about"].dt.epoch("ms").to_list(),
        "c": figures["close"].to_list(),
        "split": figures["split"].to_list() if figures["split"].drop_nulls().len() else None,
        "old": (mine["precision"] == "stale").fill_null(False).to_list(),
        "v": figures["volume"].to_list(),
        "s": figures["volatility"].to_list(),
        "d": figures["drawdown"].to_list(),
    }
    if not mine.filter(pl.col("high") != pl.col("low")).is_empty():
        found |= {
            "o": figures["open"].to_list(),
            "h": figures["high"].to_list(),
            "l": figures["low"].to_list(),
        }
    if not any(found["old"] or ()):
        found["old"] = None
    return found


def _event_list(held: Frames) -> list[dict[str, Any]]:
    """All but bars, in the order of their frames, each with what it is about."""
    rows = held.items.filter(pl.col("kind") != "bar")
    return [
        {
            "f": row["frame"],
            "t": _ms(row["known_at"]),
            "kind": row["kind"],
            "text": row["text"],
            "about": about(row["about"], row["precision"]),
        }
        for row in rows.iter_rows(named=True)
    ]


def about(moment: datetime | None, precision: str | None) -> str:
    """When something was, no more exactly than that is known."""
    if moment is None:
        return "no date"
    if precision == "month":
        return moment.strftime("%B %Y")
    return moment.strftime("%d %b %Y") + " (day)" if precision == "day" else iso(moment)


def tile_map(
    moves: pl.DataFrame, names: pl.DataFrame, held: Frames, scale: float
) -> tuple[dict[str, Any], Frames]:
    """A moving heatmap and its frames: the evenings, with what was told by each.

    Moves go as hundredths of a percent in two bytes each.
    """
    evenings = moves["known_at"].unique(maintain_order=True)
    known = moves.group_by("symbol").agg(pl.col("move").count()).filter(pl.col("move") > 0)
    order = (
        known.join(names, on="symbol", how="left")
        .with_columns(
            pl.coalesce("sector", "asset_class", pl.lit("other")).alias("group"),
            pl.coalesce("ticker", "symbol").alias("name"),
        )
        .sort("group", "name", "symbol")
    )
    wide = moves.pivot("symbol", index="known_at", values="move").sort("known_at")
    matrix = wide.select(order["symbol"].to_list()).to_numpy() if order.height else np.empty((0, 0))
    points = np.where(np.isnan(matrix), NONE, np.clip(np.rint(matrix * 10_000), -32_767, 32_767))
    found = {
        "names": order["name"].to_list(),
        "groups": order["group"].to_list(),
        "none": NONE,
        "scale": round(scale * 10_000),
        "moves": packed(points, "<i2"),
    }
    place = np.searchsorted(
        evenings.to_physical().to_numpy(), held.items["known_at"].to_physical().to_numpy()
    )
    inside = held.items.with_columns(pl.Series("frame", place)).filter(
        pl.col("frame") < len(evenings)
    )
    return found, Frames(inside, tuple(evenings.to_list()), _day_hashes(points))


def _day_hashes(points: np.ndarray) -> tuple[str, ...]:
    found, before = [], b""
    for row in points.astype("<i2"):
        before = sha256(before + row.tobytes()).digest()
        found.append(before.hex()[:16])
    return tuple(found)
