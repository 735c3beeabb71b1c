"""Form 13F rows made by hand: positions, filings without any, amendments, and closes to check."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from data.lake import Lake
from data.query import Answer

Q2, Q3 = date(2025, 6, 30), date(2025, 9, 30)
NOW = datetime(2025, 12, 1, tzinfo=UTC)
A, B = "037833100", "594918104"
Row = dict[str, Any]


def held(manager: str, cusip: str, amount: float, value: float, **more: Any) -> Row:
    """One position of the third quarter of 2025, filed on 14 November at 21:00."""
    quarter = more.get("period_end", Q3)
    return {
        "manager": manager,
        "manager_name": manager.upper(),
        "period_end": quarter,
        "accession": f"{manager}-{quarter}",
        "cusip": cusip,
        "issuer": "APPLE" if cusip == A else "MICROSOFT",
        "title_of_class": "COM",
        "put_call": "none",
        "amount_kind": "SH",
        "discretion": "SOLE",
        "value_usd": value,
        "amount": amount,
        "entries": 1,
        "form": "13F-HR",
        "amendment_type": None,
        "filed_on": quarter + timedelta(days=45),
        "flag": None,
        "known_at": datetime(quarter.year, quarter.month, 1, 21, tzinfo=UTC) + timedelta(days=74),
        "vintage_grade": "native",
        "source": "sec_13f",
    } | more


def nothing(manager: str, flag: str, **more: Any) -> Row:
    return held(manager, "none", 0.0, 0.0, entries=0, flag=flag, issuer=None, **more)


def amended(kind: str, day: int, row: Row, number: int = 1) -> Row:
    """The row in an amendment of December."""
    return row | {
        "accession": f"{row['accession']}-{number}",
        "form": "13F-HR/A",
        "amendment_type": kind,
        "filed_on": date(2025, 12, day),
        "known_at": datetime(2025, 12, day, 21, tzinfo=UTC),
    }


def put(lake: Lake, *rows: Row) -> None:
    types = {name: pl.String for name in ("amendment_type", "flag", "issuer")}
    frame = pl.DataFrame(list(rows), schema_overrides={**types, "entries": pl.Int32})
    lake.upsert("fund_holdings", frame)


def quoted(lake: Lake, closes: dict[str, float], split: float = 1.0) -> None:
    """Apple and Microsoft with their ISINs, 1,000 shares each, and closes of the quarter's end."""
    seen = {"known_at": datetime(2025, 1, 2, tzinfo=UTC), "vintage_grade": "native", "source": "x"}
    codes = {"x:AAPL": f"US{A}5", "x:MSFT": f"US{B}5", "x:SAP": "DE0007164600"}
    lake.upsert(
        "instruments",
        pl.DataFrame(
            [
                {
                    "symbol": symbol,
                    "ticker": symbol[2:],
                    "name": symbol[2:],
                    "asset_class": "equity",
                    "currency": "USD",
                    "company": f"sec:{symbol[2:]}",
                    "isin": isin,
                    "shares_outstanding": 1000.0,
                    **seen,
                }
                for symbol, isin in codes.items()
            ]
        ),
    )
    rows = [
        {
            "symbol": symbol,
            "asset_class": "equity",
            "date": day,
            "close": close / (1.0 if day > date(2025, 8, 1) else 1 / split),
            "split_ratio": split if day == date(2025, 8, 29) else 1.0,
            "currency": "USD",
            **seen,
            "known_at": datetime(day.year, day.month, day.day, 21, tzinfo=UTC),
        }
        for symbol, close in closes.items()
        for day in (date(2025, 6, 30), date(2025, 8, 29), date(2025, 9, 30))
    ]
    lake.upsert("prices", pl.DataFrame(rows))


def shown(answer: Answer, *names: str) -> list[tuple[Any, ...]]:
    """Some columns of an answer, row by row."""
    return answer.frame.select(names).rows()
