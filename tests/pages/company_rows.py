"""Accounts of the small world: a company with two years by quarter, one of them restated later."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

NAME = "Invented <b>Works</b>"
QUARTERS = ((1, 1, 3, 31), (4, 1, 6, 30), (7, 1, 9, 30), (10, 1, 12, 31))
RESTATED_BY = 1.1
MARKUP = "javascript:alert('<b>1</b>')"


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
            "category": "Accelerated filer",
            "description": "Makes <b>things</b>.",
            "website": "https://works.invalid/",
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


def filings(evenings: list[datetime], source: str) -> list[dict[str, Any]]:
    """The reports of the accounts, each with its results an hour before; and three that are odd:
    accepted in the evening before, with an item that nobody knows, and with markup in its link."""
    rows, seen = list[dict[str, Any]](), set[str]()
    for fact in facts(evenings, source):
        accession, known = fact["accession"], fact["known_at"]
        if accession in seen:
            continue
        seen.add(accession)
        is_again = accession.endswith("000099")
        base = {"company": works(source), "filed_on": known.date(), "source": source}
        form = fact["form"] + ("/A" if is_again else "")
        report = base | {"accession": accession, "form": form, "period_end": fact["period_end"]}
        rows.append(report | {"known_at": known, "accepted_at": known, "url": document(accession)})
        if not is_again:
            early = known - timedelta(hours=1)
            results = {"accession": f"{accession}-8K", "form": "8-K", "items": "2.02,9.01"}
            results |= {"period_end": known.date(), "known_at": early, "accepted_at": early}
            rows.append(base | results)
    known = evenings[200]
    odd = base | {"filed_on": known.date(), "form": "8-K", "period_end": known.date()}
    odd |= {"known_at": known, "accepted_at": known}
    rows.append(odd | {"accession": "evening", "items": "5.02", "accepted_at": evenings[199]})
    rows.append(odd | {"accession": "unknown", "items": "9.99", "accepted_at": None})
    rows.append(odd | {"accession": "markup", "items": "8.01", "url": MARKUP})
    return rows


def document(accession: str) -> str:
    """The address of a filing at EDGAR."""
    return f"https://www.sec.gov/Archives/edgar/data/1/{accession}.htm"


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
