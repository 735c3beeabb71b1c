"""A screen as text: which companies it has, by words, by ranges of figures and by place.

`sector:Energy;pe:..15;market_value_usd:1e9..;place:CHN:0.2..` is what addresses, saved screens and
alert rules hold; the same text means the same screen everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from analytics.companies.ratio_list import RATIOS
from analytics.companies.share_technicals import TECHNICALS
from data.errors import ConfigError

FACETS = ("sector", "industry", "country", "currency")
SIZES = ("market_value_usd", "revenue_usd")
RANGED = (*SIZES, *(one.name for one in RATIOS), *TECHNICALS)
PLACE, PLACE_SHARE, TO = "place", "place_share", ".."


@dataclass(frozen=True, slots=True)
class Bounds:
    """From `low` to `high`, both counted in; an end that is not given is open."""

    low: float | None = None
    high: float | None = None

    @classmethod
    def read(cls, text: str, where: str) -> Bounds:
        """From a text such as `5..15`, `..15` or `5..`."""
        low, dots, high = text.partition(TO)
        try:
            found = cls(*(float(end) if end.strip() else None for end in (low, high)))
        except ValueError:
            found = cls()
        ends = [end for end in (found.low, found.high) if end is not None]
        if not dots or not ends or not all(map(math.isfinite, ends)) or ends != sorted(ends):
            raise ConfigError(
                f"{where[:60]!r}: expected a range from low to high, as in 5..15, ..15 or 5.."
            )
        return found

    def text(self) -> str:
        """As it is read."""
        return TO.join("" if end is None else f"{end:.10g}" for end in (self.low, self.high))

    def has(self, column: str) -> pl.Expr:
        """Whether a column's value lies within; null where there is none."""
        value, parts = pl.col(column), [pl.col(column).is_not_null()]
        if self.low is not None:
            parts.append(value >= self.low)
        if self.high is not None:
            parts.append(value <= self.high)
        return pl.when(value.is_not_null()).then(pl.all_horizontal(parts))


@dataclass(frozen=True, slots=True)
class ScreenText:
    """What a screen asks of a company: words, ranges, and a part of revenue in one place."""

    facets: Mapping[str, str] = field(default_factory=dict)
    ranges: Mapping[str, Bounds] = field(default_factory=dict)
    place: str = ""
    part: Bounds | None = None

    @classmethod
    def read(cls, text: str) -> ScreenText:
        """The screen of a text; a part that is none of it is refused."""
        facets: dict[str, str] = {}
        ranges: dict[str, Bounds] = {}
        place, part = "", None
        for word in filter(None, (word.strip() for word in text.split(";"))):
            name, colon, value = word.partition(":")
            if name in RANGED and colon:
                ranges[name] = Bounds.read(value, word)
            elif name == PLACE and value and not place:
                place, given, bounds = value.partition(":")
                part = Bounds.read(bounds, word) if given else None
            elif name in FACETS and value:
                facets[name] = value
            else:
                raise ConfigError(
                    f"universe {word[:60]!r}: expected one of "
                    f"{', '.join(f'{name}:...' for name in FACETS)}, a range as in pe:5..15, or "
                    "one place as in place:DEU:0.2.., joined by semicolons"
                )
        return cls(facets, ranges, place, part)

    def text(self) -> str:
        """As it is read; the same screen has the same text."""
        parts = [f"{name}:{self.facets[name]}" for name in FACETS if name in self.facets]
        parts += [f"{name}:{self.ranges[name].text()}" for name in RANGED if name in self.ranges]
        if self.place:
            parts.append(f"{PLACE}:{self.place}{f':{self.part.text()}' if self.part else ''}")
        return ";".join(parts)

    @property
    def needs_technicals(self) -> bool:
        """Whether a range is of what the share's price did."""
        return not set(TECHNICALS).isdisjoint(self.ranges)

    def membership(self) -> pl.Expr:
        """Whether a company is in the screen: null where a figure that decides it is missing."""
        parts = [pl.col(name) == pl.lit(value) for name, value in self.facets.items()]
        parts = [part.fill_null(value=False) for part in parts]
        parts += [bounds.has(name) for name, bounds in self.ranges.items()]
        if self.part is not None:
            parts.append(self.part.has(PLACE_SHARE))
        return pl.all_horizontal(parts) if parts else pl.lit(value=True)
