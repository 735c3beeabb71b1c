"""Prints that arrive while a page is open: their rows are lit for a minute, at Now only.

What is shown is compared with what the same page showed a moment before in this session, so a
first look lights nothing. While the page is open it asks every few seconds whether the lake has
a new version of its datasets, and only then runs again.
"""

from __future__ import annotations

import time
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import streamlit as st

from pages.frame.errors import explain
from pages.frame.resources import now, resources
from pages.frame.run import current

KEY = "frame_arrivals"
LIT_S = 60.0
LOOK_EVERY_S = 5.0
APART_S = 30.0  # between two runs that a new version brings about
OPEN_S = 90.0  # a page that looked longer ago was not open meanwhile; background tabs look seldom
RECENT = timedelta(days=1)  # what was published earlier is a backfill, not a print that arrives
MOST = 24  # questions of a session

Question = tuple[Hashable, ...]


@dataclass(slots=True)
class Shown:
    """What a question of a page showed, when it was last looked at, and what is lit since when."""

    keys: frozenset[Hashable]
    looked: float
    lit: dict[Hashable, float] = field(default_factory=dict)


@dataclass(slots=True)
class Watch:
    """What a session knows of its pages; `ran` is the last run that a new version brought about,
    `again` the minute of a version whose rows may only be known from the next minute on."""

    shown: dict[Question, Shown] = field(default_factory=dict)
    ran: float = -APART_S
    again: datetime | None = None


def lit_rows(question: Question, moments: Mapping[Any, datetime | None]) -> dict[Hashable, float]:
    """The rows that are lit, with the seconds since each arrived.

    `question` is the page and what was asked of it, `moments` has each row with its publication.
    """
    view, watch, tick = current().view, _watch(), time.monotonic()
    if not view.is_now:
        watch.shown.clear()
        return {}
    before, lit = watch.shown.pop(question, None), {}
    if before is not None and tick - before.looked <= OPEN_S:
        recent = view.as_of - RECENT
        lit = {key: since for key, since in before.lit.items() if key in moments}
        lit |= {
            key: tick
            for key, moment in moments.items()
            if key not in before.keys and moment is not None and moment >= recent
        }
        lit = {key: since for key, since in lit.items() if tick - since < LIT_S}
    watch.shown[question] = Shown(frozenset(moments), tick, lit)
    while len(watch.shown) > MOST:
        del watch.shown[next(iter(watch.shown))]
    return {key: tick - since for key, since in lit.items()}


def watch_arrivals(page: str, datasets: tuple[str, ...]) -> None:
    """Placed at the end of a page: it runs again when these datasets have a new version."""
    run = current()
    if run.view.is_now and not isinstance(run.lake, Exception):
        basis = run.lake.identity(datasets)[-1]
        st.fragment(_look, run_every=LOOK_EVERY_S)(page, datasets, basis)


def _look(page: str, datasets: tuple[str, ...], basis: Any) -> None:
    watch, tick, minute = _watch(), time.monotonic(), now().replace(second=0, microsecond=0)
    for question, shown in watch.shown.items():
        if question[0] == page:
            shown.looked = tick
    try:
        is_new = resources().db.at(minute, current().view.mode).identity(datasets)[-1] != basis
    except Exception as error:  # noqa: BLE001 - the next run says it where it stands; explain() logs it
        explain(error, "arrivals")
        return
    is_due = watch.again is not None and minute > watch.again
    if not (is_new or is_due) or tick - watch.ran < APART_S:
        return
    watch.ran, watch.again = tick, minute if is_new else None
    st.rerun()


def _watch() -> Watch:
    watch: Watch = st.session_state.setdefault(KEY, Watch())
    return watch
