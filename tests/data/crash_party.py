"""Writers, a collector and readers at one lake, killed at random instants; finds what went wrong.

Run as a program: forks from a parent that has everything imported and no engine started, kills,
starts anew, and prints what was found as JSON. With `--fixed`, writers replace files under fixed
names, as this house does not: the finder of faults must find them.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import polars as pl

from data import lake as lake_module
from data.datasets import DATASETS
from data.errors import LakeError, WorkstationError
from data.lake import Lake
from data.lake.manifest import LakeFile, Manifest, Publication, commit, read_manifest, schema_id
from data.lake.store import DiskStore
from data.query import Db
from tests.data.samples import FAR, day, price, table

YEARS = (2018, 2019)
WRITERS = ("x:W0", "x:W1")


def rows(symbol: str, value: int) -> pl.DataFrame:
    """One publication: the same value in two partitions."""
    known = day(1, minutes=value)
    return table(*(price(float(value), date(year, 6, 1), known, symbol=symbol) for year in YEARS))


def last_number(path: Path) -> int:
    """The last whole line of a file of numbers."""
    lines = path.read_text().splitlines() if path.exists() else []
    return int(lines[-1]) if lines else 0


def writer(root: Path, notes: Path, symbol: str) -> None:
    """Publish numbers for ever; each is noted once it was acknowledged."""
    acks = notes / f"acks-{symbol[2:]}"
    number = last_number(acks)
    lake = Lake(root, workspace="live")
    note = os.open(acks, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    while True:
        number += 1
        lake.upsert("prices", rows(symbol, number), publish_id=f"{symbol}-{number}")
        os.write(note, f"{number}\n".encode())


def fixed_writer(root: Path, notes: Path, symbol: str) -> None:
    """The negative control: every partition under one name for ever, replaced in place."""
    dataset = DATASETS["prices"]
    folder = root / "prices"
    number = 0
    while True:
        number += 1
        entries = []
        for year in YEARS:
            names = [s for s in dataset.schema.names if s != "year"]
            stored = pl.concat([rows(other, number) for other in WRITERS]).filter(
                pl.col("date").dt.year() == year
            )
            empty = pl.DataFrame(pl.from_arrow(dataset.schema.empty_table()))
            whole = pl.concat([empty.drop("year"), stored], how="diagonal").select(names)
            whole = whole.with_columns(
                pl.lit(year, pl.Int32).alias("year"), pl.col("known_at").alias("ingested_at")
            ).select(dataset.schema.names)
            final = folder / f"asset_class=equity/year={year}" / "part-fixed.parquet"
            final.parent.mkdir(parents=True, exist_ok=True)
            written = final.with_name(f".tmp-{symbol[2:]}")
            # The content of a new row group each time moves the columns within the file.
            pl.concat([whole] * (1 + number % 7)).unique().write_parquet(written)
            os.replace(written, final)
            file = str(final.relative_to(folder))
            entries.append(
                LakeFile(file, str(Path(file).parent), 2, 0, "", schema_id(dataset), None, None)
            )
        (folder / "_meta").mkdir(exist_ok=True)
        manifest = replace(
            Manifest("prices"), schemas={schema_id(dataset): dataset.schema.names}
        ).next(entries, Publication(str(number), number), FAR)
        with contextlib.suppress(OSError, LakeError):
            store = DiskStore(root)
            commit(store, [(read_manifest(store, "prices"), manifest)])


def collector(root: Path) -> None:
    """Collect for ever, with graces as short as this run can bear."""
    lake_module.RETIRED_GRACE = timedelta(seconds=6)
    lake_module.ORPHAN_GRACE = timedelta(seconds=20)
    lake = Lake(root, workspace="live")
    while True:
        lake.collect("prices")
        time.sleep(0.02)


def faults(db: Db, seen: dict[str, float]) -> list[str]:
    """What one look at the lake finds wrong: errors, mixed versions, values that went back."""
    try:
        answer = db.at(FAR).sql(
            "SELECT symbol, min(close) AS low, max(close) AS high, count(*) AS n "
            "FROM prices GROUP BY symbol"
        )
    except WorkstationError as error:
        return [f"error: {error}"]
    found = [f"left out: {file}" for file in answer.damaged]
    for symbol, low, high, n in answer.frame.rows():
        if low != high or n != len(YEARS):
            found.append(f"mixed: {symbol} {low} {high} {n}")
        if high < seen.get(symbol, 0.0):
            found.append(f"went back: {symbol} {seen[symbol]} {high}")
        seen[symbol] = high
    return found


def reader(root: Path, notes: Path, name: str) -> None:
    """Look for ever; note each fault and, now and then, how many looks there were."""
    db = Db(root, threads=1)
    seen: dict[str, float] = {}
    looks = 0
    while True:
        for fault in faults(db, seen):
            with (notes / "faults").open("a") as out:
                out.write(fault.replace("\n", " ") + "\n")
        looks += 1
        (notes / f"looks-{name}").write_text(str(looks))


@dataclass
class Slot:
    """A place in the party and who fills it."""

    work: Callable[[], None]
    pid: int = 0

    def start(self, notes: Path) -> None:
        """Fork one that works until it is killed."""
        self.pid = os.fork()
        if self.pid == 0:
            try:
                self.work()
            finally:
                with (notes / "faults").open("a") as out:
                    out.write(f"ended: {traceback.format_exc().splitlines()[-1]}\n")
                os._exit(1)

    def kill(self) -> None:
        """End it at once, wherever it is."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def party(root: Path, notes: Path, *, kills: int, seed: int, fixed: bool) -> dict[str, object]:
    """Kill one of the writing ones after the other; then hold what is left against the notes."""
    write = fixed_writer if fixed else writer
    writing = [Slot(partial(write, root, notes, symbol)) for symbol in WRITERS]
    if not fixed:
        writing.append(Slot(partial(collector, root)))
    reading = [Slot(partial(reader, root, notes, name)) for name in "ab"]
    chance = random.Random(seed)
    for slot in (*writing, *reading):
        slot.start(notes)
    done = published = 0
    while done < kills and not (fixed and (notes / "faults").exists()):
        time.sleep(chance.uniform(0.0, 0.06))
        slot = chance.choice(writing)
        slot.kill()
        slot.start(notes)
        done += 1
        if done % 5 == 0 and not fixed:
            # On a busy machine a life may be too short for one write: now and then, wait for one.
            published = wait_for_more(root, published)
    for slot in (*writing, *reading):
        slot.kill()
    # A reader that was caught in its first look has not counted one yet.
    counted = [path.read_text() for path in sorted(notes.glob("looks-*"))]
    looks = sum(int(text or 0) for text in counted)
    found = (notes / "faults").read_text().splitlines() if (notes / "faults").exists() else []
    if not fixed:
        found += lost(root, notes)
    version = read_manifest(DiskStore(root), "prices").version
    return {"kills": done, "looks": looks, "versions": version, "faults": found[:20]}


