"""Check the numbers of a draft against the lake: `python -m scripts.check_text FILE --as-of T`.

FILE is Markdown, text, HTML, Word or PDF, and T its date: what was known later changes no verdict
but *superseded*, which the lake as it is now decides. `--format json` gives a list of objects with
the words, their place in the text, the verdict, the value found, of what and when, and a note.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import polars as pl

from analytics.claims.check import CheckedStatement, check_draft
from data.clock import utc_now
from data.drafts.reader import read_draft
from data.errors import ConfigError
from scripts.support import console

SCHEMA = {
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


def main(arguments: argparse.Namespace) -> int:
    """Read, check, print."""
    path = Path(arguments.file)
    try:
        payload = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    at = console.open_at(arguments)
    draft = read_draft(payload, path.name)
    later = at.db.at(max(utc_now(), at.as_of), arguments.mode)
    checked = check_draft(at, draft, language=arguments.language, later=later)
    for note in draft.notes:
        console.say(note)
    frame = pl.DataFrame([row_of(one) for one in checked], schema=SCHEMA)
    console.emit(frame, arguments.format)
    return console.DONE


def row_of(checked: CheckedStatement) -> dict[str, Any]:
    """One statement as a row."""
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


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    made = console.parser("check_text", __doc__ or "")
    made.add_argument("file", help="the draft: .md, .txt, .html, .docx or .pdf")
    made.add_argument(
        "--language", choices=("en", "de", "fr", "es"), default="en", help="what it is written in"
    )
    console.add_clock(made)
    made.add_argument("--format", choices=console.FORMATS, default="table", help="form on stdout")
    return made


if __name__ == "__main__":
    console.run(main, parser())
