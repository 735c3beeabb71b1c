"""Files of a checked draft: its corrected text, the report, and the evidence with its queries."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import polars as pl

from analytics.claims.check import CheckedStatement
from analytics.claims.claim_rows import SCHEMA, claim_row
from data.drafts.draft import DraftText
from data.drafts.edits import DraftEdit, edited_source, with_edits
from data.state.documents import Document
from pages.drafting.live_check import DraftCheck
from pages.drafting.marked import DraftMark, marked_blocks
from pages.drafting.marked_draft import tone_of
from pages.frame import exports

SUFFIXES = {"markdown": "md", "html": "html"}
EVIDENCE: dict[str, pl.DataType] = {
    "claim": pl.Int64(),
    **SCHEMA,
    "later": pl.Float64(),
    "correction": pl.String(),
    "sql": pl.String(),
    "params": pl.String(),
    "as_of": pl.String(),
    "mode": pl.String(),
}
STYLE = (Path(__file__).with_name("static") / "report.css").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class CorrectedText:
    """The text with the accepted corrections, and how its file is called at the end."""

    text: str
    suffix: str


def corrected_text(draft: DraftText, edits: Sequence[DraftEdit]) -> CorrectedText:
    """In the marks of its source where it has one (text, Markdown, HTML), else as plain text."""
    source = edited_source(draft, edits)
    if source is not None:
        return CorrectedText(source, SUFFIXES.get(draft.format, "txt"))
    return CorrectedText(with_edits(draft, edits).text, "txt")


def evidence(check: DraftCheck) -> pl.DataFrame:
    """A row per claim with what was found and the query that finds it again."""
    return pl.DataFrame(
        [_row(number, one, check) for number, one in enumerate(check.checked)], schema=EVIDENCE
    )


def _row(number: int, one: CheckedStatement, check: DraftCheck) -> dict[str, Any]:
    answer, edits = one.finding.answer, check.instead.get(number, ())
    asked = answer.asked[-1] if answer is not None else None
    return {
        "claim": number + 1,
        **claim_row(one),
        "later": one.finding.later,
        "correction": "; ".join(edit.words.strip() for edit in edits) or None,
        "sql": asked.sql if asked else None,
        "params": json.dumps(dict(asked.params), default=str) if asked else None,
        "as_of": asked.at.as_of.isoformat() if asked else None,
        "mode": asked.at.mode if asked else None,
    }


def report(
    document: Document,
    draft: DraftText,
    check: DraftCheck,
    edits: Sequence[DraftEdit],
    about: Mapping[str, str],
) -> bytes:
    """A page that stands alone: the marked draft, each claim with what was found, and its query."""
    marks = [
        DraftMark(n, one.statement.start, one.statement.end) for n, one in enumerate(check.checked)
    ]
    tones = [tone_of(one) for one in check.checked]
    text = "".join(_block(block, tones) for block in marked_blocks(draft, marks, edits))
    heading = document.heading
    facts = [
        ("Author", heading.author),
        ("Site", heading.site),
        ("Dated", f"{heading.published_at:%Y-%m-%d %H:%M} UTC"),
        ("Checked", about["as_of"]),
        ("Version", f"{document.version}"),
        ("SHA-256 of the text", document.sha256),
    ]
    head = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>"
        for name, value in facts
        if value
    )
    notice = f'<p class="demo">{escape(exports.DEMO_NOTICE)}</p>' if "notice" in about else ""
    rows = "".join(_report_row(number, one, check) for number, one in enumerate(check.checked))
    title = escape(heading.title)
    return (
        f'<!doctype html><html lang="{heading.language}"><meta charset="utf-8">'
        f"<title>{title}</title><style>{STYLE}</style><h1>{title}</h1>{notice}<table>{head}</table>"
        f'<h2>The draft</h2><div class="draft">{text}</div><h2>Claims</h2><table><tr><th>Claim</th>'
        f"<th>Verdict</th><th>What was found</th></tr>{rows}</table></html>"
    ).encode()


def _report_row(number: int, one: CheckedStatement, check: DraftCheck) -> str:
    finding, edits = one.finding, check.instead.get(number, ())
    words = f"<br>Correct to: {escape('; '.join(edit.words for edit in edits))}" if edits else ""
    asked = finding.answer.asked[-1] if finding.answer is not None else None
    query = ""
    if asked is not None:
        params = json.dumps(dict(asked.params), default=str)
        query = (
            f"<details><summary>Query</summary><pre>{escape(asked.sql)}\n\n{escape(params)}</pre>"
            "</details>"
        )
    return (
        f"<tr><td>{number + 1}. {escape(one.quote)}</td><td>{escape(finding.verdict)}</td>"
        f"<td>{escape(finding.note)}{words}{query}</td></tr>"
    )


def _block(block: Mapping[str, Any], tones: Sequence[str]) -> str:
    if "cells" in block:
        cells = "".join(f"<td>{_runs(runs, tones)}</td>" for runs in block["cells"])
        return f"<table><tr>{cells}</tr></table>"
    name = {"heading": "h3", "quotation": "blockquote", "code": "pre", "list item": "li"}
    tag = name.get(block["kind"], "p")
    return f"<{tag}>{_runs(block['runs'], tones)}</{tag}>"


def _runs(runs: Sequence[Mapping[str, Any]], tones: Sequence[str]) -> str:
    parts = []
    for run in runs:
        text, state = escape(run["text"]), run.get("state", "")
        if claims := run.get("claims"):
            parts.append(f'<mark class="{tones[claims[0]]} {state}">{text}</mark>')
        else:
            parts.append(f'<span class="{state}">{text}</span>' if state else text)
    return "".join(parts)
