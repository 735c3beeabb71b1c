"""Dated headlines."""

from __future__ import annotations

from datetime import timedelta

from data.contracts import Dataset, Lead
from data.fields import ADDRESS, ARTICLE, COUNTRY, EVENT_AT, MONTH, SYMBOLS, TITLE, YEAR, text

NEWS = Dataset(
    "news",
    "One headline; event_at is its publication.",
    (
        text("news_id", "id at the publisher, often an address", longest=TITLE),
        EVENT_AT,
        YEAR,
        MONTH,
        text("headline", "as published, never rendered as markup", longest=ARTICLE, prose=1),
        text("summary", "a few sentences", null=True, longest=ARTICLE, prose=1),
        text("topic", "what it is about", null=True),
        COUNTRY,
        SYMBOLS,
        text("url", "link", null=True, longest=ADDRESS),
    ),
    origin="source",
    key=("event_at", "news_id", "source"),
    partition_by=("year", "month"),
    derived={"year": ("year", "event_at"), "month": ("month", "event_at")},
    order_by=("event_at",),
    time="event_at",
    codec="zstd",
    # A publisher may date an item ahead; it is known when we see it.
    leads=(Lead("event_at", timedelta(days=3660)),),
)
