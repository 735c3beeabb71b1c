"""Accounts of the small world: a company with two years by quarter, one of them restated later."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

NAME = "Invented <b>Works</b>"
QUARTERS = ((1, 1, 3, 31), (4, 1, 6, 30), (7, 1, 9, 30), (10, 1, 12, 31))
RESTATED_BY = 1.1


def works(source: str) -> str:
    """The id of the company, in the world of its source."""
    return f"{source}:works"


def companies(known: datetime, source: str) -> list[dict[str, Any]]:
    """One company."""
    return [
        {
            "company": works(source),
            "name": NAME,
            "sector": "Manufacturing",
            "country": "USA",
            "currency": "USD",
            "fiscal_year_end": "12-31",
            "known_at": known,
            "source": source,
        }
    ]


def revenue(year: int, quarter: int) -> float:
    """Of a quarter, in dollars, as it was filed first."""
    return (100.0 + 10.0 * quarter + (year % 100)) * 1e6


def facts(evenings: list[datetime], source: str) -> list[dict[str, Any]]:
    """Revenue, net income, assets, liabilities and equity; the last first quarter is restated."""
    last = evenings[-1].year - 1
    rows: list[dict[str, Any]] = []
    for year in (last - 1, last):
        for number, (m1, d1, m2, d2) in enumerate(QUARTERS, 1):
            start, end = date(year, m1, d1), date(year, m2, d2)
            known = evenings[0].replace(year=end.year, month=end.month, day=28) + timedelta(days=40)
            if known > evenings[-1]:
                continue
            rows += _filing(start, end, revenue(year, number), known, source)
    first = next(r for r in rows if r["concept"] == "Revenues" and r["period_end"].year == last)
    if evenings[-1] > first["known_at"] + timedelta(days=90):
        again = {"value": first["value"] * RESTATED_BY, "accession": "0000000001-00-000099"}
        rows.append(first | again | {"known_at": first["known_at"] + timedelta(days=90)})
    return rows


def _filing(
    start: date, end: date, value: float, known: datetime, source: str
) -> list[dict[str, Any]]:
    base = {
        "company": works(source),
        "period_end": end,
        "year": end.year,
        "unit": "USD",
        "form": "10-K" if end.month == 12 else "10-Q",
        "accession": f"0000000001-{end:%y}-{end:%m%d}00",
        "known_at": known,
        "source": source,
    }
    flows = {"Revenues": value, "NetIncomeLoss": 0.1 * value}
    balances = {"Assets": 5 * value, "Liabilities": 3 * value, "StockholdersEquity": 2 * value}
    rows = [base | {"concept": c, "period_start": start, "value": v} for c, v in flows.items()]
    return rows + [
        base | {"concept": c, "period_start": end, "value": v} for c, v in balances.items()
    ]


def places(evenings: list[datetime], source: str) -> list[dict[str, Any]]:
    """Revenue by place of the year before the last: six, three and one in ten."""
    year = evenings[-1].year - 2
    base = {
        "company": works(source),
        "period_end": date(year, 12, 31),
        "year": year,
        "currency": "USD",
        "accession": f"0000000001-{year % 100}-123100",
        "known_at": evenings[150],
        "source": source,
    }
    parts = {"USA": 600e6, "DEU": 300e6, "undisclosed": 100e6}
    return [base | {"place": place, "revenue": value} for place, value in parts.items()]
