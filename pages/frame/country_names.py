"""Countries by name where there is room for it; the code where the lake has no name."""

from __future__ import annotations

import polars as pl

from analytics.home import overview
from pages.frame.cached import cached
from pages.frame.errors import explain
from pages.frame.run import current


def country_names() -> dict[str, str]:
    """Code to name, as known at the clock; empty where the lake cannot be read."""
    try:
        listed = cached(overview.directory, current().at).frame
    except Exception as error:  # noqa: BLE001 - the panels say it; explain() logs it
        explain(error, "country names")
        return {}
    known = listed.filter(pl.col("kind") == "country")
    return dict(known.select("id", "label").iter_rows())
