"""Dated events that replay and charts mark: decisions, crashes, delistings, splits."""

from __future__ import annotations

from data.contracts import Dataset
from data.fields import (
    COUNTRY,
    EVENT_AT,
    INSTANT,
    SYMBOLS,
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
        text("title", "one line"),
        COUNTRY,
        SYMBOLS,
        number("magnitude", "size in the unit of its kind"),
        field("ends_at", INSTANT, "end, for an event that lasts", null=True),
        text("url", "link", null=True),
    ),
    key=("event_at", "event_id", "source"),
    partition_by=("year",),
    derived={"year": ("year", "event_at")},
    order_by=("event_at",),
    time="event_at",
)
