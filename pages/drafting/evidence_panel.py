"""The evidence of one claim: how it was read, what the lake has, its chart and its receipt."""

from __future__ import annotations

import polars as pl
import streamlit as st

from analytics.claims.check import CheckedStatement
from analytics.claims.evidence import claim_lines, subject_title
from analytics.claims.wording import as_spoken, number
from data.proof.receipts import make_receipt
from data.state.documents import Document
from pages.frame import charts, exports
from pages.frame.run import current
from pages.frame.state_panel import panel
from pages.frame.tables import facts
from pages.frame.theme import palette

CHARTED = 260  # observations of the chart
DASH = "–"


def evidence_panel(document: Document, place: int, one: CheckedStatement) -> None:
    """How the claim was read and what was found, with the query that finds it again."""
    run = current()
    then = run.at.earlier(min(document.heading.published_at, run.view.as_of))
    with panel(f"Evidence of claim {place + 1}", f"“{one.quote}” · {one.finding.verdict}"):
        st.html(facts(_reading(one)))
        st.html('<div class="b-note" style="margin:.4rem 0"></div>')
        (line,) = claim_lines(then, [one], CHARTED)
        if line is not None and len(line.values) > 1:
            frame = pl.DataFrame(
                {
                    "date": line.days,
                    "value": line.values,
                    "source": [one.finding.source] * len(line.days),
                }
            )
            figure = charts.line(frame, palette(run.theme), unit=line.unit)
            if run.demo:
                charts.watermark(figure, palette(run.theme))
            st.plotly_chart(
                figure,
                key=f"evidence-{place}",
                theme=None,
                config=charts.config("evidence"),
                alt=f"{line.title}: {line.unit}",
            )
        answer = one.finding.answer
        if answer is None:
            return
        about = run.about(one.quote) | {"as_of": then.as_of.isoformat(), "note": one.finding.note}
        name = f"{run.settings.workspace} {document.heading.title} claim {place + 1}"
        with st.container(horizontal=True, gap="small"):
            st.download_button(
                "Receipt",
                lambda: exports.to_json(about | make_receipt(answer)),
                exports.file_name(name, then.as_of.isoformat(), "receipt.json"),
                key=f"evidence-receipt-{place}",
                on_click="ignore",
            )
        with st.expander("SQL"):
            st.code(answer.asked[-1].sql, language="sql")


def _reading(one: CheckedStatement) -> list[tuple[str, str, str]]:
    said, found = one.statement, one.finding
    stated = DASH if said.quantity is None else number(said.quantity.value)
    unit = (said.quantity.unit or "") if said.quantity else ""
    period = said.period or found.period
    pairs = [
        ("Interpreted as", said.measure, subject_title(found.subject) if found.subject else "open"),
        (
            "Period",
            as_spoken(period) if period else DASH,
            "" if said.period else "the last one known",
        ),
        ("Stated", stated, unit),
        ("In the lake", DASH if found.value is None else number(found.value), found.unit),
    ]
    if found.compare is not None:
        pairs.insert(2, ("Compared with", as_spoken(found.compare), ""))
    if found.later is not None:
        pairs.append(("Value now", number(found.later), found.unit))
    if found.known_at is not None:
        pairs.append(("Known at", current().view.local(found.known_at), found.source))
    return pairs
