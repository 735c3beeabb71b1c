"""A window to take away: a document that plays it anywhere, its data and receipts beside it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import streamlit as st

from analytics.replay.frames import in_order
from data.proof.receipts import make_receipt
from data.query import Answer
from data.state import notes
from data.state.notes import Note
from pages.frame import exports
from pages.frame.reader import state_clock
from pages.frame.run import current
from pages.frame.state_panel import panel
from pages.frame.view import View
from pages.replaying import stage
from pages.replaying.player import page_of
from pages.replaying.transport import Replaying

READ_ME = """replay.html      plays the window in any browser, without a server and without a net
frames.parquet   every item of the window in its order; frames.csv is the same for spreadsheets
receipt.json     the queries behind it, their parameters and the versions of the lake
notes.csv        the team's notes of the window, dated by both clocks
"""


@dataclass(frozen=True, slots=True)
class Export:
    """All that goes along. A file is made on a click, outside of the run of the page: nothing of
    the session can be asked for by then."""

    title: str
    document: Mapping[str, Any]
    answer: Answer
    about: Mapping[str, str]
    written: tuple[Note, ...]
    view: View

    def page(self) -> bytes:
        """The document that plays it."""
        return page_of(self.document, escape(f"Replay · {self.title}"), self._below()).encode()

    def whole(self) -> bytes:
        """The same with data, receipt and notes."""
        written = in_order(stage.alert_items((), self.written, ()))
        receipt = exports.to_json(dict(self.about) | make_receipt(self.answer))
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parcel:
            for name, content in (
                ("README.txt", READ_ME.encode()),
                ("replay.html", self.page()),
                ("frames.parquet", exports.to_parquet(self.answer.frame, self.about)),
                ("frames.csv", exports.to_csv(self.answer.frame, self.about)),
                ("receipt.json", receipt),
                ("notes.csv", exports.to_csv(written, self.about)),
            ):
                parcel.writestr(name, content)
        return out.getvalue()

    def _below(self) -> str:
        told = "".join(
            f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>"
            for name, value in self.about.items()
        )
        queries = "".join(
            f"<details><summary>SQL {number}</summary><pre>{escape(query_run.sql.strip())}\n\n"
            + escape("\n".join(f"${name} = {value}" for name, value in query_run.params.items()))
            + "</pre></details>"
            for number, query_run in enumerate(self.answer.asked, 1)
        )
        lines = "".join(
            f"<tr><td>{escape(self.view.local(item.about_at))}</td><td>{escape(item.text)}</td><td>"
            f"{escape(item.author)}</td><td>{escape(self.view.local(item.written_at))}</td></tr>"
            for item in self.written
        )
        head = "<tr><th>about</th><th>note</th><th>by</th><th>written</th></tr>"
        noted = f"<h2>Notes</h2><table>{head}{lines}</table>" if lines else ""
        return f"{noted}<h2>Receipt</h2><table>{told}</table>{queries}"


def export_replay(replaying: Replaying, document: Mapping[str, Any], answer: Answer) -> None:
    """Both files; each is made only when it is asked for."""
    run = current()
    about = run.about("Replay") | {
        "as_of": replaying.window.end.isoformat(),
        "window": replaying.window.text(),
    }
    title = f"{run.view.local(replaying.window.start)} to {run.view.local(replaying.window.end)}"
    parcel = Export(title, document, answer, about, _notes(replaying), run.view)
    clock = replaying.window.start.strftime("%Y%m%dT%H%MZ")
    name = f"{run.settings.workspace} replay"
    with (
        panel("Export", "plays offline; contains data, notes and receipts"),
        st.container(horizontal=True, gap="small"),
    ):
        st.download_button(
            "One HTML file",
            parcel.page,
            exports.file_name(name, clock, "html"),
            "text/html",
            key="get-replay-html",
            on_click="ignore",
        )
        st.download_button(
            "All of it as ZIP",
            parcel.whole,
            exports.file_name(name, clock, "zip"),
            "application/zip",
            key="get-replay-zip",
            on_click="ignore",
        )


def _notes(replaying: Replaying) -> tuple[Note, ...]:
    state = current().services.state
    if state is None:
        return ()
    return notes.known(
        state, since=replaying.window.start, until=replaying.whole.end, as_of=state_clock(current())
    )
