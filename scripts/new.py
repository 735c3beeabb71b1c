"""Begin an analytic, page, dataset or source: `python -m scripts.new analytic NAME`.

It writes a working skeleton with its test and adds the lines of the registries; what it wrote and
changed is printed. Change the skeleton to what you need, then run `python -m scripts.docs`.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

from analytics.core.catalogue import PLUMBING, catalogue, subjects
from data.datasets import DATASETS
from data.errors import ConfigError
from data.settings import REPOSITORY
from ingest.registry import SOURCES
from scripts.support import console

SKELETONS = REPOSITORY / "scripts" / "support" / "skeletons"
# Subjects whose queries lie in the room of another name.
ROOMS = {"calendar": "macro", "bias": "macro", "events": "markets", "lake": "core"}
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


@dataclass(slots=True)
class Begun:
    """What is to be written, by path, held until all of it is known to be possible."""

    name: str
    texts: dict[str, str] = field(default_factory=dict)

    def skeleton(self, file: str, target: str) -> None:
        """A new file out of a skeleton; one that is there already is refused."""
        if (REPOSITORY / target).exists():
            raise ConfigError(f"{target} is there already; choose another name")
        text = (SKELETONS / f"{file}.txt").read_text(encoding="utf-8")
        title = self.name.replace("_", " ").capitalize()
        words = {"CONSTANT": self.name.upper(), "TITLE": title, "NAME": self.name}
        for word, replacement in words.items():
            text = re.sub(rf"\b{word}\b", replacement, text)
        self.texts[target] = text

    def insert(self, target: str, line: str, before: str) -> None:
        """A line of a registry, before the first match of a pattern."""
        text = self.texts.get(target) or (REPOSITORY / target).read_text(encoding="utf-8")
        match = re.search(before, text, re.MULTILINE)
        if match is None:
            raise ConfigError(f"{target} has another shape than expected; add by hand: {line}")
        self.texts[target] = f"{text[: match.start()]}{line}\n{text[match.start() :]}"

    def insert_sorted(self, target: str, line: str, pattern: str) -> None:
        """A line among those that a pattern finds, in the order of the alphabet."""
        text = self.texts.get(target) or (REPOSITORY / target).read_text(encoding="utf-8")
        lines = [match.group() for match in re.finditer(pattern, text, re.MULTILINE)]
        later = next((item for item in lines if item > line), None)
        if later is not None:
            self.insert(target, line, rf"^{re.escape(later)}")
        else:
            end = text.index(lines[-1]) + len(lines[-1]) + 1
            self.texts[target] = f"{text[:end]}{line}\n{text[end:]}"

    def write(self) -> list[str]:
        """All of it, and the paths."""
        for target, text in self.texts.items():
            path = REPOSITORY / target
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return list(self.texts)


def analytic(made: Begun, group: str) -> None:
    """A query with its line under a subject of the catalogue."""
    if made.name in catalogue():
        raise ConfigError(f"there is an analytic {made.name} already; choose another name")
    groups = [name for name in subjects() if name != PLUMBING]
    subject = group or groups[0]
    if subject not in groups:
        raise ConfigError(f"subject {subject[:40]!r}: expected one of {', '.join(groups)}")
    made.skeleton("analytic.sql", f"analytics/{ROOMS.get(subject, subject)}/sql/{made.name}.sql")
    made.skeleton("analytic_test.py", f"tests/analytics/test_{made.name}.py")
    target = "analytics/catalogue.toml"
    text = (REPOSITORY / target).read_text(encoding="utf-8")
    start = text.index(f"[{subject}]")
    close = text.index("]", text.index("names = [", start))
    before = text[:close].rstrip()
    comma = "" if before.endswith(",") or before.endswith("[") else ","
    made.texts[target] = f'{before}{comma}\n    "{made.name}",\n{text[close:]}'


def page(made: Begun, group: str) -> None:
    """A page with its line in the navigation."""
    target = "pages/frame/nav.py"
    sections = re.search(r"SECTIONS = \(([^)]*)\)", (REPOSITORY / target).read_text("utf-8"))
    names = re.findall(r'"(\w+)"', sections.group(1)) if sections else []
    section = group or "Research"
    if section not in names:
        raise ConfigError(f"section {section[:40]!r}: expected one of {', '.join(names)}")
    made.skeleton("page.py", f"pages/{made.name}.py")
    made.skeleton("page_test.py", f"tests/pages/test_{made.name}.py")
    title = made.name.replace("_", " ").capitalize()
    line = f"""    PageLine(
        "{made.name}",
        "{title}",
        "{section}",
        "table_chart",
        "{title}",
        reads=("prices", "instruments"),
    ),"""
    made.insert(target, line, r"^\)\n\n\ndef sections")


def dataset(made: Begun, group: str) -> None:
    """A contract with its two lines in the list of datasets."""
    if made.name in DATASETS:
        raise ConfigError(f"there is a dataset {made.name} already; choose another name")
    made.skeleton("dataset.py", f"data/datasets/{made.name}.py")
    made.skeleton("dataset_test.py", f"tests/data/test_{made.name}.py")
    target, constant = "data/datasets/__init__.py", made.name.upper()
    line = f"from data.datasets.{made.name} import {constant}"
    made.insert_sorted(target, line, r"^from data\.datasets\.\w+ import \w+$")
    made.insert(target, f"    {constant},", r"^\)\nDATASETS")


def source(made: Begun, group: str) -> None:
    """A source with its two lines in the registry and its limits."""
    if made.name in SOURCES:
        raise ConfigError(f"there is a source {made.name} already; choose another name")
    made.skeleton("source.py", f"ingest/sources/{made.name}.py")
    made.skeleton("source_test.py", f"tests/ingest/sources/test_{made.name}.py")
    target = "ingest/registry.py"
    made.insert_sorted(target, f"    {made.name},", r"^    \w+,$")
    made.insert_sorted(target, f"    {made.name}.SOURCE,", r"^    \w+\.SOURCE,$")
    limits = "ingest/quotas.toml"
    text = (REPOSITORY / limits).read_text(encoding="utf-8").rstrip()
    made.texts[limits] = (
        f'{text}\n\n[{made.name}]\nlimits = ["1 calls per second"]\n'
        'terms = "https://example.org/terms"\nas_of = 2026-01-01\nnote = "look them up"\n'
    )


KINDS: dict[str, Callable[[Begun, str], None]] = {
    "analytic": analytic,
    "page": page,
    "dataset": dataset,
    "source": source,
}


def main(arguments: argparse.Namespace) -> int:
    """Write what the kind takes, or nothing."""
    if not NAME.fullmatch(arguments.name):
        raise ConfigError(
            f"{arguments.name[:40]!r}: expected a name of small letters, digits and underscores"
        )
    made = Begun(arguments.name)
    KINDS[arguments.kind](made, arguments.group or "")
    sys.stdout.write("".join(f"{path}\n" for path in made.write()))
    return console.DONE


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    made = console.parser("new", __doc__ or "")
    made.add_argument("kind", choices=list(KINDS), help="what to begin")
    made.add_argument("name", help="its name: small letters, digits and underscores")
    made.add_argument("--group", metavar="NAME", help="subject of an analytic, section of a page")
    return made


if __name__ == "__main__":
    console.run(main, parser())
