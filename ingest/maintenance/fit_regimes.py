"""Fits the regimes of all countries ahead, so that no reader waits for a first one."""

from __future__ import annotations

import time
from datetime import datetime

from analytics.core.catalogue import run
from analytics.macro.realtime import rules
from analytics.regimes.kept_fits import fits_folder, keep_fit
from analytics.regimes.switching import data_of_fits
from data.query import At, Db
from data.settings import Settings
from data.state.db import State
from data.state.runs import Outcome

SPAN_S = 600.0  # what is left then is fitted by the next run


def fit_regimes(settings: Settings, state: State, now: datetime) -> Outcome:
    """The work of the job."""
    db = Db(settings.lake, memory_limit_mb=settings.memory_limit_mb, threads=1)
    try:
        return fit_ahead(db.at(now), span_s=SPAN_S)
    finally:
        db.close()


def fit_ahead(at: At, *, span_s: float) -> Outcome:
    """Fits that are not kept yet, country by country, until the time is over."""
    names = run(at, "regime_countries", growth=list(rules().growth), prices=list(rules().prices))
    folder, end = fits_folder(at), time.monotonic() + span_s
    countries = names.frame["country"].to_list()
    made = 0
    for done, country in enumerate(countries):
        for data in data_of_fits(at, country):
            if time.monotonic() > end:
                words = f"{made} fits made, {len(countries) - done} countries left"
                return Outcome("ok", message=words)
            made += keep_fit(folder, data)
    words = f"{made} fits made" if made else "every fit is kept already"
    return Outcome("ok" if made else "empty", message=words)
