"""What changed between two clocks: the lake's own items, and what failed, which the state knows.

Each line opens its page at the moment it was published.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from datetime import datetime, timedelta
from typing import Any

import polars as pl
import streamlit as st

from analytics.home.changes import knowledge_diff
from data.clock import iso
from data.errors import WorkstationError
from data.query import Answer
from data.state import positions, runs
from pages.frame.arrivals import lit_rows
from pages.frame.controls import segment
from pages.frame.errors import Trouble, explain
from pages.frame.figures import decimals, period_of, written
from pages.frame.links import address
from pages.frame.lists import known_lists
from pages.frame.panel import Panel, say
from pages.frame.resources import now
from pages.frame.run import current
from pages.frame.tables import ARRIVED, Column, table
from pages.frame.view import parse_clock
from pages.home.claims import turned_claims
from pages.home.visits import last_visit
from pages.search.directory import country_names

VISIT = "last visit"
SPANS = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=31)}
SHOWN = 14
OUTAGE = 6.0
MOST_OUTAGES = 3  # more are one line, which leads to all of them
# Kind -> the page that shows it, and the parameter that takes its subject.
LEADS = {
    "print": ("series", "id"),
    "revision": ("series", "id"),
    "unit": ("series", "id"),
    "late release": ("series", "id"),
    "regime": ("regimes", "country"),
    "bias": ("releases", "country"),
    "event": ("instrument", "id"),
    "late dataset": ("data", "dataset"),
    "outage": ("jobs", "job"),
    "claims": ("drafts", "id"),
}
KEYS = ("kind", "subject", "period", "moment")
# Their titles do not name the country.
WITHOUT_COUNTRY = ("regime", "bias", "trade", "late release")
COLUMNS = (
    Column("kind", "what"),
    Column("named", "of what", "name"),
    Column("change", "before → after", "wide"),
    Column("moment", "published", "instant"),
)
PANEL = Panel("What changed", "most important first", ("macro",), draws_empty=True)


def changes() -> None:
    """The choice of the earlier clock, and the list."""
    run = current()
    since = _since()
    if since > run.view.as_of:
        say(Trouble("The earlier clock lies after the page's clock.", "Choose a span."), "partial")
        return
    with st.spinner("Comparing the two clocks …", show_time=False):
        PANEL.show(knowledge_diff, lambda answer: _drawn(answer, since), since=since)


def _since() -> datetime:
    """The earlier clock: the last visit, so long before the clock, or an instant of the address."""
    view = current().view
    visit = last_visit() if view.is_now else None
    asked = st.query_params.get("since", "")
    try:
        instant = parse_clock(asked, view.zone) if asked and asked not in (VISIT, *SPANS) else None
    except WorkstationError:
        instant = None  # the row of choices says that it is none of them
    options = [*([VISIT] if visit else []), *SPANS, *([asked] if instant else [])]
    chosen = segment("overview", "since", "Changes since", options, VISIT if visit else "week")
    if chosen == VISIT and visit is not None:
        return visit
    if chosen in SPANS:
        return view.as_of - SPANS[chosen]
    return instant or view.as_of


def _drawn(answer: Answer, since: datetime) -> str:
    mine, failed = my_symbols(), [*outages(since), *turned_claims(since)]
    lit = lit_rows(("overview", st.query_params.get("since", "")), _prints(answer.frame))
    count = answer.frame.height + len(failed)
    if not count:
        return '<div class="b-note">No data were published between the two clocks.</div>'
    is_mine = pl.col("subject").is_in(list(mine)).fill_null(value=False)
    order = (is_mine, "weight", "moment")
    first = answer.frame.sort(*order, descending=True, maintain_order=True).head(SHOWN)
    rows = [*first.iter_rows(named=True), *failed]
    rows.sort(
        key=lambda row: (row["subject"] not in mine, -row["weight"], -row["moment"].timestamp())
    )
    names = country_names()
    shown = [
        row
        | {ARRIVED: lit.get(_key(row))}
        | {"named": _named(row, names, is_mine=row["subject"] in mine), "change": _change(row)}
        for row in rows[:SHOWN]
    ]
    view = current().view
    span = f"{view.local(since)} to {view.local()}"
    more = f" · and {count - SHOWN} minor changes" if count > SHOWN else ""
    return (
        table(shown, COLUMNS, caption=PANEL.title, zone=view.zone)
        + f'<div class="b-note">{span}{more}</div>'
    )


def _prints(frame: pl.DataFrame) -> dict[Hashable, datetime | None]:
    """Prints and revisions with their publication."""
    rows = frame.filter(pl.col("kind").is_in(("print", "revision"))).select(KEYS)
    return {row: row[-1] for row in rows.iter_rows()}


def _key(row: dict[str, Any]) -> Hashable:
    return tuple(row[name] for name in KEYS)


def outages(since: datetime) -> list[dict[str, Any]]:
    """The jobs whose runs failed after the earlier clock, as they stood at the later: a line each,
    or one for all."""
    run = current()
    if run.services.state is None:
        return []
    try:
        failed = runs.failures(run.services.state, since=since, as_of=run.view.as_of)
    except WorkstationError as error:
        say(explain(error, "outages"), "error")
        return []
    if len(failed) <= MOST_OUTAGES:
        return [
            _outage(item.job, item.job, item.last_at, item.count, item.status) for item in failed
        ]
    words = Counter(item.status.replace("_", " ") for item in failed)
    told = ", ".join(f"{count} {word}" for word, count in words.most_common())
    last = max(item.last_at for item in failed)
    return [_outage("", f"{len(failed)} jobs", last, 1, told)]


def _outage(job: str, title: str, last: datetime, count: int, word: str) -> dict[str, Any]:
    nothing = dict.fromkeys(("country", "period", "before", "after", "expected", "unit", "was"))
    return {
        **nothing,
        "kind": "outage",
        "subject": job,
        "title": title,
        "weight": OUTAGE,
        "moment": last,
        "frequency": None,
        "count": count,
        "is": word.replace("_", " "),
    }


def my_symbols() -> frozenset[str]:
    """What is on the team's watchlists and in its portfolios, as they were at the clock."""
    run = current()
    if run.services.state is None:
        return frozenset()
    moment = now() if run.view.is_now else run.view.as_of
    try:
        open_lots = positions.held(run.services.state, as_of=moment)
    except WorkstationError as error:
        explain(error, "positions")
        open_lots = ()
    lists = known_lists(run).values()
    return frozenset(lot.draft.symbol for lot in open_lots) | frozenset(
        symbol for watchlist in lists for symbol in watchlist.symbols
    )


