"""A process that writes one publication when it is told to, so that it can be struck while it does.

The parent has everything imported and no engine started; for each line on its standard input it
forks a child, which names itself, waits at a pipe until somebody watches it, and writes. Names that
are random elsewhere are counted here, so that every child makes the same system calls on the same
paths.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import itertools
import json
import os
import sys
import traceback
import uuid
from datetime import date
from pathlib import Path

import polars as pl

from data.errors import WorkstationError
from data.lake import Lake
from tests.data.samples import day, observation, price, table

YEARS = (2018, 2019)
SYMBOLS = ("x:A", "x:B", "x:C")
PR_SET_PTRACER = 0x59616D61
ANYBODY = ctypes.c_ulong(-1)


def payload(value: int) -> pl.DataFrame:
    """Two partitions that carry one value."""
    return table(
        *(
            price(float(value), date(year, 6, 1), day(value), symbol=symbol)
            for year in YEARS
            for symbol in SYMBOLS
        )
    )


def write(root: Path, value: int) -> None:
    """One publication over both partitions."""
    lake = Lake(root, workspace="live")
    lake.upsert("prices", payload(value), publish_id=f"p{value}", ingested_at=day(100 + value))


def write_batch(root: Path, value: int) -> None:
    """One batch over two datasets that carry one value."""
    lake = Lake(root, workspace="live")
    with lake.batch() as batch:
        rows = table(observation(float(value), day(value)))
        batch.upsert("prices", payload(value), publish_id=f"b{value}", ingested_at=day(100 + value))
        batch.upsert("macro", rows, publish_id=f"b{value}", ingested_at=day(100 + value))


def child(root: Path, value: int, gate: Path, work: str) -> int:
    """Wait at the gate, write, and tell by the exit code how it went."""
    counter = itertools.count()
    uuid.uuid4 = lambda: uuid.UUID(int=next(counter))
    ctypes.CDLL(None).prctl(PR_SET_PTRACER, ANYBODY, 0, 0, 0)
    gate.read_bytes()
    try:
        (write_batch if work == "batch" else write)(root, value)
    except WorkstationError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def main() -> None:
    """Serve the lines of standard input until it ends."""
    # What the engines import when they are first used, every child would import again.
    for module in ("pyarrow.compute", "pyarrow.pandas_compat", "pandas", "zoneinfo"):
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            code = 3
            try:
                log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
                os.dup2(log, 2)
                code = child(
                    Path(order["root"]), order["value"], Path(order["gate"]), order["work"]
                )
            finally:
                if code == 3:
                    traceback.print_exc()
                sys.stderr.flush()
                os._exit(code)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
        _, status = os.waitpid(pid, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
