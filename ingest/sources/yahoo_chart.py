"""Yahoo's chart (unofficial): daily and one-minute bars. Off unless somebody accepts its terms.

Its closes are divided by every later split; they are multiplied back, so that what is stored is
what was paid. Its dividend-adjusted close is never read: it is rewritten after the fact.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any, NoReturn

import numpy as np
import polars as pl

from ingest.formats.bars import (
    OHLC,
    UNKNOWN_CURRENCY,
    BarFeed,
    currency_of,
    daily,
    epoch,
    minutes,
    numbers,
)
from ingest.formats.body import careful, decoded, refuse, said
from ingest.formats.sessions import closes, venue_of_yahoo
from ingest.formats.tables import reading
from ingest.jobs import Cadence, Call, Job, Parsed, Problem, Reply, ReplyError, Source, Window
from ingest.lists import listed
from ingest.runs.refusals import json_text, meaning

BASE = "https://query1.finance.yahoo.com/v8/finance/chart"
DELAY_MINUTES = 20
KINDS = {
    "EQUITY": "equity",
    "ETF": "etf",
    "MUTUALFUND": "etf",
    "INDEX": "index",
    "CURRENCY": "fx",
    "CRYPTOCURRENCY": "crypto",
    "FUTURE": "commodity",
    "OPTION": "equity",
}
CODES: dict[str, Problem] = {
    "not found": "client",
    "bad request": "client",
    "unprocessable entity": "client",
    "unauthorized": "auth",
    "too many requests": "quota",
}
JOBS = (
    Job(
        "yahoo_daily",
        ("prices",),
        "daily bars with splits and dividends",
        Cadence(at="22:30", zone="America/New_York", days="weekdays"),
        priority=8,
    ),
)


def plan(window: Window) -> list[Call]:
    """One chart per symbol. It always reaches to the present: later splits are needed too."""
    names = window.names_or(listed("yahoo_chart", "symbol"))
    since = datetime.combine(window.since, time(), UTC) if window.since else None
    start = str(int(since.timestamp())) if since else "0"
    params = {
        "period1": start,
        "period2": str(int(window.now.timestamp())),
        "interval": "1d",
        "events": "div,splits",
        "includePrePost": "false",
    }
    return [Call(f"{BASE}/{name.removeprefix('yahoo:')}", params) for name in names]


@careful
def parse(reply: Reply) -> Parsed:
    """Bars of a day or a minute; other spans are read only. The last bar may be unfinished."""
    document = decoded(reply, json_text(reply))
    chart = document.get("chart") or document.get("finance") if isinstance(document, dict) else None
    if not isinstance(chart, dict):
        raise ReplyError("upstream", "the answer holds no chart")
    if chart.get("error") or not chart.get("result"):
        _refused(reply, chart.get("error"))
    if reply.status >= 300:
        refuse(reply)
    result = chart["result"][0]
    meta = result["meta"]
    if not result.get("timestamp"):
        raise ReplyError("empty", f"{said(meta.get('symbol'))}: no trade in this span")
    frame = _frame(result)
    span = str(meta.get("dataGranularity") or reply.parameters.get("interval", ""))
    if span not in ("1d", "1m"):
        return reading("bars", frame.to_dicts(), f"bars of {span} are facts of no dataset")
    return _minutes(frame, meta, reply) if span == "1m" else _days(frame, result, reply)


def _frame(result: Mapping[str, Any]) -> pl.DataFrame:
    """Stamps and figures; an array that is absent, or a null in one, is a missing figure."""
    stamps = result["timestamp"]
    quote = (result.get("indicators", {}).get("quote") or [{}])[0]
    columns = {name: quote.get(name) or [None] * len(stamps) for name in (*OHLC, "volume")}
    return pl.DataFrame(
        {"event_at": epoch(pl.Series(stamps, dtype=pl.Int64))}
        | {name: numbers(list(values)) for name, values in columns.items()}
    ).with_columns(_clean(name) for name in OHLC)


def _clean(name: str) -> pl.Expr:
    """Figures that went through single precision, as they were before: 34.1, not 34.09999847."""
    value = pl.col(name)
    single = value.cast(pl.Float32)
    short = single.cast(pl.String).cast(pl.Float64)
    return pl.when(single.cast(pl.Float64) == value).then(short).otherwise(value).alias(name)


def _common(meta: Mapping[str, Any]) -> dict[str, pl.Expr]:
    kind = KINDS.get(str(meta.get("instrumentType")).upper(), "equity")
    return {
        "symbol": pl.lit(f"yahoo:{meta['symbol']}"),
        "asset_class": pl.lit(kind),
        "currency": pl.lit(currency_of(meta.get("currency"))),
    }


def _minutes(frame: pl.DataFrame, meta: Mapping[str, Any], reply: Reply) -> Parsed:
    place = venue_of_yahoo(str(meta.get("exchangeName")))
    zone = str(meta.get("exchangeTimezoneName") or "UTC")
    day = pl.col("event_at").dt.convert_time_zone(zone).dt.date()
    common = _common(meta)
    frame = frame.with_columns(
        day.alias("date"),
        pl.lit(place.get("mic") or str(meta.get("exchangeName"))).alias("venue"),
        symbol=common["symbol"],
        currency=common["currency"],
    ).filter(pl.col("event_at").dt.second() == 0)  # the last stamp may be the present moment
    # The print of the close comes as a minute of its own that begins when the session is over.
    ends = pl.col("event_at").is_in(_ends(meta).implode())
    frame = frame.filter(~(ends & (pl.col("volume").fill_null(0) == 0)))
    feed = BarFeed("yahoo_chart", delay_minutes=DELAY_MINUTES)
    return Parsed({"bars": minutes(frame, reply, feed)})


def _ends(meta: Mapping[str, Any]) -> pl.Series:
    """Where the chart's sessions end; with the hours before and after, the periods stand apart."""
    stated = meta.get("tradingPeriods") or []
    days = stated.get("regular") or [] if isinstance(stated, dict) else stated
    found = [period["end"] for day in days for period in day]
    return epoch(pl.Series(found, dtype=pl.Int64))


