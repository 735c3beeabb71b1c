"""Dates that can be expected from those of earlier years: a median, and the range that was seen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

YEARS = 5  # how far back the rule looks
SAME_DAYS = 15  # days by which the same period or payment may move from year to year
APART_DAYS = 60  # two periods of a company are further apart
SILENT_DAYS = 500  # after which nothing is expected any more


@dataclass(frozen=True, slots=True)
class ExpectedDate:
    """A date that nobody has announced: `earliest` and `latest` are as in `count` earlier years.

    It is counted from `since`, the end of a period or the ex-date a year before.
    """

    since: date
    day: date
    earliest: date
    latest: date
    count: int
    middle: int  # the median, in days

    def state(self, today: date) -> str:
        """`overdue` once the latest of the earlier years is past."""
        return "overdue" if self.latest < today else "expected"


def year_later(day: date, years: int = 1) -> date:
    """The same day of another year; a 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def weekday(day: date) -> date:
    """That day, or the nearest weekday."""
    return day + timedelta(days={5: -1, 6: 1}.get(day.weekday(), 0))


def coming_periods(ends: Iterable[date]) -> list[date]:
    """The periods of the next year: those of the last one, a year later.

    Years of 52 weeks end on the same day of the week; the 53rd week of some is not foreseen.
    """
    known = sorted(set(ends))
    found, last = list[date](), known[-5:]
    in_weeks = len(last) == 5 and len({end.weekday() for end in last}) == 1
    for end in known:
        later = end + timedelta(weeks=52) if in_weeks else year_later(end)
        if (later - (found or known)[-1]).days >= APART_DAYS:
            found.append(later)
    return found


def expected_reports(
    filed: dict[date, date], periods: Sequence[date], today: date
) -> list[ExpectedDate]:
    """When reports of coming periods can be expected, given the days of those that were filed.

    The median lag of the same quarter in up to five years, after the period's end.
    """
    found = []
    for end in periods:
        if (today - end).days > SILENT_DAYS:
            continue
        lags = [
            (day - before).days
            for before, day in filed.items()
            for years in range(1, YEARS + 1)
            if abs((year_later(before, years) - end).days) <= SAME_DAYS
        ]
        if lags:
            found.append(_expected(end, lags))
    return found


def expected_payments(paid: Sequence[date], today: date) -> list[ExpectedDate]:
    """Ex-dates of the next year: each of the last year's, later by the median gap on the year."""
    days, found = sorted(set(paid)), []
    for day in days:
        if day <= days[-1] - timedelta(days=365 - SAME_DAYS):
            continue
        path = [day]
        while len(path) <= YEARS:
            wanted = year_later(path[-1], -1)
            near = [one for one in days if abs((one - wanted).days) <= SAME_DAYS]
            if not near:
                break
            path.append(min(near, key=lambda one: (abs((one - wanted).days), one)))
        gaps = [(later - before).days for later, before in zip(path, path[1:], strict=False)]
        if gaps and (today - day).days <= SILENT_DAYS:
            found.append(_expected(day, gaps))
    return found


def _expected(since: date, lags: Sequence[int]) -> ExpectedDate:
    middle = round(median(lags))
    day, low, high = (weekday(since + timedelta(days=n)) for n in (middle, min(lags), max(lags)))
    return ExpectedDate(since, day, low, high, len(lags), middle)
