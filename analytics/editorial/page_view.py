"""A page as searchers see it: its statements, links, pictures and dates."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from analytics.editorial.draft_reading import DraftReading
from analytics.editorial.links import base_of, joined
from analytics.editorial.word_lists import table
from data.drafts.draft import DraftBlock, DraftPage

STRUCTURED = ("html", "markdown", "docx")
MODIFIED = ("article:modified_time", "datemodified", "og:updated_time", "last-modified")
DEEPEST_DATA = 6


@dataclass(frozen=True, slots=True)
class PageView:
    """A reading with the page's address, where it is known, and the clock of the check."""

    reading: DraftReading
    url: str | None

    @property
    def page(self) -> DraftPage | None:
        """What an HTML page states; none for every other format."""
        return self.reading.draft.page

    @property
    def headings(self) -> list[DraftBlock]:
        """All headings, in their order."""
        return [block for block in self.reading.draft.blocks if block.kind == "heading"]

    @property
    def has_structure(self) -> bool:
        """Whether the format can say what is a heading."""
        return self.reading.draft.format in STRUCTURED

    def internal_links(self) -> set[str]:
        """Pages of the same site that the text itself links to, without this page."""
        blocks = self.reading.draft.blocks
        starts = [block.start for block in blocks]
        base = self.url or base_of(self.reading.draft)
        host = urlsplit(base).hostname
        found = set()
        for link in self.reading.draft.links:
            at = max(bisect_right(starts, link.start) - 1, 0)
            if not blocks or blocks[at].part or not link.href or link.href.startswith("#"):
                continue
            target = joined(base, link.href)
            parts = urlsplit(target)
            is_page = parts.scheme in ("", "http", "https")
            if is_page and parts.hostname == host and same_page(target) != same_page(base):
                found.add(same_page(target))
        return found

    def objects(self) -> Iterator[Mapping[str, Any]]:
        """Every object of the page's structured data, those of lists and graphs too."""
        for stated in self.reading.draft.structured_data:
            yield from _objects(stated, 0)

    def article(self) -> Mapping[str, Any] | None:
        """The object that describes an article."""
        wanted = set(table("search")["structured_data"]["types"])
        return next((one for one in self.objects() if wanted & set(types_of(one))), None)

    def modified(self) -> date | None:
        """When the page says that it was changed last."""
        article = self.article() or {}
        meta = self.reading.draft.meta
        stated = [article.get("dateModified"), *(meta.get(name) for name in MODIFIED)]
        return next((day for one in stated if (day := day_of(one))), None)

    def dated_periods(self) -> list[tuple[date, str]]:
        """The end and the words of each period that the text names with its year."""
        text = self.reading.text
        found = []
        for time in self.reading.times:
            said = text[time.start : time.end]
            year = str(time.span.last.year)
            if year in said and time.span.first <= self.reading.clock:
                found.append((time.span.last, " ".join(said.split())))
        return sorted(found)


def _objects(stated: Any, depth: int) -> Iterator[Mapping[str, Any]]:
    if depth > DEEPEST_DATA:
        return
    if isinstance(stated, list):
        for one in stated:
            yield from _objects(one, depth + 1)
    elif isinstance(stated, dict):
        yield stated
        for key in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _objects(stated.get(key), depth + 1)


def types_of(stated: Mapping[str, Any]) -> list[str]:
    """The types of an object of structured data, without the address of their vocabulary."""
    found = stated.get("@type")
    listed = found if isinstance(found, list) else [found]
    return [one.rpartition("/")[2] for one in listed if isinstance(one, str)]


def day_of(stated: object) -> date | None:
    """The day of an instant as pages write it; none where it is no such."""
    if not isinstance(stated, str):
        return None
    try:
        found = datetime.fromisoformat(stated.strip())
    except ValueError:
        return None
    return (found.astimezone(UTC) if found.tzinfo else found).date()


def same_page(url: str) -> str:
    """An address without what leads to the same page: capitals of its host, a fragment, the mark of
    a campaign, a stroke at its end."""
    try:
        parts = urlsplit(url.strip())
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return url
    query = [pair for pair in parse_qsl(parts.query) if not pair[0].startswith("utm_")]
    asked = f"?{urlencode(query)}" if query else ""
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path.rstrip('/')}{asked}"
