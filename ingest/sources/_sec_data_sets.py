"""The SEC's financial statement data sets, alone and with notes: one zip a quarter or a month.

Their table of numbers has millions of lines; it is read a piece at a time, and only facts of our
lines are held. The sets are made of the filings that company facts hold too, so what the lake has
of a filing is not loaded again.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from data.errors import SourceError
from data.filing_words import form_kind
from ingest.jobs import Parsed, ReplyError
from ingest.sources._sec_addresses import day_of
from ingest.sources._sec_data_set_days import month_end, on_known_days, unrounded, usual
from ingest.sources._sec_data_set_facts import GEOGRAPHY, member_of, set_facts, submissions
from ingest.sources._sec_exposures import YEAR_DAYS, AnnualReport, exposure_rows, yearly_splits
from ingest.sources._sec_facts import Filer, account_rows, left_out, sound
from ingest.sources._sec_places import RevenueFact
from ingest.sources._sec_times import FilingTime, accepted, end_of_day, public_from, stated_time

MINUTE = timedelta(minutes=1)
EXACT_DECIMALS = 32767


@dataclass(frozen=True, slots=True)
class KnownFilings:
    """What the lake knows: when filings were public, by filer and accession; of filings of a span
    of days the facts that it has (`accession`, `concept`, `ddate`, `qtrs`), and the ends of periods
    by `cik`; reports whose revenue by place it has."""

    times: Mapping[str, Mapping[str, datetime]]
    facts: Callable[[date, date], pl.DataFrame]
    ends: Callable[[], pl.DataFrame]
    placed: Collection[str]


def is_data_set(path: Path) -> bool:
    """Whether it is an archive with a table of numbers."""
    try:
        with zipfile.ZipFile(path) as archive:
            return member_of(archive, "num") is not None
    except (zipfile.BadZipFile, FileNotFoundError):
        return False  # whoever reads it says so


def data_set_parts(
    path: Path,
    known: KnownFilings,
    fetched_at: datetime,
    *,
    ciks: Collection[str] = (),
    after: int = 0,
) -> Iterator[tuple[str, Parsed | ReplyError]]:
    """What each filer of the set states, in the order of their numbers, after the first so many."""
    try:
        with zipfile.ZipFile(path) as archive:
            filings = submissions(archive, {int(cik) for cik in ciks})
            facts, has_notes = set_facts(archive, filings)
    except (zipfile.BadZipFile, zlib.error, EOFError, pl.exceptions.PolarsError) as error:
        raise SourceError(f"{path.name} is damaged or cut ({error}): download it again") from None
    except ReplyError as error:
        raise SourceError(f"{path.name}: {error}") from None
    if filings.is_empty():
        return
    count = _by_filer(facts)
    facts = unrounded(facts) if has_notes else _on_known_days(facts, filings, known)
    dated = _by_filer(facts)
    facts = _new(facts, filings, known)
    groups = facts.partition_by("cik", as_dict=True, include_key=True)
    for (cik,), own in sorted(filings.group_by("cik"), key=lambda group: group[0][0])[after:]:
        rows = groups.get((cik,))
        lost = count.get(cik, 0) - dated.get(cik, 0)
        yield str(cik), _filer(_Set(own, known, fetched_at, has_notes), rows, lost)


@dataclass(frozen=True, slots=True)
class _Set:
    """One filer's filings in a set."""

    filings: pl.DataFrame
    known: KnownFilings
    fetched_at: datetime
    has_notes: bool

    @property
    def cik(self) -> int:
        found: int = self.filings["cik"][0]
        return found

    def public(self) -> dict[str, datetime]:
        """When each filing was public: as the lake knows it, else by the set's own minute."""
        told_before = self.known.times.get(f"{self.cik:010}", {})
        found = {}
        columns = ("accession", "form", "filed", "accepted")
        for accession, form, filed, word in self.filings.select(columns).iter_rows():
            one = FilingTime(form, filed, stated_time(word or ""))
            at = accepted(one, "new_york")
            if accession in told_before:
                found[accession] = told_before[accession]
            elif at is not None:  # stated without its seconds
                found[accession] = public_from(filed, at + MINUTE)
        return found

    def year_ends(self) -> tuple[date, ...]:
        """Ends of fiscal years around its filings, as their month is stated."""
        years = self.filings["filed"].dt.year()
        words = self.filings["fye"].drop_nulls().unique()
        last, first = max(years.to_list()), min(years.to_list())
        return tuple(
            day
            for word in words
            for year in range(last, first - 5, -1)
            if (day := day_of(f"{year}-{word[:2]}-{word[2:]}"))
        )


