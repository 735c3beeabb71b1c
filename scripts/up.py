"""`python3 scripts/up.py`: from a bare Python 3.11 to a page that answers; it keeps nothing itself.

Only the standard library may be imported here. Once the virtual environment stands, this process
becomes `scripts.supervise` inside it, under the same process id.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PORT = 8501


def options(words: Sequence[str]) -> argparse.Namespace:
    """The command line: `workspace`, `port`, `browser`."""
    return parser().parse_args(words)


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    made = argparse.ArgumentParser(
        prog="up.py", description="Start the workstation; Ctrl-C stops all of it."
    )
    which = made.add_mutually_exclusive_group()
    which.add_argument(
        "--live",
        dest="workspace",
        action="store_const",
        const="live",
        help="the workspace of real data instead of the demo one",
    )
    which.add_argument("--workspace", metavar="NAME", help="a workspace of your own")
    made.add_argument("--port", type=_port, default=PORT, help=f"of the page (default {PORT})")
    made.add_argument(
        "--browser",
        action=argparse.BooleanOptionalAction,
        default=False,
        help="open the page once it answers (default: only print its address)",
    )
    return made


def main() -> int:
    """Does not return where all is well: the process goes on as the supervisor."""
    if os.name != "posix":
        return _refuse("this runs on Linux and macOS; on Windows use WSL or the container image")
    sys.path[0] = str(ROOT)
    from scripts import bootstrap

    if sys.version_info >= bootstrap.OLDEST:
        options(sys.argv[1:])  # a wrong flag is said before anything is installed
    try:
        python = bootstrap.ensure(ROOT)
    except bootstrap.BootstrapError as error:
        return _refuse(str(error))
    except KeyboardInterrupt:
        return _refuse("stopped during the installation; the next start takes it up again")
    if os.environ.get("DATA_DIR"):
        os.environ["DATA_DIR"] = os.path.abspath(os.path.expanduser(os.environ["DATA_DIR"]))
    os.chdir(ROOT)
    os.execv(python, [str(python), "-m", "scripts.supervise", *sys.argv[1:]])


def _port(word: str) -> int:
    if word.isascii() and word.isdigit() and 1 <= int(word) <= 65535:
        return int(word)
    raise argparse.ArgumentTypeError(f"{word[:20]!r}: expected a port from 1 to 65535")


def _refuse(sentence: str) -> int:
    sys.stderr.write(f"up: {sentence}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
