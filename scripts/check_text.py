"""Check the numbers of a draft against the lake: `python -m scripts.check_text FILE --as-of T`.

FILE is Markdown, text, HTML, Word or PDF, and T its date: what was known later changes no verdict
but *superseded*, which the lake as it is now decides. `--format json` gives a list of objects with
the words, their place in the text, the verdict, the value found, of what and when, and a note.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import polars as pl

from analytics.claims.check import check_draft
from analytics.claims.claim_rows import SCHEMA, claim_row
from data.clock import utc_now
from data.drafts.reader import read_draft
from data.errors import ConfigError
from scripts.support import console


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
    frame = pl.DataFrame([claim_row(one) for one in checked], schema=SCHEMA)
    console.emit(frame, arguments.format)
    return console.DONE


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
