"""The gold set of topic gaps: one draft of ours and five texts of competitors."""

from __future__ import annotations

import tomllib
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from analytics.claims.naming.directory import SubjectDirectory
from analytics.competitors.comparison import SiteComparison, TopicGap, compare_sites
from analytics.competitors.site_text import SiteText
from data.drafts.formats import draft_of

FOLDER = Path(__file__).parent / "competitors"
SET: dict[str, Any] = tomllib.loads((FOLDER / "set.toml").read_text(encoding="utf-8"))


def texts() -> list[SiteText]:
    """The texts of the set."""
    found = []
    for one in SET["text"]:
        draft = draft_of((FOLDER / one["file"]).read_bytes(), one["file"])
        found.append(
            SiteText(
                one["id"],
                one["side"],
                one["site"],
                one["url"],
                draft.title or one["id"],
                one["published_at"],
                draft,
                one["language"],
            )
        )
    return found


def compared(directory: SubjectDirectory) -> SiteComparison:
    """The set at its clock."""
    return compare_sites(texts(), clock=SET["clock"], directory=directory)


def is_named(topic: list[str], key: str) -> bool:
    """Whether a key is one of those that name a marked topic."""
    return any(fnmatchcase(key, one) for one in topic)


def planted(gap: TopicGap) -> dict[str, Any] | None:
    """The planted gap that a listed one is."""
    return next((one for one in SET["gap"] if is_named(one["topic"], gap.topic.key)), None)
