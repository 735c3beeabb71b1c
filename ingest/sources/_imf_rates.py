"""The IMF's table of representative rates: a month in blocks, one currency per line."""

from __future__ import annotations

import re
from datetime import date, datetime

import polars as pl

from ingest.formats import tables
from ingest.formats.body import refuse, said
from ingest.jobs import Parsed, Reply, ReplyError
from ingest.lists import listed

NOTE = re.compile(r"\s*\((\d)\)")


def representative(reply: Reply, body: bytes) -> Parsed:
    """Units of the currency per US dollar; a name marked (1) is quoted in dollars per unit."""
    if reply.status >= 300:
        refuse(reply)
    codes = listed("imf_currencies", "name")
    days: list[date] = []
    rows: list[tuple[str, str, date, float]] = []
    unknown: set[str] = set()
    for line in body.decode("utf-8", "replace").splitlines():
        name, *cells = line.rstrip().split("\t")
        if name.strip() == "Currency":
            days = [datetime.strptime(c.strip(), "%B %d, %Y").date() for c in cells if c.strip()]  # noqa: DTZ007 - a day has no zone
            continue
        code = codes.get(NOTE.sub("", name).strip(), {}).get("code")
        if code is None or not days:
            unknown |= {name.strip()} if cells and days else set()
            continue
        pair = (code, "USD") if "(1)" in name else ("USD", code)
        numbers = ((day, _rate(cell)) for day, cell in zip(days, cells, strict=False))
        rows += [(*pair, day, rate) for day, rate in numbers if rate is not None and code != "USD"]
    if not days:
        raise ReplyError("upstream", "expected the IMF's table of rates, found " + said(body[:80]))
    if not rows:
        raise ReplyError("empty", "this month of the IMF's table holds no rate")
    frame = pl.DataFrame(rows, schema=["base", "quote", "date", "close"], orient="row")
    note = f"currencies without a code of ours: {', '.join(sorted(unknown))}" if unknown else ""
    return Parsed(tables.rates(reply, "imf", frame), note=note)


def _rate(cell: str) -> float | None:
    """`1,496.000000` has a comma; `NA` is a holiday."""
    try:
        return float(cell.replace(",", "").strip())
    except ValueError:
        return None
