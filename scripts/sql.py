"""Run one SELECT under a clock: `python -m scripts.sql "SELECT ..." --as-of T`. Writes nothing."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from scripts.support import console


def main(arguments: argparse.Namespace) -> int:
    """Read, run, print."""
    text = sys.stdin.read() if arguments.sql == "-" else arguments.sql
    params = {key: _value(word) for key, word in console.pairs(arguments.param).items()}
    at = console.open_at(arguments, all_vintages=arguments.vintages)
    console.deliver(at.sql(text, **params), arguments)
    return console.DONE


def _value(word: str) -> Any:
    """A number, true, false, null or a list as JSON has them; anything else is text."""
    try:
        return json.loads(word)
    except ValueError:
        return word


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    made = console.parser("sql", __doc__ or "")
    made.add_argument("sql", help="one SELECT over datasets by name; - reads it from stdin")
    console.add_clock(made)
    made.add_argument(
        "--vintages",
        action="store_true",
        help="plain names mean all vintages, whatever the clock; NAME_vintages always does",
    )
    made.add_argument(
        "--param", action="append", default=[], metavar="KEY=VALUE", help="bound to $KEY"
    )
    console.add_output(made)
    return made


if __name__ == "__main__":
    console.run(main, parser())
