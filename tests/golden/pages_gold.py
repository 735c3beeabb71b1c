"""The gold set of pages for search checks."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from analytics.claims.naming.directory import SubjectDirectory
from analytics.editorial.draft_reading import reading_of
from analytics.editorial.search import PageReport, search_report
from data.drafts.formats import draft_of

FOLDER = Path(__file__).parent / "pages"
SET: dict[str, Any] = tomllib.loads((FOLDER / "pages.toml").read_text(encoding="utf-8"))
PAGES: list[dict[str, Any]] = SET["page"]


def report_of(page: dict[str, Any], directory: SubjectDirectory) -> PageReport:
    """What the search checks say of a page of the set."""
    reading = reading_of(
        draft_of((FOLDER / page["file"]).read_bytes(), page["file"]),
        language=page.get("language", "en"),
        clock=SET["clock"].date(),
        directory=directory,
    )
    return search_report(reading, url=page.get("url", SET["url"]))
