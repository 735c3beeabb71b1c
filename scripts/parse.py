"""Put a saved response through its source: `python -m scripts.parse SOURCE FILE [--url URL]`.

Rows go to stdout, held against the contract of their dataset; an answer that is no data is shown
as its classification (empty, client, auth, quota, upstream, blocked) with its message. The URL of
the request tells what many bodies do not say, e.g. which series they are about; without it, a
PROVENANCE.md beside FILE or one folder up is searched for it. Nothing is fetched and nothing kept.

Exit codes of a classification: 10 empty, 11 client, 12 auth, 13 quota, 14 upstream, 15 blocked.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pyarrow as pa

from data.clock import parse_instant, utc_now
from data.datasets import DATASETS
from data.errors import ConfigError
from data.lake.conform import conform
from ingest.jobs import Call, Parsed, Reply, ReplyError
from ingest.registry import SOURCES, source_named
from scripts.support import console

CLASSES = {"empty": 10, "client": 11, "auth": 12, "quota": 13, "upstream": 14, "blocked": 15}
# The country table took the place of a service that closed.
ALIASES = {"restcountries": "countries"}
WORKSPACE = "live"
LARGEST = 500_000_000


def main(arguments: argparse.Namespace) -> int:
    """Read, parse, print."""
    if arguments.list:
        console.emit(pl.DataFrame({"source": sorted(SOURCES)}), arguments.format)
        return console.DONE
    if not arguments.source or not arguments.file:
        raise ConfigError("which response? give a source (--list names them) and a file")
    source = source_named(ALIASES.get(arguments.source, arguments.source))
    reply = made(arguments)
    try:
        parsed = source.parse(reply)
    except ReplyError as error:
        return refused(error, arguments)
    deliver(parsed, arguments)
    return console.DONE


def made(arguments: argparse.Namespace) -> Reply:
    """The reply as it would have come from the transport."""
    path = Path(arguments.file)
    try:
        if path.stat().st_size > LARGEST:
            raise ConfigError(f"{path} is larger than {LARGEST // 1_000_000} MB")
        body = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from None
    noted = recorded(path) if arguments.url is None else {}
    status = arguments.status or int(noted.get("status") or 200)
    if not 100 <= status <= 599:
        raise ConfigError(f"--status {status}: expected an HTTP status such as 200 or 429")
    return Reply(
        call=Call(arguments.url or noted.get("request", "")),
        status=status,
        headers=console.pairs(arguments.header),
        body=body,
        fetched_at=parse_instant(arguments.fetched_at, utc_now()),
    )


def recorded(path: Path) -> Mapping[str, str]:
    """Request and status of a file, from the table of a PROVENANCE.md near it."""
    for folder in (path.parent, path.parent.parent):
        table = folder / "PROVENANCE.md"
        if not table.is_file():
            continue
        text = table.read_text(encoding="utf-8", errors="replace")
        section = re.split(rf"(?m)^## {re.escape(path.parent.name)}\s*$", text)[-1]
        section = re.split(r"(?m)^## ", section)[0]
        for line in section.splitlines():
            cells = [cell.strip().strip("`") for cell in line.strip().strip("|").split(" | ")]
            if len(cells) > 3 and cells[0] == path.name:
                status = cells[2] if cells[2].isdigit() else ""
                request = re.search(r"https?://\S+", cells[3])  # a POST has its body behind it
                return {"status": status, "request": request[0] if request else ""}
    return {}


def deliver(parsed: Parsed, arguments: argparse.Namespace) -> None:
    """Tables one after another; in forms for machines as one, with the dataset of each row."""
    frames = {name: _held(name, table) for name, table in parsed.tables.items()}
    if arguments.dataset:
        if arguments.dataset not in frames:
            raise ConfigError(f"no rows of {arguments.dataset} here; there are {', '.join(frames)}")
        frames = {arguments.dataset: frames[arguments.dataset]}
    rows = ", ".join(f"{frame.height} of {name}" for name, frame in frames.items())
    console.say(f"ok: {rows or 'no rows'}{'; ' + parsed.note if parsed.note else ''}")
    for call in parsed.follow:
        asked = "&".join(f"{key}={value}" for key, value in call.params.items())
        posted = f" {json.dumps(call.body)}" if call.body else ""
        console.say(f"next: {call.url}?{asked}{posted}")
    if arguments.format == "table":
        for frame in frames.values():
            console.emit(frame, arguments.format)
    elif frames:
        console.emit(pl.concat(frames.values(), how="diagonal_relaxed"), arguments.format)


def _held(name: str, table: pa.Table) -> pl.DataFrame:
    """Rows that keep the contract; what is no dataset is shown as it was read."""
    if name in DATASETS:
        frame = conform(DATASETS[name], table, workspace=WORKSPACE)
    else:
        frame = pl.DataFrame(pl.from_arrow(table))
    empty = [column for column in ("ingested_at", "superseded_at") if column in frame.columns]
    return frame.drop(empty).select(pl.lit(name).alias("dataset"), pl.all())


def refused(error: ReplyError, arguments: argparse.Namespace) -> int:
    """A reply that held no data, as a table of its problem."""
    frame = pl.DataFrame(
        {
            "classification": [error.problem],
            "message": [str(error)],
            "retry_after_s": pl.Series([error.retry_after_s], dtype=pl.Float64),
        }
    )
    console.emit(frame, arguments.format)
    console.say(f"{error.problem}: {error}")
    return CLASSES[error.problem]


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    made = console.parser("parse", __doc__ or "")
    made.add_argument("source", nargs="?", help="name of a source")
    made.add_argument("file", nargs="?", help="the body of a response, as it came")
    made.add_argument("--list", action="store_true", help="names of the sources")
    made.add_argument("--url", help="the request that the response answers")
    made.add_argument("--status", type=int, help="its HTTP status (default 200)")
    made.add_argument(
        "--header", action="append", default=[], metavar="NAME=VALUE", help="a response header"
    )
    made.add_argument(
        "--fetched-at", default="now", metavar="T", help="when it came (default: now)"
    )
    made.add_argument("--dataset", help="only the rows of this dataset")
    made.add_argument("--format", choices=console.FORMATS, default="table", help="form on stdout")
    return made


if __name__ == "__main__":
    console.run(main, parser())
