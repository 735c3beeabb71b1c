"""Calendar of companies: reports that are expected, ex-dates, splits; as known at the clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from analytics.companies.due_dates import (
    ExpectedDate,
    coming_periods,
    expected_payments,
    expected_reports,
)
from analytics.core.catalogue import run
from data.filing_words import AMENDED, RESULTS, form_kind, items_of
from data.query import Answer, At

RESULTS_DAYS = 100  # results of a period come within these
EARLY_DAYS = 7  # by which results may be earlier than ever before
SCHEMA: dict[str, Any] = {
    "company": pl.String,
    "date": pl.Date,
    "kind": pl.String,
    "status": pl.String,
    "period_end": pl.Date,
    "earliest": pl.Date,
    "latest": pl.Date,
    "years": pl.Int64,
    "rule": pl.String,
    "amount": pl.Float64,
    "currency": pl.String,
    "symbol": pl.String,
    "form": pl.String,
    "accession": pl.String,
    "known_at": pl.Datetime("us", "UTC"),
    "source": pl.String,
}
Row = dict[str, Any]


def company_calendar(at: At, *, company: str, top: int = 60) -> Answer:
    """Dates of one company: expected reports and ex-dates, what was announced, and those past.

    `status` is `expected` or `overdue` for dates that nobody announced, `announced`, or `past`.
    `kind`: annual, quarter or interim report, results (8-K item 2.02), late notice, dividend,
    split, delisting. An expected report is the median lag of the same quarter's reports of up to
    five years after the period's end, an ex-date that of the year before plus the median gap;
    `earliest` to `latest` is the range seen, `years` how many. `top` bounds the past ones.
    """
    found = _dates(at, [company])
    past = found.frame.filter(pl.col("status") == "past").head(max(top, 0))
    ahead = found.frame.filter(pl.col("status") != "past")
    return found.derive(pl.concat([ahead, past]), "coming dates, and the last of those past")


def companies_calendar(at: At, *, companies: list[str]) -> Answer:
    """Coming dates of several companies by day, as `company_calendar` has those of one."""
    found = _dates(at, list(dict.fromkeys(companies)))
    ahead = found.frame.filter(pl.col("status") != "past").sort("date", "company", "kind")
    return found.derive(ahead, "coming dates of the companies")


def _dates(at: At, companies: list[str]) -> Answer:
    """All dates, the coming ones first and by day, the past ones newest first."""
    filings = run(at, "parts/company_filings", companies=companies, form="", item="")
    shares = run(at, "parts/company_shares", ids=companies)
    named = run(at, "parts/market_named")
    gone = named.frame.filter(pl.col("delisted_on") < at.as_of.date())
    listed = shares.frame.join(gone, on="symbol", how="anti")
    symbols = shares.frame["symbol"].unique().sort().to_list()
    prices = at.part("prices", asset_class="equity")
    actions = run(prices, "parts/company_actions", symbols=symbols or ["none"])
    paid = shares.frame.join(actions.frame, on="symbol").unique(
        ["company", "kind", "date", "amount"], keep="first", maintain_order=True
    )
    today, rows = at.as_of.date(), list[Row]()
    for company in companies:
        of_filings = filings.frame.filter(company=company).reverse()
        rows += _report_rows(of_filings, today)
        is_gone = bool(shares.frame.filter(company=company).height) and not bool(
            listed.filter(company=company).height
        )
        rows += _share_rows(paid.filter(company=company), today, is_gone=is_gone)
    frame = pl.DataFrame(rows, schema=SCHEMA)
    is_past = pl.col("status") == "past"
    by = ["date", "company", "kind", "symbol", "accession"]
    ahead = frame.filter(~is_past).sort(by)
    past = frame.filter(is_past).sort(by, descending=[True, False, False, False, False])
    answer = filings.join(shares, frame, "").join(named, frame, "").join(actions, frame, "")
    return answer.derive(pl.concat([ahead, past]), "dates, and those that follow from them")


@dataclass(frozen=True, slots=True)
class ReportDates:
    """First reports and results by period, and notices, as filings state them."""

    reports: dict[date, Row]
    results: dict[date, Row]
    notices: list[Row]
    coming: list[date]


def _report_dates(filings: pl.DataFrame) -> ReportDates:
    """Of filings in the order in which they were public."""
    reports, announced, notices = dict[date, Row](), list[Row](), list[Row]()
    for row in filings.iter_rows(named=True):
        kind = form_kind(row["form"])
        if kind == "late":
            notices.append(row)
        elif row["form"].endswith(AMENDED):
            continue
        elif kind == "current" and set(RESULTS) & set(items_of(row["items"])):
            announced.append(row)
        elif row["period_end"] and _is_report(kind, row):
            reports.setdefault(row["period_end"], row | {"kind": kind})
    coming = coming_periods(reports)
    return ReportDates(reports, _results(announced, reports, coming), notices, coming)


def _is_report(kind: str | None, row: Row) -> bool:
    """A 6-K may be about anything, so it counts where accounts are known from it."""
    return kind in ("annual", "quarter") or (kind == "interim" and row["states_accounts"])


def _results(
    announced: Sequence[Row], reports: dict[date, Row], coming: Sequence[date]
) -> dict[date, Row]:
    """The results of each period: the last announcement up to the day of its report.

    Where the report is to come, one that is far earlier than any before is about something else,
    such as numbers of deliveries.
    """
    found: dict[date, Row] = {}
    for row in announced:
        ends = (end for end in (*reports, *coming) if (row["filed_on"] - end).days >= 0)
        end = max(ends, default=None)
        if end is None or (row["filed_on"] - end).days > RESULTS_DAYS:
            continue
        if end not in reports or end not in found or row["filed_on"] <= reports[end]["filed_on"]:
            found[end] = row
    lags = [(found[end]["filed_on"] - end).days for end in found if end in reports]
    usual = min(lags, default=0) - EARLY_DAYS
    return {
        end: row
        for end, row in found.items()
        if end in reports or (row["filed_on"] - end).days >= usual
    }


def _report_rows(filings: pl.DataFrame, today: date) -> Iterator[Row]:
    """Past reports, results and notices, and those that can be expected."""
    known = _report_dates(filings)
    for row in known.notices:
        yield _row(row, "late notice", row["period_end"])
    about = {name: filings[name][0] for name in ("company", "source") if filings.height}
    for named, found in (("report", known.reports), ("results", known.results)):
        is_report = named == "report"
        for end, row in found.items():
            yield _row(row, row["kind"] if is_report else named, end)
        days = {end: row["filed_on"] for end, row in found.items()}
        wanted = [end for end in known.coming if end not in found]
        for due in expected_reports(days, wanted, today):
            kind = _kind_of(due.since, known.reports) if is_report else named
            yield _due(due, about, kind, today)


def _kind_of(end: date, reports: dict[date, Row]) -> str:
    """The kind of the report of the same quarter a year before."""
    near = min(reports, key=lambda known: abs((end - known).days - 365))
    kind: str = reports[near]["kind"]
    return kind


def _row(filing: Row, kind: str, end: date | None) -> Row:
    names = ("company", "form", "accession", "known_at", "source")
    of_filing = {name: filing[name] for name in names}
    day = filing["filed_on"]
    return of_filing | {"date": day, "kind": kind, "status": "past", "period_end": end}


def _due(due: ExpectedDate, about: Row, kind: str, today: date) -> Row:
    is_report = kind != "dividend"
    since = "after period end" if is_report else "after last year's ex-date"
    return about | {
        "date": due.day,
        "kind": kind,
        "status": due.state(today),
        "period_end": due.since if is_report else None,
        "earliest": due.earliest,
        "latest": due.latest,
        "years": due.count,
        "rule": f"median {due.middle} days {since}",
    }


def _share_rows(actions: pl.DataFrame, today: date, *, is_gone: bool) -> Iterator[Row]:
    """Ex-dates and splits; of shares that are still listed those that can be expected."""
    names = ("company", "date", "kind", "amount", "currency", "symbol", "known_at", "source")
    for row in actions.iter_rows(named=True):
        status = "announced" if row["date"] > today else "past"
        yield {name: row[name] for name in names} | {"status": status}
    dividends = actions.filter(kind="dividend").sort("date")
    if dividends.is_empty() or is_gone:
        return
    paid: Sequence[date] = dividends["date"].to_list()
    about = {name: dividends[name][-1] for name in ("company", "symbol", "source")}
    for due in expected_payments(paid, today):
        if due.latest >= paid[-1] and due.day > paid[-1]:
            yield _due(due, about, "dividend", today)
