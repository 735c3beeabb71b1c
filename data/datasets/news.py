"""Dated headlines."""

from __future__ import annotations

from data.contracts import Dataset
from data.fields import COUNTRY, EVENT_AT, MONTH, SYMBOLS, YEAR, text

NEWS = Dataset(
    "news",
    "One headline; event_at is its publication.",
    (
        text("news_id", "id at the publisher"),
        EVENT_AT,
        YEAR,
        MONTH,
        text("headline", "as published, never rendered as markup"),
        text("summary", "a few sentences", null=True),
        text("topic", "what it is about", null=True),
        COUNTRY,
        SYMBOLS,
        text("url", "link", null=True),
    ),
    key=("event_at", "news_id", "source"),
    partition_by=("year", "month"),
    derived={"year": ("year", "event_at"), "month": ("month", "event_at")},
    order_by=("event_at",),
    time="event_at",
    codec="zstd",
)
