"""Where the monitor stands, in one file: windows, watches and its place in the stream.

Exact to the bit, so that a life that goes on gives what an undisturbed one would have given. A
file that cannot be read is said and not used.
"""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from analytics.live.live import POINTS, LiveState, TradeColumns
from analytics.live.rules import RuleWatch
from data.clock import iso, parse_instant
from data.disk import make_folder, write_file

FORMAT = 2
WINDOW = pl.Array(pl.Float64, POINTS)
FLAT = ("price", "bought", "sold")
WINDOWS = ("prices", "volumes", "turnovers", "slow")
COUNTS = ("at", "newest", "late", "refused", "repeated", "watermark")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The fold after the entry `position`; `watches` by rule version, then by instrument."""

    position: str
    live: LiveState = field(default_factory=LiveState)
    watches: Mapping[str, Mapping[str, RuleWatch]] = field(default_factory=dict)


def save(path: Path, point: Checkpoint) -> None:
    """Replace the file at once."""
    live = point.live
    frame = pl.DataFrame(
        {
            "symbol": pl.Series(live.symbols, dtype=pl.String),
            "traded_at": live.traded_at,
            **{name: getattr(live, name) for name in FLAT},
            **{
                name: pl.Series(getattr(live, name).reshape(-1, POINTS), dtype=WINDOW)
                for name in WINDOWS
            },
        }
    )
    parts = [_ipc(frame), _ipc(pl.DataFrame(asdict(live.waiting)))]
    head = {
        "format": FORMAT,
        "position": point.position,
        "sizes": [len(part) for part in parts],
        "counts": {name: getattr(live, name) for name in COUNTS},
        "watches": to_words(point.watches),
    }
    make_folder(path.parent)
    write_file(path, b"\n".join([json.dumps(head).encode(), b"".join(parts)]))


def load(path: Path) -> Checkpoint | None:
    """What `save` wrote, or none where there is no such file or none that can be read."""
    try:
        line, _, rest = path.read_bytes().partition(b"\n")
        head = json.loads(line)
        if head["format"] != FORMAT:
            raise ValueError(f"format {head['format']}")
        size = head["sizes"][0]
        frame, waiting = (pl.read_ipc(io.BytesIO(part)) for part in (rest[:size], rest[size:]))
        told: dict[str, Any] = {
            name: frame[name].to_numpy().copy() for name in (*FLAT, "traded_at")
        }
        told |= {name: np.array(frame[name].to_numpy()).reshape(-1, POINTS) for name in WINDOWS}
        trades = TradeColumns(
            *(waiting[item.name].to_numpy().copy() for item in fields(TradeColumns))
        )
        live = replace(LiveState(tuple(frame["symbol"]), waiting=trades), **told, **head["counts"])
        watches = from_words(head["watches"])
        return Checkpoint(head["position"], live, watches)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, IndexError, pl.exceptions.PolarsError) as why:
        log.warning("checkpoint=%s unreadable=%s; the windows fill anew", path, why)
        return None


def to_words(watches: Mapping[str, Mapping[str, RuleWatch]]) -> dict[str, dict[str, list[object]]]:
    """Watches as JSON has them."""
    return {
        version: {symbol: _watch_fields(watch) for symbol, watch in rule_watches.items()}
        for version, rule_watches in watches.items()
    }


def from_words(rows: Mapping[str, Mapping[str, list[object]]]) -> dict[str, dict[str, RuleWatch]]:
    """What `to_words` gave."""
    return {
        version: {symbol: _watch(words) for symbol, words in groups.items()}
        for version, groups in rows.items()
    }


def _ipc(frame: pl.DataFrame) -> bytes:
    sink = io.BytesIO()
    frame.write_ipc(sink)
    return sink.getvalue()


def _watch_fields(watch: RuleWatch) -> list[object]:
    return [
        watch.word,
        _iso(watch.since),
        _iso(watch.fired_at),
        watch.id,
        watch.worst,
        _iso(watch.silent_since),
        watch.is_silent,
    ]


def _watch(stored: list[Any]) -> RuleWatch:
    word, since, fired_at, number, worst, silent_since, is_silent = stored
    return RuleWatch(
        word,
        _moment(since),
        _moment(fired_at),
        number,
        worst,
        _moment(silent_since),
        is_silent,
    )


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else iso(moment)


def _moment(text: object) -> datetime | None:
    return None if text is None else parse_instant(str(text))
