"""Headlines of central banks and statistics offices: link and title, never the full text.

Decisions are text here. It reads no rate out of them: the numbers come from the series. A bank
that writes its local time as UTC is read in the zone of our list, and that hour is graded lagged.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from xml.etree.ElementTree import Element
from zoneinfo import ZoneInfo

import polars as pl

from ingest.formats import tables
from ingest.formats.body import careful, content, refuse
from ingest.formats.xml import child_text, local, root
from ingest.jobs import Cadence, Call, Job, Parsed, Reply, ReplyError, Source, Window
from ingest.lists import listed

SUMMARY = 500
FEEDS = ("rss", "RDF", "feed")
DATES = ("pubDate", "date", "published", "updated", "issued")


def plan(window: Window) -> list[Call]:
    """One call per feed; a feed holds the latest 10 to 50 items and nothing else can be asked."""
    feeds = listed("central_bank_rss", "feed")
    return [Call(feeds[name]["url"]) for name in window.names or tuple(feeds)]


@careful
def parse(reply: Reply) -> Parsed:
    """RSS 2.0, RSS 1.0 and Atom."""
    body = content(reply)
    if reply.status >= 300:
        refuse(reply)
    top = root(body)
    if local(top.tag) not in FEEDS:
        raise ReplyError("upstream", f"expected a feed, found {local(top.tag)[:60]!r}")
    items = [entry for entry in top.iter() if local(entry.tag) in ("item", "entry")]
    if not items:
        raise ReplyError("empty", "this feed holds no item")
    found = [row for item in items if (row := _item(reply, item))]
    if not found:
        raise ReplyError("upstream", f"{len(items)} items, none with a date and a title")
    schema = {name: pl.String for name in ("summary", "topic", "country", "url")}
    frame = pl.DataFrame(found, schema_overrides=schema).unique("news_id", maintain_order=True)
    note = (
        f"{len(items) - len(found)} items without date or title" if len(found) < len(items) else ""
    )
    return Parsed({"news": tables.table("news", frame, source="central_bank_rss")}, note=note)


def _item(reply: Reply, item: Element) -> dict[str, Any] | None:
    """One headline. A re-issued item keeps its guid, so an edit is a vintage of it."""
    word = next((text for name in DATES if (text := child_text(item, name))), "")
    title = _line(child_text(item, "title"))
    link = _canonical(_link(item))
    bank = _bank(link) or _bank(reply.call.url)
    zone = bank.get("wall_clock") or ""
    moment = instant(word, zone)
    if moment is None or not title:
        return None
    guid = child_text(item, "guid") or child_text(item, "id")
    # A date alone is known to be out by the end of its day.
    is_day = re.fullmatch(r"\d{4}-\d\d-\d\d", word) is not None
    is_assumed = is_day or moment != instant(word)
    known = min(moment + timedelta(days=1) if is_day else moment, reply.fetched_at)
    topic = _line(child_text(item, "category")) or _topic(reply)
    return {
        "news_id": _canonical(guid) or guid or link or title,
        "event_at": moment,
        "headline": title,
        "summary": _line(child_text(item, "description"))[:SUMMARY] or None,
        "topic": topic,
        "country": bank.get("country") or None,
        "url": link or None,
        "known_at": known,
        "vintage_grade": "lagged" if is_assumed else "native",
    }


def instant(word: str, wall_clock: str = "") -> datetime | None:
    """An RFC 822 or ISO date; one without an offset is read as UTC.

    Where a bank writes its own `wall_clock` and calls that UTC, an offset of nought is none. The
    hour that occurs twice in autumn is read as the later one: nothing is known too early.
    """
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            moment = read(word.strip())
        except (TypeError, ValueError):
            continue
        if wall_clock and not moment.utcoffset():
            return moment.replace(tzinfo=ZoneInfo(wall_clock), fold=1).astimezone(UTC)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return None


def _link(item: Element) -> str:
    for child in item:
        if local(child.tag) == "link":
            return (child.get("href") or child.text or "").strip()
    return ""


def _canonical(link: str) -> str:
    """Without the doubled slashes that one bank puts into its paths."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https"):
        return ""
    return urlunsplit(parts._replace(path=re.sub(r"/{2,}", "/", parts.path)))


def _line(text: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())


def _bank(link: str) -> Mapping[str, str]:
    """What our list says of the bank on whose site an address lies."""
    host = urlsplit(link).netloc.lower()
    feeds = listed("central_bank_rss", "feed").values()
    found = [feed for feed in feeds if host == feed["host"] or host.endswith("." + feed["host"])]
    return found[0] if found else {}


def _topic(reply: Reply) -> str | None:
    feeds = listed("central_bank_rss", "feed").values()
    return next((feed["topic"] or None for feed in feeds if feed["url"] == reply.call.url), None)


SOURCE = Source(
    name="central_bank_rss",
    title="Feeds of central banks",
    gives="Headlines of the Fed, ECB, Bank of England, Bank of Japan, Bank of Canada, BEA and BLS",
    grade="native",
    licence="Headlines and links of each bank and office, with attribution; no full text.",
    jobs=(
        Job(
            "central_bank_news",
            ("news",),
            "Latest headlines of every feed of the list",
            Cadence(every_minutes=60),
            priority=3,
        ),
    ),
    plan=plan,
    parse=parse,
    cache_s=300,
)