def wait_for_more(root: Path, published: int) -> int:
    """The version of the lake, once it is later than the one given."""
    for _ in range(3000):
        version = read_manifest(DiskStore(root), "prices").version
        if version > published:
            return version
        time.sleep(0.01)
    raise TimeoutError("nothing was published for half a minute")


def lost(root: Path, notes: Path) -> list[str]:
    """Acknowledged rows that are gone or there twice, and leftovers after one more write each."""
    lake = Lake(root, workspace="live")
    found = []
    numbers = {symbol: last_number(notes / f"acks-{symbol[2:]}") for symbol in WRITERS}
    for symbol, number in numbers.items():
        lake.upsert("prices", rows(symbol, number + 1), publish_id=f"{symbol}-{number + 1}")
    db = Db(root, threads=1)
    kept = db.at(FAR).sql("SELECT symbol, close FROM prices_vintages").frame
    for symbol, number in numbers.items():
        values = sorted(kept.filter(pl.col("symbol") == symbol)["close"].to_list())
        expected = sorted(float(n) for n in range(1, number + 2) for _ in YEARS)
        if values != expected:
            found.append(f"lost or doubled: {symbol}: {len(values)} rows of {len(expected)}")
    folder = root / "prices"
    manifest = read_manifest(lake.store, "prices")
    known = {entry.file for entry in manifest.files} | set(manifest.retired)
    for path in folder.rglob("*"):
        name = str(path.relative_to(folder))
        if name.startswith("_meta/manifest") or name == "_meta/lock" or path.is_dir():
            continue
        if name not in known:
            found.append(f"left over: {name}")
    db.close()
    return [*found, *faults(Db(root, threads=1), {})]


def main() -> None:
    """Hold the party that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kills", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--fixed", action="store_true")
    asked = parser.parse_args()
    # What the engines import when they are first used, every child would import again.
    for module in ("pyarrow.compute", "pyarrow.pandas_compat", "pandas", "zoneinfo"):
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    notes = asked.folder / "notes"
    notes.mkdir(parents=True)
    result = party(
        asked.folder / "live" / "lake",
        notes,
        kills=asked.kills,
        seed=asked.seed,
        fixed=asked.fixed,
    )
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
