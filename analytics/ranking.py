"""Which of several sources is shown where they have the same instrument; a file decides, not us.

Refuses to mix them: a return from one source's close to another's would be nobody's return.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

from data.errors import ConfigError

FILE = Path(__file__).with_name("ranking.toml")
FRESH_DAYS = 10


@dataclass(frozen=True, slots=True)
class Ranking:
    """`sources` best first; of a symbol and one that is preferred to it two lists, `worse` and
    `better`; `ids` are how the ids begin of which a list is enough to have them fetched."""

    sources: tuple[str, ...]
    ids: tuple[str, ...]
    worse: list[str]
    better: list[str]

    def place(self, source: str) -> int:
        """The place of a source; those that are not listed come last."""
        return self.sources.index(source) if source in self.sources else len(self.sources)

    def preferred(self, frame: pl.DataFrame, *, day: str = "date") -> pl.DataFrame:
        """Rows of instruments without those for which a preferred one is there and as fresh.

        One row per symbol and source; `day` is its last session. A preferred id whose last
        session is more than ten days older than the other's stands back.
        """
        last = frame.group_by("symbol").agg(pl.col(day).max())
        pairs = (
            pl.DataFrame({"symbol": self.worse, "better": self.better}, schema=_PAIR)
            .join(last, on="symbol")
            .join(last.rename({"symbol": "better", day: "better_day"}), on="better")
        )
        fresh = pl.col("better_day") >= pl.col(day) - pl.duration(days=FRESH_DAYS)
        kept = frame.join(pairs.filter(fresh), on="symbol", how="anti", maintain_order="left")
        if not kept["symbol"].is_duplicated().any():
            return kept
        places = pl.col("source").replace_strict(
            list(self.sources), list(range(len(self.sources))), default=len(self.sources)
        )
        best = kept.with_columns(places.alias("_place")).sort("_place", "source")
        chosen = best.unique("symbol", keep="first").select("symbol", "source")
        return kept.join(chosen, on=["symbol", "source"], how="semi", maintain_order="left")


_PAIR = {"symbol": pl.String, "better": pl.String}


@cache
def ranking(path: Path = FILE) -> Ranking:
    """What the file says; an id that stands in two places is refused."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        sources, instruments = tuple(raw["sources"]), dict(raw["instruments"])
        prefixes = tuple(raw["ids"])
    except (OSError, tomllib.TOMLDecodeError, KeyError) as error:
        raise ConfigError(
            f"{path.name} cannot be read ({error}); expected `sources`, `ids` and [instruments]"
        ) from None
    ids = [symbol for symbols in instruments.values() for symbol in symbols]
    if twice := sorted({symbol for symbol in ids if ids.count(symbol) > 1}):
        raise ConfigError(f"{path.name}: {twice[0]} stands there twice; keep one of them")
    pairs = [
        (symbol, better)
        for symbols in instruments.values()
        for place, symbol in enumerate(symbols)
        for better in symbols[:place]
    ]
    return Ranking(
        sources, prefixes, [worse for worse, _ in pairs], [better for _, better in pairs]
    )
