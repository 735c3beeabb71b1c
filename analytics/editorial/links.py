"""Links of a draft that lead nowhere, told without any network."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from urllib.parse import unquote, urljoin, urlsplit

from analytics.editorial.draft_reading import DraftReading
from analytics.editorial.finding import EditorialFinding, finding
from data.drafts.draft import DraftText

EMPTY = "the link has no address: give it one, or take it out"
NO_ANCHOR = "no heading or id of the draft is called {name}: correct the link"
NO_PAGE = "the site has no page {page}: correct the link"
UNSLUGGED = re.compile(r"[^\w\- ]+")
WHOLE_PAGE = ("", "top")


def dead_links(
    reading: DraftReading, *, url: str | None = None, pages: Collection[str] | None = None
) -> Iterator[EditorialFinding]:
    """Empty links, anchors that the draft lacks, and pages that the site lacks where `pages` says
    which it has."""
    known = {page_key(page) for page in pages or ()}
    hosts = {urlsplit(page).hostname for page in pages or ()}
    base = url or base_of(reading.draft) or next(iter(pages or ()), "")
    names = _names(reading.draft)
    for link in reading.draft.links:
        note = None
        if not link.href.strip():
            note = EMPTY
        elif link.href.startswith("#"):
            name = unquote(link.href[1:])
            is_there = name.casefold() in WHOLE_PAGE or name in names
            note = None if is_there else NO_ANCHOR.format(name=f"“{name}”")
        elif known:
            target = joined(base, link.href)
            parts = urlsplit(target)
            is_ours = parts.scheme in ("http", "https") and parts.hostname in hosts
            if is_ours and page_key(target) not in known:
                note = NO_PAGE.format(page=parts.path)
        if note:
            yield finding("dead_link", reading.text, link.start, link.end, note)


def base_of(draft: DraftText) -> str:
    """The address that a page states for itself."""
    return draft.meta.get("base") or draft.meta.get("canonical") or draft.meta.get("og:url") or ""


def joined(base: str, href: str) -> str:
    """An address as seen from a page; what is no address stays as it is."""
    try:
        return urljoin(base, href)
    except ValueError:
        return href


def page_key(url: str) -> tuple[str, str]:
    """A page whichever way its address is written: host and path alone."""
    try:
        parts = urlsplit(url)
        return (parts.hostname or "").removeprefix("www."), unquote(parts.path).rstrip("/")
    except ValueError:
        return "", url


def _names(draft: DraftText) -> set[str]:
    """The anchors of a draft, and its headings as Markdown names them."""
    headings = (block for block in draft.blocks if block.kind == "heading")
    slugs = {slug(draft.text[block.start : block.end]) for block in headings}
    return set(draft.anchors) | (slugs if draft.format == "markdown" else set())


def slug(heading: str) -> str:
    """The name that a heading of Markdown is linked by."""
    return UNSLUGGED.sub("", heading.strip().casefold()).replace(" ", "-")
