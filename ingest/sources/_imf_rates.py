"""The IMF's table of representative rates: a month in blocks, one currency per line.

Only its title says what a table is quoted in: the same address also gives tables in SDR. It takes
the one title that means dollars, and refuses every other rather than store a wrong rate.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime

import polars as pl

from ingest.formats import tables
from ingest.formats.body import refuse, said
from ingest.jobs import Parsed, Reply, ReplyError
from ingest.lists import listed

HEADER = re.compile(rb"(?m)^\s*Currency\s*\t")
TITLE = re.compile(
    r"(?i)representative exchange rates for selected currencies( for \w+ \d{4})?( continued)?"
)
MARK = re.compile(r"\s*\((\d+)\)")
PER_UNIT = "1"  # the mark of a currency that is quoted in dollars per unit

Line = tuple[str, list[date], list[str]]


def is_table(body: bytes) -> bool:
    """Whether a body is one of the IMF's tables of rates, whatever its title."""
    return HEADER.search(body) is not None


def representative(reply: Reply, body: bytes) -> Parsed:
    """Units of the currency per US dollar; a name marked (1) is quoted in dollars per unit."""
    if reply.status >= 300:
        refuse(reply)
    if not is_table(body):
        raise ReplyError("upstream", "expected the IMF's table of rates, found " + said(body[:80]))
    codes = listed("imf_currencies", "name")
    rows: list[tuple[str, str, date, float]] = []
    unknown: set[str] = set()
    for name, days, cells in _lines(body.decode("utf-8", "replace")):
        marks = MARK.findall(name)
        code = codes.get(MARK.sub("", name).strip(), {}).get("code")
        numbers = [
            (day, rate)
            for day, cell in zip(days, cells, strict=False)
            if (rate := _rate(cell)) is not None
        ]
        if code == "USD":
            _check_dollar(numbers)
        elif code is None or marks not in ([], [PER_UNIT]):
            unknown.add(name)
        else:
            pair = (code, "USD") if marks else ("USD", code)
            rows += [(*pair, day, rate) for day, rate in numbers]
    if not rows:
        raise ReplyError("empty", "this month of the IMF's table holds no rate")
    frame = pl.DataFrame(rows, schema=["base", "quote", "date", "close"], orient="row")
    words = "left out, since their name or mark is not known: " + ", ".join(sorted(unknown))
    return Parsed(tables.rates(reply, "imf", frame), note=words if unknown else "")


def _lines(text: str) -> Iterator[Line]:
    """Each currency with the days of its block; a block begins under a title that we know."""
    days: list[date] = []
    above = ""
    for line in text.splitlines():
        name, *cells = (word.strip() for word in line.split("\t"))
        if name == "Currency":
            _check_title(above)
            above = ""
            days = [datetime.strptime(c, "%B %d, %Y").date() for c in cells if c]  # noqa: DTZ007 - a day has no zone
        elif name and any(cells):
            yield name, days, cells
        elif name:
            above, days = name, []


def _check_title(title: str) -> None:
    if not TITLE.fullmatch(" ".join(MARK.sub("", title).split())):
        raise ReplyError(
            "upstream",
            f"the IMF's table is titled {said(title)!r}, and only its representative rates are"
            " known to be in US dollars; nothing of it is stored. Ask for reportType=REP",
        )


def _check_dollar(numbers: list[tuple[date, float]]) -> None:
    """In a table of dollar rates the dollar itself is one."""
    if odd := [rate for _, rate in numbers if rate != 1.0]:
        raise ReplyError(
            "upstream",
            f"the IMF's table quotes the US dollar at {odd[0]:g}, so it is not in US dollars,"
            " whatever its title says; nothing of it is stored",
        )


def _rate(cell: str) -> float | None:
    """`1,496.000000` has a comma; `NA` is a holiday."""
    try:
        return float(cell.replace(",", ""))
    except ValueError:
        return None
