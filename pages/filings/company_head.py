"""The head of the Company page: who it is and what it does, as known at the clock."""

from __future__ import annotations

from datetime import date
from html import escape

from analytics.core.catalogue import find
from data.query import Answer
from pages.frame.panel import Panel
from pages.frame.tables import facts
from pages.search.directory import country_names

NOTHING = "No description of this company was known at this clock."
HOSTS = ("https://", "http://")


def company_head(company: str, name: str) -> None:
    """A strip of what it is, and a line about it."""
    Panel(name, "as known at the clock", (), NOTHING, key="company-head").show(
        find("company_profile").call, _head, company=company
    )


def _head(answer: Answer) -> str:
    row = answer.frame.row(0, named=True)
    country = country_names().get(row["country"], row["country"])
    strip = (
        ("Sector", row["sector"]),
        ("Industry", row["industry"]),
        ("Country", country),
        ("Accounts in", row["currency"]),
        ("Fiscal year ends", _day_of_year(row["fiscal_year_end"])),
        ("Filer category", row["category"]),
    )
    # Some sources write sectors small.
    shown = facts([(label, value[:1].upper() + value[1:], "") for label, value in strip if value])
    parts = [escape(row["description"])] if row["description"] else []
    if row["former_names"]:
        parts.append(f"Formerly {escape(row['former_names'])}.")
    if row["website"]:
        parts.append(_site(row["website"]))
    named = (("Shares", "tickers"), ("CIK", "cik"), ("LEI", "lei"))
    ids = [f"{label} {escape(row[key])}" for label, key in named if row[key]]
    parts += [f"{' · '.join(ids)}."] if ids else []
    return f'{shown}<div class="b-note">{" ".join(parts)}</div>'


def _day_of_year(word: str | None) -> str | None:
    """`09-26` as `26 Sep`."""
    return f"{date.fromisoformat(f'2024-{word}'):%d %b}" if word else None


def _site(address: str) -> str:
    """A link where it is one, else the words."""
    text = escape(address)
    if not address.startswith(HOSTS):
        return text
    return f'<a class="b-name" href="{text}" target="_blank" rel="noopener noreferrer">{text}</a>'
