"""Yield curves of the Bank of England: a ZIP of workbooks with the days of the current month.

Each workbook is one curve; its sheet of spot rates has maturities in years in one row and a day
in each row below. Cells are empty on holidays and beyond the end of a curve. Nothing in it says
when it was published, so a yield is known from when we saw it.
"""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, datetime
from typing import Any

import polars as pl
import pyarrow as pa

from data.errors import UploadError
from data.uploads.sheet import read_grid
from ingest.formats import tables
from ingest.jobs import Reply, ReplyError

URL = (
    "https://www.bankofengland.co.uk/-/media/boe/files/statistics/yield-curves/"
    "latest-yield-curve-data.zip"
)
ZIP = b"PK\x03\x04"
UNIT, ZONE = "percent per year", "Europe/London"
SHEET = re.compile(r"(?i)^\s*\d+\s*\.\s*spot curve\s*$")
# A word in the name of a workbook: the curve's name in our ids, and what its indicators begin with.
CURVES = {
    "nominal": ("nominal", "yield", "Nominal government spot yield"),
    "real": ("real", "real", "Real government spot yield"),
    "inflation": ("inflation", "implied_inflation", "Implied inflation, spot"),
    "ois": ("ois", "ois", "Overnight index swap spot rate"),
}
YEARS = (1, 2, 3, 5, 7, 10, 15, 20, 25, 30)
MATURITIES = {0.5: "6m", **{float(years): f"{years}y" for years in YEARS}}
MOST_BYTES = 25 * 1024 * 1024


def curve_tables(reply: Reply) -> dict[str, pa.Table]:
    """Observations and series of every workbook whose name says which curve it is."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(reply.body))
    except zipfile.BadZipFile:
        raise ReplyError("upstream", "the archive of yield curves is damaged") from None
    parts = []
    for member in archive.infolist():
        curve = _curve(member.filename)
        if curve and member.filename.lower().endswith(".xlsx"):
            if member.file_size > MOST_BYTES:
                raise ReplyError("upstream", f"{member.filename} is larger than a month of curves")
            parts.append(_workbook(reply, curve, archive.read(member)))
    if not parts:
        raise ReplyError("upstream", "no workbook of this archive is a yield curve")
    return tables.merged(*parts)


def _curve(name: str) -> str | None:
    words = re.findall(r"[a-z]+", name.lower())
    return next((curve for curve in CURVES if curve in words), None)


def _workbook(reply: Reply, curve: str, payload: bytes) -> dict[str, pa.Table]:
    """The usual maturities of one workbook; other ones are left out."""
    try:
        sheets = read_grid(payload, f"{curve}.xlsx").sheets
        spot = next((name for name in sheets if SHEET.match(name)), None)
        if spot is None:
            raise ReplyError("upstream", f"the workbook {curve} has no sheet of spot rates")
        rows = [cells for _, cells in read_grid(payload, f"{curve}.xlsx", spot).rows]
    except UploadError as error:
        raise ReplyError("upstream", f"the workbook {curve} cannot be read: {error}") from None
    cells = _cells(rows)
    if not cells:
        raise ReplyError("upstream", f"the workbook {curve} has no days below its maturities")
    frame = pl.DataFrame(cells, schema=["period", "tenor", "value"], orient="row")
    macro = tables.table(
        "macro",
        frame,
        series_id=pl.concat_str(pl.lit(f"boe:{CURVES[curve][0]}:"), pl.col("tenor")),
        unit=UNIT,
        is_forecast=False,
        source="boe",
        **tables.seen(reply),
    )
    series = [_series(curve, tenor) for tenor in frame["tenor"].unique(maintain_order=True)]
    return {"macro": macro, "series": tables.described(reply, "boe", series)}


def _series(curve: str, tenor: str) -> dict[str, Any]:
    name, word, title = CURVES[curve]
    return {
        "series_id": f"boe:{name}:{tenor}",
        "indicator": f"{word}_{tenor}",
        "title": f"{title}: {tenor}",
        "country": "GBR",
        "frequency": "daily",
        "unit": UNIT,
        "adjustment": "nsa",
        "timezone": ZONE,
    }


def _cells(rows: list[list[str | None]]) -> list[tuple[date, str, float]]:
    """Day, tenor and yield of each cell that has one, below the row of maturities."""
    tenors: dict[int, str] = {}
    found = []
    for cells in rows:
        day = _day(cells[0])
        if day is None:
            tenors = tenors or _maturities(cells)
            continue
        for column, tenor in tenors.items():
            value = _number(cells[column]) if column < len(cells) else None
            if value is not None:
                found.append((day, tenor, value))
    return found


def _maturities(cells: list[str | None]) -> dict[int, str]:
    """The columns of usual maturities, if this row counts up in years."""
    years = [_number(cell) for cell in cells[1:]]
    known = [year for year in years if year is not None]
    if len(known) < 5 or known != sorted(set(known)):
        return {}
    rounded = [None if year is None else round(year, 4) for year in years]
    return {
        column: MATURITIES[year]
        for column, year in enumerate(rounded, 1)
        if year is not None and year in MATURITIES
    }


def _day(cell: str | None) -> date | None:
    try:
        return datetime.fromisoformat(cell or "").date()
    except ValueError:
        return None


def _number(cell: str | None) -> float | None:
    try:
        return float(cell) if cell else None
    except ValueError:
        return None
