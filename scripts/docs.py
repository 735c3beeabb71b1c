"""Renew every generated part of the documentation: `python -m scripts.docs`.

Tables and sections between marks come from the registries and the commands, and docs/pages/NAME.md
from the guide of the page NAME. With `--check` nothing is written, the files that are out of date
are named, and the exit code is 5 where there is one.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from data.settings import REPOSITORY
from scripts.documents import commands, guides, registries
from scripts.documents.markdown import with_block
from scripts.support import console

DOCS = REPOSITORY / "docs"
# page -> the blocks that are printed in it
BLOCKS: dict[str, dict[str, Callable[[], str]]] = {
    "pages/index.md": {"pages": guides.overview},
    "datasets.md": {"datasets": registries.datasets, "columns": registries.columns},
    "sources.md": {"sources": registries.sources},
    "analytics.md": {"analytics": registries.analytics},
    "configuration.md": {"settings": registries.settings},
    "queries.md": {"functions": registries.functions},
    "commands.md": {"commands": commands.commands},
}


def wanted() -> dict[Path, str]:
    """Every file with a generated part, as it should be."""
    found = guides.written()
    for name, blocks in BLOCKS.items():
        text = (DOCS / name).read_text(encoding="utf-8")
        for block, make in blocks.items():
            text = with_block(text, block, make())
        found[DOCS / name] = text
    return found


def stale() -> dict[Path, str]:
    """The files that are out of date, as they should be."""
    return {path: text for path, text in wanted().items() if _read(path) != text}


def main(arguments: argparse.Namespace) -> int:
    """Write or compare."""
    found = stale()
    for path, text in found.items():
        console.say(f"{'out of date' if arguments.check else 'wrote'}: {_short(path)}")
        if not arguments.check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return console.DIFFERS if arguments.check and found else console.DONE


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _short(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    made = console.parser("docs", __doc__ or "")
    made.add_argument("--check", action="store_true", help="compare only")
    return made


if __name__ == "__main__":
    console.run(main, parser())
