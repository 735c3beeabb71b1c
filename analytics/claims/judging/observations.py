"""What is known of one subject at a clock, as a line of periods with their values, and where in it
a span of time lies."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property

from analytics.claims.judging.relations import precision
from analytics.claims.judging.units import ClaimUnit
from analytics.claims.statement import Grain, Span, Subject
from data.query import QueryRun

DAY = timedelta(days=1)
MONTHS = {"monthly": 1, "quarterly": 3, "annual": 12}
LEAST_FOR_RHYTHM = 3
RHYTHMS = ((4, "daily"), (10, "weekly"), (45, "monthly"), (135, "quarterly"), (500, "annual"))
GRAINS: dict[str, Grain] = {"monthly": "month", "quarterly": "quarter", "annual": "year"}
NEXT_SESSION = timedelta(days=10)  # how far back a close may lie that is compared with a day's


@dataclass(frozen=True)
class Observations:
    """Values in the order of their periods, `starts` to `ends`; withdrawn ones are left out and
    their periods in `withdrawn`. `is_by_rhythm` says that nothing but its own days tells its
    frequency. `units` are those of each print, `became` how many shares one
    share of each session is by the last. `read` is the query that gave them."""

    subject: Subject
    starts: tuple[date, ...]
    ends: tuple[date, ...]
    values: tuple[float, ...]
    units: tuple[str, ...]
    known: tuple[datetime, ...]
    became: tuple[float, ...]
    unit: ClaimUnit
    frequency: str
    source: str
    title: str
    is_price: bool
    withdrawn: frozenset[date]
    read: QueryRun = field(repr=False)
    is_by_rhythm: bool = False

    def __len__(self) -> int:
        return len(self.starts)

    @cached_property
    def half_digit(self) -> float:
        """Half a unit of the last digit that the source prints."""
        return 0.0 if self.subject.inverse else precision(list(self.values[-60:]))

    @property
    def is_itself_change(self) -> bool:
        """Whether its values are moves from the period before."""
        unit, title = self.unit.text.lower(), self.title.lower()
        is_step = "month on month" in unit or "quarter on quarter" in unit
        return is_step or "period before" in unit or "change in " in title

    @property
    def is_yearly_change(self) -> bool:
        """Whether its values are moves from a year before."""
        unit = self.unit.text.lower()
        return "year on year" in unit or "year ago" in unit

    @property
    def is_balance(self) -> bool:
        """Whether a negative value is what the trade calls a deficit."""
        return any(word in self.title.lower() for word in ("balance", "current account", "deficit"))

    def span(self, place: int) -> Span:
        """The period of an observation."""
        grain = GRAINS.get(self.frequency, "day")
        is_day = self.starts[place] == self.ends[place]
        return Span(self.starts[place], self.ends[place], "day" if is_day else grain)

    def until(self, last: date) -> Observations:
        """The same without what comes after a day."""
        count = bisect_right(self.starts, last)
        if count == len(self):
            return self
        return replace(
            self,
            starts=self.starts[:count],
            ends=self.ends[:count],
            values=self.values[:count],
            units=self.units[:count],
            known=self.known[:count],
            became=self.became[:count],
            frequency=rhythm(list(self.ends[:count])) if self.is_by_rhythm else self.frequency,
        )

    def at_ends(self, grain: Grain) -> Observations:
        """Where periods are shorter than the grain, the last of each month, quarter or year."""
        size = {"month": 1, "quarter": 3, "year": 12}.get(grain)
        own = MONTHS.get(self.frequency, 0)
        if size is None or own >= size:
            return self
        bins = [(day.year * 12 + day.month - 1) // size for day in self.starts]
        last = [n for n, bin_ in enumerate(bins) if n + 1 == len(bins) or bins[n + 1] != bin_]
        found = self._of(last)
        whole = [_bin_span(bins[place], size) for place in last]
        return replace(
            found,
            starts=tuple(first for first, _ in whole),
            ends=tuple(end for _, end in whole),
            frequency={1: "monthly", 3: "quarterly", 12: "annual"}[size],
        )

    def _of(self, places: list[int]) -> Observations:
        return replace(
            self,
            starts=tuple(self.starts[n] for n in places),
            ends=tuple(self.ends[n] for n in places),
            values=tuple(self.values[n] for n in places),
            units=tuple(self.units[n] for n in places),
            known=tuple(self.known[n] for n in places),
            became=tuple(self.became[n] for n in places),
        )

    def within(self, span: Span) -> range:
        """Places of the observations that begin in a span."""
        return range(bisect_left(self.starts, span.first), bisect_right(self.starts, span.last))

    def is_ahead(self, span: Span, day: date) -> bool:
        """Whether a span lies after a day, and nothing of it is known ahead, as a rate is that
        was decided on but does not apply yet."""
        return span.first > day and not self.within(span)

    def place(self, span: Span | None) -> int | None:
        """The observation that a span names: the last in it, the one that contains it, or, where
        values stand until they are changed, the one that stood; of a month's last day without a
        session its last one; the last of all without a span."""
        if not len(self):
            return None
        if span is None:
            return len(self) - 1
        if found := self.within(span):
            return found[-1]
        before = bisect_right(self.starts, span.first) - 1
        if before < 0:
            return None
        if self.ends[before] >= span.last or self.frequency == "irregular":
            return before
        is_month_end = span.first == span.last and (span.last + DAY).day == 1
        if self.is_daily and is_month_end and before + 1 < len(self):
            is_near = span.last - self.starts[before] < NEXT_SESSION
            return before if is_near and self.starts[before].month == span.last.month else None
        return None

    def base(self, span: Span | None, place: int) -> int | None:
        """What an observation is compared with: that of a span, or the one before it."""
        if span is None:
            return place - 1 if place else None
        found = self.place(span)
        if found is None and self.is_daily:
            near = bisect_right(self.starts, span.last) - 1
            if near >= 0 and span.last - self.starts[near] <= NEXT_SESSION:
                found = near
        return found if found != place else None

    @property
    def is_daily(self) -> bool:
        """Whether it has a value for every session."""
        return self.is_price or self.frequency == "daily"

    def year_before(self, place: int) -> int | None:
        """The observation of the same period a year earlier."""
        day = years_before(self.starts[place], 1)
        found = bisect_right(self.starts, day) - 1
        if found < 0:
            return None
        if self.frequency == "irregular":
            return found  # a rate stands until it is changed
        least = NEXT_SESSION if self.is_daily or self.frequency == "weekly" else timedelta(0)
        return found if day - self.starts[found] <= least else None

    def adjusted(self, place: int) -> float:
        """A value in the shares of the last session."""
        return self.values[place] / self.became[place]

    def in_shares_of(self, place: int) -> list[float]:
        """All values in the shares of one session."""
        if self.became.count(1.0) == len(self):
            return list(self.values)
        unit = self.became[place]
        return [value / own * unit for value, own in zip(self.values, self.became, strict=True)]

    def expected(self, span: Span) -> int:
        """How many observations a span has when all of it is published; none can be told of
        values without a rhythm, which gives 0."""
        if self.is_daily:
            return sum(1 for day in _days(span) if day.weekday() < 5)
        if self.frequency == "weekly":
            return max(1, ((span.last - span.first).days + 1) // 7)
        size = MONTHS.get(self.frequency, 0)
        if not size:
            return 0
        months = [n for n in _months(span) if n % size == 0]
        return len(months)


def rhythm(days: list[date]) -> str:
    """How often values come, told by their days."""
    if len(days) < LEAST_FOR_RHYTHM:
        return "irregular"
    steps = sorted((after - day).days for day, after in zip(days, days[1:], strict=False))
    middle, longest = steps[len(steps) // 2], steps[-1]
    found = next((name for most, name in RHYTHMS if middle <= most), "irregular")
    is_even = found == "daily" or longest <= 2 * middle + 3
    return found if is_even else "irregular"


def _months(span: Span) -> Iterator[int]:
    """Months, counted from the year 0, that begin in a span."""
    first = span.first.year * 12 + span.first.month - 1 + (span.first.day > 1)
    yield from range(first, span.last.year * 12 + span.last.month)


def _days(span: Span) -> Iterator[date]:
    for number in range((span.last - span.first).days + 1):
        yield span.first + number * DAY


def _bin_span(number: int, size: int) -> tuple[date, date]:
    return month_start(number * size), month_start((number + 1) * size) - DAY


def month_start(number: int) -> date:
    """The first day of a month counted from the year 0."""
    return date(number // 12, number % 12 + 1, 1)


def years_before(day: date, years: int) -> date:
    """The same day of an earlier year, the 28th for a leap day."""
    year = max(day.year - years, date.min.year)  # a draft may name any number of them
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)


def period_end(start: date, frequency: str) -> date:
    """The last day of the period that begins on a day."""
    if frequency == "weekly":
        return start + 6 * DAY
    months = MONTHS.get(frequency)
    if months is None:
        return start
    return month_start(start.year * 12 + start.month - 1 + months) - DAY
