"""Events on the price chart of an instrument: a letter by kind, at their day."""

from __future__ import annotations

from datetime import date

from analytics.markets.instrument import instrument_events
from pages.frame.cached import cached
from pages.frame.errors import explain
from pages.frame.run import current
from pages.instruments.price_chart import Mark

LETTERS = {
    "split": "S",
    "delisting": "D",
    "crash": "C",
    "flash_crash": "C",
    "rate_decision": "R",
    "headline": "N",
}
SHORT_SPAN_KINDS = ("rate_decision", "headline")  # too many to mark over years


def event_marks(
    symbol: str, country: str | None, since: date | None, *, is_short: bool
) -> list[Mark]:
    """What happened to the instrument and its country; over years without the frequent kinds."""
    try:
        events = cached(
            instrument_events, current().at, symbol=symbol, country=country, since=since
        ).frame
    except Exception as error:  # noqa: BLE001 - the panel of events says it
        explain(error, "events")
        return []
    return [
        Mark(row["event_at"].date(), LETTERS.get(row["kind"], "E"), row["title"])
        for row in events.iter_rows(named=True)
        if is_short or row["kind"] not in SHORT_SPAN_KINDS
    ]
