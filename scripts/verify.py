"""Verify what is on record: `python -m scripts.verify ledger`.

`ledger` walks the ledger of claims, in which each entry bears the hash of the one before, and
compares every text and query with what it says of them. It prints the number of entries, the hash
of the last one and the first entry that is broken; the exit code is 5 where there is one. Note the
hash: with `--noted HASH` the command also finds an end that was cut off or written anew.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import polars as pl

from data.errors import ConfigError
from data.state import hash_chain
from data.state.db import State
from scripts.support import console

SCHEMA = {
    "entries": pl.Int64(),
    "head": pl.String(),
    "first broken entry": pl.Int64(),
    "why": pl.String(),
}


def main(arguments: argparse.Namespace) -> int:
    """Verify one of the records."""
    return CHECKS[arguments.what](arguments)


def ledger(arguments: argparse.Namespace) -> int:
    """The ledger of claims."""
    path = console.settings(arguments).state
    if not path.exists():
        raise ConfigError(f"{path} does not exist, so there is no ledger; choose another workspace")
    state = State.open(path)
    try:
        found = hash_chain.verify(state, noted=arguments.noted)
    finally:
        state.close()
    fault = found.fault
    row = (found.head.count, found.head.hash, *((fault.entry, fault.why) if fault else (None, "")))
    console.emit(pl.DataFrame([row], schema=SCHEMA, orient="row"), arguments.format)
    console.say("broken" if fault else "whole")
    return console.DIFFERS if fault else console.DONE


CHECKS: dict[str, Callable[[argparse.Namespace], int]] = {"ledger": ledger}


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    made = console.parser("verify", __doc__ or "")
    made.add_argument("what", choices=tuple(CHECKS), help="which record: ledger, that of claims")
    made.add_argument("--noted", metavar="HASH", help="the head's hash as it was noted before")
    made.add_argument("--format", choices=console.FORMATS, default="table", help="form on stdout")
    return made


if __name__ == "__main__":
    console.run(main, parser())
