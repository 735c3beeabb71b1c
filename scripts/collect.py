"""Delete what no reader can need any more: `python -m scripts.collect`; never a live file."""

from __future__ import annotations

import argparse

import polars as pl

from data.datasets import DATASETS
from data.lake import Lake
from scripts.support import console


def main(arguments: argparse.Namespace) -> int:
    """Collect every dataset and print what went."""
    chosen = console.settings(arguments)
    lake = Lake(chosen.lake, workspace=chosen.workspace)
    removed = [(name, file) for name in DATASETS for file in lake.collect(name)]
    console.emit(
        pl.DataFrame(removed, schema={"dataset": pl.String, "file": pl.String}, orient="row"),
        arguments.format,
    )
    return console.DONE


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    made = console.parser("collect", __doc__ or "")
    made.add_argument("--format", choices=console.FORMATS, default="table", help="form on stdout")
    return made


if __name__ == "__main__":
    console.run(main, parser())