def _days(frame: pl.DataFrame, result: Mapping[str, Any], reply: Reply) -> Parsed:
    meta = result["meta"]
    zone = str(meta.get("exchangeTimezoneName") or "UTC")
    place = venue_of_yahoo(str(meta.get("exchangeName")))
    day = pl.col("event_at").dt.convert_time_zone(zone).dt.date()
    frame = frame.with_columns(day.alias("date"), **_common(meta))
    frame = _settled(frame, meta, place.get("calendar", ""), zone)
    frame = frame.unique("date", keep="first", maintain_order=True).sort("date")
    splits, dividends = _events(result, zone)
    frame = frame.join(splits, on="date", how="left", maintain_order="left")
    frame = frame.join(dividends, on="date", how="left", maintain_order="left")
    frame = _raw(frame, splits)
    feed = BarFeed("yahoo_chart", place.get("calendar", ""), zone, DELAY_MINUTES)
    rows = daily(frame, reply, feed)
    return Parsed({"prices": rows}, note="; ".join(_doubts(frame, meta, reply)))


def _settled(
    frame: pl.DataFrame, meta: Mapping[str, Any], calendar: str, zone: str
) -> pl.DataFrame:
    """Without the bar of the session that was under way when the chart was drawn.

    The chart names its current session; until a trade lies after its close, that day is not done.
    """
    traded = meta.get("regularMarketTime")
    if not isinstance(traded, int):
        return frame
    last = datetime.fromtimestamp(traded, UTC)
    period = (meta.get("currentTradingPeriod") or {}).get("regular") or {}
    current = epoch(pl.Series([period.get("start") or traded], dtype=pl.Int64))
    day = current.dt.convert_time_zone(zone).dt.date()[0]
    ends = closes(frame["date"], calendar=calendar, zone=zone)
    is_current = (frame["date"] == day) | (frame["event_at"] == last)
    return frame.filter(~(is_current & (ends > last)))


def _events(result: Mapping[str, Any], zone: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Splits and dividends by the local day on which they take effect."""
    events = result.get("events") or {}
    splits = list((events.get("splits") or {}).values())
    dividends = list((events.get("dividends") or {}).values())
    ratios = [float(s["numerator"]) / float(s["denominator"]) for s in splits]
    both = (
        ("split_ratio", splits, ratios),
        ("dividend", dividends, [float(d["amount"]) for d in dividends]),
    )
    frames = []
    for name, found, values in both:
        stamps = epoch(pl.Series([event["date"] for event in found], dtype=pl.Int64))
        days = stamps.dt.convert_time_zone(zone).dt.date()
        frame = pl.DataFrame({"date": days, name: pl.Series(values, dtype=pl.Float64)})
        whole = pl.col(name).product() if name == "split_ratio" else pl.col(name).sum()
        frames.append(frame.group_by("date").agg(whole))
    return frames[0], frames[1]


def _raw(frame: pl.DataFrame, splits: pl.DataFrame) -> pl.DataFrame:
    """Prices and dividends times the splits that came after their day, volume divided by them."""
    if not splits.height:
        return frame
    days = frame["date"].to_numpy()
    factor = np.ones(len(days))
    for day, ratio in splits.rows():
        factor[days < np.datetime64(day)] *= ratio
    split = pl.Series("factor", factor)
    money = [_seven(pl.col(name) * split).alias(name) for name in (*OHLC, "dividend")]
    return frame.with_columns(*money, (pl.col("volume") / split).round(0))


def _seven(value: pl.Expr) -> pl.Expr:
    """Single precision holds seven digits; those beyond came from the multiplication."""
    return value.cast(pl.Float32).cast(pl.String).cast(pl.Float64)


def _doubts(frame: pl.DataFrame, meta: Mapping[str, Any], reply: Reply) -> list[str]:
    found = []
    last = frame["date"].to_list()[-1]
    shares = ("EQUITY", "ETF", "MUTUALFUND")
    is_share = str(meta.get("instrumentType")).upper() in shares
    if is_share and last < reply.fetched_at.date() - timedelta(days=10):
        found.append(
            f"splits after {last} are not in this chart, and its prices are divided by them"
        )
    if currency_of(meta.get("currency")) == UNKNOWN_CURRENCY:
        found.append("the chart states no currency")
    return found


def _refused(reply: Reply, error: object) -> NoReturn:
    """`{"code": "Not Found", "description": "No data found, symbol may be delisted"}`."""
    stated = error if isinstance(error, dict) else {}
    code, words = str(stated.get("code", "")), said(stated.get("description") or error or "")
    if "doesn't exist for" in words:
        raise ReplyError("empty", words)
    problem = CODES.get(code.lower()) or meaning(f"{code} {words}", "upstream")
    if not stated:
        problem = "empty" if reply.status < 300 else "client"
    raise ReplyError(problem, f"{code}: {words}" if code else "a chart without result or reason")


SOURCE = Source(
    name="yahoo_chart",
    title="Yahoo chart (unofficial)",
    gives="daily and one-minute bars of shares, funds, indices, futures, currencies and crypto",
    grade="lagged",
    licence="Yahoo's terms forbid redistribution and automated use; there is no contract. "
    "Off until you accept that for your own use.",
    jobs=JOBS,
    plan=plan,
    parse=parse,
    ids="yahoo:",
    is_default=False,
)
