"""Filings as EDGAR lists them: reports of the accounts, current reports, and planted errors.

Companies of the United States, Canada and Japan file like domestic ones (10-K, 10-Q, 8-K), the
others like foreign ones (20-F, 6-K). A report has the accession and the instant of its accounts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from data.datasets.filings import FILINGS
from ingest.sources.demo_world.draws import Ints, uniforms
from ingest.sources.demo_world.issuers import DELISTED, EVENING, LATE, RENAMED, Issuer
from ingest.sources.demo_world.spec import DAY_US, Spec
from ingest.sources.demo_world.statements import (
    FIRST_YEAR,
    Accounts,
    is_domestic,
    planted_quarter,
    report_accession,
    report_form,
    restated_at,
    restated_quarter,
)
from ingest.sources.demo_world.tables import (
    assemble,
    day_number,
    days_of,
    in_order,
    instants,
    local_instants,
)

NEW_YORK = "America/New_York"
EVENING_MINUTE = 18 * 60 + 40
NOTICE_DAYS = {"10-Q": 46, "10-K": 91}  # about when a report was due
WARNED_DAYS, RESULTS_CHANCE = 7, 0.5
# Items of a current report, how likely it is in a year, and the first month it can be of.
OCCASIONS = (
    ("5.07", 0.95, 5),
    ("5.02,9.01", 0.4, 1),
    ("7.01,9.01", 0.35, 1),
    ("8.01", 0.3, 1),
    ("1.01,2.03,9.01", 0.2, 1),
    ("2.05", 0.06, 1),
)
# By the issuer's number: what one filing of its is an example of.
UNKNOWN_ITEM = (3, date(2019, 3, 14), "9.99")
AMENDED = (8, date(2020, 2, 18), date(2020, 3, 5), "5.02")
SENT_TWICE = (12, date(2018, 10, 9), "8.01")


@dataclass(frozen=True, slots=True)
class Submission:
    """One filing, accepted and public at instants in microseconds."""

    company: str
    accession: str
    form: str
    known: int
    accepted: int
    period_end: int
    items: str | None = None


@dataclass(frozen=True, slots=True)
class CurrentReport:
    """A current report or a notice, accepted at a minute of a day in New York."""

    name: str
    day: int
    minute: int
    items: str | None
    form: str = "8-K"
    period_end: int | None = None


def filing_table(spec: Spec, issuers: Sequence[Issuer], accounts: Accounts) -> pa.Table:
    """Every filing of every company."""
    rows = [
        row
        for column, issuer in enumerate(issuers)
        for row in _of_issuer(spec, issuer, column, accounts)
    ]
    known = np.array([row.known for row in rows])
    columns = {
        "company": [row.company for row in rows],
        "accession": [row.accession for row in rows],
        "form": [row.form for row in rows],
        "filed_on": days_of(known // DAY_US),
        "accepted_at": instants(np.array([row.accepted for row in rows])),
        "period_end": days_of(np.array([row.period_end for row in rows])),
        "items": [row.items for row in rows],
        "known_at": instants(known),
    }
    return in_order(assemble(FILINGS, columns, spec), FILINGS)


def _of_issuer(spec: Spec, issuer: Issuer, column: int, accounts: Accounts) -> Iterator[Submission]:
    quarters = np.flatnonzero(accounts.has_filed[:, column]).tolist()
    evening = planted_quarter(EVENING, issuer.number)
    for quarter in quarters:
        filed, end = int(accounts.filed[quarter, column]), int(accounts.ends[quarter])
        accepted = _evening_before(filed) if quarter == evening else filed
        form = report_form(issuer, quarter)
        name = report_accession(issuer.number, quarter)
        yield Submission(issuer.company, name, form, filed, accepted, end)
        if quarter == restated_quarter(issuer.number):
            again = restated_at(accounts, quarter, column)
            name = report_accession(issuer.number, quarter, again=True)
            yield Submission(issuer.company, name, f"{form}/A", again, again, end)
    if not is_domestic(issuer):
        return
    filed_days = accounts.filed[:, column] // DAY_US
    reports = [
        *_results(spec, issuer, quarters, filed_days),
        *_occasions(spec, issuer),
        *_planted(issuer, accounts, column),
    ]
    last = issuer.delisted if issuer.delisted is not None else 10**6
    reports = [report for report in reports if issuer.listed < report.day <= last]
    days, minutes = (
        np.array([getattr(r, n) for r in reports], np.int64) for n in ("day", "minute")
    )
    moments = local_instants(days, minutes, NEW_YORK).tolist()
    for report, moment in zip(reports, moments, strict=True):
        end = report.day if report.period_end is None else report.period_end
        name = f"demo-{issuer.number:05d}-{report.name}"
        yield Submission(issuer.company, name, report.form, moment, moment, end, report.items)


def _evening_before(known: int) -> int:
    """The evening of the weekday before a morning."""
    day = known // DAY_US - 1
    day -= max(0, (day + 3) % 7 - 4)
    return int(local_instants(np.array([day]), np.array([EVENING_MINUTE]), NEW_YORK)[0])


def _results(
    spec: Spec, issuer: Issuer, quarters: Sequence[int], filed_days: Ints
) -> Iterator[CurrentReport]:
    """The results of each quarter, on the day of its report or up to six days before."""
    luck = uniforms(spec.seed, f"results {issuer.company}", len(filed_days) * 2).reshape(-1, 2)
    for quarter in quarters:
        early, when = luck[quarter].tolist()
        day = int(filed_days[quarter]) - (1 + int(when * 6) if early >= RESULTS_CHANCE else 0)
        yield CurrentReport(f"r{quarter:04d}", _weekday(day), 7 * 60 + int(when * 90), "2.02,9.01")


def _occasions(spec: Spec, issuer: Issuer) -> Iterator[CurrentReport]:
    """What happens now and then; the meeting of shareholders in May or June."""
    years = spec.until.year + 1 - FIRST_YEAR
    luck = uniforms(spec.seed, f"occasions {issuer.company}", years * len(OCCASIONS) * 2)
    for place, (chance, when) in enumerate(luck.reshape(-1, 2).tolist()):
        year, (items, most, month) = place // len(OCCASIONS), OCCASIONS[place % len(OCCASIONS)]
        if chance >= most:
            continue
        span = 60 if month > 1 else 360
        day = day_number(date(FIRST_YEAR + year, month, 1)) + int(when * span)
        name = f"o{year:02d}{place % len(OCCASIONS)}"
        yield CurrentReport(name, _weekday(day), 16 * 60 + 5 + int(when * 70), items)


def _planted(issuer: Issuer, accounts: Accounts, column: int) -> Iterator[CurrentReport]:
    """Notices and warnings that follow from other events, and the errors."""
    number = issuer.number
    if number in RENAMED:
        yield CurrentReport("n1", day_number(RENAMED[number]), 16 * 60 + 20, "5.03,9.01")
    if number in DELISTED:
        yield CurrentReport("d1", day_number(DELISTED[number]) - 21, 16 * 60 + 30, "3.01")
    again = restated_quarter(number)
    if again is not None and again < len(accounts.ends):
        day = restated_at(accounts, again, column) // DAY_US - WARNED_DAYS
        yield CurrentReport("w1", int(day), 17 * 60, "4.02")
    late = planted_quarter(LATE, number)
    if late is not None and late < len(accounts.ends):
        form, end = report_form(issuer, late), int(accounts.ends[late])
        day = _weekday(end + NOTICE_DAYS[form])
        yield CurrentReport("l1", day, 16 * 60 + 45, None, f"NT {form}", end)
    if number == UNKNOWN_ITEM[0]:
        yield CurrentReport("u1", day_number(UNKNOWN_ITEM[1]), 16 * 60 + 12, UNKNOWN_ITEM[2])
    if number == AMENDED[0]:
        day, items = day_number(AMENDED[1]), AMENDED[3]
        yield CurrentReport("a1", day, 16 * 60 + 31, items)
        yield CurrentReport("a2", day_number(AMENDED[2]), 9 * 60 + 2, items, "8-K/A", day)
    if number == SENT_TWICE[0]:
        day = day_number(SENT_TWICE[1])
        yield CurrentReport("t1", day, 16 * 60 + 8, SENT_TWICE[2])
        yield CurrentReport("t2", day, 16 * 60 + 29, SENT_TWICE[2])


def _weekday(day: int) -> int:
    """That day, or the Friday before it."""
    return day - max(0, (day + 3) % 7 - 4)
