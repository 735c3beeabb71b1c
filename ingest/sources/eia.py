"""EIA: spot prices of oil, its products and gas as instruments, and weekly stocks as series.

A spot price is that of one day and has no session: it is a close alone, and the unit that it is
for (a barrel, a gallon) stands in the description of the instrument. An answer repeats the key.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

import polars as pl
import pyarrow as pa

from data.errors import ConfigError
from ingest.formats import tables
from ingest.formats.bars import instruments, numbers
from ingest.formats.body import careful, document, refuse, said
from ingest.jobs import Cadence, Call, Job, Parsed, Problem, Reply, ReplyError, Source, Window
from ingest.lists import entry, listed
from ingest.runs.refusals import meaning

BASE = "https://api.eia.gov/v2/"
ZONE = "America/New_York"
PAGE = 5000  # the most rows of an answer; beyond it the rest is cut
PRICES, SERIES = "eia_prices", "eia"
DOLLARS = "$/"


def plan(window: Window) -> list[Call]:
    """One call per id, the oldest day first, so that a day that is added moves no page."""
    jobs = {"eia_spot": (PRICES,), "eia_stocks": (SERIES,)}.get(window.job, (PRICES, SERIES))
    wanted = window.names or tuple(key for name in jobs for key in listed(name, "id"))
    return [_call(name.removeprefix("eia:"), window) for name in wanted]


def _call(name: str, window: Window) -> Call:
    about = _about(name)
    if not about:
        raise ConfigError(
            f"{name[:60]!r} is neither in ingest/universe/eia_prices.csv nor in eia.csv: "
            "add it with its route and unit"
        )
    params = {
        "frequency": about.get("frequency", "daily"),
        "data[0]": "value",
        "facets[series][]": name,
        "sort[0][column]": "period",
        "sort[0][direction]": "asc",
        "offset": "0",
        "length": str(PAGE),
    }
    if window.since:
        params["start"] = window.since.isoformat()
    if window.until:
        params["end"] = window.until.isoformat()
    return Call(f"{BASE}{about['route']}/data/", params)


def _about(name: str) -> Mapping[str, str]:
    return entry(PRICES, name) or entry(SERIES, name)


@careful
def parse(reply: Reply) -> Parsed:
    """Rows of a page by their series, and the next page where the total says that there is one."""
    answer = document(reply)
    if not isinstance(answer, dict):
        raise ReplyError("upstream", "expected an object of the EIA")
    _refused(reply, answer)
    response = answer.get("response")
    if not isinstance(response, dict) or not isinstance(response.get("data"), list):
        raise ReplyError("upstream", f"no response with data among {said(', '.join(answer))}")
    rows = response["data"]
    follow = _next(reply, len(rows), int(response.get("total") or 0))
    if not rows:
        raise ReplyError("empty", "the EIA has no day in this span, or no such series")
    by_name: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        by_name.setdefault(str(row["series"]), []).append(row)
    frequency = str(response.get("frequency") or "")
    parts = [_rows(reply, name, frequency, part) for name, part in by_name.items()]
    parsed = Parsed(tables.merged(*parts), follow)
    if not parsed.rows and not follow:
        raise ReplyError("empty", "the EIA lists days here and no value for any of them")
    return parsed


def _refused(reply: Reply, answer: Mapping[str, Any]) -> None:
    """`error` is a sentence or an object with a code and a message; HTTP 200 proves nothing."""
    error = answer.get("error")
    if error is None:
        if reply.status >= 300:
            refuse(reply)
        return
    stated = error if isinstance(error, dict) else {"message": error, "code": answer.get("code")}
    words, code = str(stated.get("message") or error), str(stated.get("code") or reply.status)
    _refuse(reply, words, code)


def _refuse(reply: Reply, words: str, code: str) -> NoReturn:
    problem: Problem
    if "KEY" in code or code in ("401", "403") or "api_key" in words.lower():
        problem, words = "auth", f"{words} Set EIA_API_KEY to a registered key."
    elif "RATE" in code or code == "429":
        problem = "quota"
    else:
        problem = "upstream" if code.startswith("5") else meaning(words, "client")
    refuse(reply, words, problem)


def _next(reply: Reply, count: int, total: int) -> tuple[Call, ...]:
    """Counted by the rows of the answer: a page may be shorter than the request wants it."""
    params = {name: text for name, text in reply.parameters.items() if name != "api_key"}
    offset = int(params.get("offset") or 0) + count
    if not reply.call.url or not count or offset >= total:
        return ()
    return (Call(reply.call.url.partition("?")[0], params | {"offset": str(offset)}),)


def _rows(
    reply: Reply, name: str, frequency: str, rows: list[Mapping[str, Any]]
) -> dict[str, pa.Table]:
    """Rows of one id that our lists have; of any other nothing, since its unit means nothing."""
    about = _about(name)
    if not about:
        raise ReplyError("upstream", f"an answer about {said(name)}, which is in no list of ours")
    due = about.get("frequency", "daily")
    if frequency != due:
        raise ReplyError("upstream", f"{name} is {said(frequency) or 'of no'} frequency, not {due}")
    for row in rows:
        unit = str(row.get("units") or row.get("unit") or "")
        if unit.upper() != about["stated"].upper():
            raise ReplyError(
                "upstream", f"{name} is in {said(unit) or 'no unit'}, expected {about['stated']}"
            )
    days = pl.Series([str(row["period"]) for row in rows], dtype=pl.String)
    frame = pl.DataFrame(
        {
            "day": days.str.to_date("%Y-%m-%d"),
            "value": numbers([row.get("value") for row in rows]),
        }
    ).drop_nulls("value")
    if frame.is_empty():
        return {}
    return _price(reply, name, frame) if entry(PRICES, name) else _stock(reply, name, frame)


def _price(reply: Reply, name: str, frame: pl.DataFrame) -> dict[str, pa.Table]:
    """A close in dollars; nothing says when it was published, so it is known from this answer."""
    about, symbol = entry(PRICES, name), f"eia:{name}"
    if not about["stated"].startswith(DOLLARS):
        raise ReplyError("client", f"eia_prices.csv has {name} in {about['stated']}: no dollars")
    prices = tables.table(
        "prices",
        frame.rename({"day": "date", "value": "close"}),
        symbol=symbol,
        asset_class="commodity",
        currency="USD",
        source="eia",
        **tables.seen(reply),
    )
    row: dict[str, object] = {
        "symbol": symbol,
        "ticker": name,
        "name": about["name"],
        "asset_class": "commodity",
        "sector": "Energy",
        "currency": "USD",
        "unit": about["unit"],
    }
    return {"prices": prices, "instruments": instruments([row], reply, source="eia")}


def _stock(reply: Reply, name: str, frame: pl.DataFrame) -> dict[str, pa.Table]:
    about, series = entry(SERIES, name), f"eia:{name}"
    macro = tables.table(
        "macro",
        frame.rename({"day": "period"}),
        series_id=series,
        unit=about["unit"],
        is_forecast=False,
        source="eia",
        **_known(reply, about),
    )
    described = {
        "series_id": series,
        "indicator": about["indicator"],
        "title": about["title"],
        "country": "USA",
        "frequency": about["frequency"],
        "unit": about["unit"],
        "adjustment": "nsa",
        "timezone": about["zone"] or ZONE,
    }
    return {"macro": macro, "series": tables.described(reply, "eia", [described])}


def _known(reply: Reply, about: Mapping[str, str]) -> dict[str, pl.Expr]:
    if not about["lag_days"]:
        return tables.seen(reply)
    clock, zone = tables.wall(about["clock"]), about["zone"] or ZONE
    public = tables.at_clock("period", clock, zone, days_later=int(about["lag_days"]))
    return tables.stamped(tables.never_ahead(public, reply), "lagged")


SOURCE = Source(
    name="eia",
    title="US Energy Information Administration",
    gives="daily spot prices of oil, oil products and natural gas; weekly US stocks",
    grade="lagged",
    licence="Source: US Energy Information Administration; public domain.",
    jobs=(
        Job(
            "eia_spot",
            ("prices", "instruments"),
            "Spot prices of the list, by day",
            Cadence(at="17:30", zone=ZONE, days="weekdays"),
            lookback_days=30,
            priority=3,
        ),
        Job(
            "eia_stocks",
            ("macro", "series"),
            "Weekly stocks of the list",
            Cadence(at="10:45", zone=ZONE, days="weekdays"),
            lookback_days=60,
            priority=3,
        ),
    ),
    plan=plan,
    parse=parse,
    secret="EIA_API_KEY",
    key_in="query:api_key",
    cache_s=600,
)
