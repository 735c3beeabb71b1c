"""Edits of companies, from the requests of the page into the lake as rows of the team.

A row is known from the moment it is written, not from that at which it was asked for: whatever a
reader was shown in between stays as it was. Edits count in the order in which they were asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from data.datasets.companies import COMPANIES
from data.errors import ConfigError, ContractError
from data.fields import TEAM, TEAM_OF_DEMO
from data.lake import Lake
from data.query import Db
from data.settings import Settings
from data.state import company_edits
from data.state.company_edits import CompanyEdit
from data.state.db import State
from data.state.runs import EndStatus, Outcome

STEP = timedelta(microseconds=1)
MARGIN = timedelta(days=1)  # of the machine's clock: a row that was written is always found
KEPT = (*company_edits.ATTRIBUTES, company_edits.NOTE, company_edits.WITHDRAWN)


def take_company_edits(settings: Settings, state: State, now: datetime) -> Outcome:
    """Write every waiting edit as a row of its own, and end its request."""
    waiting = company_edits.waiting(state)
    lake = Lake(settings.lake, workspace=settings.workspace)
    added, refused = 0, 0
    for edit in waiting:
        try:
            added += _write(settings, lake, edit, now)
            message = ""
        except (
            ConfigError,
            ContractError,
        ) as error:  # this edit alone is at fault; what else fails is tried again
            refused, message = refused + 1, str(error)
        company_edits.end(state, edit, now=max(now, edit.asked_at), message=message)
    status: EndStatus = "ok" if added else "empty"
    words = f"{len(waiting) - refused} edits of companies written, {refused} refused"
    return Outcome(status, rows_added=added, message=words)


def _write(settings: Settings, lake: Lake, edit: CompanyEdit, now: datetime) -> int:
    """One edit; one that was written before a run broke off is not written again."""
    publish_id = f"company_edit:{edit.id}"
    if lake.publication("companies", publish_id) is not None:
        return 0
    source = TEAM_OF_DEMO if settings.is_demo else TEAM
    standing, is_filed = _standing(settings, edit.company, now)
    values = {name: standing.get(name) for name in KEPT} | dict(edit.changes)
    if not is_filed and values["name"] is None:
        raise ConfigError(f"no company {edit.company[:60]!r} is known; one that is new has a name")
    last = standing.get("known_at")
    row = values | {
        "company": edit.company,
        "author": edit.asked_by,
        "known_at": now if last is None else max(now, last + STEP),
        "vintage_grade": "native",
        "source": source,
    }
    types = pl.DataFrame(pl.from_arrow(COMPANIES.schema.empty_table())).schema
    frame = pl.DataFrame([row], schema={name: types[name] for name in row})
    done = lake.upsert("companies", frame, publish_id=publish_id)
    return done.rows_added + done.vintages_added


def _standing(settings: Settings, company: str, now: datetime) -> tuple[Mapping[str, Any], bool]:
    """The team's row of a company as it stands, and whether somebody filed for it."""
    db = Db(settings.lake, memory_limit_mb=256, threads=1)
    try:
        found = db.at(now + MARGIN).sql(
            "SELECT * FROM companies WHERE company = $company ORDER BY source", company=company
        )
    finally:
        db.close()
    rows = found.frame.to_dicts()
    team = [row for row in rows if row["source"] in (TEAM, TEAM_OF_DEMO)]
    return (team[0] if team else {}), len(rows) > len(team)
