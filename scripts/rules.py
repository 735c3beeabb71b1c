"""Alert rules as a plain file: `python -m scripts.rules dump > rules.toml`, `... load rules.toml`.

A rule of the same name becomes a new version of it; what is equal changes nothing.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from data.clock import utc_now
from data.errors import ConfigError
from data.state.db import State
from data.state.values import Edit
from ingest.live.rulebook import dump, enter, parse
from scripts.support import console


def main(arguments: argparse.Namespace) -> int:
    """Write the rules out, or take a file in, all of it or nothing."""
    chosen = console.settings(arguments)
    state = State.open(chosen.state)
    try:
        if arguments.what == "dump":
            sys.stdout.write(dump(state, utc_now()))
            return console.DONE
        if arguments.file is None:
            raise ConfigError("load needs a file: python -m scripts.rules load rules.toml")
        try:
            text = arguments.file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise ConfigError(f"{arguments.file} cannot be read as text") from None
        found = parse(text, arguments.file.name)
        added, changed = enter(state, found, Edit(arguments.author, utc_now(), "from a file"))
        console.say(f"{added} rules added, {changed} changed, of {len(found)} in the file")
    finally:
        state.close()
    return console.DONE


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    made = console.parser("rules", __doc__ or "")
    made.add_argument("what", choices=("dump", "load"))
    made.add_argument("file", type=Path, nargs="?", help="the file to load")
    made.add_argument("--author", default="analyst", help="whose versions these are")
    return made


if __name__ == "__main__":
    console.run(main, parser())
