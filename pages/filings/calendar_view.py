"""Calendar of a company or of a watchlist: expected reports, ex-dates and splits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analytics.core.catalogue import find
from data.query import Answer
from pages.filings.addresses import filing_link
from pages.frame.controls import pick
from pages.frame.errors import explain
from pages.frame.links import address
from pages.frame.lists import known_lists
from pages.frame.panel import Panel, say
from pages.frame.run import current
from pages.frame.tables import Absent, Column, table
from pages.search.directory import companies_of, directory, instrument_name

NEEDS = ("filings", "prices")
NOTHING = "No report, ex-date or split was known at this clock."
THIS = "this company"
KINDS = {
    "annual": "Annual report",
    "quarter": "Quarterly report",
    "interim": "Interim report (6-K)",
    "results": "Results (8-K)",
    "late notice": "Notice of a late report",
    "dividend": "Ex-dividend date",
    "split": "Split",
    "delisting": "Delisting",
}
STATUS = {
    "expected": "estimate",
    "overdue": "estimate, overdue",
    "announced": "announced",
}
RULE = (
    "Estimates: nobody announced these dates. A report is the median lag of the same quarter's "
    "reports of up to five years after the period's end, an ex-date that of the year before plus "
    "the median gap on the year; a weekend gives the nearest weekday. Overdue: the latest of the "
    "range is past."
)


def calendar_view(company: str) -> None:
    """Coming dates of the company or of a watchlist, then what is past."""
    try:
        chosen = _list_choice()
    except Exception as error:  # noqa: BLE001 - said where the table would stand; explain() logs it
        say(explain(error, "companies of a watchlist"), "error")
        return
    if chosen is not None:
        name, companies = chosen
        words = f"companies of {name}, by day"
        Panel("Coming dates of a watchlist", words, NEEDS, NOTHING).show(
            find("companies_calendar").call, _of_list, companies=companies
        )
        return
    call = find("company_calendar").call
    words = "reports, ex-dates and splits; estimates are marked"
    Panel("Coming dates", words, NEEDS, NOTHING).show(call, _coming, company=company)
    Panel("Past dates", "newest first", NEEDS, NOTHING).show(call, _past, company=company)


def _list_choice() -> tuple[str, list[str]] | None:
    """A watchlist and its companies, where one is chosen."""
    lists = known_lists(current())
    if not lists:
        return None
    shown = {THIS: "This company"} | {name: name for name in lists}
    named = pick(
        "company", "list", "Dates of", list(shown), THIS, format_func=shown.__getitem__, width=220
    )
    if named == THIS:
        return None
    return named, companies_of(lists[named].symbols)


def _day(row: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that every table here has."""
    spread = None
    if row["earliest"]:
        spread = f"{row['earliest']:%d %b} to {row['latest']:%d %b}"
    return {
        **row,
        "what": KINDS[row["kind"]],
        "said": STATUS.get(row["status"], ""),
        "spread": spread or Absent("no estimate"),
        "basis": f"{row['rule']}, {_years(row['years'])}" if row["rule"] else "",
        "share": instrument_name(row["symbol"]) if row["symbol"] else "",
    }


def _years(count: int) -> str:
    return "1 year" if count == 1 else f"{count} years"


def _coming(answer: Answer) -> str:
    rows = [_day(row) for row in answer.frame.iter_rows(named=True) if row["status"] != "past"]
    if not rows:
        return '<div class="b-note">Nothing is announced, and nothing can be expected.</div>'
    columns = (
        Column("date", "date", "day"),
        Column("what", "what"),
        Column("said", "status", "wide"),
        Column("period_end", "of the period to", "day"),
        Column("spread", "range seen", "wide"),
        Column("basis", "by the rule", "wide"),
    )
    shown = table(rows, columns, caption="Coming dates")
    return f'{shown}<div class="b-note">{RULE}</div>'


def _of_list(answer: Answer) -> str:
    names = dict(directory(current(), "company").select("id", "label").iter_rows())
    rows = [
        _day(row)
        | {
            "of": {
                "text": names.get(row["company"], row["company"]),
                "to": address("company", id=row["company"], view="calendar"),
            }
        }
        for row in answer.frame.iter_rows(named=True)
    ]
    columns = (
        Column("date", "date", "day"),
        Column("of", "company", "name"),
        Column("what", "what"),
        Column("said", "status", "wide"),
        Column("spread", "range seen", "wide"),
        Column("basis", "by the rule", "wide"),
    )
    shown = table(rows, columns, caption="Coming dates of a watchlist")
    return f'{shown}<div class="b-note">{RULE}</div>'


def _past(answer: Answer) -> str:
    zone = current().view.zone
    rows = [
        _day(row)
        | {
            "amount_in": _amount(row),
            "from": filing_link(row["accession"]) if row["accession"] else row["source"],
        }
        for row in answer.frame.iter_rows(named=True)
        if row["status"] == "past"
    ]
    if not rows:
        return '<div class="b-note">Nothing of it is past at this clock.</div>'
    columns = (
        Column("date", "date", "day"),
        Column("what", "what"),
        Column("period_end", "of the period to", "day"),
        Column("amount_in", "amount"),
        Column("share", "share"),
        Column("known_at", "known", "instant", hint=f"in {zone}"),
        Column("from", "filing or source", "link"),
    )
    return table(rows, columns, caption="Past dates", zone=zone)


def _amount(row: Mapping[str, Any]) -> str:
    """A dividend in its currency, a split as new shares for old ones."""
    if row["kind"] == "dividend":
        return f"{row['amount']:,.4f} {row['currency']} per share"
    if row["kind"] == "split":
        ratio = row["amount"]
        return f"{ratio:g} new for 1" if ratio >= 1 else f"1 new for {1 / ratio:g}"
    return ""
