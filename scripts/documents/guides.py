"""A document for each page of the workstation, made of the guide that its Help opens.

The guide is the docstring of the page's own file, and what a page reads stands in its line of the
list of pages; nothing of it is written twice. The list is read as text: no page is run for it.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from data.settings import REPOSITORY
from scripts.documents.markdown import table

PAGES = REPOSITORY / "pages"
LIST = PAGES / "frame" / "nav.py"
DOCS = REPOSITORY / "docs"
FOLDER = DOCS / "pages"
CRISIS = "The same page on the evening of the demo world's crash of 2020, with nothing known later:"

# Page -> its methods; a page that is not named here links to all of them.
METHODS = {
    "alerts": "live",
    "correlation": "correlation",
    "countries": "macro",
    "curves": "curves",
    "heatmaps": "prices",
    "instrument": "prices",
    "live": "live",
    "movers": "prices",
    "positions": "positions",
    "regimes": "regimes",
    "releases": "surprises",
    "replay": "events",
    "series": "macro",
    "studies": "events",
}


@dataclass(frozen=True, slots=True)
class ListedPage:
    """A page's line of the list, as far as the documents show it."""

    name: str
    title: str
    section: str
    reads: tuple[str, ...]


@cache
def listed() -> tuple[ListedPage, ...]:
    """The list of pages, in its order; a page without a section stands in no list."""
    calls = [
        node
        for node in ast.walk(ast.parse(LIST.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "PageLine"
    ]
    return tuple(line for line in map(_listed, calls) if line.section)


def _listed(call: ast.Call) -> ListedPage:
    name, title, section = (ast.literal_eval(word) for word in call.args[:3])
    named = {word.arg: word.value for word in call.keywords}
    reads = ast.literal_eval(named["reads"]) if "reads" in named else ()
    return ListedPage(name, title, section, reads)


def overview() -> str:
    """All pages under their headings, each with the first sentence of its guide."""
    rows, before = [], ""
    for line in listed():
        what, _ = _guide(line.name)
        shows = what.removeprefix(f"{line.title}:").strip().removesuffix(".")
        heading = "" if line.section == before else line.section
        rows.append((heading, f"[{line.title}]({line.name}.md)", shows))
        before = line.section
    return table(("section", "page", "shows"), rows)


def names() -> list[str]:
    """Every page that has a file of its own."""
    return sorted(path.stem for path in PAGES.glob("*.py") if not path.stem.startswith("_"))


def written() -> dict[Path, str]:
    """Each document by its place."""
    return {FOLDER / f"{name}.md": document(name) for name in names()}


def document(name: str) -> str:
    """Title, picture and guide of one page."""
    what, how = _guide(name)
    title, _, _ = what.partition(":")
    parts = [f"# {title}", *_picture(DOCS / f"{name}.png", title)]
    parts += [f"**{what}**", how]
    parts += [_datasets(line) for line in listed() if line.name == name]
    if crisis := list(_picture(DOCS / "crisis" / f"{name}.png", f"{title}, March 2020")):
        parts += [CRISIS, *crisis]
    methods = METHODS.get(name, "index")
    parts.append(f"[Methods and formulas](../methods/{methods}.md) · [All pages](index.md)")
    return "\n\n".join(part for part in parts if part) + "\n"


def _guide(name: str) -> tuple[str, str]:
    """What a page is, in one line, and how to read it."""
    source = (PAGES / f"{name}.py").read_text(encoding="utf-8")
    first, _, rest = (ast.get_docstring(ast.parse(source)) or "").partition("\n\n")
    return " ".join(first.split()), rest.strip()


def _datasets(line: ListedPage) -> str:
    """What its panels read; a page about the lake shows any dataset that it is asked for."""
    if line.section == "Lake" or not line.reads:
        return ""
    return f"Reads {', '.join(f'[{name}](../datasets.md#{name})' for name in line.reads)}."


def _picture(path: Path, title: str) -> Iterator[str]:
    if path.exists():
        yield f"![{title}]({Path(os.path.relpath(path, FOLDER)).as_posix()})"
