"""What the analytics of trade read: the rows of some reports, and the year that is the last one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from analytics.core.catalogue import run
from analytics.trade.areas import Side, asked, side
from analytics.trade.known_reports import known_reports
from data.errors import ConfigError
from data.query import Answer, At, Value

FLOWS = ("export", "import")
FIRST_YEAR = 1962  # Comtrade has nothing older
LEVELS = (0, 2, 4, 6)
BACK = 12  # years before the clock among which the last reported one is sought
MOST_MEMBERS = 0.8  # of a group that must have reported for a year to be its last one
MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Report:
    """The rows of a country or group in some years, or in one month of each, with their answer."""

    side: Side
    year: int
    period: str  # `2023` or `2024-05`
    answer: Answer
    rows: pl.DataFrame


def checked_flow(flow: str) -> str:
    """A direction, or a sentence on which there are."""
    if flow not in FLOWS:
        raise ConfigError(f"flow={flow[:40]!r}: expected export or import")
    return flow


def checked_level(level: int) -> int:
    """A level of the list of goods, or a sentence on which there are."""
    if level not in LEVELS:
        raise ConfigError(f"level={level}: expected 0 for all goods together, 2, 4 or 6")
    return level


def checked_month(month: str) -> tuple[int, int]:
    """Year and number of a month written `2024-05`, or a sentence on how it is written."""
    found = MONTH.fullmatch(month.strip())
    if not found:
        raise ConfigError(f"month={month[:40]!r}: expected a month such as 2024-05")
    return int(found[1]), int(found[2])


def opposite(flow: str) -> str:
    """The other direction."""
    return FLOWS[1 - FLOWS.index(flow)]


def of_reports(
    handle: At, name: str, first: int, last: int, *, rules: Mapping[str, Value], **given: object
) -> Answer:
    """What a query on `parts/trade_rows` gives of the reports of some years; `rules` are its own
    parameters, and `areas.asked` has what restricts the rows."""
    restricted = asked(first, last, **given)  # type: ignore[arg-type] # lists and a number
    known = known_reports(handle)
    taken = known.parameters(first, last, restricted["reporters"])  # type: ignore[arg-type] # codes as given
    answer = run(handle, name, **rules, **restricted, **taken)  # type: ignore[arg-type] # lists and a number
    return answer.join(known.answer, answer.frame, "")


def flows(handle: At, first: int, last: int, **given: object) -> Answer:
    """Rows of the years as `parts/trade_flows` has them; see `areas.asked` for the rest."""
    return of_reports(handle, "parts/trade_flows", first, last, rules={}, **given)


def month_flows(
    handle: At,
    first: int,
    last: int,
    month: int | None = None,
    flow: str | None = None,
    /,
    **given: object,
) -> Answer:
    """Rows of the months of some years, or of one month of each, as `parts/month_flows` has them;
    both flows where none is named."""
    return run(
        handle,
        "parts/month_flows",
        month=month,
        **asked(first, last, flow=flow, **given),  # type: ignore[arg-type] # lists and a number
    )


def matrix(handle: At, year: int, flow: str, level: int) -> Answer:
    """What each country traded of each product of a level in a year."""
    name = "parts/trade_matrix"
    return of_reports(handle, name, year, year, rules={}, flow=flow, level=level)


def reports(handle: At, first: int, last: int) -> Answer:
    """When each reporter's year was first published."""
    return known_reports(handle).published(first, last)


def statements(handle: At, first: int, last: int) -> pl.DataFrame:
    """Which directions each reporter states by partner, at which levels of goods."""
    return known_reports(handle).statements(first, last)


def exporters_part(at: At, year: int) -> tuple[pl.DataFrame, Answer]:
    """By seller: of what countries report to have bought of it in a year, and whether its own
    exports of the year are reported."""
    found = flows(at, year, year, level=0, flow="import")
    reported = statements(at, year, year).filter(pl.col("flow") == "export")["reporter"]
    sellers = (
        found.frame.filter(pl.col("kind") == "country", pl.col("value_usd") > 0)
        .group_by(pl.col("partner").alias("seller"))
        .agg(pl.col("value_usd").sum())
        .sort("seller")
        .with_columns(pl.col("seller").is_in(reported.unique().to_list()).alias("reports"))
    )
    return sellers, found


def month_reports(handle: At, first: int, last: int) -> Answer:
    """When each reporter's months of some years were first published."""
    return run(handle, "parts/month_reports", first=first, last=last)


def last_year(at: At, country: str) -> tuple[int, Answer]:
    """The last year that a country has reported, or of a group the last that most members have."""
    newest = at.as_of.year
    found = reports(at, newest - BACK, newest)
    reporters = found.frame
    for year in range(newest, newest - BACK - 1, -1):
        members, _ = side(at, country, year)
        there = reporters.filter(pl.col("year") == year, pl.col("reporter").is_in(members.members))
        if there.height >= MOST_MEMBERS * len(members.members):
            return year, found
    last = reporters["year"].max()
    return (int(last) if isinstance(last, int) else newest - 1), found


def newest_year(at: At) -> tuple[int, Answer]:
    """The last year of which most of those have reported who reported the year before."""
    newest = at.as_of.year
    found = reports(at, newest - BACK, newest)
    count = {year: number for year, number in found.frame.group_by("year").len().iter_rows()}
    for year in sorted(count, reverse=True):
        if count[year] >= MOST_MEMBERS * count.get(year - 1, count[year]):
            return int(year), found
    return newest - 1, found


def report(
    at: At,
    country: str,
    year: int | None,
    *,
    month: str | None = None,
    back: int = 0,
    **given: Sequence[str] | int | None,
) -> Report:
    """What a country or group reported of a year, and of `back` years before it; with a month of
    that month, and of the same one of the years before."""
    if month is not None:
        return _of_month(at, country, month, back, given)
    chosen, seen = (year, None) if year is not None else last_year(at, country)
    found, told = side(at, country, chosen)
    answer = flows(at, chosen - back, chosen, reporters=found.members, **given)
    whole = answer
    for other in (seen, told):
        whole = whole if other is None else whole.join(other, answer.frame, "")
    return Report(found, chosen, str(chosen), whole, answer.frame)


def _of_month(at: At, country: str, month: str, back: int, given: Mapping[str, object]) -> Report:
    year, number = checked_month(month)
    found, told = side(at, country, year)
    answer = month_flows(at, year - back, year, number, reporters=found.members, **given)
    whole = answer if told is None else answer.join(told, answer.frame, "")
    return Report(found, year, month.strip(), whole, answer.frame)


def total(value: str, where: pl.Expr | None = None) -> pl.Expr:
    """A sum that is null where nothing is known, for a group of rows."""
    kept = pl.col(value) if where is None else pl.col(value).filter(where)
    return pl.when(kept.count() > 0).then(kept.sum())
