"""The planted editorial faults and near-misses."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

from analytics.claims.naming.directory import SubjectDirectory
from analytics.editorial.check import editorial_findings
from analytics.editorial.draft_reading import reading_of
from analytics.editorial.finding import EditorialFinding
from data.drafts.formats import draft_of_text

FOLDER = Path(__file__).parent / "editorial"
CLOCK = date(2024, 6, 20)


def cases(name: str, kind: str) -> list[dict[str, Any]]:
    """The cases of a kind in a file."""
    found: list[dict[str, Any]] = tomllib.loads(
        (FOLDER / f"{name}.toml").read_text(encoding="utf-8")
    )[kind]
    return found


def findings_of(case: dict[str, Any], directory: SubjectDirectory) -> list[EditorialFinding]:
    """What the checks remark on a case."""
    reading = reading_of(
        draft_of_text(case["text"], case.get("format", "text")),
        language=case.get("language", "en"),
        clock=case.get("clock", CLOCK),
        directory=directory,
    )
    return editorial_findings(reading, pages=case.get("pages"))
