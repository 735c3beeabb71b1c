"""Bringing a table: upload or paste, look at it, say what its columns mean, answer its questions.

Of a session the cells of its last file are kept; they and the file go once it was entered.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl
import streamlit as st

from analytics.ranking import ranking
from analytics.resolve import resolve
from data.errors import UploadError, WorkstationError
from data.uploads.check import Meaning, Meanings, Reading, Verdict, marks_of, words_of
from data.uploads.columns import Table, guess, tabulate
from data.uploads.numbers import Mark
from data.uploads.reader import read_file
from data.uploads.sheet import MOST_BYTES
from pages.frame import exports
from pages.frame.cached import cached
from pages.frame.errors import explain
from pages.frame.panel import say
from pages.frame.run import current
from pages.frame.tables import Column, facts, table

NONE = "—"
PASTED = "pasted.txt"
MOST_ASKED = 25
SHOWN = 200
VERDICTS = (
    Column("line", "line", "count"),
    Column("word", "in the file"),
    Column("status", "becomes", "status"),
    Column("symbol", "instrument", "id"),
    Column("reason", "why", "wide"),
)


@dataclass(frozen=True, slots=True)
class Brought:
    """A table that was brought, under a key that is the same for the same bytes."""

    key: str
    name: str
    table: Table


def bring(page: str, example: str) -> Brought | None:
    """The table of an upload, or of what was pasted; says why it cannot be read."""
    turn = st.session_state.setdefault(f"{page}_turn", 0)
    left, right = st.columns(2, gap="small")
    with left:
        file = st.file_uploader(
            "A file: CSV, TSV, XLSX or Parquet", key=f"{page}_file_{turn}",
            max_upload_size=MOST_BYTES >> 20,
        )  # fmt: skip
    with right:
        pasted = st.text_area(
            "Or paste: a row per line, under the names of the columns where there are several",
            key=f"{page}_paste_{turn}", height=104, placeholder=example,
        )  # fmt: skip
    if file is None and not (pasted or "").strip():
        return None
    payload, name = (file.getvalue(), file.name) if file else (pasted.encode(), PASTED)
    return _read(page, payload, name)


def _read(page: str, payload: bytes, name: str) -> Brought | None:
    key = hashlib.sha256(payload).hexdigest()[:16]
    wanted = st.session_state.get(f"{page}_sheet_{key}")
    kept = st.session_state.get(f"{page}_kept")
    if kept is None or kept[0] != (key, wanted):
        try:
            found: Table | WorkstationError = tabulate(read_file(payload, name, wanted))
        except WorkstationError as error:
            found = error
        kept = ((key, wanted), found)
        st.session_state[f"{page}_kept"] = kept
    read = kept[1]
    if isinstance(read, WorkstationError):
        say(explain(read, "upload"), "error")
    if wanted or (isinstance(read, Table) and len(read.sheets) > 1):
        _choose_sheet(page, key, read)
    if isinstance(read, WorkstationError):
        return None
    for notice in read.notices:
        st.caption(notice[:1].upper() + notice[1:])
    stem = "" if name == PASTED else name.rpartition("/")[2].rpartition(".")[0]
    return Brought(key, stem[:80], read)


def _choose_sheet(page: str, key: str, read: Table | WorkstationError) -> None:
    """Another sheet of a workbook; also where the one that was chosen holds nothing."""
    names = f"{page}_sheets_{key}"
    if isinstance(read, Table):
        st.session_state[names] = read.sheets, read.sheet
    sheets, first = st.session_state[names]
    st.selectbox("Sheet", sheets, index=sheets.index(first), key=f"{page}_sheet_{key}", width=300)


def done(page: str) -> None:
    """Let go of what was brought; the widgets begin anew."""
    st.session_state[f"{page}_turn"] += 1
    st.session_state.pop(f"{page}_kept", None)


def understand(
    page: str, brought: Brought, roles: Sequence[str], numeric: Sequence[str]
) -> tuple[Reading, Meanings] | None:
    """What the columns mean and what the words may mean; says why where that cannot be told."""
    found = guess(brought.table, roles)
    options = [NONE, *brought.table.names]
    columns: dict[str, int] = {}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        for role in roles:
            place = found.get(role)
            named = st.selectbox(
                role, options, index=0 if place is None else place + 1, width=113,
                key=f"{page}_role_{role}_{brought.key}",
            )  # fmt: skip
            if named != NONE:
                columns[role] = options.index(named) - 1
    try:
        marks = _marks(page, brought, columns, numeric)
        meanings = _meanings(words_of(brought.table, columns))
    except WorkstationError as error:
        say(explain(error, "upload"), "error")
        return None
    return Reading(columns, marks, _answers(page, brought), ranking().ids), meanings


def _marks(
    page: str, brought: Brought, columns: Mapping[str, int], numeric: Sequence[str]
) -> dict[str, Mark]:
    marks = marks_of(brought.table, columns, numeric)
    for role, mark in marks.items():
        if mark == "?":
            meant = st.segmented_control(
                f"{role}: the decimal mark is", [".", ","], key=f"{page}_mark_{role}_{brought.key}"
            )
            if meant:
                marks[role] = "." if meant == "." else ","
    return marks


def _meanings(words: list[str]) -> Meanings:
    """What each word may mean at the clock."""
    if not words:
        raise UploadError("no column names the instruments; choose which one does")
    found: dict[str, list[Meaning]] = {}
    for row in cached(resolve, current().at, words=words).frame.iter_rows(named=True):
        found.setdefault(row["word"], []).append(_meaning(row))
    return found


def meant(words: list[str]) -> dict[str, str]:
    """The one instrument that each word means; refuses the first that means none or several."""
    found = _meanings(words) if words else {}
    for word in words:
        several = found.get(word, ())
        if not several:
            raise UploadError(f"no instrument called {word[:60]!r} is known at this clock")
        if len(several) > 1:
            ids = ", ".join(each.symbol for each in several[:5])
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


def _answers(page: str, brought: Brought) -> dict[str, str]:
    answers: dict[str, str] = st.session_state.setdefault(f"{page}_answers_{brought.key}", {})
    return answers


def questions(page: str, brought: Brought, verdicts: Sequence[Verdict]) -> None:
    """Ask which of several instruments is meant; what was answered holds for the whole file."""
    answers = _answers(page, brought)
    # A word that was answered is asked no more, but its answer can still be changed.
    asks: dict[str, tuple[Meaning, ...]] = st.session_state.setdefault(
        f"{page}_asks_{brought.key}", {}
    )
    asks |= {verdict.word: verdict.asks for verdict in verdicts if verdict.asks}
    for word, meanings in list(asks.items())[:MOST_ASKED]:
        titles = {meaning.title: meaning.symbol for meaning in meanings}
        chosen = st.selectbox(
            f"Which {word[:60]}?", list(titles), placeholder="choose one", index=None,
            key=f"{page}_which_{word}_{brought.key}",
        )  # fmt: skip
        if chosen and answers.get(word) != titles[chosen]:
            answers[word] = titles[chosen]
            st.rerun()
    if len(asks) > MOST_ASKED:
        st.caption(f"{len(asks)} names are unclear; the first {MOST_ASKED} are asked here.")


def report(verdicts: Sequence[Verdict], tally: Mapping[str, int]) -> None:
    """The dry run: how many rows become what, and each row with its reason, trouble first."""
    total = len(verdicts)
    st.html(
        facts([
            ("Rows", f"{total:,}", "in the file"),
            ("Accepted", f"{tally['accepted']:,}", "ready to be kept"),
            ("Duplicates", f"{tally['duplicate']:,}", "there already"),
            ("Rejected", f"{tally['rejected']:,}", "each with its reason"),
        ])
    )  # fmt: skip
    order = {"rejected": 0, "duplicate": 1, "accepted": 2}
    ranked = sorted(verdicts, key=lambda verdict: order[verdict.status])
    shown = table(_frame(ranked[:SHOWN]), VERDICTS, caption="What becomes of each row")
    more = f'<div class="b-note">{total - SHOWN:,} more rows</div>' if total > SHOWN else ""
    st.html(f'<div class="b-box">{shown}{more}</div>')


def take_away(page: str, brought: Brought, verdicts: Sequence[Verdict]) -> None:
    """Every row and what became of it, as a file."""
    st.download_button(
        "Every row and its reason",
        lambda: exports.to_csv(_frame(verdicts), current().about(f"import of {brought.name}")),
        exports.file_name("import", brought.key, "csv"),
        key=f"{page}_verdicts",
        on_click="ignore",
    )


def _frame(verdicts: Sequence[Verdict]) -> pl.DataFrame:
    names = ("line", "word", "status", "symbol", "reason")
    kinds = {"line": pl.Int64} | dict.fromkeys(names[1:], pl.String)
    rows = [[getattr(verdict, name) for name in names] for verdict in verdicts]
    return pl.DataFrame(rows, schema=kinds, orient="row")
