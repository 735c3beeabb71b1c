"""Load a CSV, JSON or Parquet file through a contract: `python -m scripts.load DATASET FILE`.

The file's columns are the dataset's own (`--columns` lists them). What is missing may be set
for all rows with `--set`, renamed with `--rename`. Without `known_at` the rows are dated now and
graded `snapshot`, since that is all we know; with it but without `vintage_grade` they are graded
`lagged`. The same file twice adds nothing.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pyarrow as pa

from data.clock import utc_now
from data.contracts import Dataset
from data.datasets import dataset_named
from data.disk import sha256
from data.errors import ConfigError
from data.lake import Lake
from data.lake.conform import conform
from data.lake.plausible import SET_BY_LAKE
from scripts.support import console

READERS: dict[str, Callable[[Path], pl.DataFrame]] = {
    ".csv": lambda path: pl.read_csv(path, infer_schema=False),
    ".tsv": lambda path: pl.read_csv(path, infer_schema=False, separator="\t"),
    ".json": lambda path: pl.read_json(path, infer_schema_length=None),
    ".ndjson": lambda path: pl.read_ndjson(path, infer_schema_length=None),
    ".jsonl": lambda path: pl.read_ndjson(path, infer_schema_length=None),
    ".parquet": pl.read_parquet,
}


def main(arguments: argparse.Namespace) -> int:
    """Read, complete, hold against the contract, publish."""
    dataset = dataset_named(arguments.dataset)
    if arguments.columns:
        console.emit(columns(dataset), arguments.format)
        return console.DONE
    if arguments.file is None:
        raise ConfigError("which file? give a .csv, .tsv, .json, .ndjson or .parquet")
    path = Path(arguments.file)
    frame = complete(read(path), arguments)
    chosen = console.settings(arguments)
    if arguments.dry_run:
        rows = conform(dataset, frame, workspace=chosen.workspace, now=utc_now())
        console.say(f"{rows.height} rows keep the contract of {dataset.name}; nothing was written")
        return console.DONE
    lake = Lake(chosen.lake, workspace=chosen.workspace, memory_limit_mb=chosen.memory_limit_mb)
    if dataset.appended:
        # Nothing is merged there, so the file itself is the proof that it was loaded before.
        publish_id = f"load:{sha256(path)}:{arguments.set}:{arguments.rename}"
        done = lake.append(dataset.name, frame, publish_id=publish_id)
    else:
        done = lake.upsert(dataset.name, frame)
    result = {
        "workspace": chosen.workspace,
        "dataset": dataset.name,
        "version": done.version,
        "rows_added": 0 if done.repeated else done.rows_added,
        "vintages_added": done.vintages_added,
        "unchanged": frame.height if done.repeated else done.unchanged,
        "conflicts": done.conflicts,
    }
    console.emit(pl.DataFrame([result]), arguments.format)
    return console.DONE


def read(path: Path) -> pl.DataFrame:
    """The file as a frame; the cells of a CSV stay text until the contract reads them."""
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise ConfigError(f"{path.name}: expected one of {', '.join(READERS)}")
    try:
        return reader(path)
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror or error}") from error
    except (pl.exceptions.PolarsError, pa.ArrowInvalid, UnicodeDecodeError) as error:
        cause = str(error).splitlines()[0]
        raise ConfigError(f"{path.name} cannot be read as {path.suffix[1:]}: {cause}") from error


def complete(frame: pl.DataFrame, arguments: argparse.Namespace) -> pl.DataFrame:
    """The frame with columns renamed, set and dated as asked."""
    names = console.pairs(arguments.rename)
    if absent := [name for name in names if name not in frame.columns]:
        found = ", ".join(frame.columns)
        raise ConfigError(f"--rename {absent[0]}: the file has no such column; it has {found}")
    frame = frame.rename(names)
    constants = console.pairs(arguments.set)
    frame = frame.with_columns(pl.lit(value).alias(name) for name, value in constants.items())
    if "known_at" not in frame.columns:
        console.say("no known_at: the rows are dated now and graded snapshot")
        now = pl.lit(utc_now()).cast(pl.Datetime("us", "UTC"))
        return frame.with_columns(now.alias("known_at"), pl.lit("snapshot").alias("vintage_grade"))
    if "vintage_grade" not in frame.columns:
        console.say("known_at without vintage_grade: the rows are graded lagged")
        frame = frame.with_columns(pl.lit("lagged").alias("vintage_grade"))
    return frame


def columns(dataset: Dataset) -> pl.DataFrame:
    """The columns of a dataset as a table for people."""
    rows = [
        (
            column.name,
            str(column.type),
            "computed" if column.name in dataset.derived else "no" if column.nullable else "yes",
            (column.metadata or {}).get(b"unit", b"").decode(),
            (column.metadata or {}).get(b"about", b"").decode(),
        )
        for column in dataset.schema
        if column.name not in SET_BY_LAKE
    ]
    return pl.DataFrame(rows, schema=["column", "type", "required", "unit", "about"], orient="row")


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    made = console.parser("load", __doc__ or "")
    made.add_argument("dataset", help="name of the dataset")
    made.add_argument("file", nargs="?", help=f"one of {', '.join(READERS)}")
    made.add_argument("--columns", action="store_true", help="list the dataset's columns")
    made.add_argument("--set", action="append", default=[], metavar="COLUMN=VALUE")
    made.add_argument("--rename", action="append", default=[], metavar="FROM=TO")
    made.add_argument("--dry-run", action="store_true", help="check only, write nothing")
    made.add_argument("--format", choices=console.FORMATS, default="table", help="form on stdout")
    return made


if __name__ == "__main__":
    console.run(main, parser())
