"""Run saved receipts again and compare: `python -m scripts.receipt FILE ...`.

Its queries run in plain DuckDB, and a figure that a function made is made again by it, on the lake
of the workspace or the one that --lake names. The exit code is 0 when every number is the same and
5 when one is not.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import polars as pl

from analytics.core.catalogue import function_named
from data.errors import ConfigError
from data.proof.receipt_check import verify
from data.proof.rule_files import changed_since
from scripts.support import console


def main(arguments: argparse.Namespace) -> int:
    """Read, run again, compare."""
    lake, rows = _lake(arguments), []
    for file in arguments.files:
        receipt = _read(file)
        rows += [
            (
                file,
                item.part,
                "same" if item.same else "DIFFERENT",
                item.note,
                " ".join(item.text.split()),
            )
            for item in verify(receipt, lake, function_named)
        ]
        if changed := changed_since(receipt):
            console.say(f"rules that differ from those of {file}: {', '.join(changed)}")
    names = ["receipt", "part", "verdict", "note", "text"]
    frame = pl.DataFrame(rows, schema=names, orient="row")
    console.emit(frame if len(arguments.files) > 1 else frame.drop("receipt"), arguments.format)
    return console.DONE if (frame["verdict"] == "same").all() else console.DIFFERS


def _read(file: str) -> dict[str, Any]:
    try:
        receipt = json.loads(Path(file).read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read {file}: {error.strerror}") from error
    except ValueError as error:
        raise ConfigError(f"{file} is not a receipt: {error}") from error
    if not isinstance(receipt, dict):
        raise ConfigError(f"{file} is not a receipt: expected a JSON object")
    return receipt


def _lake(arguments: argparse.Namespace) -> Path:
    if arguments.lake is None:
        return console.settings(arguments).lake
    lake = Path(arguments.lake)
    if not lake.is_dir():
        raise ConfigError(f"{lake} is no folder; expected that of a lake")
    return lake


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    made = console.parser("receipt", __doc__ or "")
    made.add_argument(
        "files", nargs="+", metavar="FILE", help="a receipt as saved from a page or with --receipt"
    )
    made.add_argument("--lake", metavar="FOLDER", help="where the lake lies now")
    made.add_argument("--format", choices=console.FORMATS, default="table", help="form on stdout")
    return made


if __name__ == "__main__":
    console.run(main, parser())
