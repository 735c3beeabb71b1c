"""Arrays of Binance as columns: candles in one sweep over the bytes, trades, pairs, frames."""

from __future__ import annotations

import json
import re
from typing import Any

import polars as pl

from ingest.formats.bars import OHLC, epoch, numbers
from ingest.formats.tables import INSTANT
from ingest.jobs import Reply

# Assets that pairs are priced in, longest first: a pair is written base and quote without a gap.
QUOTES = (
    "FDUSD",
    "USDT",
    "USDC",
    "TUSD",
    "BUSD",
    "USDP",
    "USDS",
    "BIDR",
    "BVND",
    "IDRT",
    "DOGE",
    "AEUR",
    "EURI",
    "USD1",
    "BTC",
    "ETH",
    "BNB",
    "TRX",
    "XRP",
    "DOT",
    "SOL",
    "DAI",
    "VAI",
    "PAX",
    "UST",
    "EUR",
    "TRY",
    "BRL",
    "GBP",
    "AUD",
    "RUB",
    "ZAR",
    "NGN",
    "UAH",
    "PLN",
    "RON",
    "ARS",
    "JPY",
    "MXN",
    "COP",
    "CZK",
    "IDR",
    "USD",
)
QUOTED = rb'"[^"\\\[\]]*"'
FIRST_ROW = re.compile(
    rb"\[\[\d+,"
    + rb",".join([QUOTED] * 5)
    + rb",\d+,"
    + QUOTED
    + rb",\d+,"
    + QUOTED
    + rb","
    + QUOTED
    + rb","
    + QUOTED
    + rb"\]"
)
# Cut at each quotation mark and bracket, the figures of a candle stand alone in these columns.
FIELDS = {"column_2": "open", "column_4": "high", "column_6": "low", "column_8": "close"}
FIELDS["column_10"] = "volume"
LAST = "column_18"
SCHEMA = {
    f"column_{place}": pl.Float64 if f"column_{place}" in FIELDS else pl.String
    for place in range(1, 20)
}


def quote_of(symbol: str) -> str:
    """The asset in which a pair is priced, by the venue's own list of such assets."""
    return next((quote for quote in QUOTES if symbol.endswith(quote) and symbol != quote), "")


def candles(body: bytes, rows: Any = None) -> pl.DataFrame:
    """`opened` and `closed` in whole milliseconds (or microseconds), the five figures, as sent."""
    found = None if rows is not None else _swept(body)
    return _walked(json.loads(body) if rows is None else rows) if found is None else found


def _swept(body: bytes) -> pl.DataFrame | None:
    """No Python object per candle; None where the layout differs, and the slow road is due."""
    flat = body if body.startswith(b"[[") else body.translate(None, b" \t\r\n")
    if not FIRST_ROW.match(flat):
        flat = body.translate(None, b" \t\r\n")
    if not (FIRST_ROW.match(flat) and flat.endswith(b"]]")):
        return None
    stamps = [
        pl.col("column_1").str.strip_chars(",[").cast(pl.Int64).alias("opened"),
        pl.col("column_11").str.strip_chars(",").cast(pl.Int64).alias("closed"),
    ]
    try:
        frame = (
            pl.scan_csv(
                flat[1:-2],
                has_header=False,
                separator='"',
                quote_char=None,
                eol_char="]",
                schema=SCHEMA,
            )
            .select(*stamps, *(pl.col(old).alias(new) for old, new in FIELDS.items()), LAST)
            .collect()
        )
    except pl.exceptions.PolarsError:
        return None
    # A candle with a null in it has fewer quotation marks, so its last field is missing.
    return None if any(frame[name].has_nulls() for name in frame.columns) else frame.drop(LAST)


def _walked(rows: Any) -> pl.DataFrame:
    if not all(isinstance(row, list) and len(row) >= 7 for row in rows):
        raise ValueError("a candle has fewer than seven fields")
    columns = list(zip(*(row[:7] for row in rows), strict=True))
    figures = zip((*OHLC, "volume"), columns[1:6], strict=True)
    return pl.DataFrame(
        {
            "opened": pl.Series(columns[0], dtype=pl.Int64),
            "closed": pl.Series(columns[6], dtype=pl.Int64),
        }
        | {name: numbers(list(values)) for name, values in figures}
    )


