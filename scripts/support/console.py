"""What the command lines share: arguments, data on stdout, words on stderr, telling exit codes.

Exit codes: 0 done, 1 failed, 2 wrong usage or setting, 3 a table broke its contract, 4 a query
was refused or failed, 5 a comparison found a difference, 6 the lake or the state is in trouble.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

import polars as pl

from data.clock import EXPECTED, iso, parse_instant
from data.errors import (
    ConfigError,
    ContractError,
    LakeError,
    QueryError,
    StateError,
    WorkstationError,
)
from data.lake.views import MODES
from data.private import private_settings
from data.proof.receipts import save_receipt
from data.query import Answer, At, Db
from data.query.standing_in import restated
from data.settings import Settings

DONE, FAILED, USAGE, CONTRACT, QUERY, DIFFERS, TROUBLE = range(7)
CODES = {
    ConfigError: USAGE,
    ContractError: CONTRACT,
    QueryError: QUERY,
    LakeError: TROUBLE,
    StateError: TROUBLE,
}
FORMATS = ("table", "csv", "json", "parquet")
TABLE_ROWS = 200


def parser(program: str, about: str) -> argparse.ArgumentParser:
    """A parser with what every command takes."""
    made = argparse.ArgumentParser(
        prog=f"python -m scripts.{program}",
        description=about,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=(__doc__ or "").split("\n\n", 1)[1],
    )
    made.add_argument(
        "--workspace", help="demo, live or a name of your own (default: WORKSPACE, else demo)"
    )
    return made


def add_clock(made: argparse.ArgumentParser) -> None:
    """The clock that a reading command must be given."""
    made.add_argument("--as-of", metavar="T", help=f"the clock (required): {EXPECTED}")
    made.add_argument(
        "--mode",
        choices=MODES,
        default="public",
        help="public: what could be known at T; house: what this lake had at T; "
        "restated: also figures that their source gives only as they are today",
    )


def add_output(made: argparse.ArgumentParser) -> None:
    """How data come out."""
    made.add_argument("--format", choices=FORMATS, default="table", help="form on stdout")
    made.add_argument("--receipt", metavar="FILE", help="also save the receipt there")
    made.add_argument(
        "--whole", action="store_true", help="keep all rows in the receipt, whatever it weighs"
    )


def run(command: Callable[[argparse.Namespace], int], made: argparse.ArgumentParser) -> None:
    """Run a command as a process: one sentence on stderr and a code for whatever goes wrong."""
    arguments = made.parse_intermixed_args()  # options may stand between names and values
    try:
        code = command(arguments)
        sys.stdout.flush()
    except WorkstationError as error:
        say(str(error))
        code = next((CODES[kind] for kind in type(error).__mro__ if kind in CODES), FAILED)
    except BrokenPipeError:
        # The reader of our output has gone, as `head` does; the interpreter would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = FAILED
    except KeyboardInterrupt:
        say("stopped")
        code = 130
    sys.exit(code)


def say(words: str) -> None:
    """Progress and errors, for people."""
    sys.stderr.write(words + "\n")
    sys.stderr.flush()


def settings(arguments: argparse.Namespace) -> Settings:
    """The settings for the workspace asked for."""
    return private_settings(arguments.workspace)


def clock(arguments: argparse.Namespace) -> datetime:
    """The clock asked for; there is no default, since a forgotten clock is the oldest mistake."""
    if arguments.as_of is None:
        raise ConfigError(f"--as-of is required: {EXPECTED}")
    return parse_instant(arguments.as_of)


def open_at(arguments: argparse.Namespace, *, all_vintages: bool = False) -> At:
    """A handle under the clock that was asked for."""
    chosen = settings(arguments)
    db = Db(chosen.lake, memory_limit_mb=chosen.memory_limit_mb, threads=chosen.threads)
    return db.at(clock(arguments), arguments.mode, all_vintages=all_vintages)


def deliver(answer: Answer, arguments: argparse.Namespace) -> None:
    """An answer on stdout, its receipt in a file if asked, what was left out on stderr."""
    for file in answer.damaged:
        say(f"left out, damaged: {file}")
    for name in restated(answer):
        say(f"{name}: figures are included that their source gives only as they are today")
    if arguments.receipt:
        save_receipt(answer, Path(arguments.receipt), whole=arguments.whole)
    emit(answer.frame, arguments.format)


def emit(frame: pl.DataFrame, form: str, out: IO[bytes] | None = None) -> None:
    """A frame in one of the forms."""
    sink = out or sys.stdout.buffer
    if form == "parquet":
        if sink.isatty():
            raise ConfigError("--format parquet is binary: send it to a file, e.g. > out.parquet")
        frame.write_parquet(sink)
    elif form == "csv":
        sink.write(_flat(frame).write_csv(datetime_format="%Y-%m-%dT%H:%M:%S%.fZ").encode())
    elif form == "json":
        rows = [{key: _plain(value) for key, value in row.items()} for row in frame.to_dicts()]
        sink.write((json.dumps(rows, indent=1) + "\n").encode())
    else:
        sink.write(_table(frame).encode())
    sink.flush()


def _table(frame: pl.DataFrame) -> str:
    with pl.Config(
        tbl_rows=TABLE_ROWS,
        tbl_cols=-1,
        fmt_str_lengths=80,
        tbl_width_chars=240,
        tbl_hide_dataframe_shape=True,
        tbl_hide_column_data_types=True,
        tbl_formatting="UTF8_FULL_CONDENSED",
    ):
        text = f"{frame.head(TABLE_ROWS)}\n{frame.height} row{'' if frame.height == 1 else 's'}\n"
    if frame.height > TABLE_ROWS:
        say(f"the first {TABLE_ROWS} of {frame.height} rows; --format csv gives all")
    return text


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Lists as text joined by a bar, which is how they are read back."""
    lists = [name for name, kind in frame.schema.items() if isinstance(kind, pl.List)]
    joined = [pl.col(n).list.eval(pl.element().cast(pl.String)).list.join("|") for n in lists]
    return frame.with_columns(joined)


def _plain(value: object) -> Any:
    if isinstance(value, datetime):
        return iso(value) if value.tzinfo else value.isoformat()
    return value.isoformat() if isinstance(value, date) else value


def pairs(words: Sequence[str]) -> dict[str, str]:
    """`key=value` words as a dictionary."""
    found = {}
    for word in words:
        key, sign, value = word.partition("=")
        if not sign or not key:
            raise ConfigError(f"{word[:60]!r}: expected key=value")
        found[key] = value
    return found
