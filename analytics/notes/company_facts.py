"""Facts of a company's accounts: the last reported quarter beside the same one a year before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import polars as pl

from analytics.claims.reading.dates import months_span
from analytics.core.catalogue import run
from analytics.notes.fact import PERCENT, Fact, MissingFact
from data.query import Answer, At

OLD_DAYS = 400
# Line of the accounts: its label and how a text may call it.
LINES: Mapping[str, tuple[str, ...]] = {
    "Revenues": ("Revenue", "revenues", "sales"),
    "GrossProfit": ("Gross profit",),
    "OperatingIncomeLoss": ("Operating income", "operating profit"),
    "NetIncomeLoss": ("Net income", "net profit"),
    "EarningsPerShareDiluted": ("Diluted earnings per share", "earnings per share", "EPS"),
    "NetCashProvidedByUsedInOperatingActivities": ("Operating cash flow",),
    "PaymentsToAcquirePropertyPlantAndEquipment": ("Capital expenditure", "capex"),
    "CashAndCashEquivalentsAtCarryingValue": ("Cash", "cash and equivalents"),
    "LongTermDebt": ("Long-term debt",),
    "Assets": ("Total assets", "assets"),
    "Liabilities": ("Total liabilities", "liabilities"),
    "StockholdersEquity": ("Shareholders' equity", "equity"),
}
GROWTH_OF = ("Revenues", "OperatingIncomeLoss", "NetIncomeLoss")
QUARTER_DAYS = (80, 100)
ON_YEAR = ("on the year", "year on year", "from a year earlier", "over a year earlier")
BEFORE = ("a year earlier", "a year before", "the year before")


def company_facts(at: At, company: str, name: str) -> Iterator[Fact | MissingFact]:
    """The lines of the last quarter filed at the clock, some of them beside those a year before."""
    found = run(at, "parts/claim_accounts", ids=[company], concepts=list(LINES))
    days = (pl.col("period_end") - pl.col("period_start")).dt.total_days()
    quarters = found.frame.filter(
        pl.col("value").is_not_null(),
        pl.col("period_start").is_null() | (days == 0) | days.is_between(*QUARTER_DAYS),
    )
    if quarters.is_empty():
        yield MissingFact("fundamentals", name, "Accounts", "no filing is known at this time")
        return
    last: date = quarters["period_end"].sort()[-1]
    if (at.as_of.date() - last).days > OLD_DAYS:
        reason = f"the last filing is of {last:%d %b %Y}, too old"
        yield MissingFact("fundamentals", name, "Accounts", reason)
        return
    for concept in LINES:
        yield from _line(quarters.filter(concept=concept), concept, last, name, found)


def _line(
    rows: pl.DataFrame, concept: str, last: date, name: str, found: Answer
) -> Iterator[Fact | MissingFact]:
    words = LINES[concept]
    now = rows.filter(period_end=last).tail(1).to_dicts()
    if not now:
        yield MissingFact("fundamentals", name, words[0], f"not in the filing of {last:%d %b %Y}")
        return
    yield _fact(now[0], concept, name, found, (words,), words[0], "")
    near = pl.col("period_end").is_between(last - timedelta(370), last - timedelta(360))
    before = rows.filter(near).tail(1).to_dicts()
    if not before or concept not in GROWTH_OF:
        return
    label = f"{words[0]}, a year earlier"
    yield _fact(before[0], concept, name, found, (words,), label, "/year_before")
    was, value = before[0]["value"], now[0]["value"]
    if was <= 0 or value <= 0:  # a percentage of a change of sign says nothing
        yield MissingFact("fundamentals", name, f"{words[0]}, change on the year", "not above zero")
        return
    yield Fact(
        id=f"{now[0]['id']}/{concept}/growth",
        role="fundamentals",
        kind="change",
        subject=name,
        label=f"{words[0]}, change on the year",
        named_by=(words, ON_YEAR),
        known_at=max(now[0]["known_at"], before[0]["known_at"]),
        source=now[0]["source"],
        answer=found,
        value=100 * (value / was - 1),
        unit=PERCENT,
        decimals=1,
        period=_quarter(now[0]),
    )


def _fact(  # noqa: PLR0913 - what a line of accounts is made of
    row: Mapping[str, Any],
    concept: str,
    name: str,
    found: Answer,
    named_by: tuple[tuple[str, ...], ...],
    label: str,
    ending: str,
) -> Fact:
    return Fact(
        id=f"{row['id']}/{concept}{ending}",
        role="fundamentals",
        kind="level",
        subject=name,
        label=label,
        named_by=named_by,
        known_at=row["known_at"],
        source=row["source"],
        answer=found,
        value=row["value"],
        unit=row["unit"],
        decimals=2,
        period=_quarter(row),
    )


def _quarter(row: Mapping[str, Any]) -> Any:
    """The quarter that a line is of, or at whose end it stands."""
    end = row["period_end"]
    return months_span(end.year, end.month - 2, 3)
