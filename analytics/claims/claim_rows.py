"""Checked statements as rows, for files and commands."""

from __future__ import annotations

from typing import Any

import polars as pl

from analytics.claims.check import CheckedStatement

SCHEMA: dict[str, pl.DataType] = {
    "quote": pl.String(),
    "start": pl.Int64(),
    "end": pl.Int64(),
    "verdict": pl.String(),
    "class": pl.String(),
    "measure": pl.String(),
    "stated": pl.Float64(),
    "found": pl.Float64(),
    "unit": pl.String(),
    "subject": pl.String(),
    "source": pl.String(),
    "first": pl.Date(),
    "last": pl.Date(),
    "known_at": pl.Datetime("us", "UTC"),
    "note": pl.String(),
}


def claim_row(checked: CheckedStatement) -> dict[str, Any]:
    """A statement with its verdict, the value found, and of what and when that is."""
    statement, finding = checked.statement, checked.finding
    subjects = [finding.subject] if finding.subject else list(finding.candidates)
    return {
        "quote": checked.quote,
        "start": statement.start,
        "end": statement.end,
        "verdict": finding.verdict,
        "class": finding.verdict_class,
        "measure": statement.measure,
        "stated": statement.quantity.value if statement.quantity else None,
        "found": finding.value,
        "unit": finding.unit,
        "subject": ", ".join(subject.id for subject in subjects),
        "source": finding.source,
        "first": finding.period.first if finding.period else None,
        "last": finding.period.last if finding.period else None,
        "known_at": finding.known_at,
        "note": finding.note,
    }
