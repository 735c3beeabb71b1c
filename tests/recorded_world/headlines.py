"""Feeds of central banks, as recorded and twenty-one weeks earlier."""

from __future__ import annotations

import re
from email.utils import format_datetime, parsedate_to_datetime

from tests.recorded_world.hosts import Answer, Ask
from tests.recorded_world.material import MOVES, raw

FOLDER = "recorded/central_bank_rss"
DATE = re.compile(r"(<pubDate>\s*(?:<!\[CDATA\[)?)([^<\]]+)((?:\]\]>)?\s*</pubDate>)")
ITEM = re.compile(r"<item\b.*?</item>", re.DOTALL)


def feed(bank: str, ask: Ask) -> Answer:
    """The feed without the items that are still to come."""
    name = f"{FOLDER}/{bank}_feed.xml"
    weeks = MOVES[name]

    def moved(found: re.Match[str]) -> str:
        there = parsedate_to_datetime(found.group(2).strip())
        day = there.replace(
            year=(new := weeks.day(there.date())).year, month=new.month, day=new.day
        )
        return f"{found.group(1)}{format_datetime(day)}{found.group(3)}"

    def kept(found: re.Match[str]) -> str:
        item = DATE.sub(moved, found.group(0))
        date = DATE.search(item)
        when = parsedate_to_datetime(date.group(2)) if date else None
        return "" if when is not None and when > ask.now else item

    return Answer(ITEM.sub(kept, raw(name).decode("utf-8-sig")).encode())


def fed(ask: Ask) -> Answer:
    """Monetary policy and the calendar; of the speeches there is no recording."""
    if ask.last == "calendar.json":
        return Answer(raw("recorded/release_calendars/documented_fed_calendar.json"))
    return feed("fed", ask) if ask.last == "press_monetary.xml" else Answer(b"", 404)


def ecb_feed(ask: Ask) -> Answer:
    return feed("ecb", ask) if ask.last == "press.html" else Answer(b"", 404)


def boe_feed(ask: Ask) -> Answer:
    return feed("boe", ask) if ask.last == "news" else Answer(b"", 404)


def boj_feed(ask: Ask) -> Answer:
    return feed("boj", ask)


def boc(ask: Ask) -> Answer:
    """Not recorded."""
    return Answer(b"", 404)
