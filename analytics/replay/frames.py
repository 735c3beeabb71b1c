"""A window as a sequence of frames: what became known, in the order in which it did.

A frame holds all that became known at one instant, in an order of its own; its hash runs on from
the one before, so that two windows are the same exactly where their hashes are. Nothing here knows
how fast it is played.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import numpy as np
import polars as pl

INSTANT = pl.Datetime("us", "UTC")
NUMBERS = ("open", "high", "low", "close", "volume", "split", "volatility", "drawdown", "value")
ITEMS = pl.Schema(
    {
        "known_at": INSTANT,
        "kind": pl.String(),
        "symbol": pl.String(),
        "about": INSTANT,
        **dict.fromkeys(NUMBERS, pl.Float64()),
        "precision": pl.String(),
        "text": pl.String(),
    }
)
DIGITS = 12
# In this order things of one instant are told: what moved, then why, then what was made of it.
KINDS = ("bar", "event", "headline", "release", "regime", "bias", "alert", "note")
ORDER = ("known_at", "place", "symbol", "about", "text")


@dataclass(frozen=True, slots=True)
class Frames:
    """The frames of a window: `items` in order, each with its frame; an instant and a hash each."""

    items: pl.DataFrame
    moments: tuple[datetime, ...]
    hashes: tuple[str, ...]

    def until(self, moment: datetime) -> int:
        """How many frames had been there by an instant."""
        return sum(item <= moment for item in self.moments)


def items(**columns: object) -> pl.DataFrame:
    """Items from columns; those not given are null."""
    given = pl.DataFrame(columns)
    missing = [
        pl.lit(None, kind).alias(name) for name, kind in ITEMS.items() if name not in given.columns
    ]
    return given.with_columns(missing).select(*ITEMS).cast(ITEMS)


def in_order(*parts: pl.DataFrame) -> pl.DataFrame:
    """Items of several kinds in the one order: by when they were known, then in sequence."""
    whole = pl.concat([pl.DataFrame(schema=ITEMS), *parts])
    place = pl.col("kind").replace_strict(
        {name: n for n, name in enumerate(KINDS)}, return_dtype=pl.Int8
    )
    ordered = whole.with_columns(place.alias("place")).sort(
        *ORDER, nulls_last=False, maintain_order=True
    )
    sequence = pl.int_range(pl.len()).over("known_at", order_by=pl.int_range(pl.len()))
    return ordered.with_columns(sequence.alias("sequence")).drop("place")


def frames(ordered: pl.DataFrame) -> Frames:
    """The frames of items that are `in_order`."""
    if ordered.is_empty():
        empty = ordered.with_columns(pl.lit(None, pl.Int64).alias("frame"))
        return Frames(empty, (), ())
    number = pl.col("known_at").rle_id().cast(pl.Int64)
    numbered = ordered.with_columns(number.alias("frame"))
    moments = ordered["known_at"].unique(maintain_order=True).to_list()
    return Frames(numbered, tuple(moments), tuple(_chained(numbered)))


def _chained(numbered: pl.DataFrame) -> list[str]:
    """A hash for each frame over it and all before: figures by their bits, texts by their bytes."""
    # What was reckoned may differ in its last bit between machines; what was told does not.
    reckoned = pl.col("volatility", "drawdown").round_sig_figs(DIGITS)
    rounded = numbered.with_columns(reckoned)
    numbers = rounded.select(pl.col(NUMBERS).fill_null(float("nan"))).to_numpy()
    figures = np.ascontiguousarray(numbers, dtype="<f8")
    figures[np.isnan(figures)] = np.nan  # one of the many ways to write no number
    instants = numbered.select(pl.col("known_at", "about").to_physical().fill_null(0)).to_numpy()
    stamps = np.ascontiguousarray(instants, dtype="<i8")
    words = pl.concat_str(
        "kind", pl.col("symbol", "precision", "text").fill_null("\0"), separator="\x1f"
    )
    texts = numbered.select(words.alias("words"))["words"].to_list()
    frame = numbered["frame"].to_numpy()
    ends = np.searchsorted(frame, np.arange(1, frame[-1] + 2)).tolist()
    found, begin, before = [], 0, b""
    for end in ends:
        digest = sha256(before)
        digest.update(stamps[begin:end].tobytes())
        digest.update(figures[begin:end].tobytes())
        digest.update("\x1e".join(texts[begin:end]).encode())
        before, begin = digest.digest(), end
        found.append(before.hex()[:16])
    return found
