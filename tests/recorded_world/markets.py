"""Hosts of prices: Yahoo's chart, Binance, CoinGecko, Alpha Vantage and Marketstack."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from tests.recorded_world.currencies import said
from tests.recorded_world.hosts import Answer, Ask
from tests.recorded_world.material import MOVES, beside, document, raw, table

BTC = "real/btc_daily_2017_2019H1.csv"
MINUTES = "recorded/binance/rest_klines_BTCUSDT_1m.json"
PAIRS = "recorded/binance/rest_exchangeInfo.json"
COINS = "recorded/coingecko/example_coins_markets.json"
IBM = "recorded/alpha_vantage/TIME_SERIES_DAILY_IBM.json"
EURAUD = "recorded/alpha_vantage/FX_DAILY_EUR_AUD.json"
PROFILE = "recorded/alpha_vantage/OVERVIEW_IBM.json"
EOD = "recorded/marketstack/documented_v2_eod.json"
# Symbol -> the recorded chart.
CHARTS = {
    "AAPL": "recorded/yahoo_chart/v8_chart_AAPL_2020-08_to_11.json",
    "NVDA": "recorded/yahoo_chart/v8_chart_NVDA_split_2021.json",
    "BZ=F": "recorded/yahoo_chart/v8_chart_BZ=F.json",
    "EURUSD=X": "recorded/yahoo_chart/v8_chart_EURUSD=X.json",
    "GC=F": "recorded/yahoo_chart/v8_chart_GC=F.json",
    "BTC-USD": "recorded/yahoo_chart/v8_chart_BTC-USD.json",
    "OCDO.L": "recorded/yahoo_chart/v8_chart_OCDO.L_GBp.json",
    "WSU.DE": "recorded/yahoo_chart/v8_chart_WSU.DE.json",
    "INR=X": "recorded/yahoo_chart/v8_chart_INRX_with_null.json",
}
# Symbol -> real quotes told in the form of a chart: file, kind, venue, how its columns are called.
QUOTES = {
    "^GSPC": ("real/sp500_daily_1999_2009.csv", "INDEX", "SNP", str.title),
    "^VIX": ("real/vix_daily_1990_2012.csv", "INDEX", "CXI", str.upper),
    "META": ("real/fang_daily_fb_amzn_2013_2016.csv", "EQUITY", "NMS", str.lower),
    "AMZN": ("real/fang_daily_fb_amzn_2013_2016.csv", "EQUITY", "NMS", str.lower),
}
FB = {"META": "FB"}
NEW_YORK = ZoneInfo("America/New_York")
NEVER = (None, "", "null")


def yahoo(ask: Ask) -> Answer:
    """A chart since `period1`, stated at the present; 404 in its own words for the rest."""
    symbol = unquote(ask.last)
    if symbol in CHARTS:
        result = recorded_chart(CHARTS[symbol], ask)
    elif symbol in QUOTES:
        result = quoted_chart(symbol, ask)
    else:
        return Answer(beside("yahoo_chart/v8_chart_unknown_symbol_404.json"), 404)
    since = int(ask.query["period1"])
    places = [at for at, stamp in enumerate(result["timestamp"]) if stamp >= since]
    (quote,) = result["indicators"]["quote"]
    result["timestamp"] = [result["timestamp"][at] for at in places]
    result["indicators"] = {
        "quote": [{name: [values[at] for at in places] for name, values in quote.items()}]
    }
    return said({"chart": {"result": [result], "error": None}})


def recorded_chart(name: str, ask: Ask) -> dict[str, Any]:
    """As recorded, with its stamps moved at their hour of the exchange, up to the present."""
    (result,) = document(name)["chart"]["result"]
    meta, move = result["meta"], MOVES[name]
    zone, now = meta["exchangeTimezoneName"], int(ask.now.timestamp())
    stamps = [move.stamp(stamp, zone) for stamp in result["timestamp"]]
    kept = sum(stamp <= now for stamp in stamps)
    (quote,) = result["indicators"]["quote"]
    result["timestamp"] = stamps[:kept]
    result["indicators"] = {"quote": [{key: values[:kept] for key, values in quote.items()}]}
    for kind in ("dividends", "splits"):
        given = (result.get("events") or {}).get(kind, {})
        moved = [event | {"date": move.stamp(event["date"], zone)} for event in given.values()]
        if given:
            result["events"][kind] = {str(e["date"]): e for e in moved if e["date"] <= now}
    meta["regularMarketTime"] = now
    meta.pop("currentTradingPeriod", None)
    return dict(result)


def quoted_chart(symbol: str, ask: Ask) -> dict[str, Any]:
    """Quotes of a file as a chart of New York, a bar stamped at the opening of its session."""
    name, kind, venue, case = QUOTES[symbol]
    rows = [
        (day, row)
        for row in table(name)
        if row.get("symbol", symbol) == FB.get(symbol, symbol)
        and (day := MOVES[name].day(date.fromisoformat(row[case("date")]))) <= ask.today
    ]
    opens = [datetime.combine(day, time(9, 30), NEW_YORK) for day, _ in rows]
    names = ("open", "high", "low", "close", "volume")
    quote = {
        key: [float(row[case(key)]) if row.get(case(key)) not in NEVER else None for _, row in rows]
        for key in names
    }
    meta = {
        "symbol": symbol,
        "currency": "USD",
        "exchangeName": venue,
        "instrumentType": kind,
        "exchangeTimezoneName": "America/New_York",
        "dataGranularity": "1d",
        "regularMarketTime": int(ask.now.timestamp()),
    }
    return {
        "meta": meta,
        "timestamp": [int(at.timestamp()) for at in opens],
        "indicators": {"quote": [quote]},
    }


def days_of_bitcoin(ask: Ask) -> Iterator[tuple[int, dict[str, str]]]:
    """The first millisecond of each day, and its row."""
    for row in table(BTC):
        day = MOVES[BTC].day(date.fromisoformat(row["date"]))
        if day <= ask.today:
            yield int(datetime.combine(day, time(), UTC).timestamp() * 1000), row


def binance(ask: Ask) -> Answer:
    """Candles of BTCUSDT by day and by minute, the pairs, and a refusal of every other symbol."""
    if ask.last == "exchangeInfo":
        return Answer(raw(PAIRS))
    if ask.query["symbol"] != "BTCUSDT":
        return said({"code": -1121, "msg": "Invalid symbol."}, 400)
    names = ("open", "high", "low", "close", "volume")
    if ask.query["interval"] == "1d":
        rows = [
            [first, *(row[name] for name in names), first + 86_399_999, "0", 0, "0", "0", "0"]
            for first, row in days_of_bitcoin(ask)
        ]
    else:
        move = MOVES[MINUTES]
        rows = [
            [move.stamp(row[0] // 1000) * 1000, *row[1:6], move.stamp(row[6] // 1000) * 1000 + 999]
            + row[7:]
            for row in document(MINUTES)
        ]
    first, last = int(ask.query["startTime"]), int(ask.now.timestamp() * 1000)
    return said([row for row in rows if first <= row[0] <= last][: int(ask.query["limit"])])


def coingecko(ask: Ask) -> Answer:
    """A daily chart of bitcoin: a point at midnight is the close of the day before."""
    if ask.last == "markets":
        return Answer(raw(COINS))
    if "/bitcoin/" not in ask.path:
        return Answer(beside("coingecko/documented_error_404_coin_not_found.json"), 404)
    days = list(days_of_bitcoin(ask))[-int(ask.query["days"]) :]
    points = [[first, float(row["open"])] for first, row in days]
    nothing = [[first, None] for first, _ in days]
    return said({"prices": points, "market_caps": nothing, "total_volumes": nothing})


def alpha_vantage(ask: Ask) -> Answer:
    """IBM and the euro in Australian dollars; what else is asked is an invalid call."""
    query = ask.query
    if query["function"] == "OVERVIEW" and query["symbol"] == "IBM":
        return Answer(raw(PROFILE))
    pair = query.get("from_symbol", "") + query.get("to_symbol", "")
    name = EURAUD if pair == "EURAUD" else IBM if query.get("symbol") == "IBM" else ""
    if not name or query["function"] not in ("TIME_SERIES_DAILY", "FX_DAILY"):
        return Answer(beside("alpha_vantage/quoted_error_message_200.json"))
    answer = document(name)
    (label,) = (key for key in answer if key.startswith("Time Series"))
    moved = {MOVES[name].iso(day): row for day, row in answer[label].items()}
    answer[label] = {day: row for day, row in moved.items() if day <= ask.today.isoformat()}
    return said(answer)


def marketstack(ask: Ask) -> Answer:
    """The one documented row."""
    answer = document(EOD)
    moved = [
        row | {"date": MOVES[EOD].iso(row["date"][:10]) + row["date"][10:]}
        for row in answer["data"]
    ]
    since, today = ask.query["date_from"], ask.today.isoformat()
    answer["data"] = [row for row in moved if since <= row["date"][:10] <= today]
    answer["pagination"] |= {"count": len(answer["data"]), "total": len(answer["data"])}
    return said(answer)