def _named(row: dict[str, Any], names: Mapping[str, str], *, is_mine: bool) -> dict[str, str]:
    """The subject as a link to its page at the moment; a star for what is on a list or owned."""
    page, parameter = LEADS.get(row["kind"], ("data", "id"))
    fields = {parameter: row["subject"]} if row["subject"] else {}
    if row["kind"] == "trade":
        fields |= {"dataset": "trade"}
    if row["kind"] == "event" and not row["subject"]:
        page = "overview"
    name = names.get(row["country"], row["country"])
    country = f"{name}: " if row["kind"] in WITHOUT_COUNTRY and name else ""
    return {
        "text": f"{'★ ' if is_mine else ''}{country}{row['title']}",
        "to": address(page, **fields, as_of=iso(row["moment"])),
    }


def _change(row: dict[str, Any]) -> str:
    """From which value or word to which, its period, and how many more there are of the kind."""
    kind, count = row["kind"], row["count"]
    if kind == "trade":
        return f"{count:,} flows, the latest of {row['period']:%Y}"
    before = row["was"] if row["was"] is not None else _number(row["before"])
    after = row["is"] if row["is"] is not None else _number(row["after"])
    if after is None:
        after = "withdrawn" if kind == "revision" else "no value"
    text = after if before is None else f"{before} → {after}"
    if row["expected"] is not None:
        text += f", {_number(row['expected'])} expected"
    if kind in ("print", "revision"):
        text += f" · {period_of(row['period'], row['frequency'])}"
    many = {
        "print": "periods",
        "revision": "periods",
        "unit": "periods",
        "bias": "assets",
        "outage": "runs",
    }.get(kind)
    return f"{text} · {count:,} {many}" if many and count > 1 else text


def _number(value: float | None) -> str | None:
    return None if value is None else written(value, decimals([value]))