def trades(rows: list[dict[str, Any]], symbol: str, reply: Reply) -> pl.DataFrame:
    """Single trades (`id`) and aggregates (`a`), which number their own sequence at a venue."""
    is_single = "id" in rows[0]
    names = ("id", "price", "qty", "time", "isBuyerMaker") if is_single else tuple("apqTm")
    ids, prices, sizes, times, makers = ([row[name] for row in rows] for name in names)
    return pl.DataFrame(
        {
            "trade_id": pl.Series(ids, dtype=pl.Int64),
            "price": numbers(prices),
            "size": numbers(sizes),
            "event_at": epoch(pl.Series(times, dtype=pl.Int64)),
            # The buyer who waited in the book was hit by a seller.
            "side": pl.Series(["sell" if maker else "buy" for maker in makers], dtype=pl.String),
        }
    ).with_columns(
        pl.lit("binance" if is_single else "binance-agg").alias("venue"),
        pl.lit(f"binance:{symbol}").alias("symbol"),
        pl.lit(reply.fetched_at).cast(INSTANT).alias("known_at"),
    )


def pairs(rows: list[dict[str, Any]]) -> list[dict[str, object]]:
    """`symbols` of exchangeInfo as instruments; symbols may hold any character."""
    return [
        {
            "symbol": f"binance:{row['symbol']}",
            "ticker": str(row["symbol"]),
            "name": f"{row['baseAsset']}/{row['quoteAsset']}",
            "asset_class": "crypto",
            "currency": str(row["quoteAsset"]),
            "venue": "binance",
            "calendar": "24/7",
            "aliases": f"{row['baseAsset']}-{row['quoteAsset']}",
        }
        for row in rows
    ]


def rules(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Status and steps of each pair: facts about trading that no dataset holds."""
    found = []
    for row in rows:
        filters = {part.get("filterType"): part for part in row.get("filters") or ()}
        found.append(
            {
                "symbol": row["symbol"],
                "status": row.get("status"),
                "tick_size": filters.get("PRICE_FILTER", {}).get("tickSize"),
                "step_size": filters.get("LOT_SIZE", {}).get("stepSize"),
            }
        )
    return found


def frames(body: bytes) -> list[dict[str, Any]] | None:
    """Frames of the websocket, one per line, each with its stream; None when these are none."""
    lines = [line for line in body.splitlines() if line.strip()]
    whole = _json(body)
    found = [whole] if isinstance(whole, dict) else [_json(line) for line in lines]
    if not all(isinstance(frame, dict) for frame in found) or isinstance(whole, list):
        return None
    events = [_event(frame) for frame in found if isinstance(frame, dict)]
    return events if events and any(_is_event(event) for event in events) else None


def _event(frame: dict[str, Any]) -> dict[str, Any]:
    data = frame.get("data")
    return {"stream": frame.get("stream"), **data} if isinstance(data, dict) else frame


def _is_event(event: dict[str, Any]) -> bool:
    return "e" in event or event.get("stream") is not None or {"u", "b", "B", "a"} <= event.keys()


def _json(text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def closed_candles(events: list[dict[str, Any]]) -> pl.DataFrame:
    """The candles of kline frames that say of themselves that they are closed."""
    done = [e["k"] for e in events if e.get("e") == "kline" and e["k"].get("x") is True]
    figures = zip((*OHLC, "volume"), "ohlcv", strict=True)
    return pl.DataFrame(
        {
            "symbol": pl.Series([f"binance:{k['s']}" for k in done], dtype=pl.String),
            "currency": pl.Series([quote_of(k["s"]) for k in done], dtype=pl.String),
            "interval": pl.Series([k["i"] for k in done], dtype=pl.String),
            "event_at": epoch(pl.Series([k["t"] for k in done], dtype=pl.Int64)),
        }
        | {name: numbers([k[letter] for k in done]) for name, letter in figures}
    )
