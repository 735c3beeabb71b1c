"""The watched texts of competitors, fetched from the sites that were allowed.

The dated list of documents says which; a new version is added where the words changed, not where
the page around them did. What could not be fetched is said, and the text stays as it was.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from data.disk import write_file
from data.drafts.draft import DraftText
from data.drafts.reader import read_draft
from data.errors import ConfigError, UploadError
from data.settings import Settings
from data.state import documents
from data.state.db import State
from data.state.documents import TITLE_LENGTH, Document
from data.state.runs import EndStatus, Outcome
from data.state.values import Edit
from ingest.outbound.page_reader import FetchedPage, PageReader, says_closed
from ingest.outbound.public_address import PublicAddress, public_address

AUTHOR = "scheduler"
MARKS = "competitor_texts.json"
Door = Callable[[str, tuple[str, ...]], PublicAddress]


@dataclass(slots=True)
class _Tally:
    changed: int = 0
    same: int = 0
    received: int = 0


def fetch_competitor_texts(settings: Settings, state: State, now: datetime) -> Outcome:
    """The work of the job."""
    return fetch_texts(settings, state, now, door=public_address)


def fetch_texts(settings: Settings, state: State, now: datetime, *, door: Door) -> Outcome:
    """Ask for each watched text of others once; `door` gives the address that may be asked."""
    if not settings.text_hosts:
        return Outcome("skipped", message="no site is allowed; name them in TEXT_HOSTS")
    watched = [one for one in documents.known(state, as_of=now, side="theirs") if one.is_watched]
    listed = [one for one in watched if one.heading.url]
    if not listed:
        return Outcome("empty", message="no text of a competitor with an address is watched")
    path = settings.cache / MARKS
    marks = _marks(path)
    tally = _Tally()
    failures: list[str] = []
    reader = PageReader.open(settings.contact)
    try:
        for one in listed:
            why = _take(state, one, reader, _Turn(settings, now, door, marks, tally))
            if why:
                failures.append(f"{one.heading.site or one.heading.title[:40]}: {why}")
    finally:
        reader.close()
    kept = {one.heading.url for one in listed}
    _keep(path, {url: found for url, found in marks.items() if url in kept})
    return _outcome(len(listed), tally, failures)


@dataclass(frozen=True, slots=True)
class _Turn:
    settings: Settings
    now: datetime
    door: Door
    marks: dict[str, dict[str, str]]
    tally: _Tally


def _take(state: State, document: Document, reader: PageReader, turn: _Turn) -> str:
    """Fetch one text; gives why it could not be."""
    url = document.heading.url
    try:
        page = turn.door(url, turn.settings.text_hosts)
    except ConfigError as error:
        return str(error)
    answer = reader.read(page, turn.marks.get(url, {}))
    turn.tally.received += len(answer.body)
    if answer.state == "failed":
        return answer.why
    if answer.state == "same":
        turn.tally.same += 1
        return ""
    try:
        draft = read_draft(answer.body, url.partition("?")[0].rpartition("/")[2] or "page.html")
    except UploadError as error:
        return str(error)
    if says_closed(draft.meta.get("robots", "")):
        return "the page lets no robots keep it"
    is_changed = _revise(state, document, draft, turn.now)
    turn.tally.changed += is_changed
    turn.tally.same += not is_changed
    turn.marks[url] = _marks_of(answer)
    return ""


def _revise(state: State, document: Document, draft: DraftText, now: datetime) -> bool:
    """A new version where the words of the text itself changed; it is dated by when that was
    seen."""
    if own_words(draft) == own_words(documents.draft_of(state, document)):
        return False
    title = (draft.title or document.heading.title)[:TITLE_LENGTH]
    heading = replace(document.heading, title=title, published_at=now)
    made = documents.revise(
        state, document.id, draft, heading=heading, edit=Edit(AUTHOR, now, "fetched")
    )
    return made.version > document.version


def own_words(draft: DraftText) -> str:
    """The words of a text without the menus, adverts and feet of its page."""
    stretches = (draft.text[one.start : one.end] for one in draft.blocks if not one.part)
    return " ".join(" ".join(stretches).split())


def _marks_of(answer: FetchedPage) -> dict[str, str]:
    found = {"etag": answer.etag, "last_modified": answer.last_modified}
    return {name: text for name, text in found.items() if text}


def _marks(path: Path) -> dict[str, dict[str, str]]:
    """What the sites called the versions that were read; without it all is asked for anew."""
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {
        str(url): {str(name): str(text) for name, text in marks.items()}
        for url, marks in found.items()
        if isinstance(marks, dict)
    }


def _keep(path: Path, marks: dict[str, dict[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_file(path, json.dumps(marks, indent=1, sort_keys=True).encode())


def _outcome(count: int, tally: _Tally, failures: list[str]) -> Outcome:
    words = f"{count} texts: {tally.changed} changed, {tally.same} the same"
    if failures:
        words += f", {len(failures)} not fetched ({'; '.join(failures)})"
    status: EndStatus = "ok" if tally.changed else "empty"
    if failures:
        status = "failed" if len(failures) == count else "partial"
    return Outcome(status, bytes=tally.received, message=words)
