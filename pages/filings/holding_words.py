"""Words and cells of Form 13F that the Holders view and the Managers page share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from analytics.companies.holdings_reading import (
    DUE_DAYS,
    NOT_REPORTED,
    due_quarter,
    quarter_before,
    quarter_end,
)
from data.datasets.fund_holdings import EMPTY_BOOK, NOTICE
from pages.frame.controls import pick
from pages.frame.links import address
from pages.frame.run import current
from pages.frame.tables import Absent, Column

NEEDS = ("fund_holdings",)
QUARTERS = 50  # that can be chosen: as far back as the filings have tables
LAG = 45  # days after a quarter's end until which Form 13F is due
ACTIONS = {
    "new": "new",
    "increased": "added",
    "reduced": "cut",
    "closed": "gone",
    "unchanged": "unchanged",
    "no earlier report": "no earlier report",
}
NOTHING_HELD = {EMPTY_BOOK: "reports no positions", NOTICE: "positions are in reports of others"}
CHANGE = (
    Column("change", "change", "move", hint="in shares, of bonds principal; splits undone"),
    Column("percent", "change, %", "move"),
    Column("done", "action", hint="against the quarter before"),
)
PRICES = (
    Column("implied", "implied, USD", "dated", hint="implied price: value / shares"),
    Column("close", "close, USD", "number", hint="at the quarter's end, at most 7 days before"),
)
FILED = (
    Column("filed_on", "filed", "day"),
    Column("after", "days after", "dated", hint="days after the quarter's end"),
    Column("amended", "amended"),
)
FLAG = Column("flag", "flags", "wide")


def quarter_name(end: date) -> str:
    """`2026 Q3`."""
    return f"{end.year} Q{end.month // 3}"


def pick_quarter(page: str) -> date:
    """The quarter that the address names; the last one whose filings are due without it."""
    at = current().at
    ends = [quarter_end(at.as_of.date())]
    while len(ends) < QUARTERS:
        ends.append(quarter_before(ends[-1]))
    names = {end.isoformat(): quarter_name(end) for end in ends}
    due = due_quarter(at, None).isoformat()
    return date.fromisoformat(
        pick(page, "quarter", "Quarter", list(names), due, format_func=names.__getitem__, width=130)
    )


def lag_note(quarter: date) -> str:
    """Until when the filings of a quarter are due, and what that means at the clock."""
    due = quarter + timedelta(days=LAG)
    text = (
        f"{quarter_name(quarter)} ends {quarter:%d %b %Y}; Form 13F is due {LAG} days later, "
        f"{due:%d %b %Y}, or on the next business day. A position is known when it is filed."
    )
    if current().view.as_of.date() <= due:
        text += " At this clock the quarter is not complete."
    return text


def done(row: Mapping[str, Any]) -> str:
    """What a manager did, or why that is not known."""
    if row["action"] != NOT_REPORTED:
        return ACTIONS[row["action"]]
    return "not filed yet" if row["filed_on"] is None else NOTHING_HELD[NOTICE]


def change_cells(row: Mapping[str, Any]) -> dict[str, Any]:
    """Shares bought or sold, also in percent, and the word for it."""
    change, share = row["change"], row["change_share"]
    why = Absent(done(row))
    is_whole = share is None or row["action"] in ("new", "closed")
    return {
        "change": why if change is None else plus(change),
        "percent": why if is_whole else plus(100 * share, 1),
        "done": done(row),
    }


def plus(value: float, digits: int = 0) -> dict[str, Any]:
    """A change with its sign; nought has none."""
    return {"value": value, "text": f"{value:+,.{digits}f}" if value else "0"}


def price_cells(row: Mapping[str, Any]) -> dict[str, Any]:
    """The price that value and shares imply, with a mark where the close contradicts it."""
    price, ratio = row["implied_price"], row["price_ratio"]
    if price is None:
        return {"implied": None, "close": row["close"]}
    is_off = ratio is not None and not 2 / 3 <= ratio <= 1.5
    about = "no close to check with" if ratio is None else f"{ratio:,.4g} times the close"
    digits = 2 if price >= 0.01 else 5
    return {
        "implied": {
            "value": price,
            "text": f"{price:,.{digits}f}",
            "period": "✕ off" if is_off else "",
            "about": about,
        },
        "close": row["close"],
    }


def filed_cells(row: Mapping[str, Any]) -> dict[str, Any]:
    """When the last filing came, how many days after the quarter, and what was amended."""
    filed, end = row["filed_on"], row["period_end"]
    days = None if filed is None else (filed - end).days
    return {
        "filed_on": filed,
        "after": None
        if days is None
        else {
            "value": days,
            "text": str(days),
            "period": "late" if days > DUE_DAYS else "",
            "about": f"due {LAG} days after {end:%d %b %Y}",
        },
        "amended": amended(row),
    }


def amended(row: Mapping[str, Any]) -> str:
    """What amendments did to a report: a restatement replaces it, new holdings add to it."""
    words = ["restated"] if row["is_restated"] else []
    if row["additions"]:
        words.append(f"{row['additions']} added to it")
    return ", ".join(words)


def fund_link(row: Mapping[str, Any], quarter: date) -> dict[str, str]:
    """A manager by name, leading to its portfolio of the quarter."""
    to = address("funds", view="portfolio", id=row["manager"], quarter=quarter.isoformat())
    return {"text": (row["manager_name"] or "").strip() or row["manager"], "to": to}


def security_link(row: Mapping[str, Any], quarter: date) -> Any:
    """A security by its issuer as filed, leading to the holders of the company where it is one."""
    name = row["issuer"] or row["cusip"]
    if row["company"] is None:
        return name
    to = address("company", view="holders", id=row["company"], quarter=quarter.isoformat())
    return {"text": name, "to": to}


def millions(value: float | None) -> float | None:
    """In millions; a null stays one."""
    return None if value is None else value / 1e6


def percent(share: float | None) -> float | None:
    """A part of one in percent; a null stays one."""
    return None if share is None else 100 * share


def flags(row: Mapping[str, Any]) -> str:
    """What is odd about the position, and about that of the quarter before."""
    before = row["previous_flag"]
    return "; ".join(filter(None, (row["flag"], before and f"quarter before: {before}")))


def note(text: str) -> str:
    """A quiet line below a table; the text is escaped already."""
    return f'<div class="b-note">{text}</div>'
