"""Whether a file of the lake has rows of a span of time, by what its manifest says of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from data.lake.manifest import LakeFile


def meets(entry: LakeFile, start: date | datetime | int, end: date | datetime | int) -> bool:
    """Whether its time column may have a value from `start` to `end`; unknown counts as yes."""
    if entry.low is None or entry.high is None:
        return True
    return _span(entry.low)[0] <= _span(end)[1] and _span(entry.high)[1] >= _span(start)[0]


def _span(value: str | date | datetime | int) -> tuple[datetime, datetime]:
    """First and last instant of a year, a day or an instant; as text, as the manifest has it."""
    if isinstance(value, str):
        instant = datetime.fromisoformat if len(value) > 10 else date.fromisoformat
        value = int(value) if value.isdecimal() else instant(value)
    if isinstance(value, datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=UTC)
        return moment, moment
    first, last = (value, value) if isinstance(value, date) else _year(value)
    return datetime.combine(first, time.min, UTC), datetime.combine(last, time.max, UTC)


def _year(year: int) -> tuple[date, date]:
    return date(year, 1, 1), date(year, 12, 31)
