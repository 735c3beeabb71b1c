"""The SEC's list of tickers: one row a ticker, several a company, as of the day it was seen.

A ticker is an instrument of its company for good: one that another company takes over later is
another instrument, so neither overwrites the other, and one that a list no longer has has ended.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from ingest.formats.bars import instruments
from ingest.formats.sessions import venue
from ingest.jobs import EVERY, Parsed, Reply, ReplyError
from ingest.lists import listed
from ingest.sources._sec_addresses import company_id, notes_of

VENUES = {"NASDAQ": "XNAS", "NYSE": "XNYS", "CBOE": "BATS", "OTC": "OOTC"}
CURRENCY = "USD"  # all these markets quote in it


def listings(document: Mapping[str, Any], reply: Reply) -> Parsed:
    """Instruments of `company_tickers_exchange.json`, or of the list without exchanges."""
    rows = list(_rows(document))
    if not rows:
        raise ReplyError("empty", "the list holds no ticker")
    sound = [row for row in rows if str(row[0]).isdigit() and row[1] and row[2]]
    lost = len(rows) - len(sound)
    ours = listed("sec_edgar", "cik") if notes_of(reply).get("of") == "listed" else None
    good = [_instrument(*row) for row in sound if ours is None or f"{int(row[0]):010}" in ours]
    note = f"{lost} rows of tickers without company, name or ticker" if lost else ""
    if not sound:
        raise ReplyError("upstream", "no row of the list has company, name and ticker")
    if not good:
        raise ReplyError("empty", "no ticker of a company in ingest/universe/sec_edgar.csv")
    made = instruments(good, reply, source="sec_edgar")
    of = (EVERY,) if ours is None else tuple(company_id(cik) for cik in ours)
    return Parsed({"instruments": made}, note=note, lists_all_of=of)


def own_listings(document: Mapping[str, Any], reply: Reply) -> pa.Table | None:
    """The tickers that a filer's own page states, with their exchanges."""
    tickers = [str(word).strip() for word in document.get("tickers") or []]
    exchanges = [*(document.get("exchanges") or []), *[None] * len(tickers)]
    rows = [
        _instrument(document["cik"], document["name"], ticker, exchange)
        for ticker, exchange in zip(tickers, exchanges, strict=False)
        if ticker
    ]
    return instruments(rows, reply, source="sec_edgar") if rows else None


def _rows(document: Mapping[str, Any]) -> Iterator[tuple[Any, Any, Any, Any]]:
    """CIK, name, ticker, exchange."""
    if "data" in document and "fields" in document:
        at = {str(name): place for place, name in enumerate(document["fields"])}
        where = [at["cik"], at["name"], at["ticker"], at["exchange"]]
        for row in document["data"]:
            cik, name, ticker, exchange = (row[place] for place in where)
            yield cik, name, ticker, exchange
        return
    for row in document.values():
        yield row["cik_str"], row["title"], row["ticker"], None


def _instrument(cik: Any, name: Any, ticker: Any, exchange: Any) -> dict[str, object]:
    company, word = company_id(cik), str(ticker).strip().upper()
    mic = VENUES.get(str(exchange or "").strip().upper())
    return {
        "symbol": f"{company}:{word}",
        "ticker": word,
        "name": str(name).strip(),
        "asset_class": "equity",
        "currency": CURRENCY,
        "venue": mic,
        "calendar": (venue(mic).get("calendar") or None) if mic else None,
        "company": company,
    }
