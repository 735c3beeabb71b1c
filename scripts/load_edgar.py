"""Load EDGAR's nightly archives: `python -m scripts.load_edgar submissions.zip companyfacts.zip`.

Download them first from https://www.sec.gov/Archives/edgar/daily-index/ (bulkdata and xbrl). With
the submissions in front, accounts are dated by the hour at which their filings were public; without
them, by the end of the filing day. Members are read one at a time; `--cik` takes some filers only.
The same archive twice adds nothing.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path

import polars as pl
import pyarrow as pa

from data.clock import utc_now
from data.lake import Lake
from data.query import Db
from data.settings import Settings
from ingest.jobs import ReplyError
from ingest.runs.reading import read
from ingest.sources._sec_bulk import bulk_replies
from ingest.sources.sec_edgar import SOURCE
from scripts.support import console

# Rows that wait for one commit, which rewrites every year that it touches.
ROWS = 1_000_000
TIMES = "SELECT company, accession, known_at FROM filings WHERE accepted_at IS NOT NULL"
Tables = dict[str, list[pa.Table]]


def main(arguments: argparse.Namespace) -> int:
    """Load each archive in turn, then print how many rows each one added."""
    chosen = console.settings(arguments)
    lake = Lake(chosen.lake, workspace=chosen.workspace, memory_limit_mb=chosen.memory_limit_mb)
    rows = [load(lake, chosen, Path(name), tuple(arguments.cik)) for name in arguments.file]
    console.emit(pl.DataFrame(rows), arguments.format)
    return console.DONE


def load(lake: Lake, chosen: Settings, path: Path, ciks: tuple[str, ...]) -> dict[str, object]:
    """One archive: members read, refused by kind of problem, and rows added."""
    counts: Counter[str] = Counter()
    for tables in _batches(chosen, path, ciks, counts):
        for name, parts in tables.items():
            table = pa.concat_tables(parts, promote_options="default")
            done = lake.upsert(name, table)
            counts["rows_added"] += done.rows_added
            counts["vintages_added"] += done.vintages_added
    names = ("members", "empty", "refused", "rows_added", "vintages_added")
    return {"file": path.name} | {name: counts[name] for name in names}


def _batches(
    chosen: Settings, path: Path, ciks: tuple[str, ...], counts: Counter[str]
) -> Iterator[Tables]:
    """Rows of many members together; a member that is no data is named and passed over."""
    known = _acceptances(chosen)
    waiting: Tables = {}
    size = 0
    for reply in bulk_replies(
        path, fetched_at=utc_now(), times=lambda cik: known.get(cik, {}), ciks=ciks
    ):
        counts["members"] += 1
        try:
            parsed = read(SOURCE, reply)
        except ReplyError as error:
            counts["empty" if error.problem == "empty" else "refused"] += 1
            if error.problem != "empty":
                console.say(f"{reply.path.rpartition('/')[2]}: {error}")
            continue
        for name, table in parsed.tables.items():
            waiting.setdefault(name, []).append(table)
        size += parsed.rows
        if size >= ROWS:
            yield waiting
            waiting, size = {}, 0
    if waiting:
        yield waiting


def _acceptances(chosen: Settings) -> Mapping[str, Mapping[str, datetime]]:
    """When each filing of the lake was public, by filer and accession."""
    found: dict[str, dict[str, datetime]] = {}
    with closing(Db(chosen.lake, memory_limit_mb=chosen.memory_limit_mb)) as db:
        frame = db.at(utc_now()).sql(TIMES).frame
    for company, accession, at in frame.iter_rows():
        found.setdefault(company.removeprefix("sec:"), {})[accession] = at
    return found


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    made = console.parser("load_edgar", __doc__ or "")
    made.add_argument("file", nargs="+", help="submissions.zip or companyfacts.zip")
    made.add_argument("--cik", action="append", default=[], help="a filer; several times for more")
    made.add_argument("--format", choices=console.FORMATS, default="table", help="form on stdout")
    return made


if __name__ == "__main__":
    console.run(main, parser())
