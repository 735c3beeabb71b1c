"""Form 13F of the small world: five managers with every kind of filing, one share."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from analytics.companies.holdings_reading import quarter_before, quarter_end
from data.datasets.fund_holdings import NOTICE
from tests.pages.company_rows import works

ISSUER = "INVENTED & <b>WORKS</b>"
NAME = "Alpha & <b>Sons</b>"
CUSIP, OTHER = "000000077", "000000AA0"
OUTSTANDING = 20_000.0
LAG, LATE = 44, 61  # days after the quarter's end
PRICE = 12_500.0


def instrument(known: datetime, source: str) -> dict[str, Any]:
    """The share of the company, without prices, and with a CUSIP in its ISIN."""
    return {
        "symbol": f"{source}:workshare",
        "ticker": "WORKS",
        "name": "Invented Works share",
        "asset_class": "equity",
        "country": None,  # so that it stands for no country
        "currency": "USD",
        "company": works(source),
        "isin": f"XD{CUSIP}1",
        "shares_outstanding": OUTSTANDING,
        "known_at": known,
        "source": source,
    }


def quarters(evenings: list[datetime]) -> list[date]:
    """Whose filings are all public on the last evening, the newest last."""
    last = quarter_end(evenings[-1].date() - timedelta(days=LATE + 4))
    ends = [last]
    while quarter_before(ends[0]) > evenings[0].date():
        ends.insert(0, quarter_before(ends[0]))
    return ends


def filed(manager: str, end: date, source: str, **more: Any) -> dict[str, Any]:
    """One position of the company's share: 100 shares at 12,500 dollars, filed in time."""
    lag = more.pop("lag", LAG)
    day = end + timedelta(days=lag)
    amount = more.get("amount", 100.0)
    base = {
        "manager": f"{source}:mgr-{manager}",
        "manager_name": NAME if manager == "a" else f"Manager {manager.upper()}",
        "period_end": end,
        "year": end.year,
        "accession": f"0000000009-{end:%y}-{end:%m%d}{ord(manager):02d}{lag}",
        "cusip": CUSIP,
        "issuer": ISSUER,
        "title_of_class": "COM",
        "put_call": "none",
        "amount_kind": "SH",
        "discretion": "SOLE",
        "amount": amount,
        "value_usd": PRICE * amount,
        "entries": 1,
        "form": "13F-HR",
        "filed_on": day,
        "known_at": datetime(day.year, day.month, day.day, 21, tzinfo=UTC),
        "source": source,
    }
    return base | more


def filings(evenings: list[datetime], source: str) -> list[dict[str, Any]]:
    """One buys, one files late, one stops, one gives notice, one amends in both ways."""
    ends = quarters(evenings)
    rows: list[dict[str, Any]] = []
    for number, end in enumerate(ends):
        is_last = end == ends[-1]
        rows.append(filed("a", end, source, amount=1000.0 + 100.0 * number))
        rows.append(filed("a", end, source, cusip=OTHER, issuer="OTHER CO", amount=40.0))
        rows.append(filed("b", end, source, amount=500.0, lag=LATE))
        if not is_last:
            rows.append(filed("c", end, source, amount=70.0))
            rows.append(filed("d", end, source, amount=80.0))
    last = ends[-1]
    rows.append(filed("a", last, source, amount=200.0, put_call="put"))
    nothing = {"cusip": "none", "issuer": None, "title_of_class": None, "amount": 0.0}
    rows.append(
        filed("d", last, source, **nothing, value_usd=0.0, entries=0, form="13F-NT", flag=NOTICE)
    )
    rows.append(filed("e", last, source, amount=900.0))
    again = {"form": "13F-HR/A", "amendment_type": "RESTATEMENT"}
    rows.append(filed("e", last, source, amount=90.0, lag=LAG + 8, **again))
    added = {"form": "13F-HR/A", "amendment_type": "NEW HOLDINGS"}
    rows.append(filed("e", last, source, cusip=OTHER, amount=10.0, lag=LAG + 15, **added))
    return rows
