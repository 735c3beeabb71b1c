"""Run a saved receipt again in plain DuckDB and compare: `python -m scripts.receipt FILE`.

The exit code is 0 when every number is the same and 5 when one is not.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import polars as pl

from data.errors import ConfigError
from data.receipts import verify
from data.rule_files import changed_since
from scripts import console


def main(arguments: argparse.Namespace) -> int:
    """Read, run again, compare; or print the script alone."""
    try:
        content = Path(arguments.file).read_text(encoding="utf-8")
        receipt = json.loads(content)
    except OSError as error:
        raise ConfigError(f"cannot read {arguments.file}: {error.strerror}") from error
    except ValueError as error:
        raise ConfigError(f"{arguments.file} is not a receipt: {error}") from error
    if not isinstance(receipt, dict):
        raise ConfigError(f"{arguments.file} is not a receipt: expected a JSON object")
    verdicts = verify(receipt)
    rows = [("same" if v.same else "DIFFERENT", v.note, " ".join(v.sql.split())) for v in verdicts]
    console.emit(
        pl.DataFrame(rows, schema=["verdict", "note", "sql"], orient="row"), arguments.format
    )
    if receipt.get("derived"):
        console.say(f"the figure on the page follows from these: {receipt['derived']}")
    if changed := changed_since(receipt):
        console.say(f"rules that differ from those of the receipt: {', '.join(changed)}")
    return console.DONE if all(verdict.same for verdict in verdicts) else console.DIFFERS


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    made = console.parser("receipt", __doc__ or "")
    made.add_argument("file", help="a receipt as saved from a page or with --receipt")
    made.add_argument("--format", choices=console.FORMATS, default="table", help="form on stdout")
    return made


if __name__ == "__main__":
    console.run(main, parser())
