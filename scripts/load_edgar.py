"""Load archives of EDGAR: `python -m scripts.load_edgar submissions.zip companyfacts.zip`.

Nightly archives are at https://www.sec.gov/Archives/edgar/daily-index/ (bulkdata and xbrl). With
the submissions in front, accounts are dated by the hour at which their filings were public; without
them, by the end of the filing day. Financial statement data sets, alone or with notes, are
quarterly or monthly archives; load the oldest first. Those with notes state days exactly and have
revenue by place; the others round days to ends of months, and facts whose days cannot be known are
left out and counted. What the lake has of a filing is not loaded twice.

Members and filers are read one at a time; `--cik` takes some filers only. Stopped or killed, the
same command goes on where it stopped, and an archive that is loaded is passed over; `--again`
reads it once more, which adds nothing that is there.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from data.clock import utc_now
from data.lake import Lake
from data.query import Db
from data.settings import Settings
from ingest.jobs import Parsed, ReplyError
from ingest.runs.loaded_archives import LoadedArchives, fingerprint
from ingest.runs.reading import read
from ingest.sources._sec_bulk import bulk_replies
from ingest.sources._sec_data_set_days import month_end, quarters
from ingest.sources._sec_data_sets import KnownFilings, data_set_parts, is_data_set
from ingest.sources.sec_edgar import SOURCE
from scripts.support import console

# Rows that wait for one commit, which rewrites every year that it touches.
ROWS = 1_000_000
LATE = timedelta(days=5)  # from a filing day until its facts are known
TIMES = "SELECT company, accession, known_at FROM filings WHERE accepted_at IS NOT NULL"
ENDS = """
SELECT DISTINCT company, period_end AS "end" FROM filings
WHERE period_end IS NOT NULL AND form NOT LIKE '8-K%' AND form NOT LIKE '13F%'
UNION
SELECT DISTINCT company, period_end FROM fundamentals
WHERE period_start < period_end OR concept = 'Assets'
"""
FACTS = """
SELECT DISTINCT accession, concept, period_start, period_end FROM fundamentals_known
WHERE accession IS NOT NULL AND known_at BETWEEN $first AND $last
"""
PLACED = "SELECT DISTINCT accession FROM exposures_known WHERE accession IS NOT NULL"
Part = tuple[str, Parsed | ReplyError]


@dataclass
class Waiting:
    """Rows of many members together, up to the member that was read last."""

    read: int
    rows: int = 0
    tables: dict[str, list[pa.Table]] = field(default_factory=dict)

    def take(self, parsed: Parsed) -> None:
        """The rows of one more member."""
        for name, table in parsed.tables.items():
            self.tables.setdefault(name, []).append(table)
        self.rows += parsed.rows


def main(arguments: argparse.Namespace) -> int:
    """Load each archive in turn, then print how many rows each one added."""
    chosen = console.settings(arguments)
    lake = Lake(chosen.lake, workspace=chosen.workspace, memory_limit_mb=chosen.memory_limit_mb)
    rows = [
        load(lake, chosen, Path(name), tuple(arguments.cik), again=arguments.again)
        for name in arguments.file
    ]
    console.emit(pl.DataFrame(rows), arguments.format)
    return console.DONE


def load(
    lake: Lake, chosen: Settings, path: Path, ciks: tuple[str, ...], *, again: bool = False
) -> dict[str, object]:
    """One archive: members read, refused by kind of problem, and rows added.

    How far it is loaded is noted after each commit, so nothing that was committed is read again.
    """
    counts: Counter[str] = Counter()
    loaded = LoadedArchives.of(chosen.run / "editions")
    name = fingerprint(path, ciks)
    done = 0 if again else loaded.done(name)
    for waiting in _batches(chosen, path, ciks, done, counts):
        with lake.batch() as batch:
            for dataset, parts in waiting.tables.items():
                table = pa.concat_tables(parts, promote_options="default")
                told = batch.upsert(dataset, table)
                counts["rows_added"] += told.rows_added
                counts["vintages_added"] += told.vintages_added
        loaded.remember(name, waiting.read)
    names = ("loaded_before", "members", "empty", "refused", "rows_added", "vintages_added")
    return {"file": path.name} | {name: counts[name] for name in names}


def _batches(
    chosen: Settings, path: Path, ciks: tuple[str, ...], done: int, counts: Counter[str]
) -> Iterator[Waiting]:
    """Rows of many members together; a member that is no data is named and passed over."""
    parts = _data_set if is_data_set(path) else _members
    counts["loaded_before"] = done
    waiting = Waiting(done)
    for number, (name, parsed) in enumerate(parts(chosen, path, ciks, done), done + 1):
        counts["members"] += 1
        waiting.read = number
        if isinstance(parsed, ReplyError):
            counts["empty" if parsed.problem == "empty" else "refused"] += 1
            if parsed.problem != "empty":
                console.say(f"{name}: {parsed}")
            continue
        waiting.take(parsed)
        if waiting.rows >= ROWS:
            yield waiting
            waiting = Waiting(number)
    yield waiting


def _members(chosen: Settings, path: Path, ciks: tuple[str, ...], done: int) -> Iterator[Part]:
    """The members of a nightly archive."""
    known = _acceptances(chosen)
    replies = bulk_replies(
        path, fetched_at=utc_now(), times=lambda cik: known.get(cik, {}), ciks=ciks, after=done
    )
    for reply in replies:
        name = reply.path.rpartition("/")[2]
        try:
            yield name, read(SOURCE, reply)
        except ReplyError as error:
            yield name, error


def _data_set(chosen: Settings, path: Path, ciks: tuple[str, ...], done: int) -> Iterator[Part]:
    """The filers of a data set."""
    known = KnownFilings(
        _acceptances(chosen),
        partial(_facts_of, chosen),
        partial(_ends, chosen),
        frozenset(_asked(chosen, PLACED)["accession"]),
    )
    return data_set_parts(path, known, utc_now(), ciks=ciks, after=done)


def _acceptances(chosen: Settings) -> Mapping[str, Mapping[str, datetime]]:
    """When each filing of the lake was public, by filer and accession."""
    found: dict[str, dict[str, datetime]] = {}
    for company, accession, at in _asked(chosen, TIMES).iter_rows():
        found.setdefault(company.removeprefix("sec:"), {})[accession] = at
    return found


def _facts_of(chosen: Settings, first: date, last: date) -> pl.DataFrame:
    """Facts that the lake has of filings of these days, by what a data set makes of their days."""
    span = {"first": _midnight(first), "last": _midnight(last) + LATE}
    start, end = pl.col("period_start"), pl.col("period_end")
    return _asked(chosen, FACTS, **span).select(
        "accession", "concept", month_end(end).alias("ddate"), quarters(start, end).alias("qtrs")
    )


def _ends(chosen: Settings) -> pl.DataFrame:
    """Ends of periods by filer."""
    number = pl.col("company").str.strip_prefix("sec:").cast(pl.Int64, strict=False)
    return _asked(chosen, ENDS).select(number.alias("cik"), "end").drop_nulls()


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _asked(chosen: Settings, text: str, **params: Any) -> pl.DataFrame:
    """What the lake knows now."""
    with closing(Db(chosen.lake, memory_limit_mb=chosen.memory_limit_mb)) as db:
        return db.at(utc_now()).sql(text, **params).frame


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    made = console.parser("load_edgar", __doc__ or "")
    made.add_argument("file", nargs="+", help="submissions.zip, companyfacts.zip, or a data set")
    made.add_argument("--cik", action="append", default=[], help="a filer; several times for more")
    made.add_argument("--again", action="store_true", help="also what is loaded already")
    made.add_argument("--format", choices=console.FORMATS, default="table", help="form on stdout")
    return made


if __name__ == "__main__":
    console.run(main, parser())
