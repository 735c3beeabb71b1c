"""US Treasury: daily par yields by maturity, bills, real yields, and average interest rates.

Yields of a day count as known from 18:00 in New York, when they are published; a maturity that
did not exist is absent and never zero.
"""

from __future__ import annotations

import io
import re
from datetime import time
from typing import Any
from xml.etree.ElementTree import Element

import polars as pl

from ingest.formats import tables
from ingest.formats.body import careful, content, decoded, refuse
from ingest.formats.records import from_rows, number
from ingest.formats.xml import local, root
from ingest.jobs import Cadence, Call, Job, Parsed, Reply, ReplyError, Source, Window

XML = "https://home.treasury.gov/resource-center/data-chart-center/interest-rates/pages/xml"
FEEDS = ("daily_treasury_yield_curve", "daily_treasury_real_yield_curve")
PUBLISHED, ZONE = time(18, 0), "America/New_York"
UNIT = "percent per year"
TENOR = re.compile(r"(?i)^(?:BC|TC|RC)_(\d+(?:_5)?)(MONTH|YEAR)$")
REAL = re.compile(rb"<(?:\w+:)?[TR]C_\d+YEAR|^Date,.*\d+ YR\b")
BILL = re.compile(r"(?i)^ROUND_B1_(CLOSE|YIELD)_(\d+)WK_2$")
HEADING = re.compile(r"(?i)^(\d+(?:\.5)?)\s*(mo|month|yr|year)s?$")
WEEKS = re.compile(r"(?i)^(\d+) weeks (bank|coupon) (?:discount|equivalent)$")
NOTHING = {"", "null", "n/a", "nan", "*"}


def plan(window: Window) -> list[Call]:
    """One call per feed and year."""
    last = (window.until or window.now.date()).year
    first = window.since.year if window.since else 1990
    return [
        Call(XML, {"data": feed, "field_tdr_date_value": str(year)})
        for feed in window.names or FEEDS
        for year in range(max(first, 2003 if "real" in feed else 1990), last + 1)
    ]


@careful
def parse(reply: Reply) -> Parsed:
    """Atom with `m:properties`, the CSV of a year, or JSON of fiscaldata."""
    body = content(reply)
    if body[:1] == b"{":
        return _fiscal(reply, decoded(reply, body))
    if reply.status >= 300:
        refuse(reply)
    cells = _xml(root(body)) if body[:1] == b"<" else _csv(body)
    if not cells:
        raise ReplyError("empty", "the Treasury has no yield for this period")
    frame = pl.DataFrame(cells, schema=["date", "tenor", "value"], orient="row")
    frame = frame.with_columns(
        number("value"), pl.col("date").str.to_date("%Y-%m-%d").alias("period")
    )
    frame = frame.drop_nulls("value")
    if not frame.height:
        raise ReplyError("empty", "days of the Treasury without a yield")
    return _yields(reply, frame, _kind(reply, body))


def _xml(top: Element) -> list[tuple[str, str, str]]:
    """Cells of every `properties`; of the duplicated 30-year field only the first is a fact."""
    cells = []
    for properties in top.iter():
        if local(properties.tag) != "properties":
            continue
        given = {local(cell.tag): (cell.text or "").strip() for cell in properties}
        day = next((given[n] for n in ("NEW_DATE", "INDEX_DATE", "QUOTE_DATE") if n in given), "")
        if given.get("RATE_TYPE"):
            # The feed of long-term rates names the kind of each rate in a cell of its own.
            cells.append((day[:10], given["RATE_TYPE"].lower(), given.get("RATE", "")))
            continue
        for name, value in given.items():
            tenor = _tenor(name)
            if tenor and value.lower() not in NOTHING:
                cells.append((day[:10], tenor, value))
    return cells


def _tenor(name: str) -> str | None:
    """`1.5m`, `10y`, or a bill by its weeks, from the name of a field."""
    found = TENOR.match(name)
    if found:
        return found.group(1).replace("_", ".") + found.group(2)[0].lower()
    bill = BILL.match(name)
    return f"bill{bill.group(2)}w-{bill.group(1).lower()}" if bill else None


def _csv(body: bytes) -> list[tuple[str, str, str]]:
    """A year, newest first, MM/DD/YYYY; the columns differ from year to year."""
    frame = pl.read_csv(io.BytesIO(body), infer_schema=False, truncate_ragged_lines=False)
    tenors = {name: _heading(name) for name in frame.columns[1:]}
    if not frame.columns[0].lower().startswith("date") or not any(tenors.values()):
        raise ReplyError(
            "upstream", f"expected yields by maturity, found {frame.columns[0][:60]!r}"
        )
    first = frame.columns[0]
    days = frame[first].str.to_date("%m/%d/%Y").dt.strftime("%Y-%m-%d")
    return [
        (day, tenor, value)
        for name, tenor in tenors.items()
        if tenor
        for day, value in zip(days, frame[name], strict=True)
        if (value or "").strip().lower() not in NOTHING
    ]


