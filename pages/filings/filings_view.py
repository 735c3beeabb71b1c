"""Filings of a company: the timeline, one filing, and how many by year."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import polars as pl
import streamlit as st

from analytics.companies.filings import EVERY
from analytics.core.catalogue import find
from data.filing_words import form_name, item_name, items_of
from data.query import Answer
from pages.filings.addresses import filing_link, here
from pages.frame import charts
from pages.frame.cached import cached
from pages.frame.controls import pick
from pages.frame.errors import explain
from pages.frame.panel import Drawn, Panel
from pages.frame.run import current
from pages.frame.tables import Absent, Column, facts, table
from pages.frame.theme import palette

NEEDS = ("filings",)
NOTHING = "No filing of this choice was public at this clock."
ALL = "all"
ARCHIVE = "https://www.sec.gov/Archives/"
FLAGS = {
    "amendment": "amendment",
    "late_notice": "a report is late",
    "evening": "accepted the evening before",
    "hour_assumed": "hour not known: end of the filing day",
    "unknown_item": "an item is not in the list",
    "same_items": "same items as an earlier filing of that day",
}
KINDS = {
    "annual": "Annual reports",
    "quarter": "Quarterly reports",
    "interim": "Interim reports (6-K)",
    "current": "Current reports (8-K)",
    "late": "Notices of late reports",
    "holdings": "Holdings (13F)",
    "other": "Other",
}


def filings_view(company: str) -> None:
    """The choices, the chosen filing, the timeline and the bars."""
    call = find("company_filings").call
    try:
        known = cached(call, current().at, company=company, top=EVERY).frame
        form, item = _choices(known)
    except Exception as error:  # noqa: BLE001 - the panel says it where the table would stand
        explain(error, "filings")
        form, item = "", ""
    chosen = st.query_params.get("filing", "")
    if chosen:
        Panel("Filing", "as public at the clock", NEEDS, NOTHING, key="filing").show(
            call, lambda answer: _filing(answer, chosen), company=company, top=EVERY
        )
    words = f"newest first; times in {current().view.zone}"
    Panel("Filings", words, NEEDS, NOTHING).show(
        call, _timeline, company=company, form=form, item=item
    )
    Panel("Filings by year", "number of filings by calendar year", NEEDS, NOTHING).show(
        find("filings_by_year").call, _bars, company=company
    )


def _choices(known: pl.DataFrame) -> tuple[str, str]:
    """A form and an item of those that there are; nothing for all of them."""
    forms = sorted({form.removesuffix("/A") for form in known["form"]})
    listed = {item for words in known.filter(kind="current")["items"] for item in items_of(words)}
    named = {ALL: "All forms"} | {form: f"{form} · {form_name(form)}" for form in forms}
    items = {ALL: "All items"} | {item: f"{item} · {item_name(item)}" for item in sorted(listed)}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        found = [
            pick(
                "company",
                name,
                label,
                list(options),
                ALL,
                format_func=lambda value, options=options: options.get(value, value),
                width=280,
            )
            for name, label, options in (("form", "Form", named), ("item", "8-K item", items))
        ]
    form, item = ("" if value == ALL else value for value in found)
    return form, item


def items_in_words(row: Mapping[str, Any]) -> str | None:
    """Items of an 8-K with their numbers."""
    if row["kind"] != "current":
        return None
    words = "; ".join(f"{item_name(item)} ({item})" for item in items_of(row["items"]))
    return capital(words) or None


def capital(words: str) -> str:
    """With a capital in front, the rest as it is."""
    return words[:1].upper() + words[1:]


def _flags(row: Mapping[str, Any]) -> str:
    flags = [FLAGS[flag] for flag in (row["flags"] or "").split(",") if flag in FLAGS]
    return capital("; ".join(flags))


def _timeline(answer: Answer) -> str:
    zone = current().view.zone
    rows = [
        {
            **row,
            "form_name": capital(row["form_name"]),
            "about": items_in_words(row) or "",
            "marks": _flags(row),
            "to": filing_link(row["accession"]),
            "edgar": _at_edgar(row["url"]) or Absent("no link was given"),
        }
        for row in answer.frame.iter_rows(named=True)
    ]
    # A column in which no row has anything would only take room.
    columns = [
        Column("form", "form"),
        Column("form_name", "in words"),
        Column("filed_on", "filed", "day"),
        Column("known_at", "public from", "instant", hint=f"in {zone}"),
        Column("period_end", "period or day", "day", hint="that the report is of"),
        *[Column("about", "items of an 8-K", "wide")] * any(row["about"] for row in rows),
        *[Column("marks", "note", "wide")] * any(row["marks"] for row in rows),
        Column("to", "filing", "link"),
        *[Column("edgar", "original", "outside")] * any(row["url"] for row in rows),
    ]
    count = "1 filing" if len(rows) == 1 else f"{len(rows):,} filings"
    shown = table(rows, columns, caption="Filings", zone=zone)
    return f'{shown}<div class="b-note">{count}.</div>'


def _at_edgar(url: str | None) -> dict[str, str] | None:
    """A link to the document at EDGAR; to no other place."""
    return {"text": "EDGAR", "to": url} if url and url.startswith(ARCHIVE) else None


def _filing(answer: Answer, accession: str) -> str:
    rows = answer.frame.filter(accession=accession).to_dicts()
    if not rows:
        text = escape(f"No filing {accession[:60]} of this company was public at this clock.")
        return f'<div class="b-note">{text}</div>'
    row, view = rows[0], current().view
    strip = [
        ("Form", row["form"], row["form_name"]),
        ("Filed", f"{row['filed_on']:%d %b %Y}", ""),
        ("Public from", view.local(row["known_at"]), ""),
    ]
    if row["period_end"]:
        strip.append(("Period or day", f"{row['period_end']:%d %b %Y}", ""))
    lines = [escape(part) for part in (items_in_words(row), _flags(row)) if part]
    links = [
        f'<a class="b-name" href="{escape(here(view="filings", filing=""))}" target="_self">'
        "All filings</a>"
    ]
    if row["states_accounts"]:
        to = escape(here(view="statements", filing=""))
        links.append(f'<a class="b-name" href="{to}" target="_self">Statements</a>')
    if original := _at_edgar(row["url"]):
        to = escape(original["to"])
        links.append(
            f'<a class="b-name" href="{to}" target="_blank" rel="noopener noreferrer">'
            "Document at EDGAR</a>"
        )
    note = ". ".join([f"Accession {escape(accession)}", *lines])
    return f'{facts(strip)}<div class="b-note">{note}. {" · ".join(links)}</div>'


def _bars(answer: Answer) -> Drawn:
    frame = answer.frame
    years = list(range(min(frame["year"]), max(frame["year"]) + 1))
    counts = {(row["year"], row["kind"]): row["filings"] for row in frame.to_dicts()}
    paint = palette(current().theme)
    bars = [
        charts.YearBars(
            KINDS[kind],
            [str(year) for year in years],
            [counts.get((year, kind)) for year in years],
            paint.categorical[number],
        )
        for number, kind in enumerate(KINDS)
        if kind in set(frame["kind"])
    ]
    return charts.by_period(bars, paint, unit="filings", height=220)
