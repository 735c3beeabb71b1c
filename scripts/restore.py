"""Restore a workspace from a backup: `python -m scripts.restore FOLDER [--point NAME]`.

Writes state and lake into FOLDER, which must be absent or empty, and checks the hash of every
file: all of it or nothing. Then stop the workstation and put FOLDER in the place of
DATA_DIR/<workspace>.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from data.clock import iso
from data.errors import ConfigError
from data.state.db import State
from ingest.maintenance.backup import points, restore
from ingest.maintenance.backup_store import find_store
from scripts.support import console


def main(arguments: argparse.Namespace) -> int:
    """The newest point, or the one asked for."""
    chosen = console.settings(arguments)
    if arguments.source:
        chosen = replace(chosen, backup=arguments.source)
    store = find_store(chosen)
    names = points(store)
    if not names:
        raise ConfigError(f"{store} holds no restore point of workspace {chosen.workspace}")
    wanted = arguments.point or names[-1]
    if wanted not in names:
        raise ConfigError(f"{store} has no {wanted[:80]!r}; the newest is {names[-1]}")
    target = Path(arguments.target).expanduser()
    point = restore(store, wanted, target)
    State.open(target / "state.db").close()
    size = sum(entry.bytes for entry in point.entries) / 1e6
    console.say(
        f"{target} holds workspace {point.workspace} as of {iso(point.at)}: "
        f"{len(point.entries)} files, {size:.1f} MB, every hash checked"
    )
    return console.DONE


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    made = console.parser("restore", __doc__ or "")
    made.add_argument("target", help="an absent or empty folder")
    made.add_argument("--from", dest="source", help="a folder or s3://bucket/prefix (as in backup)")
    made.add_argument(
        "--point", metavar="NAME", help="as `python -m scripts.backup --list` shows it"
    )
    return made


if __name__ == "__main__":
    console.run(main, parser())
