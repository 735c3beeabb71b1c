"""Dated events that replay and charts mark: decisions, crashes, delistings, splits."""

from __future__ import annotations

from datetime import timedelta

from data.contracts import Dataset, Lead
from data.fields import (
    ADDRESS,
    COUNTRY,
    EVENT_AT,
    INSTANT,
    SYMBOLS,
    TITLE,
    YEAR,
    field,
    number,
    one_of,
    text,
)

EVENTS = Dataset(
    "events",
    "One event; a changed account of it is a new vintage.",
    (
        text("event_id", "permanent id"),
        EVENT_AT,
        YEAR,
        one_of("precision", "how exactly event_at is known", ("minute", "day", "month")),
        text("kind", "crash, flash_crash, rate_decision, delisting, split, ..."),
        text("title", "one line", longest=TITLE, prose=1),
        COUNTRY,
        SYMBOLS,
        number("magnitude", "size in the unit of its kind"),
        field("ends_at", INSTANT, "end, for an event that lasts", null=True),
        text("url", "link", null=True, longest=ADDRESS),
    ),
    origin="source",
    key=("event_at", "event_id", "source"),
    partition_by=("year",),
    derived={"year": ("year", "event_at")},
    order_by=("event_at",),
    time="event_at",
    leads=(Lead("event_at", timedelta(days=366)),),
)
