"""A document for each page of the workstation, made of the guide that its Help opens.

The guide is the docstring of the page's own file; nothing of it is written twice.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from pathlib import Path

from data.settings import REPOSITORY

PAGES = REPOSITORY / "pages"
DOCS = REPOSITORY / "docs"
FOLDER = DOCS / "pages"
CRISIS = "The same page on the evening of the demo world's crash of 2020, with nothing known later:"

# Page -> its methods; a page that is not named here links to all of them.
METHODS = {
    "alerts": "live", "correlation": "correlation", "countries": "macro", "heatmaps": "prices",
    "instrument": "prices", "live": "live", "movers": "prices", "positions": "positions",
    "regimes": "regimes", "releases": "surprises", "replay": "events", "series": "macro",
    "studies": "events",
}  # fmt: skip


def names() -> list[str]:
    """Every page that has a file of its own."""
    return sorted(path.stem for path in PAGES.glob("*.py") if not path.stem.startswith("_"))


def written() -> dict[Path, str]:
    """Each document by its place."""
    return {FOLDER / f"{name}.md": document(name) for name in names()}


def document(name: str) -> str:
    """Title, picture and guide of one page."""
    source = (PAGES / f"{name}.py").read_text(encoding="utf-8")
    guide = ast.get_docstring(ast.parse(source)) or ""
    first, _, rest = guide.partition("\n\n")
    title, _, _ = first.partition(":")
    parts = [f"# {title}", *_picture(DOCS / f"{name}.png", title)]
    parts += [f"**{' '.join(first.split())}**", rest.strip()]
    if crisis := list(_picture(DOCS / "crisis" / f"{name}.png", f"{title}, March 2020")):
        parts += [CRISIS, *crisis]
    methods = METHODS.get(name, "index")
    parts.append(f"[Methods and formulas](../methods/{methods}.md) · [All pages](index.md)")
    return "\n\n".join(part for part in parts if part) + "\n"


def _picture(path: Path, title: str) -> Iterator[str]:
    if path.exists():
        yield f"![{title}]({Path(os.path.relpath(path, FOLDER)).as_posix()})"
