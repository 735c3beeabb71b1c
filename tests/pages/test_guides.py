"""The guide that Help opens beside a page's title and the page's document are one text."""

from __future__ import annotations

from pathlib import Path

import pytest

from pages.frame.nav import PAGES, PageLine, guide
from scripts.documents import guides

DOCS = Path(__file__).resolve().parents[2] / "docs" / "pages"


@pytest.mark.parametrize("line", PAGES, ids=lambda line: line.name)
def test_help_and_document_say_the_same(line: PageLine) -> None:
    what, how = guide(line.file)
    assert (DOCS / f"{line.name}.md").exists(), "run `python -m scripts.docs`"
    text = (DOCS / f"{line.name}.md").read_text(encoding="utf-8")
    assert what and len(how.split()) > 20, f"pages/{line.name}.py: its docstring is the guide"
    assert text.startswith(f"# {line.title}\n"), "a guide begins with the page's title and a colon"
    assert f"\n\n**{what}**\n\n{how.strip()}\n\n" in text, "run `python -m scripts.docs`"


@pytest.mark.parametrize("line", PAGES, ids=lambda line: line.name)
def test_the_overview_of_the_documents_has_every_page(line: PageLine) -> None:
    rows = (DOCS / "index.md").read_text(encoding="utf-8")
    assert f"[{line.title}]({line.name}.md)" in rows, "run `python -m scripts.docs`"


def test_the_documents_read_the_list_as_the_frame_does() -> None:
    read = [(one.name, one.title, one.section, one.reads) for one in guides.listed()]
    assert read == [(line.name, line.title, line.section, line.reads) for line in PAGES]
