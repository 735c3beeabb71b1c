"""Lines of the accounts of all companies, kept in memory by year, so that a clock costs no query.

A year of all vintages is read once per version of the lake; at a clock those in view are taken that
no later one in view has ended: what the lake itself would give.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import partial

import polars as pl

from analytics.companies.measures import USED
from analytics.companies.periods import LINE, with_kind
from analytics.core.known_history import microseconds
from analytics.core.query_texts import query_text
from data.clock import LAST
from data.datasets.fundamentals import FUNDAMENTALS
from data.kept_results import KeptResults
from data.query import Answer, At, Identity, QueryRun, Value

MOST_MB = 320
BACK_YEARS = 3
LEAD = max(lead.longest for lead in FUNDAMENTALS.leads)
VINTAGES = "parts/screen_vintages"
STANDING = "parts/screen_facts"
KIND = pl.Enum(["instant", "quarter", "half", "nine", "year", "other"])
CONCEPT = pl.Enum(list(USED))


@dataclass(frozen=True, slots=True)
class YearOfFacts:
    """All vintages of the lines of one year, and files of it that are damaged."""

    rows: pl.DataFrame
    damaged: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Filers:
    """All companies that ever filed, and whether one of them comes from several sources."""

    ids: pl.Enum
    units: pl.Enum
    have_several_sources: bool
    damaged: tuple[str, ...] = ()


YEARS: KeptResults[YearOfFacts] = KeptResults(
    MOST_MB << 20,
    is_whole=lambda year: not year.damaged,
    weight=lambda year: int(year.rows.estimated_size()),
)
FILERS: KeptResults[Filers] = KeptResults(4, is_whole=lambda filers: not filers.damaged)


def standing_facts(at: At) -> tuple[pl.DataFrame, Answer]:
    """The lines that stand at the clock, of the last years, with the kinds of their periods, and
    the answer with the query that gives them."""
    since = date(at.as_of.year - BACK_YEARS, 1, 1)
    params: dict[str, Value] = {"concepts": list(USED), "since": since}
    text = query_text(STANDING)
    is_asked = at.all_vintages or bool(at.closed) or bool(at.damage("fundamentals"))
    filers = None if is_asked else FILERS.of(_key(at), lambda: _filers(at))
    if filers is None or filers.have_several_sources or filers.damaged:
        answer = at.sql(text, **params)
        ids, units = (pl.Enum(answer.frame[one].unique().sort()) for one in ("company", "unit"))
        return _coded(answer.frame, Filers(ids, units, have_several_sources=True)), answer
    moment = microseconds(at.as_of)
    frames = []
    # A period may end a little after it is known, so at New Year in the year to come.
    newest = (at.as_of + LEAD).year
    for year in range(since.year, newest + 1):
        read = partial(_year, at, year, filers)
        frames.append(_standing(YEARS.of((year, _key(at)), read).rows, moment))
    query_run = QueryRun(text, params, at.db.checked(text).tables, at, None)
    frame = pl.concat(frames)
    return frame, Answer(frame, (query_run,))


def _standing(rows: pl.DataFrame, moment: int) -> pl.DataFrame:
    ended = pl.col("ended").is_null() | (pl.col("ended") > moment)
    return rows.filter(pl.col("seen") <= moment, ended).drop("seen", "ended")


def _key(at: At) -> Identity:
    return replace(at, as_of=LAST).identity(["fundamentals"])


def _filers(at: At) -> Filers:
    late = replace(at, as_of=LAST)
    answer = late.sql(
        "SELECT company, count(DISTINCT source) AS sources FROM fundamentals_known "
        "GROUP BY company ORDER BY company"
    )
    units = late.sql("SELECT DISTINCT unit FROM fundamentals_known ORDER BY unit")
    return Filers(
        pl.Enum(answer.frame["company"]),
        pl.Enum(units.frame["unit"]),
        bool((answer.frame["sources"] > 1).any()),
        (*answer.damaged, *units.damaged),
    )


def _year(at: At, year: int, filers: Filers) -> YearOfFacts:
    late = replace(at, as_of=LAST)
    first, last = date(year, 1, 1), date(year, 12, 31)
    narrow = late.within("fundamentals", first, last)
    answer = narrow.sql(query_text(VINTAGES), concepts=list(USED), first=first, last=last)
    return YearOfFacts(_coded(answer.frame, filers), answer.damaged)


def _coded(frame: pl.DataFrame, filers: Filers) -> pl.DataFrame:
    """Words as numbers, which are faster to compare and take less room."""
    coded = with_kind(frame).with_columns(
        pl.col("company").cast(filers.ids),
        pl.col("concept").cast(CONCEPT),
        pl.col("unit").cast(filers.units),
        pl.col("kind").cast(KIND),
    )
    company, concept, unit = (
        pl.col(name).to_physical().cast(pl.Int64) for name in ("company", "concept", "unit")
    )
    places = len(CONCEPT.categories) * len(filers.units.categories)
    line = company * places + concept * len(filers.units.categories) + unit
    return coded.with_columns(line.alias(LINE))
