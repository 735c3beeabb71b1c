"""Bank of England: Bank Rate, SONIA, money, spot exchange rates of sterling, yield curves.

Its answers say neither unit nor frequency in CSV, so these come from our list; a code that the
list lacks is kept by its day, unit not stated. Known from when we saw it.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import polars as pl
import pyarrow as pa

from ingest.formats import tables
from ingest.formats.body import careful, content, refuse, said
from ingest.formats.records import number
from ingest.formats.xml import attributes, local, root
from ingest.jobs import Cadence, Call, Job, Parsed, Reply, ReplyError, Source, Window
from ingest.lists import listed
from ingest.sources import _boe_curves

BASE = "https://www.bankofengland.co.uk/boeapps/database/_iadb-fromshowcolumns.asp"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# It refuses clients that do not look like a browser.
AGENT = {"User-Agent": "Mozilla/5.0 (compatible; Barograph)"}
CODES = {"D": "daily", "W": "weekly", "M": "monthly", "Q": "quarterly", "A": "annual"}
TRUNCATE = {"weekly": "1w", "monthly": "1mo", "quarterly": "1q", "annual": "1y"}


def plan(window: Window) -> list[Call]:
    """One call for all codes, of which up to 300 are allowed; one for the curves of the month."""
    if window.job == "boe_curves":
        return [Call(_boe_curves.URL, {}, AGENT)]
    names = window.names or tuple(listed("boe", "code"))
    params = {
        "csv.x": "yes",
        "SeriesCodes": ",".join(names),
        "CSVF": "TN",
        "UsingCodes": "Y",
        "Datefrom": _day(window.since.isoformat()) if window.since else "01/Jan/1975",
        "Dateto": _day((window.until or window.now.date()).isoformat()),
    }
    return [Call(BASE, params, AGENT)]


def _day(iso: str) -> str:
    """`01/Sep/2026`, whatever the language of this machine."""
    year, month, day = iso.split("-")
    return f"{day}/{MONTHS[int(month) - 1]}/{year}"


@careful
def parse(reply: Reply) -> Parsed:
    """CSV with a column per code, XML of nested cubes, or the archive of yield curves.

    Errors are HTML with status 200.
    """
    body = content(reply)
    if reply.status >= 300:
        refuse(reply)
    if body.startswith(_boe_curves.ZIP):
        return Parsed(_boe_curves.curve_tables(reply))
    cells, facts = _xml(body) if body[:1] == b"<" else _csv(body)
    cells = cells.drop_nulls("value").unique(["code", "date"], keep="last", maintain_order=True)
    if not cells.height:
        raise ReplyError("empty", "the Bank of England has no value for these days")
    ours = listed("boe", "code")
    parts = [
        _table(reply, code, frame, ours.get(code) or facts.get(code, {}))
        for (code,), frame in cells.group_by("code", maintain_order=True)
    ]
    return Parsed(tables.merged(*parts))


def _csv(body: bytes) -> tuple[pl.DataFrame, Mapping[str, Mapping[str, str]]]:
    frame = pl.read_csv(io.BytesIO(body), infer_schema=False)
    first = frame.columns[0]
    if first.strip().upper() != "DATE" or len(frame.columns) < 2:
        raise ReplyError("upstream", f"expected DATE and codes, found {said(first)!r}")
    long = frame.unpivot(frame.columns[1:], index=first, variable_name="code")
    day = pl.col(first).str.strip_chars().str.to_date("%d %b %Y").alias("date")
    return long.select(day, pl.col("code").str.strip_chars(), number("value")), {}


def _xml(body: bytes) -> tuple[pl.DataFrame, Mapping[str, Mapping[str, str]]]:
    """Cubes with SCODE hold cubes with TIME, and cubes that say frequency, unit and adjustment."""
    rows: list[tuple[str, str, str]] = []
    facts: dict[str, Mapping[str, str]] = {}
    for outer in root(body).iter():
        code = outer.get("SCODE")
        if local(outer.tag) != "Cube" or not code:
            continue
        cubes = [attributes(cube) for cube in outer]
        rows += [(code, c["TIME"][:10], c["OBS_VALUE"]) for c in cubes if "OBS_VALUE" in c]
        facts[code] = _facts(outer.get("DESC") or code, cubes)
    if not facts:
        raise ReplyError("upstream", "expected series of the Bank of England in this XML")
    frame = pl.DataFrame(
        rows, schema=dict.fromkeys(("code", "date", "value"), pl.String), orient="row"
    )
    return frame.with_columns(pl.col("date").str.to_date("%Y-%m-%d"), number("value")), facts


def _facts(title: str, cubes: list[dict[str, str]]) -> Mapping[str, str]:
    stated = {c["CAT_NAME"]: c.get("VAL_DESC", "") for c in cubes if "CAT_NAME" in c}
    frequency = next((c["FREQ_CODE"] for c in cubes if "FREQ_CODE" in c), "")
    season = stated.get("SEASONAL ADJUSTMENT", "").lower()
    adjusted = (
        "nsa" if season.startswith("not") else "sa" if season.startswith("season") else "unknown"
    )
    return {"title": title, "frequency": CODES.get(frequency, ""), "adjustment": adjusted}


def _table(
    reply: Reply, code: str, frame: pl.DataFrame, facts: Mapping[str, str]
) -> dict[str, pa.Table]:
    if facts.get("base"):
        pair = frame.with_columns(
            base=pl.lit(facts["base"]), quote=pl.lit(facts["quote"]), close=pl.col("value")
        )
        return tables.rates(reply, "boe", pair)
    frequency = facts.get("frequency") or "irregular"
    # Months and quarters are stated by their last day.
    start = pl.col("date")
    if frequency in TRUNCATE:
        start = start.dt.truncate(TRUNCATE[frequency])
    series = _series(code, frequency, facts)
    macro = tables.table(
        "macro",
        frame.with_columns(start.alias("period")),
        series_id=series["series_id"],
        unit=series["unit"],
        is_forecast=False,
        source="boe",
        **tables.seen(reply),
    )
    return {"macro": macro, "series": tables.described(reply, "boe", [series])}


def _series(code: str, frequency: str, facts: Mapping[str, str]) -> dict[str, Any]:
    return {
        "series_id": f"boe:{code}",
        "indicator": facts.get("indicator") or code,
        "title": facts.get("title") or code,
        "country": "GBR",
        "frequency": frequency,
        "unit": facts.get("unit") or tables.UNSTATED,
        "adjustment": facts.get("adjustment") or "unknown",
        "timezone": "Europe/London",
    }


SOURCE = Source(
    name="boe",
    title="Bank of England database",
    gives="Bank Rate, SONIA, money, spot exchange rates of sterling, yield curves",
    grade="snapshot",
    licence="Source: Bank of England; reuse with attribution.",
    jobs=(
        Job(
            "boe_series",
            ("macro", "series", "prices"),
            "Series of the list",
            Cadence(at="11:00", zone="Europe/London", days="weekdays"),
            lookback_days=14,
            priority=3,
        ),
        Job(
            "boe_curves",
            ("macro", "series"),
            "Yield curves of the month",
            Cadence(at="13:00", zone="Europe/London", days="weekdays"),
            priority=3,
        ),
    ),
    plan=plan,
    parse=parse,
    cache_s=3600,
)
