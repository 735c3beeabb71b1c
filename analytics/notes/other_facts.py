"""Facts of news and of positions: headlines as data, and what a book holds of an instrument."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

import polars as pl

from analytics.claims.reading.dates import day_span
from analytics.core.catalogue import called, run
from analytics.markets.instrument import instrument_events
from analytics.notes.fact import PERCENT, Fact, MissingFact
from analytics.notes.instrument_facts import InstrumentName
from data.query import Answer, At

NEWS_DAYS, MOST_HEADLINES, HEADLINES_READ = 90, 8, 60


def headlines(at: At, symbol: str, country: str | None, name: str) -> Iterator[Fact | MissingFact]:
    """The last headlines of an instrument and its country; their words are data."""
    since = (at.as_of - timedelta(days=NEWS_DAYS)).date()
    events = called(
        instrument_events,
        at,
        symbol=symbol,
        country=country,
        since=since,
        top=HEADLINES_READ,
    )
    found_in = {"events": events}
    about = events.frame.filter(pl.col("relation") != "world").select(
        "event_at", "title", "known_at", "source", pl.lit("events").alias("found_in")
    )
    if country is not None:
        news = run(at, "latest_news", top=HEADLINES_READ, days=NEWS_DAYS)
        found_in["news"] = news
        titles = news.frame.filter(pl.col("country") == country).select(
            "event_at",
            pl.col("headline").alias("title"),
            "known_at",
            "source",
            pl.lit("news").alias("found_in"),
        )
        about = pl.concat([about, titles]).sort("event_at", "title", descending=[True, False])
    about = about.unique("title", keep="first", maintain_order=True).head(MOST_HEADLINES)
    if about.is_empty():
        reason = f"no headline of the last {NEWS_DAYS} days is known"
        yield MissingFact("news", name, "Headlines", reason)
    for number, row in enumerate(about.to_dicts(), 1):
        day = row["event_at"].date()
        yield Fact(
            id=f"{symbol or country}/headline/{number}",
            role="news",
            kind="headline",
            subject=name,
            label=f"Headline {number}",
            named_by=((row["title"],),),
            known_at=row["known_at"],
            source=row["source"],
            answer=found_in[row["found_in"]],
            text=row["title"],
            day=day,
            period=day_span(day),
        )


def position_facts(
    at: At, positions: Answer, named: Sequence[InstrumentName], currency: str
) -> Iterator[Fact | MissingFact]:
    """What a book holds of some instruments, as `book_positions` has it at the clock."""
    for one in named:
        rows = positions.frame.filter(pl.col("symbol") == one.symbol, pl.col("quantity") != 0)
        if rows.is_empty():
            yield MissingFact("positions", one.name, "Position", "the book holds none")
            continue
        row = rows.to_dicts()[0]
        columns = (
            ("quantity", "Position", ("position", "holding", "quantity"), "shares", 1.0),
            ("value_base", "Value of the position", ("value of the position",), currency, 1.0),
            ("weight", "Weight in the book", ("weight", "weight in the book"), PERCENT, 100.0),
        )
        for column, label, words, unit, factor in columns:
            value = row.get(column)
            if value is None:
                yield MissingFact("positions", one.name, label, "no value in the base currency")
                continue
            yield Fact(
                id=f"{one.symbol}/{column}",
                role="positions",
                kind="level",
                subject=one.name,
                label=label,
                named_by=(words,),
                known_at=at.as_of,
                source="positions",
                answer=positions,
                value=factor * value,
                unit=unit,
                decimals=1 if unit == PERCENT else 2,
                period=day_span(at.as_of.date()),
            )
