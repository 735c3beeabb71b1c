"""Tables of Alpha Vantage: numbered labels that vary by function, and what they speak of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import polars as pl

from ingest.formats.bars import UNKNOWN_CURRENCY, currency_of, dates, numbers
from ingest.lists import listed

NUMBERED = re.compile(r"^\s*\d+[a-z]?\s*[.:]\s*")
MARKET = re.compile(r"\s*\(([^)]+)\)\s*$")
FIGURES = {
    "open": "open",
    "high": "high",
    "low": "low",
    "close": "close",
    "volume": "volume",
    "dividend amount": "dividend",
    "split coefficient": "split_ratio",
}
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
KINDS = {"equity": "equity", "common stock": "equity", "etf": "etf", "mutual fund": "etf"}
COUNTRIES = {
    "USA": "USA",
    "United States": "USA",
    "United Kingdom": "GBR",
    "Germany": "DEU",
    "Frankfurt": "DEU",
    "XETRA": "DEU",
    "Toronto": "CAN",
    "Toronto Venture": "CAN",
    "Canada": "CAN",
    "India/Bombay": "IND",
    "India": "IND",
    "Shanghai": "CHN",
    "Shenzhen": "CHN",
    "China": "CHN",
    "Brazil/Sao Paolo": "BRA",
    "Brazil": "BRA",
    "Amsterdam": "NLD",
    "Netherlands": "NLD",
    "Paris": "FRA",
    "France": "FRA",
    "Japan": "JPN",
    "Switzerland": "CHE",
    "Ireland": "IRL",
    "Israel": "ISR",
    "Taiwan": "TWN",
    "South Korea": "KOR",
}


def label(name: str) -> str:
    """`4. close`, `4a. close (CNY)`, `05. price`, `1: Symbol`: the word, in lower case."""
    return MARKET.sub("", NUMBERED.sub("", name)).strip().lower()


def plain(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record with its labels as words; of labels that differ by market alone the first counts."""
    found: dict[str, Any] = {}
    for name, value in record.items():
        found.setdefault(label(name), value)
    return found


def series(table: Mapping[str, Any]) -> pl.DataFrame:
    """`stamp` and figures of a series keyed by date or time, columns found by their words."""
    labels = {name: label(name) for name in next(iter(table.values()))}
    wanted: dict[str, str] = {}
    for name, word in labels.items():
        if word in FIGURES and FIGURES[word] not in wanted.values():
            wanted[name] = FIGURES[word]
    if "close" not in wanted.values():
        raise ValueError(f"a series without a close; it has {', '.join(labels)[:80]}")
    records = list(table.values())
    columns = {new: numbers([row.get(old) for row in records]) for old, new in wanted.items()}
    return pl.DataFrame({"stamp": pl.Series(list(table), dtype=pl.String)} | columns)


def with_days(frame: pl.DataFrame) -> pl.DataFrame:
    """The stamp as a date."""
    return frame.with_columns(dates(frame["stamp"].to_list()).alias("date"))


def money_of(symbol: str) -> Mapping[str, str]:
    """Currency, venue and kind of a symbol as our list states them; nothing is guessed."""
    known = listed("alpha_vantage", "symbol").get(symbol)
    return known or {"currency": UNKNOWN_CURRENCY, "mic": "", "asset_class": "equity"}


def company(record: Mapping[str, Any]) -> dict[str, Any]:
    """OVERVIEW as a company."""
    symbol = str(record["Symbol"])
    month = str(record.get("FiscalYearEnd") or "")
    days = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    ends = {
        name: f"{n:02}-{day}" for n, (name, day) in enumerate(zip(MONTHS, days, strict=True), 1)
    }
    return {
        "company": f"av:{symbol}",
        "name": str(record.get("Name") or symbol),
        "sector": _word(record.get("Sector")),
        "industry": _word(record.get("Industry")),
        "country": COUNTRIES.get(str(record.get("Country"))),
        "currency": _currency(record.get("Currency")),
        "cik": _word(record.get("CIK")),
        "fiscal_year_end": ends.get(month),
    }


def overview_instrument(record: Mapping[str, Any]) -> dict[str, object]:
    """OVERVIEW as the instrument that it describes."""
    symbol = str(record["Symbol"])
    shares = numbers([record.get("SharesOutstanding")])[0]
    return {
        "symbol": f"av:{symbol}",
        "ticker": symbol,
        "name": str(record.get("Name") or symbol),
        "asset_class": KINDS.get(str(record.get("AssetType")).lower(), "equity"),
        "sector": _word(record.get("Sector")),
        "country": COUNTRIES.get(str(record.get("Country"))),
        "currency": currency_of(_currency(record.get("Currency"))),
        "venue": _word(record.get("Exchange")),
        "company": f"av:{symbol}",
        "shares_outstanding": shares,
    }


def match(record: Mapping[str, Any]) -> dict[str, object]:
    """One hit of a search, which is where a symbol's currency is stated."""
    row = plain(record)
    return {
        "symbol": f"av:{row['symbol']}",
        "ticker": str(row["symbol"]),
        "name": str(row["name"]),
        "asset_class": KINDS.get(str(row.get("type")).lower(), "equity"),
        "country": COUNTRIES.get(str(row.get("region"))),
        "currency": currency_of(row.get("currency")),
    }


def _word(value: object) -> str | None:
    text = str(value or "").strip()
    return None if text in ("", "None", "-", "NULL") else text


def _currency(value: object) -> str | None:
    word = _word(value)
    return currency_of(word) if word else None
