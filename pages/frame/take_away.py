"""A window to take away: a document that plays it anywhere, its data and receipts beside it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from html import escape
from typing import Any

import streamlit as st

from analytics.frames import in_order
from data.query import Answer
from data.state import notes
from pages.frame import exports, stage
from pages.frame.box import panel
from pages.frame.player import page_of
from pages.frame.replaying import Replaying
from pages.frame.resources import now
from pages.frame.run import current

READ_ME = """replay.html      plays the window in any browser, without a server and without a net
frames.parquet   every item of the window in its order; frames.csv is the same for spreadsheets
receipt.json     the queries behind it, their parameters and the versions of the lake
notes.csv        the team's notes of the window, dated by both clocks
"""


def take_away(held: Replaying, document: Mapping[str, Any], answer: Answer) -> None:
    """Both files; each is made only when it is asked for."""
    about = current().about("Replay") | {"as_of": held.window.end.isoformat(),
                                         "window": held.window.text()}  # fmt: skip
    clock = held.window.start.strftime("%Y%m%dT%H%MZ")
    name = f"{current().settings.workspace} replay"

    def page() -> bytes:
        return _page(held, document, answer, about).encode()

    def parcel() -> bytes:
        return _parcel(held, page(), answer, about)

    with (
        panel("Take it away", "plays offline; data, notes and receipts go along"),
        st.container(horizontal=True, gap="small"),
    ):
        st.download_button("One HTML file", page, exports.file_name(name, clock, "html"),
                           "text/html", key="get-replay-html", on_click="ignore")  # fmt: skip
        st.download_button("All of it as ZIP", parcel, exports.file_name(name, clock, "zip"),
                           "application/zip", key="get-replay-zip", on_click="ignore")  # fmt: skip


def _page(
    held: Replaying, document: Mapping[str, Any], answer: Answer, about: Mapping[str, str]
) -> str:
    told = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>"
                   for name, value in about.items())  # fmt: skip
    queries = "".join(
        f"<details><summary>SQL {number}</summary><pre>{escape(one.sql.strip())}\n\n"
        + escape("\n".join(f"${name} = {value}" for name, value in one.params.items()))
        + "</pre></details>"
        for number, one in enumerate(answer.asked, 1)
    )
    written = "".join(
        f"<tr><td>{escape(current().view.local(one.about_at))}</td><td>{escape(one.text)}</td>"
        f"<td>{escape(one.author)}</td><td>{escape(current().view.local(one.written_at))}</td></tr>"
        for one in _notes(held)
    )
    head = "<tr><th>about</th><th>note</th><th>by</th><th>written</th></tr>"
    below = f"<h2>Notes</h2><table>{head}{written}</table>" if written else ""
    below += f"<h2>Receipt</h2><table>{told}</table>{queries}"
    return page_of(document, escape(f"Replay · {_title(held)}"), below)


def _title(held: Replaying) -> str:
    view = current().view
    return f"{view.local(held.window.start)} to {view.local(held.window.end)}"


def _notes(held: Replaying) -> tuple[notes.Note, ...]:
    state, view = current().services.state, current().view
    if state is None:
        return ()
    clock = now() if view.is_now else view.as_of
    return notes.known(state, since=held.window.start, until=held.whole.end, as_of=clock)


def _parcel(held: Replaying, page: bytes, answer: Answer, about: Mapping[str, str]) -> bytes:
    written = in_order(stage.told((), _notes(held), ()))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parcel:
        for name, content in (
            ("README.txt", READ_ME.encode()),
            ("replay.html", page),
            ("frames.parquet", exports.to_parquet(answer.frame, about)),
            ("frames.csv", exports.to_csv(answer.frame, about)),
            ("receipt.json", exports.to_json(dict(about) | answer.receipt())),
            ("notes.csv", exports.to_csv(written, about)),
        ):
            parcel.writestr(name, content)
    return out.getvalue()
