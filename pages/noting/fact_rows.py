"""The facts of a note: a table beside it, the receipt of one, and all of them as a file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import streamlit as st

from analytics.claims.wording import as_spoken
from analytics.notes.fact import Fact, FactPack, MissingFact
from data.clock import parse_instant
from data.proof.receipts import kind_of, make_receipt
from pages.frame import exports
from pages.frame.run import current
from pages.frame.tables import ANCHOR, Column, table
from pages.noting.note_text import anchor_of

COLUMNS = (
    Column("label", "fact", "wide"),
    Column("value", "value", "dated"),
    Column("known", "known at", "instant"),
    Column("source", "source"),
)
MISSING = (
    Column("label", "not known", "wide"),
    Column("subject", "of", "wide"),
    Column("reason", "why", "wide"),
)
SCHEMA: dict[str, pl.DataType] = {
    "role": pl.String(),
    "subject": pl.String(),
    "fact": pl.String(),
    "value": pl.Float64(),
    "unit": pl.String(),
    "printed": pl.String(),
    "first": pl.Date(),
    "last": pl.Date(),
    "known_at": pl.Datetime("us", "UTC"),
    "source": pl.String(),
    "id": pl.String(),
    "missing": pl.String(),
    "receipt": pl.String(),
    "function": pl.String(),
    "parameters": pl.String(),
    "sql": pl.String(),
    "sql_parameters": pl.String(),
    "as_of": pl.String(),
    "clock": pl.String(),
}


def facts_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """The facts as they are archived, by role, of several instruments also by subject; each row
    has the name to which figures lead."""
    view = current().view
    zone = ZoneInfo(view.zone)
    many = len({row["subject"] for row in rows if row["role"] == "technicals"}) > 1
    shown = [
        {
            **row,
            ANCHOR: anchor_of(place),
            "group": f"{row['subject']} · {row['role']}" if many else row["role"],
            # A headline is its words; its day stands where others have their value.
            "label": row["printed"] if row["kind"] == "headline" else _short_label(row["label"]),
            "value": {
                "value": row["value"],
                "text": _value_text(row),
                "period": row["period"] or "",
                "about": row["label"],
            },
            "known": _known(row["known_at"], zone),
        }
        for place, row in enumerate(rows)
    ]
    return table(shown, COLUMNS, caption="Facts", zone=view.zone, group="group")


def _short_label(label: str) -> str:
    """A change stands right below its level, which says of what it is."""
    return label.replace(", change from the period before", ", change")


def _value_text(row: Mapping[str, Any]) -> str:
    if row["kind"] == "headline":
        return ""
    printed = str(row["printed"])
    return printed if row["value"] is None else printed.replace("-", "−", 1)


def _known(text: str, zone: ZoneInfo) -> str:
    """When a fact was known, with its year: some are of a quarter long ago."""
    return parse_instant(text).astimezone(zone).strftime("%d %b %Y %H:%M")


def missing_table(missing: Sequence[Mapping[str, Any]]) -> str:
    """What is not known at the clock, and why; nothing where all is known."""
    if not missing:
        return ""
    return table(missing, MISSING, caption="Missing", zone=current().view.zone)


def receipt_of_a_fact(pack: FactPack) -> None:
    """Choose a fact; its receipt as a file, and the queries that it rests on."""
    run = current()
    if not pack.facts:
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        place = st.selectbox(
            "Receipt of",
            range(len(pack.facts)),
            format_func=lambda number: _named(pack, pack.facts[number]),
            key=f"notes_fact_{pack.kind}_{pack.entity}",
            width=460,
        )
        fact = pack.facts[min(place or 0, len(pack.facts) - 1)]
        about = run.about(f"{fact.subject}: {fact.label}") | {
            "as_of": pack.as_of.isoformat(),
            "figure": fact.printed,
        }
        stem = f"{run.settings.workspace} {fact.subject} {fact.label}"
        st.download_button(
            "Receipt",
            lambda: exports.to_json(about | make_receipt(fact.answer)),
            exports.file_name(stem, pack.as_of.strftime("%Y%m%dT%H%MZ"), "receipt.json"),
            key="notes_get_receipt",
            on_click="ignore",
            help="the queries, the rows and the function by which the figure is had again",
        )
    with st.expander(f"SQL of {fact.label}", key="notes_sql"):
        for query_run in fact.answer.asked:
            st.code(query_run.sql.strip(), language="sql", height=240)


def _named(pack: FactPack, fact: Fact) -> str:
    whose = f"{fact.subject}: " if len(pack.names) > 1 else ""
    period = f", {as_spoken(fact.period)}" if fact.period is not None else ""
    return f"{whose}{fact.label} = {fact.printed}{period}"


def facts_frame(pack: FactPack) -> pl.DataFrame:
    """A row per fact with the query that finds it again, then what is missing with its reason."""
    rows = [_row(fact) for fact in pack] + [_lacking(item) for item in pack.missing]
    return pl.DataFrame(rows, schema=SCHEMA)


def _row(fact: Fact) -> dict[str, Any]:
    answer = fact.answer
    asked, called = (answer.asked[-1] if answer.asked else None), answer.called
    return {
        "role": fact.role,
        "subject": fact.subject,
        "fact": fact.label,
        "value": fact.value,
        "unit": fact.unit,
        "printed": fact.printed,
        "first": fact.period.first if fact.period else None,
        "last": fact.period.last if fact.period else None,
        "known_at": fact.known_at,
        "source": fact.source,
        "id": fact.id,
        "receipt": kind_of(answer),
        "function": called.function if called else None,
        "parameters": json.dumps(dict(called.params), default=str) if called else None,
        "sql": asked.sql if asked else None,
        "sql_parameters": json.dumps(dict(asked.params), default=str) if asked else None,
        "as_of": asked.at.as_of.isoformat() if asked else None,
        "clock": asked.at.mode if asked else None,
    }


def _lacking(item: MissingFact) -> dict[str, Any]:
    return {
        "role": item.role,
        "subject": item.subject,
        "fact": item.label,
        "missing": item.reason,
    }