def _heading(name: str) -> str | None:
    bill = WEEKS.match(name.strip())
    if bill:
        return f"bill{bill.group(1)}w-{'close' if bill.group(2).lower() == 'bank' else 'yield'}"
    found = HEADING.match(name.strip())
    return found.group(1) + found.group(2)[0].lower() if found else None


def _yields(reply: Reply, frame: pl.DataFrame, kind: str) -> Parsed:
    """Series `us_treasury:par:10y`; the real curve and others carry their own name."""
    known = tables.never_ahead(tables.at_clock("period", PUBLISHED, ZONE), reply)
    ids = pl.concat_str(pl.lit(f"us_treasury:{kind}:"), pl.col("tenor"))
    macro = tables.table(
        "macro",
        frame,
        series_id=ids,
        unit=UNIT,
        is_forecast=False,
        source="us_treasury",
        **tables.stamped(known, "lagged"),
    )
    series = [
        {
            "series_id": f"us_treasury:{kind}:{tenor}",
            "indicator": f"{'yield' if kind == 'par' else kind}_{tenor}",
            "title": f"US Treasury {kind} yield: {tenor}",
            "country": "USA",
            "frequency": "daily",
            "unit": UNIT,
            "adjustment": "nsa",
            "timezone": ZONE,
        }
        for tenor in frame["tenor"].unique(maintain_order=True)
    ]
    return Parsed({"macro": macro, "series": tables.described(reply, "us_treasury", series)})


def _kind(reply: Reply, body: bytes) -> str:
    """Which curve it is: the real one names its fields its own way, else the request tells."""
    if REAL.search(body[:20_000]):
        return "real"
    given = reply.parameters
    asked = f"{given.get('data', '')} {given.get('type', '')} {reply.path}".lower()
    for word, kind in (
        ("real_yield", "real"),
        ("realyield", "real"),
        ("bill", "bills"),
        ("long", "long"),
    ):
        if word in asked:
            return kind
    return "par"


def _fiscal(reply: Reply, answer: Any) -> Parsed:
    """fiscaldata: every value is text, a missing one the text `null`; pages follow."""
    rows = answer.get("data")
    if not isinstance(rows, list):
        words = answer.get("message") or answer.get("error") or "no data in the answer"
        refuse(reply, words, None if reply.status >= 300 else "upstream")
    if not rows:
        raise ReplyError("empty", "fiscaldata has no row that matches")
    follow = _next(reply, answer.get("meta") or {})
    if not {"record_date", "security_desc", "avg_interest_rate_amt"} <= set(rows[0]):
        made = tables.reading("rows", rows)
        return Parsed(made.tables, follow, made.note)
    fields = {
        "period": ("record_date",),
        "kind": ("security_type_desc",),
        "name": ("security_desc",),
        "value": ("avg_interest_rate_amt",),
    }
    frame = from_rows(rows, fields, numbers=("value",)).drop_nulls("value")
    # A rate stands for its month, which is stated by its last day.
    frame = frame.with_columns(pl.col("period").str.to_date("%Y-%m-%d").dt.month_start())
    slug = pl.concat_str([pl.col("kind").fill_null(""), pl.col("name")], separator=" ")
    slug = slug.str.to_lowercase().str.replace_all(r"[^a-z0-9]+", "-").str.strip_chars("-")
    ids = pl.concat_str(pl.lit("us_treasury:average:"), slug)
    made = tables.table(
        "macro",
        frame,
        series_id=ids,
        unit=UNIT,
        is_forecast=False,
        source="us_treasury",
        **tables.seen(reply),
    )
    return Parsed({"macro": made}, follow)


def _next(reply: Reply, meta: dict[str, Any]) -> tuple[Call, ...]:
    page = int(reply.parameters.get("page[number]", "1"))
    if not reply.call.url or page >= int(meta.get("total-pages") or 1):
        return ()
    url = reply.call.url.partition("?")[0]
    return (Call(url, {**reply.parameters, "page[number]": str(page + 1)}),)


SOURCE = Source(
    name="us_treasury",
    title="US Treasury",
    gives="Daily par yields by maturity, nominal and real",
    grade="lagged",
    licence="Source: US Department of the Treasury; public domain.",
    jobs=(
        Job(
            "us_treasury_yields",
            ("macro", "series"),
            "Yield curves of the year",
            Cadence(at="18:15", zone=ZONE, days="weekdays"),
            lookback_days=7,
            priority=2,
        ),
    ),
    plan=plan,
    parse=parse,
    cache_s=3600,
)
