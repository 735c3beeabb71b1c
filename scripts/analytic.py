"""Run a public analytic by name: `python -m scripts.analytic NAME key=value ... --as-of T`.

`--list` shows every name with its parameters; these are the very functions the pages call.
"""

from __future__ import annotations

import argparse

from analytics.core.catalogue import called, find, listing
from data.errors import ConfigError
from scripts.support import console


def main(arguments: argparse.Namespace) -> int:
    """List or run."""
    if arguments.list:
        console.emit(listing(plumbing=arguments.all), arguments.format)
        return console.DONE
    if arguments.name is None:
        raise ConfigError("which analytic? give a name, or --list to see them")
    analytic = find(arguments.name)
    values = analytic.read(console.pairs(arguments.arguments))
    console.deliver(called(analytic.call, console.open_at(arguments), **values), arguments)
    return console.DONE


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    made = console.parser("analytic", __doc__ or "")
    made.add_argument("name", nargs="?", help="name of the analytic")
    made.add_argument("arguments", nargs="*", metavar="key=value", help="its parameters")
    made.add_argument("--list", action="store_true", help="the analytics with their parameters")
    made.add_argument("--all", action="store_true", help="with --list: also what only pages call")
    console.add_clock(made)
    console.add_output(made)
    return made


if __name__ == "__main__":
    console.run(main, parser())
