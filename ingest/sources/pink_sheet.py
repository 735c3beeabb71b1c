"""World Bank "Pink Sheet": monthly mean prices of 70 commodities from 1960, and their indices.

One workbook, whose address changes every year: the page on commodity markets leads to it. It says
on which day it was updated, and every figure in it is as it stood then. A month's price is the
mean of the month, so it is a series and never the price of a day.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from data.errors import UploadError
from data.uploads.sheet import read_grid
from ingest.formats import tables
from ingest.formats.body import careful, content, refuse, said
from ingest.formats.periods import first_day
from ingest.jobs import Cadence, Call, Job, Parsed, Reply, ReplyError, Source, Window
from ingest.lists import listed

PAGE = "https://www.worldbank.org/en/research/commodity-markets"
WORKBOOK = re.compile(
    r"https://thedocs\.worldbank\.org/en/doc/[0-9a-f]{32}-\d{6}(\d{4})/related/"
    r"CMO-Historical-Data-Monthly\.xlsx"
)
ZIP = b"PK\x03\x04"
OK = 200
PRICES, INDICES = "Monthly Prices", "Monthly Indices"
UPDATED = re.compile(r"Updated on (\w+ \d{1,2}, \d{4})")
MISSING = {"", "…", "...", ".."}
# The unit as it stands below a name, and in our words.
UNITS = {
    "($/bbl)": "USD per barrel",
    "($/mt)": "USD per tonne",
    "($/kg)": "USD per kg",
    "($/mmbtu)": "USD per million BTU",
    "($/troy oz)": "USD per troy ounce",
    "($/dmtu)": "USD per dry tonne unit",
    "($/cubic meter)": "USD per cubic metre",
    "(cents/sheet)": "US cents per sheet",
    "(2010=100)": "index 2010=100",
}
INDEX = "(2010=100)"
# The day has no hour: what the World Bank updated on it was public by its end in Washington.
ZONE, END = "America/New_York", time(23, 59, 59)
OLD_DAYS = 45  # it is updated every month
Grid = Sequence[tuple[int, Sequence[str | None]]]


def plan(window: Window) -> list[Call]:
    """The page that has the address of the workbook."""
    return [Call(PAGE)]


@careful
def parse(reply: Reply) -> Parsed:
    """The page leads to the newest workbook; a workbook to its prices and indices."""
    if reply.body.startswith(ZIP):
        return _workbook(reply)
    found = {match[0]: match[1] for match in WORKBOOK.finditer(reply.body.decode(errors="replace"))}
    if reply.status != OK or reply.path.endswith(".xlsx"):
        content(reply)
        refuse(reply, "the answer is no workbook", "upstream")
    if not found:
        raise ReplyError("upstream", "the page on commodity markets has no link to the workbook")
    return Parsed({}, (Call(max(found, key=lambda address: found[address])),))


def _workbook(reply: Reply) -> Parsed:
    grids = {name: _sheet(reply.body, name) for name in (PRICES, INDICES)}
    updated = _updated(grids[PRICES])
    facts = [*_prices(grids[PRICES]), *_indices(grids[INDICES])]
    known = min(datetime.combine(updated, END, ZoneInfo(ZONE)), reply.fetched_at)
    frame = pl.DataFrame(facts, schema=["series_id", "period", "value", "unit"], orient="row")
    macro = tables.table(
        "macro",
        frame,
        is_forecast=False,
        source="pink_sheet",
        **tables.stamped(pl.lit(known), "native"),
    )
    names = _named(grids)
    series = [names[key] | {"series_id": key} for key in frame["series_id"].unique().sort()]
    return Parsed(
        {"macro": macro, "series": tables.described(reply, "pink_sheet", series)},
        note=_age(updated, reply.fetched_at.date()),
    )


def _age(updated: date, today: date) -> str:
    """An old address answers for ever with an old workbook: that is said."""
    days = (today - updated).days
    return f"the workbook was updated on {updated:%-d %B %Y}" if days > OLD_DAYS else ""


def _sheet(payload: bytes, name: str) -> Grid:
    try:
        return list(read_grid(payload, "workbook.xlsx", name).rows)
    except UploadError as error:
        raise ReplyError("upstream", f"the sheet {name} cannot be read: {error}") from None


def _updated(grid: Grid) -> date:
    for _, cells in grid[:8]:
        found = UPDATED.search(cells[0] or "")
        if found:
            return datetime.strptime(found[1], "%B %d, %Y").date()  # noqa: DTZ007 - a day alone
    raise ReplyError("upstream", "the sheet of prices does not say when it was updated")


def _cleaned(name: str) -> str:
    """Without the stars of footnotes and doubled spaces: the name is the only code there is."""
    return " ".join(name.replace("*", " ").split())


def _headed(grid: Grid) -> tuple[dict[int, str], dict[int, str], Grid]:
    """Names and units by column, and the rows of months."""
    months = next((n for n, (_, cells) in enumerate(grid) if _is_month(cells[0])), None)
    if months is None or months < 2:
        raise ReplyError("upstream", "no month stands in the first column")
    names: dict[int, str] = {}
    for _, cells in grid[:months]:
        for column, cell in enumerate(cells[1:], 1):
            text = _cleaned(cell or "")
            if text and not text.startswith("("):
                names[column] = text  # the lowest line of a nested head is the column's own
    units = {column: (cell or "").strip() for column, cell in enumerate(grid[months - 1][1])}
    return names, units, grid[months:]


def _is_month(cell: str | None) -> bool:
    return re.fullmatch(r"\d{4}M\d\d", (cell or "").strip()) is not None


def _prices(grid: Grid) -> list[tuple[str, date, float, str]]:
    names, units, rows = _headed(grid)
    ours = listed("pink_sheet", "name")
    for column, name in names.items():
        if name in ours and ours[name]["unit"] != units.get(column):
            raise ReplyError(
                "upstream",
                f"{name} is in {said(units.get(column))}, expected {ours[name]['unit']}",
            )
    words = {
        column: (_series(name), UNITS.get(units[column], units[column] or tables.UNSTATED))
        for column, name in names.items()
    }
    return _cells(rows, words)


def _indices(grid: Grid) -> list[tuple[str, date, float, str]]:
    names, _, rows = _headed(grid)
    words = {column: (_index_series(name), UNITS[INDEX]) for column, name in names.items()}
    return _cells(rows, words)


def _cells(rows: Grid, words: Mapping[int, tuple[str, str]]) -> list[tuple[str, date, float, str]]:
    facts = []
    for number, cells in rows:
        if not _is_month(cells[0]):
            continue
        period, _ = first_day(str(cells[0]))
        for column, (series, unit) in words.items():
            cell = (cells[column] if column < len(cells) else None) or ""
            if cell.strip() not in MISSING:
                facts.append((series, period, _number(cell, number, series), unit))
    return facts


def _number(cell: str, row: int, series: str) -> float:
    try:
        return float(cell)
    except ValueError:
        raise ReplyError("upstream", f"row {row}, {series}: {said(cell)} is no number") from None


def _series(name: str) -> str:
    ours = listed("pink_sheet", "name").get(name, {})
    return f"pink_sheet:{ours.get('word') or tables.word_of(name)}"


def _index_series(name: str) -> str:
    return f"pink_sheet:index_{tables.word_of(name)}"


def _named(grids: Mapping[str, Grid]) -> dict[str, dict[str, Any]]:
    """What each series is, by its id."""
    ours, found = listed("pink_sheet", "name"), {}
    names, units, _ = _headed(grids[PRICES])
    for column, name in names.items():
        kind = ours.get(name, {}).get("kind", "other")
        word = _series(name).partition(":")[2]
        unit = UNITS.get(units[column], units[column] or tables.UNSTATED)
        found[_series(name)] = _described(f"commodity_{kind}_{word}", name, unit)
    for name in _headed(grids[INDICES])[0].values():
        found[_index_series(name)] = _described(
            f"commodity_index_{tables.word_of(name)}", f"Commodity prices: {name}", UNITS[INDEX]
        )
    return found


def _described(indicator: str, title: str, unit: str) -> dict[str, Any]:
    return {
        "indicator": indicator,
        "title": f"{title}, mean of the month",
        "frequency": "monthly",
        "unit": unit,
        "adjustment": "nsa",
        "timezone": ZONE,
    }


SOURCE = Source(
    name="pink_sheet",
    title="World Bank commodity prices",
    gives="monthly mean prices of 70 commodities from 1960, and indices of them",
    grade="native",
    licence="Source: World Bank Commodity Price Data (The Pink Sheet), CC BY 4.0.",
    jobs=(
        Job(
            "pink_sheet",
            ("macro", "series"),
            "The workbook of monthly prices",
            Cadence(at="17:00", zone=ZONE, days="weekdays"),
            priority=4,
            cost=2,
        ),
    ),
    plan=plan,
    parse=parse,
    cache_s=3600,
)
