"""Warm-up: what the first visitor would wait for; it never keeps the server from starting."""

from __future__ import annotations

import importlib
import logging

import polars as pl

from analytics.core import coverage
from analytics.home import overview
from pages.frame import charts
from pages.frame.cached import cached
from pages.frame.resources import now, resources
from pages.frame.theme import DARK

LOG = logging.getLogger("barograph.web")


def warm_up() -> None:
    """Import what pages import late, and ask what Overview asks."""
    # Plotly and Altair look whether pandas is loaded, and break on one that another session's
    # thread is still loading: it is whole before the first of them comes.
    importlib.import_module("pandas")
    frame = pl.DataFrame({"dataset": ["a"], "month": [now().date()], "rows": [1]})
    charts.activity(frame, DARK, ["a"]).to_json()
    resources().services.look()
    try:
        at = resources().db.at(now().replace(second=0, microsecond=0))
        cached(coverage.lake_coverage, at)
        cached(coverage.lake_months, at, months=24)
        cached(overview.moves, at, sessions=1, top=4)
        cached(overview.directory, at)
    except Exception:
        LOG.exception("where=warm_up")
