"""Which of several sources is shown where they tell of one thing: one rule, for pages and SQL.

The better grade comes first, then the order of `ranking.toml`; of sources that are not listed the
one whose rows this lake took in first, then the one known first, then by name. So what is filled
in later by a worse source changes nothing that was shown. Refuses to mix sources: a return from
one source's close to another's would be nobody's return.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

from data.errors import ConfigError
from data.fields import GRADES

FILE = Path(__file__).parents[1] / "ranking.toml"
FRESH_DAYS = 10
# What a query has to gather of each source for the rule, and in which order it then counts.
GRADE = f"list_position([{', '.join(map(repr, GRADES))}], vintage_grade)"
GATHERED = f"min({GRADE}) AS grade, min(ingested_at) AS taken_in, min(known_at) AS known_first"
COLUMNS = ("grade", "taken_in", "known_first")
# In a query's text `{gathered}`, `{grade}` and `{order}` stand for these; `{standing of RELATION
# per KEYS of CANDIDATES where ...}` for each candidate with its number, 1 for the shown one; and
# `{listed}` or `{listed where ...}` for the instruments there are, each source's with its number:
# those described, and those of which only prices are known, under the ticker that their id ends
# with; not the tickers that a list of companies has, which no source prices under that id. Many
# sources describe nothing, and the prices of one that does may reach further back; where
# all are described `$has_undescribed` is false, which `listing` looks up.
LISTED = re.compile(r"\{listed(?:\s+where\s+([^{}]+))?\}")
OF_EACH = (
    "(SELECT *, row_number() OVER (PARTITION BY symbol ORDER BY {order}) AS standing FROM ("  # noqa: S608 - text of the house alone
    "SELECT instruments.*, grade, taken_in, known_first FROM instruments JOIN ("
    "SELECT symbol, source, {gathered} FROM instruments_known GROUP BY ALL) AS stood "
    "USING (symbol, source) WHERE ({wanted}) AND "
    "NOT coalesce(starts_with(symbol, company || ':'), false) UNION ALL BY NAME "
    "SELECT symbol, source, substr(symbol, strpos(symbol, ':') + 1) AS ticker, "
    "min(asset_class) AS asset_class, arg_max(currency, known_at) AS currency, "
    f"list_extract([{', '.join(map(repr, GRADES))}], min({GRADE})) AS vintage_grade, "
    "min(prices_known.known_at) AS known_at, {gathered} FROM prices_known "
    "WHERE $has_undescribed AND {wanted} AND symbol NOT IN (SELECT symbol FROM instruments) "
    "GROUP BY symbol, source))"
)
STANDING = re.compile(r"\{standing of (\w+) per ([\w, ]+?) of ([\w, ]+?)(?:\s+where\s+([^{}]+))?\}")


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

    def order(self) -> str:
        """The rule as SQL, over what was gathered."""
        listed = ", ".join("'" + source.replace("'", "''") + "'" for source in self.sources)
        place = f"coalesce(list_position([{listed}], source), {len(self.sources) + 1})"
        return f"grade, {place}, taken_in, known_first, source"

    def expanded(self, text: str) -> str:
        """The text of a query with the rule in place of its names."""
        order = self.order()

        def standing(match: re.Match[str]) -> str:
            relation, keys, candidates, condition = match.groups()
            where = f" WHERE {condition.strip()}" if condition else ""
            last = f", {candidates}" if candidates != "source" else ""
            return (
                f"(SELECT {keys}, {candidates}, row_number() OVER (PARTITION BY {keys} "  # noqa: S608 - a file of ours
                f"ORDER BY {order}{last}) AS standing FROM (SELECT {keys}, {candidates}, "
                f"{GATHERED} FROM {relation}{where} GROUP BY ALL))"
            )

        def listed(match: re.Match[str]) -> str:
            return OF_EACH.replace("{wanted}", (match.group(1) or "true").strip())

        found = STANDING.sub(standing, LISTED.sub(listed, text))
        for name, words in (("{gathered}", GATHERED), ("{grade}", GRADE), ("{order}", order)):
            found = found.replace(name, words)
        return found

    def ordered(self, frame: pl.DataFrame, *first: str) -> pl.DataFrame:
        """Rows in the order of the rule, those of equal `first` together; what a frame has not
        gathered does not count, and of equal ones the first symbol by name comes first."""
        places = pl.col("source").replace_strict(
            list(self.sources), list(range(len(self.sources))), default=len(self.sources)
        )
        rule = ("grade", "_place", "taken_in", "known_first", "source", "symbol")
        by = [*first, *(name for name in rule if name in {*frame.columns, "_place"})]
        placed = frame.with_columns(places.cast(pl.Int64).alias("_place"))
        return placed.sort(by, maintain_order=True).drop("_place")

    def one_source(self, frame: pl.DataFrame, key: str = "symbol") -> pl.DataFrame:
        """Rows of one source for each key, in the order in which they came."""
        if not frame[key].is_duplicated().any():
            return frame
        chosen = self.ordered(frame, key).unique(key, keep="first").select(key, "source")
        return frame.join(chosen, on=[key, "source"], how="semi", maintain_order="left")

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
        return self.one_source(kept)


_PAIR = {"symbol": pl.String, "better": pl.String}


def first_standing(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows of the source that stands first, of a frame that says how each stands."""
    return frame.filter(pl.col("standing") == pl.col("standing").min())


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
