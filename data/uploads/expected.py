"""Rows of a file that say what is expected of a release: each accepted, a duplicate or rejected.

What the calendar holds is handed in; a row of it is named by the id of its series and its period.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from data.errors import UploadError, WorkstationError
from data.uploads.check import Reading, RowVerdict, cell_of, figure, refuse_extra
from data.uploads.dates import Order, instant
from data.uploads.table import Table

ROLES = ("series", "period", "expected", "known")
NUMERIC = ("expected",)
MONTH = re.compile(r"(\d{4})[-/. ]?M?(\d{1,2})")
QUARTER = re.compile(r"(?:(\d{4})[-/. ]?Q([1-4])|Q([1-4])[-/. ]?(\d{4}))", re.IGNORECASE)
YEAR = re.compile(r"\d{4}")


@dataclass(frozen=True, slots=True)
class Slot:
    """One release of the calendar: its unit, and when it was first printed, if it was."""

    unit: str
    released_at: datetime | None


@dataclass(frozen=True, slots=True)
class Expected(RowVerdict):
    """What becomes of a row; an accepted one has what is kept of it."""

    series_id: str = ""
    period: date | None = None
    value: float | None = None
    unit: str = ""
    known_at: datetime | None = None

    @property
    def symbol(self) -> str | None:
        """The series it speaks of, where one is kept."""
        return self.series_id or None


@dataclass(frozen=True, slots=True)
class ExpectationReading:
    """How a table is read: its columns, the order of its dates, the calendar and the clock."""

    reading: Reading
    calendar: Mapping[str, Mapping[date, Slot]]
    order: Order
    now: datetime


def series_named(table: Table, reading: Reading) -> list[str]:
    """The ids of series that a table names, to be looked up in the calendar."""
    place = reading.columns.get("series")
    return [] if place is None else list(dict.fromkeys(table.column(place)))


def check(table: Table, expectation_reading: ExpectationReading) -> list[Expected]:
    """A verdict for every row, in the order of the file."""
    missing = [role for role in ROLES[:3] if role not in expectation_reading.reading.columns]
    if missing:
        raise UploadError(f"no column says the {missing[0]}; choose which one does")
    found: list[Expected] = []
    seen: dict[tuple[object, ...], int] = {}
    for line, cells in table.rows:
        verdict = _checked(line, cells, table, expectation_reading)
        if verdict.status == "accepted":
            first = seen.setdefault((verdict.series_id, verdict.period, verdict.known_at), line)
            if first != line:
                reason = f"line {first} says it already"
                verdict = Expected(line, verdict.word, "duplicate", reason)
        found.append(verdict)
    return found


def _checked(
    line: int, cells: Sequence[str | None], table: Table, expectation_reading: ExpectationReading
) -> Expected:
    columns = expectation_reading.reading.columns
    series, period = cell_of(cells, columns, "series"), cell_of(cells, columns, "period")
    shown = " / ".join(word for word in (series, period) if word)[:80]
    try:
        refuse_extra(cells, table)
        if not series or not period:
            raise UploadError("a row needs the id of a series and a period")
        day, slot = _slot(series, period, expectation_reading)
        value = figure(cells, expectation_reading.reading, "expected")
        if value is None:
            raise UploadError("no expected value")
        known = _known(cell_of(cells, columns, "known"), expectation_reading)
        late = slot.released_at is not None and known >= slot.released_at
        reason = "known only after the print: it counts for no surprise" if late else ""
        return Expected(
            line,
            shown,
            "accepted",
            reason,
            series_id=series,
            period=day,
            value=value,
            unit=slot.unit,
            known_at=known,
        )
    except WorkstationError as error:
        return Expected(line, shown, "rejected", str(error))


def _slot(series: str, period: str, expectation_reading: ExpectationReading) -> tuple[date, Slot]:
    slots = expectation_reading.calendar.get(series)
    if not slots:
        raise UploadError(f"no release of {series[:60]!r} is in the calendar at this clock")
    day = first_day(period)
    if day not in slots:
        near = sorted(slots, key=lambda item: abs((item - day).days))[:2]
        words = " and ".join(f"{item:%Y-%m-%d}" for item in sorted(near))
        raise UploadError(f"{series[:60]} has no release for {period[:20]}; it has {words}")
    return day, slots[day]


def _known(cell: str | None, expectation_reading: ExpectationReading) -> datetime:
    if cell is None:
        return expectation_reading.now
    known = instant(cell, expectation_reading.order)
    if known.date() == expectation_reading.now.date():
        known = min(known, expectation_reading.now)  # a day without a time counts to its end
    if known > expectation_reading.now:
        raise UploadError(f"{cell[:30]} lies ahead: nobody can have known it yet")
    return known


def first_day(text: str) -> date:
    """The first day of a period: `2026-10`, `2026Q3`, `2026` or a day, which is taken as it is."""
    word = text.strip()
    try:
        if found := MONTH.fullmatch(word):
            return date(int(found[1]), int(found[2]), 1)
        if found := QUARTER.fullmatch(word):
            year, quarter = found[1] or found[4], found[2] or found[3]
            return date(int(year), 3 * int(quarter) - 2, 1)
        if YEAR.fullmatch(word):
            return date(int(word), 1, 1)
        return date.fromisoformat(word[:10])
    except ValueError:
        raise UploadError(f"{text[:30]!r} is no period; write 2026-10, 2026Q3 or 2026") from None
