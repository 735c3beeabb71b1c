"""Print the tables of the README from the registries: `python -m scripts.docs` writes them anew.

With `--check` nothing is written, and the exit code is 5 where a table is out of date.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from analytics.core.catalogue import catalogue
from data.datasets import DATASETS
from data.settings import REPOSITORY, SETTINGS
from ingest.registry import SOURCES
from scripts.support import console

README = REPOSITORY / "README.md"


def datasets() -> str:
    """One line per dataset of the lake."""
    rows = [
        (
            f"`{dataset.name}`",
            dataset.about,
            ", ".join(dataset.key),
            ", ".join(dataset.partition_by) or "none",
        )
        for dataset in DATASETS.values()
    ]
    return table(("dataset", "one row is", "key (with `known_at`)", "partitions"), rows)


def sources() -> str:
    """One line per source."""
    rows = [
        (
            f"`{source.name}`",
            source.gives,
            source.grade,
            f"`{source.secret}`" if source.secret else "none",
        )
        for source in SOURCES.values()
    ]
    return table(("source", "gives", "best grade", "key"), rows)


def analytics() -> str:
    """One line per analytic."""
    rows = [(f"`{item.name}`", item.title) for item in catalogue().values()]
    return table(("analytic", "what it answers"), rows)


def settings() -> str:
    """One line per setting."""
    rows = [(f"`{name}`", default, about) for name, (default, about) in SETTINGS.items()]
    return table(("environment", "default", "what it sets"), rows)


TABLES: dict[str, Callable[[], str]] = {
    "datasets": datasets,
    "sources": sources,
    "analytics": analytics,
    "settings": settings,
}


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "/") for cell in row) + " |" for row in lines
    )


def renewed(text: str) -> str:
    """The text with every table between its marks printed anew."""
    for name, make in TABLES.items():
        block = f"<!-- {name} -->\n{make()}\n<!-- end {name} -->"
        pattern = rf"<!-- {name} -->.*?<!-- end {name} -->"
        text = re.sub(pattern, lambda _, block=block: block, text, flags=re.DOTALL)
    return text


def main(arguments: argparse.Namespace) -> int:
    """Write or compare."""
    path = Path(README)
    text = path.read_text(encoding="utf-8")
    wanted = renewed(text)
    if arguments.check:
        return console.DONE if wanted == text else console.DIFFERS
    path.write_text(wanted, encoding="utf-8")
    return console.DONE


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    made = console.parser("docs", __doc__ or "")
    made.add_argument("--check", action="store_true", help="compare only")
    return made


if __name__ == "__main__":
    console.run(main, parser())