def _filer(of: _Set, rows: pl.DataFrame | None, lost: int) -> Parsed | ReplyError:
    """The accounts of one filer, and its revenue by place where the set has notes."""
    if rows is None or rows.is_empty():
        why = left_out({"whose days are not known": lost})
        return ReplyError("empty", why or "no fact of a line that we keep, or all known already")
    times = of.public()
    plain = rows.filter(pl.col("segments").is_null(), ~pl.col("is_known"))
    plain = plain.drop("segments", "decimals", "qtrs", "cik", "is_known")
    counted = plain.height
    plain = sound(plain)
    tables: dict[str, pa.Table] = {}
    notes = {"whose days are not known": lost}
    notes["without a number or with impossible dates"] = counted - plain.height
    if plain.height:
        filer = Filer(of.cik, times, of.fetched_at, of.year_ends())
        tables["fundamentals"], more = account_rows(plain, filer)
        notes |= more
    words = [left_out(notes)]
    if of.has_notes:
        made, odd = _places(of, rows, times)
        words += odd
        if made:
            tables["exposures"] = pa.concat_tables(made)
    return Parsed(tables, note="; ".join(filter(None, words)))


def _places(
    of: _Set, rows: pl.DataFrame, times: Mapping[str, datetime]
) -> tuple[list[pa.Table], list[str]]:
    """Revenue by place of each annual report that the lake has none of."""
    spans = (pl.col("period_end") - pl.col("period_start")).dt.total_days() + 1
    years = rows.filter(pl.col("concept") == "Revenues", spans.is_between(*YEAR_DAYS))
    made: list[pa.Table] = []
    notes: list[str] = []
    for accession, form, filed in of.filings.select("accession", "form", "filed").iter_rows():
        if form_kind(form) != "annual" or accession in of.known.placed:
            continue
        own = years.filter(pl.col("accession") == accession, pl.col("period_end") <= filed)
        splits, odd = yearly_splits([_revenue(row) for row in own.iter_rows(named=True)])
        notes += odd
        if splits:
            public = times.get(accession)
            known = min(public or end_of_day(filed), of.fetched_at)
            grade = "native" if public else "lagged"
            made.append(exposure_rows(splits, AnnualReport(str(of.cik), accession, known, grade)))
    return made, notes


def _revenue(row: Mapping[str, Any]) -> RevenueFact:
    """One row, its dimensions as pairs of axis and member; without decimals it is exact."""
    axes = dict(part.split("=", 1) for part in (row["segments"] or "").split(";") if "=" in part)
    places = [member for axis, member in axes.items() if axis in GEOGRAPHY]
    others = tuple((axis, member) for axis, member in axes.items() if axis not in GEOGRAPHY)
    decimals = row["decimals"]
    is_exact = decimals is None or decimals >= EXACT_DECIMALS
    return RevenueFact(
        row["place"],
        row["period_end"],
        row["money"],
        _member(places[0]) if places else "",
        others,
        row["value"],
        0.0 if is_exact else 10.0 ** -int(decimals),
    )


def _member(short: str) -> str:
    """`US` as country:US, `Europe` as EuropeMember: the sets leave prefix and ending away."""
    return f"country:{short}" if re.fullmatch("[A-Z]{2}", short) else f"set:{short}Member"


def _on_known_days(facts: pl.DataFrame, filings: pl.DataFrame, known: KnownFilings) -> pl.DataFrame:
    """By the names of the instances, which have the day on which the period ends, and by the lake.

    Shares on the cover are of a day between periods, which no rounding lets us know.
    """
    own = filings.filter(month_end(pl.col("ended")) == month_end(pl.col("period")))
    ends = pl.concat([known.ends(), own.select("cik", pl.col("ended").alias("end"))])
    on_cover = pl.col("concept") == "EntityCommonStockSharesOutstanding"
    months = filings.select(
        pl.col("accession").cast(pl.Categorical),
        pl.col("fye").str.slice(0, 2).cast(pl.Int8, strict=False).alias("year_month"),
    )
    shown = facts.filter(~on_cover).join(months, on="accession", how="left")
    return on_known_days(usual(shown).drop("year_month"), ends)


def _new(facts: pl.DataFrame, filings: pl.DataFrame, known: KnownFilings) -> pl.DataFrame:
    """Without the facts that the lake has of the same filings."""
    first, last = filings["filed"].min(), filings["filed"].max()
    assert isinstance(first, date) and isinstance(last, date)
    stated = known.facts(first, last).with_columns(pl.col("accession").cast(pl.Categorical))
    key = ["accession", "concept", "ddate", "qtrs"]
    is_whole = pl.col("segments").is_null()
    whole = facts.filter(is_whole)
    seen = whole.join(stated.select(key).unique(), on=key, how="semi")
    # Revenue of a year stays, for the places are held against it.
    needed = (pl.col("concept") == "Revenues") & (pl.col("qtrs") == 4)
    kept = whole.join(seen.select(key).unique(), on=key, how="anti")
    totals = seen.filter(needed).with_columns(pl.lit(value=True).alias("is_known"))
    parts = [kept, facts.filter(~is_whole)]
    made = pl.concat([one.with_columns(pl.lit(value=False).alias("is_known")) for one in parts])
    found = pl.concat([made, totals.select(made.columns)])
    return found.drop("ddate").with_columns(pl.col("accession", "segments").cast(pl.String))


def _by_filer(facts: pl.DataFrame) -> dict[int, int]:
    return dict(facts.group_by("cik").len().iter_rows())
