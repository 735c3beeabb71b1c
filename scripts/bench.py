"""Measure the house beside its peers: `python -m scripts.bench [--quick] [NAME ...]`.

Generates a large lake once, runs every path through the project's own code and the same work with
other tools in turns, checks that their answers agree, and prints a table. A full run over all
paths writes docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import gc
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path as Folder

from data.query import Db
from scripts.benchmarks import (
    live,
    macro,
    markets,
    memory,
    parsing,
    paths,
    peers,
    report,
    rewrite,
    seeding,
    timing,
    trade,
    uploads,
    windows,
)
from scripts.benchmarks.world import FULL, QUICK, Size, world

DOCUMENT = Folder(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
THREADS = 2
OWN_WORLD = {
    parsing.NAME,
    seeding.NAME,
    uploads.NAME,
    live.NAME,
    trade.NAME,
}  # they measure without the large lake


def main(arguments: argparse.Namespace) -> int:
    """Generate, measure, report."""
    size = QUICK if arguments.quick else FULL
    rounds = arguments.rounds or (5 if arguments.quick else 15)
    asked = [*arguments.paths, *(arguments.only or [])]
    needs_lake = not asked or bool(set(asked) - set(OWN_WORLD))
    root = world(arguments.lake, size) if needs_lake else arguments.lake
    makers = catalogue(root, size)
    names = [*makers, *OWN_WORLD]
    chosen = asked or names
    if unknown := set(chosen) - set(names):
        sys.stderr.write(f"no path named {min(unknown)!r}; there are {', '.join(names)}\n")
        return 2
    if arguments.memory_of:
        memory.probe(makers[chosen[0]](), arguments.memory_of)
        return 0
    measured = [name for name in chosen if name in makers]
    found = [row for name in measured for row in rows_of(name, makers[name](), rounds, arguments)]
    for name, (about, own) in own_worlds(rounds, quick=arguments.quick).items():
        if name in chosen:
            sys.stderr.write(f"{name}: {about}\n")
            found += own()
    sys.stdout.write(f"{report.table(found)}\n{report.machine()}\n")
    if arguments.quick:
        sys.stdout.write("the goals are those of the full lake; a small one pays fixed costs\n")
    if not arguments.quick and not asked:
        report.write(DOCUMENT, found, rounds)
    return 0


def own_worlds(
    rounds: int, *, quick: bool
) -> dict[str, tuple[str, Callable[[], list[report.Row]]]]:
    """What is measured without the large lake: what it does, and how its rows are made."""
    return {
        parsing.NAME: ("large answers through the sources that read them", lambda: parsing.rows(3)),
        seeding.NAME: (
            "an empty workspace filled by the command",
            lambda: seeding.rows(1 if quick else 3),
        ),
        uploads.NAME: ("a file of trades judged and shown", lambda: uploads.rows(rounds)),
        live.NAME: (
            "feed, bus, archive, monitor and reader under load",
            lambda: live.rows(quick=quick),
        ),
        trade.NAME: (
            "a year of trade of a million rows, its views, matrices and gravity",
            lambda: trade.rows(rounds, quick=quick),
        ),
    }


def rows_of(
    name: str, path: timing.TimedPath, rounds: int, arguments: argparse.Namespace
) -> list[report.Row]:
    """Measure one path: answers compared, rounds in turns, memory of ours and of its first peer."""
    sys.stderr.write(f"{path.name}: {path.about}\n")
    timing.check(path)
    gc.collect()
    timings = timing.measure(path, rounds)
    peaks = {}
    if not arguments.quick or path.most_files:
        for variant in (timing.OURS, path.goals[0].than):
            peaks[variant] = memory.peak(name, variant, arguments.lake, quick=arguments.quick)
    return report.rows(path, timings, peaks)


def catalogue(root: Folder, size: Size) -> dict[str, Callable[[], timing.TimedPath]]:
    """Every path by name, each made when it is asked for."""

    @cache
    def bench() -> paths.Bench:
        db = Db(root, threads=THREADS)
        prices = peers.files(db.at(paths.NOW), "prices")
        native = peers.Duck(root.parent / "native.duckdb", prices, threads=THREADS)
        return paths.Bench(root, size, db, native)

    def read(make: Callable[[paths.Bench], timing.TimedPath]) -> Callable[[], timing.TimedPath]:
        return lambda: make(bench())

    def upsert() -> timing.TimedPath:
        return rewrite.upsert_path(rewrite.Scratch(root.parent, size), size)

    return {
        name: read(make)
        for name, make in (paths.READS | markets.READS | macro.READS | windows.READS).items()
    } | {"upsert": upsert}


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    made = argparse.ArgumentParser(prog="python -m scripts.bench", description=__doc__)
    made.add_argument("--quick", action="store_true", help="a small lake, few rounds: 2 minutes")
    made.add_argument("paths", nargs="*", metavar="NAME", help="only these paths")
    made.add_argument("--only", action="append", metavar="NAME", help="this path; may be repeated")
    made.add_argument("--rounds", type=int, help="rounds of each path (default 15, quick 5)")
    made.add_argument(
        "--lake",
        type=Folder,
        default=Folder(tempfile.gettempdir()) / "barograph-bench",
        help="where the generated lake is kept (default: %(default)s)",
    )
    made.add_argument("--memory-of", metavar="VARIANT", help=argparse.SUPPRESS)
    return made


if __name__ == "__main__":
    sys.exit(main(parser().parse_args()))
