"""Importing a table: upload or paste, look at it, say what its columns mean, answer its questions.

Of a session the cells of its last file are kept; they and the file go once it was entered.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import polars as pl
import streamlit as st

from analytics.core.ranking import ranking
from analytics.core.resolve import resolve
from data.confined import MOST_BYTES
from data.errors import UploadError, WorkstationError
from data.uploads import layouts
from data.uploads.check import (
    Meaning,
    Meanings,
    Reading,
    RowVerdict,
    Status,
    marks_of,
    words_of,
)
from data.uploads.columns import guess, tabulate
from data.uploads.layouts import NO_LAYOUT, Layout
from data.uploads.numbers import Mark
from data.uploads.questions import COLUMN, Question
from data.uploads.reader import read_file
from data.uploads.table import Table
from pages.frame import exports
from pages.frame.cached import cached
from pages.frame.errors import explain, sentence
from pages.frame.links import plain
from pages.frame.panel import say
from pages.frame.run import current
from pages.frame.tables import Column, facts, table
from pages.uploads.listed import formulas_of

Kind = TypeVar("Kind", bound=RowVerdict)
NONE = "—"
PASTED = "pasted.txt"
MOST_ASKED = 25
SHOWN = 100  # rows of a page: what a browser draws at once
VERDICTS = (
    Column("line", "line", "count"),
    Column("word", "in the file"),
    Column("status", "result", "status"),
    Column("symbol", "instrument", "id"),
    Column("reason", "reason", "wide"),
)
# What waits for somebody comes first, what is done without last.
ORDER: Mapping[Status, int] = {"asked": 0, "rejected": 1, "accepted": 2, "duplicate": 3, "other": 4}
STATUS: Mapping[Status, str] = {"asked": "question", "other": "left out"}
TEXT_ANSWERS = {"opened": "Date of all rows, as 2026-03-16"}
LABELS = {
    "opened": "date",
    "clock": "time",
    "settled": "settlement date",
    "asset_class": "asset class",
    "kind": "kind of booking",
    **{f"fee{number}": f"fee {number}" for number in range(2, 9)},
    "zone": "time zone",
    "strike": "strike of an option",
    "fee_currency": "currency of fees",
    "amount": "gross amount",
    "net": "net amount",
    "amount_currency": "currency of amounts",
    "rate_of_exchange": "exchange rate",
    "key": "trade number",
    "order": "order number",
    "cancelled": "cancelled on",
    "isin": "ISIN",
    "figi": "FIGI",
    "cusip": "CUSIP",
    "sedol": "SEDOL",
    "wkn": "WKN",
}


@dataclass(frozen=True, slots=True)
class Upload:
    """A table that was brought, under a key that is the same for the same bytes."""

    key: str
    name: str
    table: Table


def bring(page: str, example: str) -> Upload | None:
    """The table of an upload, or of what was pasted; says why it cannot be read."""
    turn = st.session_state.setdefault(f"{page}_turn", 0)
    left, right = st.columns(2, gap="small")
    with left:
        file = st.file_uploader(
            "A file: CSV, TSV, XLSX, JSON or Parquet",
            key=f"{page}_file_{turn}",
            max_upload_size=MOST_BYTES >> 20,
        )
    with right:
        pasted = st.text_area(
            "Or paste: a row per line, under the names of the columns where there are several",
            key=f"{page}_paste_{turn}",
            height=104,
            placeholder=example,
        )
    if file is None and not (pasted or "").strip():
        return None
    payload, name = (file.getvalue(), file.name) if file else (pasted.encode(), PASTED)
    return _read(page, payload, name)


def _read(page: str, payload: bytes, name: str) -> Upload | None:
    key = hashlib.sha256(payload).hexdigest()[:16]
    wanted = st.session_state.get(f"{page}_sheet_{key}")
    section = st.session_state.get(f"{page}_section_{key}")
    kept = st.session_state.get(f"{page}_kept")
    if kept is None or kept[0] != (key, wanted, section):
        try:
            found: Table | WorkstationError = tabulate(read_file(payload, name, wanted), section)
        except WorkstationError as error:
            found = error
        kept = ((key, wanted, section), found)
        st.session_state[f"{page}_kept"] = kept
    read = kept[1]
    if isinstance(read, WorkstationError):
        say(explain(read, "upload"), "error")
    if wanted or (isinstance(read, Table) and len(read.sheets) > 1):
        _choose_sheet(page, key, read)
    if isinstance(read, WorkstationError):
        return None
    if read.others:
        _choose_section(page, key, read)
    for notice in read.notices:
        st.caption(plain(sentence(notice)))
    stem = "" if name == PASTED else name.rpartition("/")[2].rpartition(".")[0]
    return Upload(key, stem[:80], read)


def _choose_sheet(page: str, key: str, read: Table | WorkstationError) -> None:
    """Another sheet of a workbook; also where the one that was chosen holds nothing."""
    names = f"{page}_sheets_{key}"
    if isinstance(read, Table):
        st.session_state[names] = read.sheets, read.sheet
    sheets, first = st.session_state[names]
    st.selectbox("Sheet", sheets, index=sheets.index(first), key=f"{page}_sheet_{key}", width=300)


def _choose_section(page: str, key: str, read: Table) -> None:
    """Another table of a file that holds several under titles of their own."""
    every = [read.title, *(section.title for section in read.others)]
    titles = list(dict.fromkeys(title for title in every if title))
    if len(titles) > 1:
        st.selectbox(
            "Section",
            titles,
            index=titles.index(read.title) if read.title else None,
            key=f"{page}_section_{key}",
            width=300,
        )


def done(page: str) -> None:
    """Let go of what was brought; the widgets begin anew."""
    st.session_state[f"{page}_turn"] += 1
    st.session_state.pop(f"{page}_kept", None)


@dataclass(frozen=True, slots=True)
class Form:
    """What a page asks of a table: its roles, those shown at once, and the layouts it knows."""

    roles: Sequence[str]
    numeric: Sequence[str]
    first: Sequence[str]
    learnt: Sequence[Layout] = ()
    takes_formulas: bool = False


def understand(page: str, upload: Upload, form: Form) -> tuple[Reading, Meanings] | None:
    """What the columns mean and what the words may mean; says why where that cannot be told."""
    layout = layouts.find(upload.table.names, form.learnt)
    if layout.name:
        st.caption(f"Layout: {layout.name}")
    found = guess(upload.table, form.roles, form.learnt)
    columns = _columns(page, upload, form, found)
    try:
        marks = _marks(page, upload, columns, form.numeric)
        words = words_of(upload.table, columns)
        if not words:
            raise UploadError("no column names the instruments; choose which one does")
        formulas = formulas_of(words) if form.takes_formulas else {}
        meanings = {**meanings_of(words), **formulas}
    except WorkstationError as error:
        say(explain(error, "upload"), "error")
        return None
    reading = Reading(
        columns,
        marks,
        _answers(page, upload),
        ranking().ids,
        dict(said(page, upload)),
        layout if layout is not NO_LAYOUT else None,
        is_complete=True,
    )
    return reading, meanings


def _columns(page: str, upload: Upload, form: Form, found: Mapping[str, int]) -> dict[str, int]:
    """A column for each role, as it was found or as it is chosen."""
    options = [NONE, *upload.table.names]
    columns: dict[str, int] = {}

    def choose(roles: Sequence[str]) -> None:
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            for role in roles:
                place = found.get(role)
                named = st.selectbox(
                    LABELS.get(role, role),
                    options,
                    index=0 if place is None else place + 1,
                    width=132,
                    key=f"{page}_role_{role}_{upload.key}",
                )
                if named != NONE:
                    columns[role] = options.index(named) - 1

    choose([role for role in form.roles if role in form.first])
    rest = [role for role in form.roles if role not in form.first]
    if rest:
        with st.expander("More columns", key=f"{page}_more_{upload.key}"):
            choose(rest)
    return columns


def _marks(
    page: str, upload: Upload, columns: Mapping[str, int], numeric: Sequence[str]
) -> dict[str, Mark]:
    marks = marks_of(upload.table, columns, numeric)
    for role, mark in marks.items():
        if mark == "?":
            meant = st.segmented_control(
                f"{role}: the decimal mark is", [".", ","], key=f"{page}_mark_{role}_{upload.key}"
            )
            if meant:
                marks[role] = "." if meant == "." else ","
    return marks


def meanings_of(words: list[str]) -> Meanings:
    """What each word may mean at the clock."""
    if not words:
        return {}
    found: dict[str, list[Meaning]] = {}
    for row in cached(resolve, current().at, words=words).frame.iter_rows(named=True):
        found.setdefault(row["word"], []).append(_meaning(row))
    return found


def meant(words: list[str]) -> dict[str, str]:
    """The one instrument that each word means; refuses the first that means none or several."""
    found = meanings_of(words)
    for word in words:
        several = found.get(word, ())
        if not several:
            raise UploadError(f"no instrument called {word[:60]!r} is known at this clock")
        if len(several) > 1:
            ids = ", ".join(item.symbol for item in several[:5])
            raise UploadError(f"{len(several)} instruments are called {word[:60]!r}: write {ids}")
    return {word: found[word][0].symbol for word in words}


def _meaning(row: Mapping[str, object]) -> Meaning:
    life = f"{row['listed_on'] or '?'} to {row['delisted_on'] or 'now'}"
    parts = (row["ticker"], row["name"], row["venue"], row["currency"], life, row["symbol"])
    note = f"delisted on {row['delisted_on']}" if row["delisted_on"] else ""
    if row["currency"] == "GBp":
        note = f"{note}; quoted in pence".removeprefix("; ")
    title = " · ".join(str(part) for part in parts if part)
    return Meaning(str(row["symbol"]), title, note, str(row["currency"] or ""))


def _answers(page: str, upload: Upload) -> dict[str, str]:
    answers: dict[str, str] = st.session_state.setdefault(f"{page}_answers_{upload.key}", {})
    return answers


def questions(page: str, upload: Upload, verdicts: Sequence[RowVerdict]) -> None:
    """Ask which of several instruments is meant; what was answered holds for the whole file."""
    answers = _answers(page, upload)
    # A word that was answered is asked no more, but its answer can still be changed.
    asks: dict[str, tuple[Meaning, ...]] = st.session_state.setdefault(
        f"{page}_asks_{upload.key}", {}
    )
    asks |= {verdict.word: verdict.asks for verdict in verdicts if verdict.asks}
    for word, meanings in list(asks.items())[:MOST_ASKED]:
        titles = {meaning.title: meaning.symbol for meaning in meanings}
        chosen = st.selectbox(
            f"Which {word[:60]}?",
            list(titles),
            placeholder="choose one",
            index=None,
            key=f"{page}_which_{word}_{upload.key}",
        )
        if chosen and answers.get(word) != titles[chosen]:
            answers[word] = titles[chosen]
            st.rerun()
    if len(asks) > MOST_ASKED:
        st.caption(f"{len(asks)} names are unclear; the first {MOST_ASKED} are asked here.")


def said(page: str, upload: Upload) -> dict[str, str]:
    """What was answered of the file as a whole."""
    kept: dict[str, str] = st.session_state.setdefault(f"{page}_said_{upload.key}", {})
    return kept


def file_questions(
    page: str, upload: Upload, verdicts: Sequence[RowVerdict], also: Callable[[Question], None]
) -> None:
    """Ask what only the reader can say of the file; an answer can be changed at any time."""
    kept = said(page, upload)
    asks: dict[str, tuple[Question, int]] = st.session_state.setdefault(
        f"{page}_open_{upload.key}", {}
    )
    found: dict[str, tuple[Question, int]] = {}
    for verdict in verdicts:
        if verdict.question is not None:
            key = verdict.question.key
            found[key] = verdict.question, found.get(key, (verdict.question, 0))[1] + 1
    for key in [key for key in asks if key not in found and key not in kept]:
        del asks[key]
    asks |= found
    for key, (question, rows) in list(asks.items())[:MOST_ASKED]:
        is_open = key in found
        _ask(page, upload, question, f" · {rows} row{'s' if rows > 1 else ''}" if is_open else "")
        if is_open:
            also(question)
    if len(asks) > MOST_ASKED:
        st.caption(f"{len(asks)} questions are open; the first {MOST_ASKED} are shown here.")


def _ask(page: str, upload: Upload, question: Question, rows: str) -> None:
    kept, key = said(page, upload), f"{page}_ask_{question.key}_{upload.key}"
    if question.key.startswith(COLUMN):
        st.caption(f"{question.text}{rows}")
        return
    if question.options:
        labels = {label: value for value, label in question.options.items()}
        chosen = st.selectbox(
            f"{question.text}{rows}",
            list(labels),
            index=None,
            key=key,
            placeholder="choose one",
            width="stretch",
        )
        answer = labels.get(chosen or "")
    else:
        st.caption(f"{question.text}{rows}")
        label = TEXT_ANSWERS.get(question.key, question.text)
        answer = (st.text_input(label, key=key, width=300) or "").strip() or None
    if answer is not None and kept.get(question.key) != answer:
        kept[question.key] = answer
        st.rerun()


def report(
    verdicts: Sequence[RowVerdict],
    tally: Mapping[Any, int],
    columns: Sequence[Column] = VERDICTS,
    row_of: Callable[[Any], dict[str, Any]] | None = None,
) -> None:
    """The dry run: how many rows become what, and each row with its reason, trouble first."""
    total = len(verdicts)
    more = [("Questions", "asked", "wait for an answer"), ("Left out", "other", "said by its kind")]
    st.html(
        facts(
            [
                ("Rows", f"{total:,}", "in the file"),
                ("Accepted", f"{tally['accepted']:,}", "ready to be saved"),
                ("Duplicates", f"{tally['duplicate']:,}", "there already"),
                ("Rejected", f"{tally['rejected']:,}", "each with its reason"),
                *(
                    (label, f"{tally[status]:,}", hint)
                    for label, status, hint in more
                    if tally.get(status)
                ),
            ]
        )
    )
    ranked = sorted(verdicts, key=lambda verdict: ORDER[verdict.status])
    st.fragment(_draw_page)(ranked, columns, row_of or plain_row)


def _draw_page(
    ranked: Sequence[RowVerdict], columns: Sequence[Column], row_of: Callable[[Any], dict[str, Any]]
) -> None:
    """One page of the rows; the next one is drawn alone, without judging the file again."""
    pages = -(-len(ranked) // SHOWN)
    at = 1
    if pages > 1:
        at = int(st.number_input(f"Page of {pages}", 1, pages, 1, key="import_page", width=160))
    rows = [row_of(verdict) for verdict in page_of(ranked, at)]
    drawn = table(rows, columns, caption="Result of each row", zone=current().view.zone)
    st.html(f'<div class="b-box">{drawn}</div>')


def page_of(ranked: Sequence[Kind], number: int) -> Sequence[Kind]:
    """The rows of one page, from 1 on."""
    return ranked[(number - 1) * SHOWN : number * SHOWN]


def plain_row(verdict: RowVerdict) -> dict[str, Any]:
    """A row of the dry run."""
    return {
        "line": verdict.line,
        "word": verdict.word,
        "status": STATUS.get(verdict.status, verdict.status),
        "symbol": verdict.symbol,
        "reason": verdict.reason,
    }


def download_verdicts(page: str, upload: Upload, verdicts: Sequence[RowVerdict]) -> None:
    """Every row and what became of it, as a file."""
    st.download_button(
        "Every row and its reason",
        lambda: exports.to_csv(_frame(verdicts), current().about(f"import of {upload.name}")),
        exports.file_name("import", upload.key, "csv"),
        key=f"{page}_verdicts",
        on_click="ignore",
    )


def _frame(verdicts: Sequence[RowVerdict]) -> pl.DataFrame:
    names = ("line", "word", "status", "symbol", "reason")
    kinds = {"line": pl.Int64} | dict.fromkeys(names[1:], pl.String)
    rows = [list(plain_row(verdict).values()) for verdict in verdicts]
    return pl.DataFrame(rows, schema=kinds, orient="row")
