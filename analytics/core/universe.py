"""Which instruments a page speaks of, as one text that fits into an address.

`class:equity;sector:Energy;country:USA` narrows by each part; nothing means everything known.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import polars as pl

from analytics.core.ranking import COLUMNS, ranking
from data.errors import ConfigError

FACETS = {"class": "asset_class", "sector": "sector", "country": "country"}
FRESH_DAYS = 10


@dataclass(frozen=True, slots=True)
class Universe:
    """`wanted` holds a value per column of instruments; `symbols` only these, where given."""

    wanted: dict[str, str] = field(default_factory=dict)
    symbols: frozenset[str] | None = None

    @classmethod
    def read(cls, text: str, symbols: list[str] | None = None) -> Universe:
        """From its text; a part that names no facet is refused."""
        wanted = {}
        for part in filter(None, (word.strip() for word in text.split(";"))):
            facet, colon, value = part.partition(":")
            if facet not in FACETS or not colon or not value:
                raise ConfigError(
                    f"universe {part[:60]!r}: expected one of "
                    f"{', '.join(f'{name}:...' for name in FACETS)}, joined by semicolons"
                )
            wanted[FACETS[facet]] = value
        return cls(wanted, None if symbols is None else frozenset(symbols))

    def of(self, frame: pl.DataFrame, day: date) -> pl.DataFrame:
        """Its instruments that traded within ten days of the day, each under one id.

        `frame` has a row per symbol and source, with `date` as the last session. A list is taken
        as it is, each id in one source: they were chosen by somebody.
        """
        rules = [
            pl.col("date") >= pl.lit(day) - pl.duration(days=FRESH_DAYS),
            pl.col("delisted_on").is_null() | (pl.col("delisted_on") >= day),
            *(pl.col(name) == value for name, value in self.wanted.items()),
        ]
        if self.symbols is not None:
            rules.append(pl.col("symbol").is_in(list(self.symbols)))
        kept = frame.filter(*rules)
        ranks = ranking()
        chosen = ranks.preferred(kept) if self.symbols is None else ranks.one_source(kept)
        return chosen.drop(COLUMNS, strict=False).sort("symbol", "source")


def described(frame: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """Rows with the names of `parts/market_named` by symbol and source.

    A source that describes nothing has the names that another gives the symbol: it is the same
    share, and it is delisted when the other says so.
    """
    by = ["symbol", "source"]
    silent = frame.select(by).unique(maintain_order=True).join(names, on=by, how="anti")
    lent = silent.join(ranking().one_source(names).drop("source"), on="symbol")
    whole = pl.concat([names, lent.select(names.columns)])
    return frame.join(whole, on=by, how="left", maintain_order="left")


def labelled(frame: pl.DataFrame) -> pl.DataFrame:
    """`ticker` as it tells instruments apart: what follows the source in the id where there is
    none, the whole id where several instruments would be called the same."""
    ticker = pl.coalesce("ticker", pl.col("symbol").str.replace("^[^:]*:(.+)$", "${1}"))
    of_several = pl.col("symbol").n_unique().over(ticker) > 1
    return frame.with_columns(pl.when(of_several).then("symbol").otherwise(ticker).alias("ticker"))
